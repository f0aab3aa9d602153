"""Freehand: drag around a region."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, simplified
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget
from lvp_workstation.viewer.tools.distance import long_enough

TOLERANCE_PIXELS = 0.7
"""How far the kept outline may leave the one that was drawn, in pixels (our choice: unseen)."""


class FreehandTool(Tool):
    """Measures area and signal inside an outline."""

    tool_id: ClassVar[str] = "freehand"
    draws: ClassVar[bool] = True

    def __init__(self) -> None:
        self._points: list[Array] = []
        self._last: Pointer | None = None

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin the outline."""
        self._points, self._last = [], None
        self.drag(target, pointer)

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Go on with the outline."""
        view = target.view()
        if view is None or (self._last is not None and not long_enough(self._last, pointer)):
            return
        self._points.append(view.pixel_to_world((pointer.x, pointer.y)))
        self._last = pointer
        if self.enough:
            target.preview_mark((MarkShape.FREEHAND, np.array(self._points)))

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the outline."""
        view, points, enough = target.view(), self._points, self.enough
        self.cancel(target)
        if view is None or not enough:
            return
        kept = simplified(np.array(points), TOLERANCE_PIXELS * view.mm_per_pixel)
        if FACTS[MarkShape.FREEHAND].takes(len(kept)):
            self.send(target, kept)

    def send(self, target: ToolTarget, outline: Array) -> None:
        """Send an outline of shape (n, 3), LPS mm."""
        target.finish_mark(MarkShape.FREEHAND, outline)

    def cancel(self, target: ToolTarget) -> None:
        """Drop the outline."""
        self._points, self._last = [], None
        target.preview_mark(None)

    @property
    def enough(self) -> bool:
        """Whether there are enough points for an outline."""
        return FACTS[MarkShape.FREEHAND].takes(len(self._points))
