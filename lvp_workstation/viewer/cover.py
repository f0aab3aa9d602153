"""What lies over a viewport in place of its slices: another kind of picture, with the same words."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lvp_workstation.domain.geometry import LEFT, SUPERIOR
from lvp_workstation.render.slice_scene import Pixels
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import captions, palette
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.overlay import paint_frame, paint_message
from lvp_workstation.viewer.overlay_corners import Badge, CornerPainter, CornerTexts
from lvp_workstation.viewer.overlay_text import FONT_PIXELS, overlay_font, shadowed
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.viewport_words import fidelity_badges


class Cover(QWidget):
    """A picture that a worker makes of the series or the labels of a viewport.

    It fills the viewport it lies over. The picture follows every change; the newest one counts.
    """

    activated = Signal()
    """The reader pressed a button on it."""

    def __init__(self, series: DisplaySeries, scheduler: RenderScheduler, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._series = series
        self._scheduler = scheduler
        self._layer: LabelLayer | None = None
        self._shown = True
        self._pixels: Pixels | None = None
        self._last: QPointF | None = None
        self._active = False

    @property
    def series(self) -> DisplaySeries:
        """The series it belongs to."""
        return self._series

    def set_layer(self, layer: LabelLayer | None, shown: bool) -> None:
        """Take the labels as they may be seen; ``shown`` is False while they are hidden."""
        self._layer, self._shown = layer, shown
        self.refresh()

    def set_active(self, active: bool) -> None:
        """Draw the frame of the active viewport."""
        self._active = active
        self.update()

    def refresh(self) -> None:
        """Ask for a new picture."""
        raise NotImplementedError

    def close_cover(self) -> None:
        """Let go of what was made."""
        self._scheduler.worker.forget(self)

    def camera(self) -> ViewTransform | None:
        """Return what the words around the picture are written for, in logical pixels."""
        raise NotImplementedError

    def badge_words(self) -> tuple[str, ...]:
        """Return what must be known about the picture."""
        raise NotImplementedError

    def message(self) -> str:
        """Return why there is no picture, empty when there is one."""
        raise NotImplementedError

    def paint_names(self, painter: QPainter, camera: ViewTransform) -> None:
        """Write level names into the picture."""

    def take(self, pixels: Pixels) -> None:
        """Show a picture that the worker made."""
        self._pixels = pixels
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, names and words."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), palette.BACKGROUND)
        camera, message = self.camera(), self.message()
        if message or self._pixels is None or camera is None:
            paint_message(painter, QRectF(self.rect()), message)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), _image(self._pixels))
            self.paint_names(painter, camera)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words_for = camera or ViewTransform(np.zeros(3), LEFT, -SUPERIOR, 1.0, self.width(), self.height())
        CornerPainter(painter, words_for, self._texts(), detailed=camera is not None).paint()
        paint_frame(painter, self.width(), self.height(), self._active, False)
        painter.end()

    def _texts(self) -> CornerTexts:
        study = self._series.study
        return CornerTexts(
            identity=captions.identity_lines(study.patient) if study else (),
            study=captions.study_lines(study) if study else (),
            series=captions.series_lines(self._series.series),
            state=(captions.window_line(self._series.window),),
            badges=self._badges(),
        )

    def _badges(self) -> tuple[Badge, ...]:
        own = tuple(Badge(words, palette.BADGE_COMPUTED) for words in self.badge_words())
        return own + fidelity_badges(self._series)

    def write(self, painter: QPainter, at: QPointF, text: str, disc: bool) -> None:
        """Write a level name at a place."""
        painter.setFont(overlay_font(painter.font(), FONT_PIXELS, not disc))
        box = QRectF(at.x(), at.y() - FONT_PIXELS, 120.0, 2.0 * FONT_PIXELS)
        colour = palette.LEVEL_DISC if disc else palette.LEVEL_VERTEBRA
        shadowed(painter, box, Qt.AlignmentFlag.AlignVCenter.value, text, colour)

    def resizeEvent(self, event: object) -> None:
        """Make the picture anew for the new size."""
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        self._last = event.position()
        self.activated.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hand the movement of a drag over."""
        if self._last is not None and event.buttons():
            moved = event.position() - self._last
            self._last = event.position()
            self.dragged(moved.x(), moved.y(), event.buttons())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._last = None

    def dragged(self, dx: float, dy: float, buttons: Qt.MouseButton) -> None:
        """React to a drag by pixels."""


def _image(pixels: Pixels) -> QImage:
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
