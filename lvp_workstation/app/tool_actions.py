"""Handlers that choose a tool that measures, points or measures the spine."""

from __future__ import annotations

from lvp_workstation.app.tool_hints import HINTS
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.viewer.language import tr


class ToolActions(WindowParts):
    """Each puts its tool on the left button and says how it is used."""

    def choose_tool(self, tool: str) -> None:
        """Put a tool on the left button."""
        self.viewports.set_tool(tool)
        self.status.say(tr(HINTS[tool]))

    def tool_cobb(self) -> None:
        """Cobb angle on the left button."""
        self.choose_tool("cobb")

    def tool_polygon(self) -> None:
        """Polygon on the left button."""
        self.choose_tool("polygon")

    def tool_freehand(self) -> None:
        """Freehand region on the left button."""
        self.choose_tool("freehand")

    def tool_point(self) -> None:
        """Point on the left button."""
        self.choose_tool("point")

    def tool_arrow(self) -> None:
        """Arrow on the left button."""
        self.choose_tool("arrow")

    def tool_text(self) -> None:
        """Text on the left button."""
        self.choose_tool("text")

    def tool_disc_height(self) -> None:
        """Disc height on the left button."""
        self.choose_tool("disc_height")

    def tool_canal_ap(self) -> None:
        """Canal AP on the left button."""
        self.choose_tool("canal_ap")

    def tool_slip(self) -> None:
        """Slip on the left button."""
        self.choose_tool("slip")

    def tool_lordosis(self) -> None:
        """Lordosis on the left button."""
        self.choose_tool("lordosis")

    def toggle_snap(self) -> None:
        """Let measurements of the spine snap to edges of the image, or stay as they were drawn."""
        settings = self.context.settings
        settings.snap_to_edges = not settings.snap_to_edges
        self.save_settings()
        on, off = tr("spine tools snap to the edges of the image"), tr("spine tools do not snap")
        self.status.say(on if settings.snap_to_edges else off)
