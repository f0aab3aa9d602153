"""Cobb angle: drag along one endplate, then along the other."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.line_pair import LinePairTool


class CobbTool(LinePairTool):
    """Measures the angle between two lines, however far apart they lie."""

    tool_id: ClassVar[str] = "cobb"
    shape: ClassVar[MarkShape] = MarkShape.COBB
