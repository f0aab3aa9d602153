"""Slip: drag along the endplate above the disc, then along the one below, corner to corner."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.line_pair import LinePairTool


class SlipTool(LinePairTool):
    """Measures how far the upper body stands in front of the lower one."""

    tool_id: ClassVar[str] = "slip"
    shape: ClassVar[MarkShape] = MarkShape.SLIP
