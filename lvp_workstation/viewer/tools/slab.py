"""Slab: the wheel away from the reader makes the slab thicker."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.base import Pointer, Tool, ToolTarget


class SlabTool(Tool):
    """Changes the thickness of the slab."""

    tool_id: ClassVar[str] = "slab"

    def wheel(self, target: ToolTarget, pointer: Pointer, notches: int) -> None:
        """Go one thickness further a notch."""
        for _ in range(abs(notches)):
            target.step_slab(1 if notches > 0 else -1)
