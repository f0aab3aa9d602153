"""Merge: drag from a structure to the one that it is part of."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.intents import LabelTool
from lvp_workstation.viewer.tools.base import ToolTarget
from lvp_workstation.viewer.tools.distance import DistanceTool


class MergeTool(DistanceTool):
    """Makes one structure part of another."""

    tool_id: ClassVar[str] = "merge"

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send both ends, shape (2, 3), LPS mm."""
        target.finish_label(LabelTool.MERGE, points)
