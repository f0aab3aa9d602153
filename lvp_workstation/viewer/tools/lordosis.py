"""Lordosis: drag along the upper endplate of L1, then along that of S1."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.line_pair import LinePairTool


class LordosisTool(LinePairTool):
    """Measures the angle between two upper endplates, positive when they open to the front."""

    tool_id: ClassVar[str] = "lordosis"
    shape: ClassVar[MarkShape] = MarkShape.LORDOSIS
