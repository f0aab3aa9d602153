"""Text: a click says where the words shall stand."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.viewer.tools.point import PointTool


class TextTool(PointTool):
    """Puts words on the image."""

    tool_id: ClassVar[str] = "text"
    shape: ClassVar[MarkShape] = MarkShape.TEXT
