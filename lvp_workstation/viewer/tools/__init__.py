"""Mouse interactions, one a file."""

from __future__ import annotations

from lvp_workstation.viewer.tools.angle import AngleTool
from lvp_workstation.viewer.tools.base import Tool
from lvp_workstation.viewer.tools.brush import BrushTool
from lvp_workstation.viewer.tools.crosshair import CrosshairTool
from lvp_workstation.viewer.tools.distance import DistanceTool
from lvp_workstation.viewer.tools.eraser import EraserTool
from lvp_workstation.viewer.tools.mark_points import MarkPointsTool
from lvp_workstation.viewer.tools.maximise import MaximiseTool
from lvp_workstation.viewer.tools.pan import PanTool
from lvp_workstation.viewer.tools.reslice import ResliceTool
from lvp_workstation.viewer.tools.roi import RoiTool
from lvp_workstation.viewer.tools.scroll import ScrollTool
from lvp_workstation.viewer.tools.slab import SlabTool
from lvp_workstation.viewer.tools.window_level import WindowTool
from lvp_workstation.viewer.tools.zoom import ZoomTool

DEFAULT_TOOL = WindowTool.tool_id


def make_tools() -> dict[str, Tool]:
    """Return a fresh set of tools, by id; a viewport has its own because tools hold a drag."""
    looking = (WindowTool, PanTool, ZoomTool, ScrollTool, CrosshairTool, MaximiseTool, ResliceTool, SlabTool)
    drawing = (DistanceTool, AngleTool, RoiTool, MarkPointsTool, BrushTool, EraserTool)
    return {kind.tool_id: kind() for kind in (*looking, *drawing)}
