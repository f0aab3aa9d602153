"""Angle: three clicks, or a drag along the first arm to its corner and a click where the second arm ends."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget
from lvp_workstation.viewer.tools.distance import long_enough


class AngleTool(Tool):
    """Measures the angle between two arms on the slice."""

    tool_id: ClassVar[str] = "angle"
    draws: ClassVar[bool] = True

    def __init__(self) -> None:
        self._start: Pointer | None = None
        self._arm: Array | None = None
        self._corner: Pointer | None = None

    @property
    def waiting(self) -> bool:
        """Whether a point is there and what comes next follows the mouse."""
        return self._start is not None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin the first arm; with a point there, the click that sets the next one is under way."""
        if self._start is None:
            self._start = pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Show the arm that follows the mouse."""
        self.hover(target, pointer)

    def hover(self, target: ToolTarget, pointer: Pointer) -> None:
        """Let the first or the second arm follow the mouse."""
        shape = MarkShape.DISTANCE if self._arm is None else MarkShape.ANGLE
        points = self._first(target, pointer) if self._arm is None else self._points(target, pointer)
        if points is not None:
            target.preview_mark((shape, points))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Keep the first point, keep the first arm, or send the angle."""
        if self._arm is None:
            self._arm, self._corner = self._first(target, pointer), pointer
            return
        points = self._points(target, pointer)
        if points is not None:
            self.cancel(target)
            target.finish_mark(MarkShape.ANGLE, points)

    def cancel(self, target: ToolTarget) -> None:
        """Drop both arms."""
        self._start = self._corner = self._arm = None
        target.preview_mark(None)

    def _first(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        """Return the ends of the first arm, None while the mouse has not left its first point."""
        view, start = target.view(), self._start
        if view is None or start is None or not long_enough(start, pointer):
            return None
        return view.pixel_to_world([(start.x, start.y), (pointer.x, pointer.y)])

    def _points(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        view = target.view()
        if view is None or self._arm is None or self._corner is None:
            return None
        if not long_enough(self._corner, pointer):
            return None
        return np.array([*self._arm, view.pixel_to_world((pointer.x, pointer.y))])
