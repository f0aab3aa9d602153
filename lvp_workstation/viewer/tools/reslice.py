"""Reslice: drag a reference line to move the computed plane behind it, its end to turn the plane."""

from __future__ import annotations

from math import atan2, degrees, hypot
from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.intents import PlaneMove, PlaneTurn
from lvp_workstation.viewer.line_grips import Grip, Part
from lvp_workstation.viewer.oblique import nearest_on_line
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget

DEAD_PIXELS = 6.0
"""Nearer than this to the pivot the direction of the mouse means nothing (our choice)."""


class ResliceTool(Tool):
    """Asks for the plane of another viewport to be moved or turned; as-acquired slices have no grips."""

    tool_id: ClassVar[str] = "reslice"

    def __init__(self) -> None:
        self._grip: Grip | None = None
        self._home: Array | None = None
        self._offset: Array | None = None
        self._last: Pointer | None = None
        self._turned = 0.0

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Take hold of the line under the mouse."""
        view, grip = target.view(), target.grip_at(pointer.x, pointer.y)
        if view is None or grip is None:
            return
        self._grip, self._last, self._turned = grip, pointer, 0.0
        point = view.pixel_to_world((pointer.x, pointer.y))
        self._home = nearest_on_line(point, grip.line.start, grip.line.end)
        self._offset = point - self._home

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Let the plane follow the mouse."""
        view, grip = target.view(), self._grip
        if view is None or grip is None or self._offset is None:
            return
        if grip.part is Part.LINE:
            point = view.pixel_to_world((pointer.x, pointer.y)) - self._offset
            target.ask_plane(PlaneMove(grip.line.number, point))
        else:
            self._turn(target, view, grip, pointer)

    def _turn(self, target: ToolTarget, view: ViewTransform, grip: Grip, pointer: Pointer) -> None:
        assert grip.line.pivot is not None
        x, y = (float(v) for v in view.world_to_pixel(grip.line.pivot))
        last = self._last
        if last is None or hypot(pointer.x - x, pointer.y - y) < DEAD_PIXELS:
            return
        angle = degrees(atan2(pointer.y - y, pointer.x - x) - atan2(last.y - y, last.x - x))
        angle = (angle + 180.0) % 360.0 - 180.0
        self._last = pointer
        self._turned += angle
        target.ask_plane(PlaneTurn(grip.line.number, grip.line.pivot, view.normal, angle))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Let go."""
        self._grip = self._home = self._offset = self._last = None

    def cancel(self, target: ToolTarget) -> None:
        """Put the plane back to where it was taken."""
        view, grip = target.view(), self._grip
        if grip is not None and grip.part is Part.LINE and self._home is not None:
            target.ask_plane(PlaneMove(grip.line.number, self._home))
        elif grip is not None and grip.line.pivot is not None and view is not None:
            target.ask_plane(PlaneTurn(grip.line.number, grip.line.pivot, view.normal, -self._turned))
        self._grip = self._home = self._offset = self._last = None
