"""Fill: drag an outline to fill its inside, or click a hole; Ctrl empties the inside."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.intents import LabelTool
from lvp_workstation.viewer.tools.base import Pointer, ToolTarget
from lvp_workstation.viewer.tools.freehand import FreehandTool


class FillTool(FreehandTool):
    """Gives the inside of an outline, or a hole, to a structure."""

    tool_id: ClassVar[str] = "fill"

    def __init__(self) -> None:
        super().__init__()
        self._erase = False

    def press(self, target: ToolTarget, pointer: Pointer) -> None:
        """Begin the outline."""
        self._erase = "ctrl" in pointer.modifiers
        super().press(target, pointer)

    def release(self, target: ToolTarget, pointer: Pointer) -> None:
        """Send the outline, or the place of a click."""
        view = target.view()
        if self.enough or view is None:
            super().release(target, pointer)
            return
        self.cancel(target)
        target.finish_label(LabelTool.FILL, view.pixel_to_world([(pointer.x, pointer.y)]), self._erase)

    def send(self, target: ToolTarget, outline: Array) -> None:
        """Send the outline, shape (n, 3), LPS mm."""
        target.finish_label(LabelTool.FILL, outline, self._erase)
