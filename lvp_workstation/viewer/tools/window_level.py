"""Window and level: right widens, up brightens."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from lvp_workstation.viewer.tools.base import DragTool, Pointer, ToolTarget

PIXELS_PER_WINDOW = 400.0
"""Drag length that changes width or centre by one default width (our choice)."""

NARROWEST = 1 / 250
"""Narrowest window, as a share of the default width (our choice)."""


class WindowTool(DragTool):
    """Changes the window by dragging."""

    tool_id: ClassVar[str] = "window"

    def moved(self, target: ToolTarget, dx: float, dy: float, start: Pointer) -> None:
        """Widen to the right, brighten upwards."""
        whole, now = target.default_window.width, target.window
        step = whole / PIXELS_PER_WINDOW
        width = max(now.width + dx * step, whole * NARROWEST)
        brighter = -1.0 if now.inverted else 1.0
        target.set_window(replace(now, width=width, centre=now.centre + dy * step * brighter))
