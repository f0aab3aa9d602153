"""Distance: drag from one point to the other."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.marks import MarkKind, WorldMark
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget

SHORTEST_DRAG = 3.0
"""Pixels; a shorter drag is a click and measures nothing."""


def distance_mark(points: Array) -> WorldMark:
    """Return two LPS points as a line with its length."""
    length = float(np.linalg.norm(points[1] - points[0]))
    return WorldMark(points, f"{length:.1f} mm", MarkKind.ACTIVE)


class DistanceTool(Tool):
    """Measures a distance on the slice."""

    tool_id: ClassVar[str] = "distance"
    draws: ClassVar[bool] = True

    def __init__(self) -> None:
        self._start: Pointer | None = None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Set the first point."""
        self._start = pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Show the line so far."""
        points = self._points(target, pointer)
        target.set_preview(None if points is None else distance_mark(points))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the two points."""
        points = self._points(target, pointer)
        self.cancel(target)
        if points is not None:
            target.finish_distance(points)

    def cancel(self, target: ToolTarget) -> None:
        """Drop the line."""
        self._start = None
        target.set_preview(None)

    def _points(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        view, start = target.view(), self._start
        if view is None or start is None:
            return None
        if np.hypot(pointer.x - start.x, pointer.y - start.y) < SHORTEST_DRAG:
            return None
        return view.pixel_to_world([(start.x, start.y), (pointer.x, pointer.y)])
