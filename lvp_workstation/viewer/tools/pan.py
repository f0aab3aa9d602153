"""Pan: the image follows the mouse."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.base import DragTool, Pointer, ToolTarget


class PanTool(DragTool):
    """Moves the image with the mouse."""

    tool_id: ClassVar[str] = "pan"

    def moved(self, target: ToolTarget, dx: float, dy: float, start: Pointer) -> None:
        """Move the image by the same pixels."""
        target.pan_by(dx, dy)
