"""Relabel: a click gives the piece under it to another structure."""

from __future__ import annotations

from typing import ClassVar

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.intents import LabelTool
from lvp_workstation.viewer.tools.base import ToolTarget
from lvp_workstation.viewer.tools.point import PointTool


class RelabelTool(PointTool):
    """Gives a connected piece to another structure."""

    tool_id: ClassVar[str] = "relabel"

    def send(self, target: ToolTarget, points: Array) -> None:
        """Send the place, shape (1, 3), LPS mm."""
        target.finish_label(LabelTool.RELABEL, points)
