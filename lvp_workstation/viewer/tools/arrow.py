"""Arrow: drag from what is meant to where the words shall stand."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.distance import DistanceTool


class ArrowTool(DistanceTool):
    """Points at something; words may follow."""

    tool_id: ClassVar[str] = "arrow"
    shape: ClassVar[MarkShape] = MarkShape.ARROW
