"""Split: drag a line through a structure that is to be taken apart."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.intents import LabelTool
from lvp_workstation.viewer.tools.base import ToolTarget
from lvp_workstation.viewer.tools.distance import DistanceTool


class SplitTool(DistanceTool):
    """Cuts a structure along a line."""

    tool_id: ClassVar[str] = "split"

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send both ends, shape (2, 3), LPS mm."""
        target.finish_label(LabelTool.SPLIT, points)
