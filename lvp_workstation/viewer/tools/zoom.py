"""Zoom: up enlarges, around the point where the drag began or under the wheel."""

from __future__ import annotations

from math import exp
from typing import ClassVar

from lvp_workstation.viewer.tools.base import DragTool, Pointer, ToolTarget

DRAG_RATE = 0.006
WHEEL_FACTOR = 1.15


class ZoomTool(DragTool):
    """Zooms by dragging or by the wheel."""

    tool_id: ClassVar[str] = "zoom"

    def moved(self, target: ToolTarget, dx: float, dy: float, start: Pointer) -> None:
        """Zoom around the start of the drag."""
        target.zoom_by(exp(-dy * DRAG_RATE), start.x, start.y)

    def wheel(self, target: ToolTarget, pointer: Pointer, notches: int) -> None:
        """Zoom around the mouse."""
        target.zoom_by(WHEEL_FACTOR**notches, pointer.x, pointer.y)
