"""Scroll: the wheel towards the reader, or dragging down, pages forward."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.base import DragTool, Pointer, ToolTarget

LONGEST_STEP = 24.0
SHORTEST_STEP = 3.0
DRAG_LENGTH = 400.0
"""Pixels of dragging that page through a whole stack, within the two steps above (our choice)."""


class ScrollTool(DragTool):
    """Pages through the slices."""

    tool_id: ClassVar[str] = "scroll"

    def __init__(self) -> None:
        super().__init__()
        self._travel = 0.0

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin at the slice on screen."""
        super().press(target, pointer)
        self._travel = 0.0

    def moved(self, target: ToolTarget, dx: float, dy: float, start: Pointer) -> None:
        """Page one slice for each step of the drag."""
        step = min(LONGEST_STEP, max(SHORTEST_STEP, DRAG_LENGTH / max(1, target.slice_count)))
        self._travel += dy
        slices = int(self._travel / step)
        if slices:
            self._travel -= slices * step
            target.scroll_by(slices)

    def wheel(self, target: ToolTarget, pointer: Pointer, notches: int) -> None:
        """Page one slice a notch."""
        target.scroll_by(-notches)
