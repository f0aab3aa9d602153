"""Grow from here: a click gives the signal around it to a structure."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.intents import LabelTool
from lvp_workstation.viewer.tools.base import ToolTarget
from lvp_workstation.viewer.tools.point import PointTool


class GrowTool(PointTool):
    """Gives connected background of like signal to a structure."""

    tool_id: ClassVar[str] = "grow"

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send the place, shape (1, 3), LPS mm."""
        target.finish_label(LabelTool.GROW, points)
