"""Disc height: drag along the endplate above the disc, then along the one below."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.line_pair import LinePairTool


class DiscHeightTool(LinePairTool):
    """Measures anterior, posterior and mean height of a disc."""

    tool_id: ClassVar[str] = "disc_height"
    shape: ClassVar[MarkShape] = MarkShape.DISC_HEIGHT
