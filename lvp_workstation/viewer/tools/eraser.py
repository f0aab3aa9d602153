"""Eraser: a brush that makes background; ctrl turns it into the brush."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.viewer.tools.brush import BrushTool


class EraserTool(BrushTool):
    """Erases along a stroke."""

    tool_id: ClassVar[str] = "eraser"
    erases: ClassVar[bool] = True
