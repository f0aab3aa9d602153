"""The viewport as its tools see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape, SignalStatistics
from lvp_workstation.measure.region_signal import mark_signal
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window
from lvp_workstation.viewer.intents import (
    BrushStroke,
    LabelGesture,
    LabelTool,
    MarkDrawn,
    MarkMoved,
    PlaneMove,
    PlaneTurn,
)
from lvp_workstation.viewer.line_grips import Grip, grip_at
from lvp_workstation.viewer.reader_marks import MarkGrip, mark_grip_at, shape_mark

if TYPE_CHECKING:
    from lvp_workstation.viewer.viewport import Viewport


class ViewportTarget:
    """Passes what tools ask for to the viewport; see `tools.base.ToolTarget`."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport

    @property
    def window(self) -> Window:
        """The window in use."""
        return self._viewport.grey_window

    @property
    def default_window(self) -> Window:
        """The window of the series before anyone changed it."""
        series = self._viewport.series
        return series.default_window if series else self.window

    @property
    def brush_radius_mm(self) -> float:
        """Radius of brush and eraser."""
        return self._viewport.content.brush_radius_mm

    @property
    def slice_count(self) -> int:
        """Number of slices of the stack on screen."""
        return self._viewport.stack.count if self._viewport.stack else 0

    def view(self) -> ViewTransform | None:
        """Return the camera in logical pixels."""
        return self._viewport.view()

    def set_window(self, window: Window) -> None:
        """Show another window."""
        self._viewport.set_window(window)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by pixels."""
        self._viewport.pan_by(dx, dy)

    def zoom_by(self, factor: float, x: float, y: float) -> None:
        """Zoom around a pixel."""
        self._viewport.zoom_by(factor, x, y)

    def scroll_by(self, slices: int) -> None:
        """Page in reading order."""
        self._viewport.scroll_by(slices)

    def step_slab(self, step: int) -> None:
        """Make the slab thicker (1) or thinner (-1)."""
        self._viewport.step_slab(step)

    def ask_cursor(self, point: Array) -> None:
        """Ask for the linked cursor at an LPS point."""
        self._viewport.cursor_moved.emit(point)

    def grip_at(self, x: float, y: float) -> Grip | None:
        """Return the reference line of a computed plane under a pixel; lines that are hidden have none."""
        view, content = self._viewport.view(), self._viewport.content
        return grip_at(view, content.reference_lines, x, y) if view and content.annotations else None

    def ask_plane(self, intent: PlaneMove | PlaneTurn) -> None:
        """Ask for the plane of another viewport to be moved or turned."""
        self._viewport.plane_asked.emit(intent)

    def ask_maximise(self) -> None:
        """Ask to fill the grid with this viewport, or to go back."""
        self._viewport.maximise_requested.emit()

    def preview_mark(self, drawn: tuple[MarkShape, Array] | None, instead_of: str = "") -> None:
        """Show a measurement while it is being drawn, or in place of the one with an id; None ends it."""
        content = self._viewport.content
        content.preview = None if drawn is None else shape_mark(*drawn, self._signal(*drawn))
        content.replaced_mark = instead_of
        self._viewport.request_paint()

    def _signal(self, shape: MarkShape, points: Array) -> SignalStatistics | None:
        viewport, series = self._viewport, self._viewport.series
        if series is None or not viewport.acquired:
            return None
        if series.array is None or series.geometry is None or not series.is_ready(viewport.slice_index):
            return None
        return mark_signal(shape, series.array, series.geometry, viewport.slice_index, points)

    def mark_at(self, x: float, y: float) -> MarkGrip | None:
        """Return the point of a measurement under a pixel."""
        view, stack = self._viewport.view(), self._viewport.stack
        if view is None or stack is None:
            return None
        return mark_grip_at(view, self._viewport.content.marks, stack.reach_mm, x, y)

    def set_brush_preview(self, points: Array | None, erase: bool) -> None:
        """Draw the trail of a stroke."""
        self._viewport.content.brush_trail = points
        self._viewport.request_paint()

    def finish_stroke(self, points: Array, erase: bool) -> None:
        """Send a finished stroke."""
        viewport, plane = self._viewport, self._viewport.slice_plane
        if viewport.series is not None and plane is not None:
            stroke = BrushStroke(
                points,
                self.brush_radius_mm,
                erase,
                plane.normal,
                viewport.series.key,
                viewport.slice_index if viewport.acquired else None,
                viewport.frame_of_reference_uid,
            )
            viewport.stroke_finished.emit(stroke)

    def finish_label(self, tool: LabelTool, points: Array, erase: bool = False) -> None:
        """Send what a tool that corrects the segmentation was told."""
        plane = self._viewport.slice_plane
        if plane is not None:
            self._viewport.label_asked.emit(LabelGesture(tool, points, plane.normal, erase))

    def finish_mark(self, shape: MarkShape, points: Array) -> None:
        """Send a finished measurement."""
        viewport, plane = self._viewport, self._viewport.slice_plane
        if viewport.series is not None and plane is not None:
            index = viewport.slice_index if viewport.acquired else None
            uid = viewport.frame_of_reference_uid
            slab = viewport.state.slab
            thickness = slab.thickness_mm if slab is not None else 0.0
            drawn = MarkDrawn(shape, points, viewport.series.key, index, uid, plane.normal, thickness)
            viewport.mark_drawn.emit(drawn)

    def move_mark(self, mark_id: str, points: Array) -> None:
        """Ask for other points of a measurement."""
        self._viewport.mark_moved.emit(MarkMoved(mark_id, points))
