"""Crosshair: every linked viewport goes to the point under the mouse."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget


class CrosshairTool(Tool):
    """Sets the linked cursor."""

    tool_id: ClassVar[str] = "crosshair"

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Put the cursor under the mouse."""
        view = target.view()
        if view is not None:
            target.ask_cursor(view.pixel_to_world((pointer.x, pointer.y)))

    def drag(self, target: ToolTarget, pointer: Pointer) -> None:
        """Keep the cursor under the mouse."""
        self.press(target, pointer)

    def hover(self, target: ToolTarget, pointer: Pointer) -> None:
        """Keep the cursor under the mouse while the modifier is held."""
        self.press(target, pointer)
