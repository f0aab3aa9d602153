"""Polygon: click its corners; a double-click, or a click on the first corner, closes it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget
from lvp_workstation.viewer.tools.distance import long_enough

CLOSING_PIXELS = 8.0
"""A click this near the first corner closes the polygon (our choice: as near as a grip is taken hold of)."""


class PolygonTool(Tool):
    """Measures area and signal inside a polygon."""

    tool_id: ClassVar[str] = "polygon"
    draws: ClassVar[bool] = True

    def __init__(self) -> None:
        self._corners: list[Array] = []
        self._last: Pointer | None = None

    @property
    def waiting(self) -> bool:
        """Whether there are corners and more are awaited."""
        return bool(self._corners)

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Let the next corner follow the mouse."""
        self.hover(target, pointer)

    def hover(self, target: ToolTarget, pointer: Pointer) -> None:
        """Let the next corner follow the mouse."""
        view = target.view()
        if view is not None and self._corners:
            self._show(target, [*self._corners, view.pixel_to_world((pointer.x, pointer.y))])

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Set a corner, or close the polygon at its first one."""
        view = target.view()
        if view is None:
            return
        if self._closes(target, pointer):
            self._finish(target)
            return
        if self._last is None or long_enough(self._last, pointer):
            self._corners.append(view.pixel_to_world((pointer.x, pointer.y)))
            self._last = pointer
        self._show(target, self._corners)

    def double_click(self, target: ToolTarget, pointer: Pointer) -> None:
        """Close the polygon; its last corner was set by the first of both clicks."""
        if len(self._corners) >= FACTS[MarkShape.POLYGON].least:
            self._finish(target)

    def cancel(self, target: ToolTarget) -> None:
        """Drop the polygon."""
        self._corners, self._last = [], None
        target.preview_mark(None)

    def _closes(self, target: ToolTarget, pointer: Pointer) -> bool:
        view = target.view()
        if view is None or len(self._corners) < FACTS[MarkShape.POLYGON].least:
            return False
        x, y = (float(v) for v in view.world_to_pixel(self._corners[0]))
        return bool(np.hypot(pointer.x - x, pointer.y - y) <= CLOSING_PIXELS)

    def _show(self, target: ToolTarget, corners: list[Array]) -> None:
        closed = len(corners) >= FACTS[MarkShape.POLYGON].least
        line = MarkShape.DISTANCE if len(corners) > 1 else MarkShape.POINT
        target.preview_mark((MarkShape.POLYGON if closed else line, np.array(corners)))

    def _finish(self, target: ToolTarget) -> None:
        points = np.array(self._corners)
        self.cancel(target)
        target.finish_mark(MarkShape.POLYGON, points)
