"""Canal AP: drag across the canal."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.distance import DistanceTool


class CanalApTool(DistanceTool):
    """Measures the depth of the canal at a level."""

    tool_id: ClassVar[str] = "canal_ap"
    shape: ClassVar[MarkShape] = MarkShape.CANAL_AP
