"""Mouse interactions, one a file."""

from __future__ import annotations

from lvp_workstation.viewer.tools.angle import AngleTool
from lvp_workstation.viewer.tools.arrow import ArrowTool
from lvp_workstation.viewer.tools.base import Tool
from lvp_workstation.viewer.tools.brush import BrushTool
from lvp_workstation.viewer.tools.canal_ap import CanalApTool
from lvp_workstation.viewer.tools.cobb import CobbTool
from lvp_workstation.viewer.tools.crosshair import CrosshairTool
from lvp_workstation.viewer.tools.disc_height import DiscHeightTool
from lvp_workstation.viewer.tools.distance import DistanceTool
from lvp_workstation.viewer.tools.eraser import EraserTool
from lvp_workstation.viewer.tools.fill import FillTool
from lvp_workstation.viewer.tools.freehand import FreehandTool
from lvp_workstation.viewer.tools.grow import GrowTool
from lvp_workstation.viewer.tools.lordosis import LordosisTool
from lvp_workstation.viewer.tools.mark_points import MarkPointsTool
from lvp_workstation.viewer.tools.maximise import MaximiseTool
from lvp_workstation.viewer.tools.merge import MergeTool
from lvp_workstation.viewer.tools.pan import PanTool
from lvp_workstation.viewer.tools.point import PointTool
from lvp_workstation.viewer.tools.polygon import PolygonTool
from lvp_workstation.viewer.tools.relabel import RelabelTool
from lvp_workstation.viewer.tools.reslice import ResliceTool
from lvp_workstation.viewer.tools.roi import RoiTool
from lvp_workstation.viewer.tools.scroll import ScrollTool
from lvp_workstation.viewer.tools.slab import SlabTool
from lvp_workstation.viewer.tools.slip import SlipTool
from lvp_workstation.viewer.tools.split import SplitTool
from lvp_workstation.viewer.tools.text import TextTool
from lvp_workstation.viewer.tools.window_level import WindowTool
from lvp_workstation.viewer.tools.zoom import ZoomTool

DEFAULT_TOOL = WindowTool.tool_id


def make_tools() -> dict[str, Tool]:
    """Return a fresh set of tools, by id; a viewport has its own because tools hold a drag."""
    looking = (WindowTool, PanTool, ZoomTool, ScrollTool, CrosshairTool, MaximiseTool, ResliceTool, SlabTool)
    measuring = (DistanceTool, AngleTool, CobbTool, RoiTool, PolygonTool, FreehandTool, MarkPointsTool)
    spine = (DiscHeightTool, CanalApTool, SlipTool, LordosisTool)
    pointing = (PointTool, ArrowTool, TextTool)
    painting = (BrushTool, EraserTool, FillTool, GrowTool, RelabelTool, SplitTool, MergeTool)
    kinds = (*looking, *measuring, *spine, *pointing, *painting)
    return {kind.tool_id: kind() for kind in kinds}
