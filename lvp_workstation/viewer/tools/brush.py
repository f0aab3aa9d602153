"""Brush: paints a stroke on the slice; ctrl turns it into the eraser."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget


class BrushTool(Tool):
    """Collects the points of a stroke and sends them; it changes no label itself."""

    tool_id: ClassVar[str] = "brush"
    shows_brush: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    erases: ClassVar[bool] = False

    def __init__(self) -> None:
        self._points: list[Array] = []
        self._erase = False

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin a stroke."""
        self._erase = self.erases != ("ctrl" in pointer.modifiers)
        self._points = []
        self.drag(target, pointer)

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Add a point to the stroke."""
        view = target.view()
        if view is not None:
            self._points.append(view.pixel_to_world((pointer.x, pointer.y)))
            target.set_brush_preview(np.array(self._points), self._erase)

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the stroke."""
        points = np.array(self._points)
        self.cancel(target)
        if len(points):
            target.finish_stroke(points, self._erase)

    def cancel(self, target: ToolTarget) -> None:
        """Drop the stroke."""
        self._points = []
        target.set_brush_preview(None, self._erase)
