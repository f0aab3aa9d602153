"""One image view: what the reader does with mouse and actions becomes a view change or a signal."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from lvp_workstation.domain.geometry import Array
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.cover import Cover
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.intents import SERIES_MIME, PointReadout
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.line_grips import Grip, Part
from lvp_workstation.viewer.mouse_dispatch import MouseDispatch, pointer_of
from lvp_workstation.viewer.mouse_map import MouseProfile
from lvp_workstation.viewer.reader_marks import MarkGrip
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.slab_surface import SlabSurface
from lvp_workstation.viewer.tools import make_tools
from lvp_workstation.viewer.viewport_target import ViewportTarget
from lvp_workstation.viewer.window_presets import preset_window

_CURSORS = {Part.LINE: Qt.CursorShape.SizeAllCursor, Part.END: Qt.CursorShape.PointingHandCursor}


class Viewport(SlabSurface):
    """Shows one stack of a series and lets the reader work on it.

    State comes in through setters; what the reader does goes out as signals. Nothing but the
    view itself (slice, zoom, pan, window) is changed here.
    """

    activated = Signal()
    cursor_moved = Signal(object)
    """LPS point the linked cursor shall go to."""
    hovered = Signal(object)
    """`PointReadout` under the mouse, None when the mouse left."""
    clicked = Signal(object)
    """`PointReadout` of a click without a drag (left button)."""
    context_requested = Signal(object, QPoint)
    """`PointReadout` and global position of a right click without a drag."""
    maximise_requested = Signal()
    stroke_finished = Signal(object)
    """`BrushStroke`."""
    label_asked = Signal(object)
    """`LabelGesture`: a correction of the segmentation."""
    mark_drawn = Signal(object)
    """`MarkDrawn`: a measurement."""
    mark_moved = Signal(object)
    """`MarkMoved`: a point of a measurement was dragged."""
    plane_asked = Signal(object)
    """`PlaneMove` or `PlaneTurn`: a reference line was dragged."""
    series_dropped = Signal(str)
    """Key of a series that was dragged here."""

    def __init__(self, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(scheduler, parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Image viewport"))
        self.setAcceptDrops(True)
        self._cover: Cover | None = None
        self._mouse = MouseDispatch(ViewportTarget(self), make_tools())
        self.slice_changed.connect(lambda _index: self._mouse.drop_waiting())
        self.stack_changed.connect(self._mouse.drop_waiting)
        self.stack_changed.connect(self._drop_cover)

    # -- the view -----------------------------------------------------------------------

    @property
    def grey_window(self) -> Window:
        """The window in use, in stored values."""
        return self.state.window

    def set_window(self, window: Window) -> None:
        """Show another window in every view of the series."""
        if self._series is not None:
            self._series.remember_window(window)

    def apply_window_preset(self, number: int) -> None:
        """Apply the window preset of a digit key, 1 the default window; inverted greys stay inverted."""
        if self._series is not None:
            found = preset_window(number, self._series.default_window, self._series.array)
            self.set_window(replace(found, inverted=self.grey_window.inverted))

    def invert(self) -> None:
        """Swap bright and dark."""
        self.set_window(replace(self.grey_window, inverted=not self.grey_window.inverted))

    def go_to_slice(self, index: int) -> None:
        """Show the slice with this index."""
        if self.state.go_to(index):
            self._slice_changed()

    def go_to_point(self, point: Array) -> None:
        """Show the slice nearest to an LPS point, of the stack of the group that shows it best."""
        if self.stack is None or self.series is None:
            return
        best = self.group.best_for(point, self.series) if self.stack.on_source_grid else self.series
        if best is self.series:
            self.go_to_slice(self.stack.nearest_index(point))
        else:
            self._change_stack(best, best.stack.nearest_index(point) if best.stack else 0)

    def scroll_by(self, slices: int) -> None:
        """Page forward in reading order; past the end of a stack, on to the next of its series."""
        if self.state.step(slices):
            self._slice_changed()
            return
        following = (
            self.group.neighbour(self.series, 1 if slices > 0 else -1)
            if self.stack is not None and self.stack.on_source_grid and self.series
            else None
        )
        if following is not None and following.stack is not None:
            stack = following.stack
            self._change_stack(following, stack.index(1 if slices > 0 else stack.count))

    def _change_stack(self, series: DisplaySeries, index: int) -> None:
        """Show a slice of another stack of the group, keeping zoom and pan."""
        self.set_series(series, keep_view=True)
        self.state.go_to(index)
        self._slice_changed()

    # -- another picture over the slices --------------------------------------------------

    @property
    def cover(self) -> Cover | None:
        """What lies over the slices."""
        return self._cover

    def set_cover(self, cover: Cover | None) -> None:
        """Lay a picture over the slices, or take it away; slices below it do not count as seen."""
        if self._cover is not None:
            self._cover.close_cover()
            self._cover.setParent(None)
            self._cover.deleteLater()
        self._cover = cover
        self.covered = cover is not None
        if cover is not None:
            cover.activated.connect(self.activated)
            cover.setGeometry(self.rect())
            cover.set_active(self.content.active)
            self._give_cover()
            cover.show()
        self.request_paint()

    def _drop_cover(self) -> None:
        """Take the cover of another series away."""
        if self._cover is not None and self._cover.series is not self.series:
            self.set_cover(None)

    def _give_cover(self) -> None:
        if self._cover is not None:
            content = self.content
            self._cover.set_layer(content.labels, content.ai_visible)

    def set_labels(self, layer: LabelLayer | None) -> None:
        """Lay labels and level names over the image; None takes them away."""
        super().set_labels(layer)
        self._give_cover()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide everything that comes from the AI: labels, names, AI marks."""
        super().set_overlay_visible(visible)
        self._give_cover()

    def set_active(self, active: bool) -> None:
        """Draw the frame of the active viewport."""
        super().set_active(active)
        if self._cover is not None:
            self._cover.set_active(active)

    def resizeEvent(self, event: QEvent) -> None:
        """Let the cover fill the viewport."""
        super().resizeEvent(event)
        if self._cover is not None:
            self._cover.setGeometry(self.rect())

    def dispose(self) -> None:
        """Let go of pixels, signals and the cover; may be called again."""
        self.set_cover(None)
        super().dispose()

    def rewind(self) -> None:
        """Show the first slice of the first stack of the series."""
        if self.series is None or self.stack is None:
            return
        first = self.group.first_of(self.series) if self.stack.on_source_grid else self.series
        if first is self.series or first.stack is None:
            self.first_slice()
        else:
            self._change_stack(first, first.stack.index(1))

    def set_cine(self, rate: int) -> None:
        """Say on screen that the slices run by themselves, ``rate`` a second; 0 takes it away."""
        self.content.cine = rate
        self.request_paint()

    def first_slice(self) -> None:
        """Show the first slice in reading order."""
        if self.stack is not None:
            self.go_to_slice(self.stack.index(1))

    def last_slice(self) -> None:
        """Show the last slice in reading order."""
        if self.stack is not None:
            self.go_to_slice(self.stack.index(self.stack.count))

    def zoom_by(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Zoom around a pixel, the middle unless told."""
        anchor = (self.width() / 2 if x is None else x, self.height() / 2 if y is None else y)
        self.state.zoom_by(factor, anchor, self.width(), self.height())
        self._moved()

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by pixels."""
        self.state.pan_by(dx, dy, self.width(), self.height())
        self._moved()

    def reset_view(self) -> None:
        """Fit the patient to the viewport, without the air around."""
        self.state.reset()
        self._moved()

    def show_whole_slice(self) -> None:
        """Fit the whole slice to the viewport."""
        self.state.show_whole_slice()
        self._moved()

    def fill_view(self) -> None:
        """Enlarge the slice until it covers the viewport."""
        self.state.fill(self.width(), self.height())
        self._moved()

    def centre_on(self, point: Array) -> None:
        """Bring an LPS point to the middle, keeping the zoom."""
        self.state.centre_on(point, self.width(), self.height())
        self._moved()

    # -- tools --------------------------------------------------------------------------

    @property
    def active_tool(self) -> str:
        """Id of the tool on the left button."""
        return self._mouse.active_tool

    def set_tool(self, tool_id: str) -> None:
        """Choose the active tool by id, see `tools.make_tools`."""
        self._mouse.set_active_tool(tool_id)
        if not self._mouse.shows_brush:
            self.content.brush_at = None
        self.request_paint()

    def set_mouse_profile(self, profile: MouseProfile) -> None:
        """Use another mouse map."""
        self._mouse.set_profile(profile)

    def set_brush_radius(self, radius_mm: float) -> None:
        """Choose the size of brush and eraser."""
        self.content.brush_radius_mm = radius_mm
        self.request_paint()

    def cancel_tool(self) -> bool:
        """Give up the drag in progress; return whether there was one."""
        return self._mouse.cancel()

    def readout_at(self, x: float, y: float) -> PointReadout | None:
        """Return what lies under a pixel."""
        view = self.view()
        if view is None or self._series is None:
            return None
        point = view.pixel_to_world((x, y))
        layer = self.content.labels if self.content.ai_visible and self._fill_visible else None
        instance = layer.instance_at(point) if layer else None
        name = layer.names.get(instance, instance) if layer and instance else ""
        return PointReadout(point, self._series.value_at(point), instance, name)

    # -- events -------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw the focus frame and become the active viewport."""
        self.content.focus = True
        self.activated.emit()
        self.request_paint()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus frame away."""
        self.content.focus = False
        self.request_paint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Become active and begin a drag."""
        self.activated.emit()
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag or hover."""
        self._mouse.move(event)
        at = event.position()
        if not event.buttons():
            self._show_grip(self._mouse.grip_at(pointer_of(event, at)))
        if self._mouse.shows_brush:
            self.content.brush_at = at
            self.request_paint()
        self.hovered.emit(self.readout_at(at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or report a click."""
        button = self._mouse.release(event)
        pointer = pointer_of(event, event.position())
        readout = self.readout_at(pointer.x, pointer.y) if button else None
        if readout is None:
            return
        if button == "left":
            self.clicked.emit(readout)
        elif button == "right":
            self.context_requested.emit(readout, event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the menu at the middle when the keyboard asks for it; the mouse asks by a click."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            middle = self.rect().center()
            readout = self.readout_at(middle.x(), middle.y())
            self.context_requested.emit(readout, self.mapToGlobal(middle))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Run what the mouse map binds to a double-click."""
        self._mouse.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Run what the mouse map binds to the wheel; the active viewport stays the one clicked last."""
        self._mouse.wheel(event)
        event.accept()

    def _show_grip(self, grip: Grip | MarkGrip | None) -> None:
        """Tell by the shape of the mouse that something can be dragged here."""
        if grip is None:
            self.unsetCursor()
        else:
            self.setCursor(_CURSORS[grip.part if isinstance(grip, Grip) else Part.END])

    def event(self, event: QEvent) -> bool:
        """Tell the words that were shortened, whole, while the mouse rests on the image."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), "\n".join(self.content.cut_words), self)
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the brush outline and the readout away."""
        self.content.brush_at = None
        self.hovered.emit(None)
        self.request_paint()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a series from the list."""
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask to hang the series here."""
        self.series_dropped.emit(bytes(event.mimeData().data(SERIES_MIME).data()).decode())
        event.acceptProposedAction()
