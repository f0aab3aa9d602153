"""Distance: drag from one point to the other."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget

SHORTEST_DRAG = 3.0
"""Pixels; a shorter drag is a click and measures nothing."""


def long_enough(start: Pointer, end: Pointer) -> bool:
    """Return whether two pixels are far enough apart to be no click."""
    return bool(np.hypot(end.x - start.x, end.y - start.y) >= SHORTEST_DRAG)


class DistanceTool(Tool):
    """Measures a distance on the slice."""

    tool_id: ClassVar[str] = "distance"
    draws: ClassVar[bool] = True
    shape: ClassVar[MarkShape] = MarkShape.DISTANCE

    def __init__(self) -> None:
        self._start: Pointer | None = None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Set the first point."""
        self._start = pointer

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Show the shape so far."""
        points = self._points(target, pointer)
        target.preview_mark(None if points is None else (self.shape, points))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the points."""
        points = self._points(target, pointer)
        self.cancel(target)
        if points is not None:
            self.send(target, points)

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send the points of a finished drag, LPS mm."""
        target.finish_mark(self.shape, points)

    def cancel(self, target: ToolTarget) -> None:
        """Drop the shape."""
        self._start = None
        target.preview_mark(None)

    def _points(self, target: ToolTarget, pointer: Pointer) -> Array | None:
        """Return the LPS points of the drag so far, None for a click."""
        view, start = target.view(), self._start
        if view is None or start is None or not long_enough(start, pointer):
            return None
        return self.between(view.pixel_to_world([(start.x, start.y), (pointer.x, pointer.y)]), view.right)

    def between(self, ends: Array, right: Array) -> Array | None:
        """Return the points of the shape for a drag between two LPS points; ``right`` is the view's."""
        return ends
