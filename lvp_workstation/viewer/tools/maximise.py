"""Maximise: one viewport fills the grid, and goes back."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget


class MaximiseTool(Tool):
    """Asks to maximise the viewport."""

    tool_id: ClassVar[str] = "maximise"

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Ask at once."""
        target.ask_maximise()
