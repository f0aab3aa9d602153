"""What lies over an image and stays the same from slice to slice, kept as a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from lvp_workstation.viewer.letters import letter_scale

Result = TypeVar("Result")


class PaintedLayer(Generic[Result]):
    """A transparent picture over a viewport, drawn anew only when what it shows has changed.

    Words cost far more to lay out and draw than to copy: laying the picture over a viewport takes some
    hundredths of a millisecond, drawing what is in it several.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._picture: QImage | None = None
        self._result: list[Result] = []

    def prepare(
        self,
        painter: QPainter,
        size: tuple[int, int],
        key: tuple[object, ...],
        draw: Callable[[QPainter], Result],
    ) -> Result:
        """Draw the picture unless the one at hand shows the same; return what drawing it returned.

        Parameters
        ----------
        painter
            Paints on the surface that the picture is for; nothing is drawn with it here.
        size
            Width and height in logical pixels.
        key
            Everything that the picture depends on, comparable; font, size of letters and pixels are added.
        draw
            Draws the picture.
        """
        ratio, font = painter.device().devicePixelRatioF(), painter.font()
        whole = (*size, ratio, font.family(), font.pixelSize(), letter_scale(), *key)
        if self._key != whole or self._picture is None:
            picture = self._empty(size, ratio)
            inner = QPainter(picture)
            inner.setFont(font)
            inner.setRenderHints(painter.renderHints())
            self._result = [draw(inner)]
            inner.end()
            self._key = whole
        return self._result[0]

    def lay_over(self, painter: QPainter) -> None:
        """Lay the picture that was prepared over the surface."""
        if self._picture is not None:
            painter.drawImage(QPointF(0.0, 0.0), self._picture)

    def _empty(self, size: tuple[int, int], ratio: float) -> QImage:
        width, height = (max(1, round(side * ratio)) for side in size)
        picture = self._picture
        if picture is None or (picture.width(), picture.height()) != (width, height):
            picture = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        picture.fill(0)
        self._picture = picture
        return picture
