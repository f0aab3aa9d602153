"""A widget that shows one stack of a series: pixels rendered off screen, overlays painted over them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.label_lut import OverlayStyle
from lvp_workstation.render.slice_scene import Pixels, SliceScene
from lvp_workstation.render.stack import DisplayStack, oblique_stack, orthogonal_stack, slab_stack
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.overlay import paint_frame, paint_message, paint_overlay
from lvp_workstation.viewer.overlay_surface import OverlaySurface
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.stack_group import StackGroup
from lvp_workstation.viewer.view_state import ViewState
from lvp_workstation.viewer.viewport_words import corner_texts, slice_strip

EMPTY = "no series"
NOTHING: Pixels = np.full((1, 1), 0xFF000000, dtype=np.uint32)
"""What is stretched over a viewport before its series has pixels: black."""


class ImageSurface(OverlaySurface):
    """Renders and paints one stack, as acquired or computed; state comes in through setters."""

    slice_changed = Signal(int)
    """Index of the slice now shown; another stack is told by `stack_changed` alone."""
    view_changed = Signal()
    """Zoom, pan or the plane of the stack changed."""
    window_changed = Signal(float, float)
    """Centre and width in stored values."""
    stack_changed = Signal()
    """Another series, or other slices of it, are shown."""
    frame_painted = Signal()
    """The image and everything over it were painted."""
    plane_changed = Signal()
    """The plane of a computed stack was moved or turned."""
    slice_painted = Signal(str, int)
    """Series key and index of an acquired slice that was painted with its pixels."""

    def __init__(self, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(scheduler, parent)
        self._scene = SliceScene()
        self.state = ViewState()
        self._series: DisplaySeries | None = None
        self.group = StackGroup()
        self._style = OverlayStyle()
        self._fill_visible = True
        self._reformat: ImagePlane | None = None
        self._through: Array | None = None
        self._image: QImage | None = None
        self._pixels: Pixels | None = None
        self._painting = False
        self.covered = False
        """Whether something else lies over the slices, so that they are not seen."""
        self._asked: set[int] = set()
        """Acquired slices that were gone to since the last one was painted."""

    # -- what is shown ------------------------------------------------------------------

    @property
    def series(self) -> DisplaySeries | None:
        """The series on screen."""
        return self._series

    @property
    def stack(self) -> DisplayStack | None:
        """The slices being paged through."""
        return self.state.stack

    @property
    def slice_index(self) -> int:
        """Index of the slice on screen."""
        return self.state.index

    @property
    def slice_plane(self) -> Plane | None:
        """The plane of the slice on screen."""
        return self.state.plane

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of reference of the series; empty when unknown."""
        return self.stack.geometry.frame_of_reference_uid if self.stack else ""

    @property
    def acquired(self) -> bool:
        """Whether the slice on screen is an acquired image."""
        return self.stack is not None and self.stack.acquired

    def set_series(
        self, series: DisplaySeries | None, reformat: ImagePlane | None = None, keep_view: bool = False
    ) -> None:
        """Show a series as acquired, or computed slices of it in an anatomical plane."""
        self._disconnect()
        self._series = series
        if not keep_view:
            self.state.slab = None
        if series is not None:
            series.slices_changed.connect(self._on_slices)
            series.array_replaced.connect(self._on_array)
            series.window_changed.connect(self._on_window)
            series.viewed_changed.connect(self._on_viewed)
        self._show_stack(reformat, keep_view)
        self._on_array()

    def set_group(self, group: StackGroup) -> None:
        """State which stacks of the same kind share the viewport: navigation changes between them."""
        self.group = group
        self.request_paint()

    def set_reformat(self, reformat: ImagePlane | None) -> None:
        """Switch between the acquired slices (None) and computed ones of the same series."""
        self._show_stack(reformat)

    def set_oblique(self, plane: Plane) -> None:
        """Show computed slices parallel to a plane, beginning with the plane itself."""
        if self._series is None or self._series.geometry is None:
            return
        computed = self.stack is not None and not self.acquired
        stack = oblique_stack(self._series.geometry, plane)
        self.state.show(stack, stack.nearest_index(plane.point))
        self._through = plane.point
        if not computed:
            self._stack_changed()
            return
        self.plane_changed.emit()
        self._moved()

    def turn_to(self, plane: Plane) -> None:
        """Move or turn computed slices to a plane (LPS mm), keeping scale and place; never acquired ones."""
        if self._series is None or self._series.geometry is None or self.through is None:
            return
        stack = oblique_stack(self._series.geometry, plane)
        self.state.turn(stack, plane.point, self.width(), self.height())
        self._through = plane.point
        self.plane_changed.emit()
        self._moved()

    @property
    def reformat(self) -> ImagePlane | None:
        """The anatomical plane in which computed slices were hung, however they were turned since."""
        return None if self.acquired else self._reformat

    @property
    def through(self) -> Array | None:
        """The LPS point that computed slices were last turned to, on the slice on screen."""
        plane = self.slice_plane
        if plane is None or self.stack is None or self.stack.on_source_grid:
            return None
        return plane.project(plane.point if self._through is None else self._through)

    def set_labels(self, layer: LabelLayer | None) -> None:
        """Lay labels and level names over the image; None takes them away."""
        before = self.content.labels
        self.content.labels = layer
        if layer is None or before is None or layer.label_map is not before.label_map:
            label_map = layer.label_map if layer else None
            self._scene.set_labels(
                label_map.array if label_map else None, label_map.geometry if label_map else None
            )
        self.request_render()

    def set_segmentation_visible(self, visible: bool) -> None:
        """Show or hide the labels themselves; level names stay."""
        self._fill_visible = visible
        self.request_render()

    def set_overlay_style(self, style: OverlayStyle) -> None:
        """Choose opacity and outline of the labels."""
        self._style = style
        self.request_render()

    def set_key_images(self, indices: frozenset[int]) -> None:
        """Mark slices of the series on screen as key images."""
        if self._series is not None:
            self._series.key_images = indices
            self.request_paint()

    # -- rendering ----------------------------------------------------------------------

    def view(self) -> ViewTransform | None:
        """Return the camera in logical pixels, None without a stack."""
        return self.state.transform(self.width(), self.height())

    def dispose(self) -> None:
        """Let go of pixels and signals; may be called again."""
        if self._disposed:
            return
        self._disposed = True
        self._scheduler.forget(self)
        self._disconnect()
        self._series = self._image = self._pixels = None
        self._scene.dispose()

    def _render(self) -> None:
        """Make the pixels of the view anew where they changed."""
        view = self.view()
        if view is None:
            self._image = None
        elif self._dirty:
            ratio = self.devicePixelRatioF()
            wanted = replace(self._style, outline_width=max(1, round(self._style.outline_width * ratio)))
            style = wanted if self.content.ai_visible and self._fill_visible else None
            self._pixels = self._make_pixels(view.scaled(ratio), style)
            rows, columns = self._pixels.shape
            self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        super()._render()

    def _make_pixels(self, view: ViewTransform, style: OverlayStyle | None) -> Pixels:
        """Return the pixels of a view; fewer of them are stretched over the widget."""
        if self._series is None or self._series.array is None:
            return NOTHING
        return self._scene.render(view, self.state.window, style)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image and everything over it."""
        self._stale = False
        if self._dirty:
            self._render()
        painter = QPainter(self)
        view, stack = self.view(), self.stack
        if self._image is None or view is None or stack is None or self._series is None:
            painter.fillRect(self.rect(), palette.BACKGROUND)
            paint_message(painter, QRectF(self.rect()), self.content.message or tr(EMPTY))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image)
            self._paint_over(painter, view, stack, self._series)
        paint_frame(painter, self.width(), self.height(), self.content.active, self.content.focus)
        painter.end()
        self.frame_painted.emit()

    def _paint_over(
        self, painter: QPainter, view: ViewTransform, stack: DisplayStack, series: DisplaySeries
    ) -> None:
        index = self.state.index
        ready = not stack.acquired or series.is_ready(index)
        if ready and stack.acquired and not self.covered:
            self._painting = True
            series.mark_viewed(index)
            series.mark_skipped(frozenset(self._asked - {index}))
            self._asked.clear()
            self._painting = False
            self.slice_painted.emit(series.key, index)
        self.content.texts = corner_texts(series, stack, self.state, self.content, self.group)
        self.content.strip = slice_strip(series, stack, index)
        self.content.key_image = stack.acquired and index in series.key_images
        paint_overlay(painter, view, stack.plane, self.content, stack.reach_mm)
        if not ready:
            paint_message(painter, QRectF(self.rect()), tr("loading…"))

    def resizeEvent(self, event: QEvent) -> None:
        """Render at the new size."""
        self._dirty = True

    # -- what changed -------------------------------------------------------------------

    def _show_stack(self, reformat: ImagePlane | None, keep_view: bool = False) -> None:
        series = self._series
        stack = series.stack if series else None
        if stack is not None and reformat is not None:
            stack = orthogonal_stack(stack.geometry, reformat)
        elif stack is not None and self.state.slab is not None:
            stack = slab_stack(stack.geometry)
        self._reformat, self._through = reformat, None
        self.state.show(stack, keep_view=keep_view)
        if series is not None and stack is None:
            self.content.message = tr("no usable geometry")
        self._stack_changed()

    def _stack_changed(self) -> None:
        self.content.preview = self.content.brush_trail = None
        self._asked.clear()
        self.request_render()
        self.stack_changed.emit()
        self.view_changed.emit()

    def _slice_changed(self) -> None:
        if self.acquired and self.isVisible() and not self.covered:
            self._asked.add(self.state.index)
        self.request_render()
        self.slice_changed.emit(self.state.index)

    def _moved(self) -> None:
        self.request_render()
        self.view_changed.emit()

    def _on_viewed(self) -> None:
        """Show the new state in the strip, unless this view is the one that is painting the slice."""
        if self.acquired and not self._painting:
            self.request_paint()

    def _on_array(self) -> None:
        series = self._series
        self._scene.set_image(series.array if series else None, series.geometry if series else None)
        self._on_window()
        self._find_body()
        self.request_render()

    def _find_body(self) -> None:
        """Fit the patient rather than the air, as long as the reader has not moved the view."""
        series = self._series
        if series is not None and series.body is not None and self.acquired and self.state.at_home:
            self.state.set_body(*series.body)

    def _on_window(self) -> None:
        if self._series is not None and self.state.set_window(self._series.window):
            window = self.state.window
            self.window_changed.emit(window.centre, window.width)
            self.request_render()

    def _on_slices(self, indices: frozenset[int]) -> None:
        self._scene.image_changed()
        if self.state.at_home and not self.state.has_body:
            self._find_body()
        if not self.acquired or self.state.index in indices:
            self.request_render()
        else:
            self.request_paint()

    def _disconnect(self) -> None:
        if self._series is not None:
            self._series.slices_changed.disconnect(self._on_slices)
            self._series.array_replaced.disconnect(self._on_array)
            self._series.window_changed.disconnect(self._on_window)
            self._series.viewed_changed.disconnect(self._on_viewed)
