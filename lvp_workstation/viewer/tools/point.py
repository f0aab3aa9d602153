"""Point: a click marks a place and tells its signal."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget


class PointTool(Tool):
    """Marks the place where the button comes up."""

    tool_id: ClassVar[str] = "point"
    draws: ClassVar[bool] = True
    shape: ClassVar[MarkShape] = MarkShape.POINT

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the place."""
        view = target.view()
        if view is not None:
            self.send(target, view.pixel_to_world([(pointer.x, pointer.y)]))

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send the place, shape (1, 3), LPS mm."""
        target.finish_mark(self.shape, points)
