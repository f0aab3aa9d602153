"""A widget over whose image something is drawn: what that is, and when it is painted anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from lvp_workstation.domain.geometry import Array
from lvp_workstation.viewer.marks import ReferenceLine, WorldMark, same_lines
from lvp_workstation.viewer.overlay import OverlayContent
from lvp_workstation.viewer.render_scheduler import RenderScheduler


class OverlaySurface(QWidget):
    """Takes what lies over the image through setters; each change is painted at the next frame, once."""

    def __init__(self, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        self._scheduler = scheduler
        self.content = OverlayContent()
        self._dirty = self._stale = True
        """Whether the image, or anything over it, differs from what was painted last."""
        self._disposed = False

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide everything that comes from the AI: labels, names, AI marks."""
        self.content.ai_visible = visible
        self.request_render()

    def set_annotations_visible(self, visible: bool) -> None:
        """Show or hide words and reference lines; the patient identity always stays."""
        self.content.annotations = visible
        self.request_paint()

    def set_lines(self, marks: Sequence[WorldMark]) -> None:
        """Draw measured lines and contours, given in LPS mm."""
        self.content.marks = tuple(marks)
        self.request_paint()

    def set_reference_lines(self, lines: Sequence[ReferenceLine]) -> None:
        """Draw where other viewports cut this one."""
        if not same_lines(lines, self.content.reference_lines):
            self.content.reference_lines = tuple(lines)
            self.request_paint()

    def set_cursor(self, point: Array | None) -> None:
        """Draw the linked cursor at an LPS point."""
        self.content.cursor = point
        self.request_paint()

    def set_notice(self, text: str) -> None:
        """Show a sentence about what this viewport cannot show; empty takes it away."""
        if text != self.content.notice:
            self.content.notice = text
            self.request_paint()

    def set_link_note(self, text: str) -> None:
        """Say how the space of the series is linked to others; empty takes it away."""
        if text != self.content.link_note:
            self.content.link_note = text
            self.request_paint()

    def set_active(self, active: bool) -> None:
        """Draw the frame of the active viewport."""
        self.content.active = active
        self.request_paint()

    def request_render(self) -> None:
        """Render at the next frame."""
        self._dirty = True
        self.request_paint()

    def request_paint(self) -> None:
        """Paint what lies over the image anew at the next frame, with all that changes until then."""
        self._stale = True
        if not self._disposed:
            self._scheduler.request(self)

    def render_frame(self) -> None:
        """Render the image and ask Qt to paint, unless a paint in between did both already."""
        if self._disposed or not self._stale or not self.isVisible():
            return
        self._render()
        self.update()

    def _render(self) -> None:
        """Make the image anew where it changed; here there is none."""
        self._dirty = False
