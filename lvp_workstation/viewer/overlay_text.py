"""Words that can be read over any image, drawn fast."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from lvp_workstation.viewer import palette
from lvp_workstation.viewer.letters import scaled

FONT_PIXELS = 12
MARGIN = 8.0
STRIP = 10.0
"""Room at the right edge for the strip of seen slices."""

LEFT = Qt.AlignmentFlag.AlignLeft.value
RIGHT = Qt.AlignmentFlag.AlignRight.value
CENTRE = Qt.AlignmentFlag.AlignHCenter.value
TOP = Qt.AlignmentFlag.AlignTop.value
BOTTOM = Qt.AlignmentFlag.AlignBottom.value
MIDDLE = Qt.AlignmentFlag.AlignVCenter.value
WORDS = Qt.TextFlag.TextWordWrap.value
"""Lines are broken between words."""
WRAP = Qt.TextFlag.TextWrapAnywhere.value | WORDS
"""Lines are broken wherever they are full: nothing is cut off."""


def overlay_font(base: QFont, pixels: int = FONT_PIXELS, bold: bool = False) -> QFont:
    """Return the font of the overlay at a size in pixels for letters of 100 %."""
    font = QFont(base)
    font.setPixelSize(scaled(pixels))
    font.setBold(bold)
    return font


def text_width(font: QFont, text: str) -> float:
    """Return the width of one line of text in logical pixels; measuring it again costs nothing."""
    return _width(text, font.family(), font.pixelSize(), font.bold())


@lru_cache(maxsize=1024)
def _width(text: str, family: str, pixels: int, bold: bool) -> float:
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return QFontMetricsF(font).horizontalAdvance(text)


def shadowed(painter: QPainter, rect: QRectF, bits: int, text: str, colour: QColor) -> float:
    """Draw text that can be read over any image; return its height.

    ``bits`` are Qt's alignment and wrapping flags as an integer.
    """
    if not text:
        return 0.0
    font, ratio = painter.font(), painter.device().devicePixelRatioF()
    wrap = round(rect.width()) if bits & WRAP else 0
    image = _text_image(
        text,
        font.family(),
        font.pixelSize(),
        font.bold(),
        colour.rgba(),
        bits & ~(BOTTOM | MIDDLE),
        wrap,
        ratio,
    )
    width, height = image.width() / ratio, image.height() / ratio
    x, y = rect.left() - _HALO, rect.top() - _HALO
    if bits & RIGHT:
        x = rect.right() - width + _HALO
    elif bits & CENTRE:
        x = rect.center().x() - width / 2
    if bits & BOTTOM:
        y = rect.bottom() - height + _HALO
    elif bits & MIDDLE:
        y = rect.center().y() - height / 2
    painter.drawImage(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), image)
    return height - 2 * _HALO


_HALO = 2


@lru_cache(maxsize=512)
def _text_image(
    text: str, family: str, pixels: int, bold: bool, rgba: int, bits: int, wrap: int, ratio: float
) -> QImage:
    """Return text with its halo as a small picture; most words stay the same from frame to frame."""
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setBold(bold)
    room = QRectF(0, 0, wrap or 10_000, 10_000)
    size = QFontMetricsF(font).boundingRect(room, bits, text).size()
    width, height = ceil(size.width()) + 2 * _HALO, ceil(size.height()) + 2 * _HALO
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setFont(font)
    box = QRectF(_HALO, _HALO, width - 2 * _HALO, height - 2 * _HALO)
    painter.setPen(palette.SHADOW)
    for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
        painter.drawText(box.translated(dx, dy), bits, text)
    painter.setPen(QColor.fromRgba(rgba))
    painter.drawText(box, bits, text)
    painter.end()
    return image
