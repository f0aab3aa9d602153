"""Words over the image: corners, orientation letters, badges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette

FONT_PIXELS = 12
SMALLEST_FONT_PIXELS = 9
MARGIN = 8.0
STRIP = 10.0
"""Room at the right edge for the strip of seen slices."""

IDENTITY_SHARE = 0.56
"""Share of the width that the patient identity may take before it wraps."""

LEFT = Qt.AlignmentFlag.AlignLeft.value
RIGHT = Qt.AlignmentFlag.AlignRight.value
CENTRE = Qt.AlignmentFlag.AlignHCenter.value
TOP = Qt.AlignmentFlag.AlignTop.value
BOTTOM = Qt.AlignmentFlag.AlignBottom.value
MIDDLE = Qt.AlignmentFlag.AlignVCenter.value
WRAP = Qt.TextFlag.TextWrapAnywhere.value | Qt.TextFlag.TextWordWrap.value


@dataclass(frozen=True)
class Badge:
    """A short framed word, such as COMPUTED or SYNTHETIC."""

    text: str
    colour: QColor


@dataclass(frozen=True)
class CornerTexts:
    """The lines in the four corners and the badges above the bottom right one."""

    identity: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    badges: tuple[Badge, ...] = ()
    level: str = ""


def overlay_font(base: QFont, pixels: int = FONT_PIXELS, bold: bool = False) -> QFont:
    """Return the font of the overlay at a pixel size."""
    font = QFont(base)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


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


@lru_cache(maxsize=1024)
def _text_image(
    text: str, family: str, pixels: int, bold: bool, rgba: int, bits: int, wrap: int, ratio: float
) -> QImage:
    """Return text with its halo as a small picture; most words stay the same from frame to frame."""
    font = overlay_font(QFont(family), pixels, bold)
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


def paint_corners(painter: QPainter, width: float, height: float, texts: CornerTexts, detailed: bool) -> None:
    """Draw the corners; without detail only the identity, the badges and the slice are left."""
    base = painter.font()
    inside = QRectF(MARGIN, MARGIN - 2, width - 2 * MARGIN - STRIP, height - 2 * MARGIN + 4)
    bottom = inside.bottom()
    identity_bottom = _paint_identity(painter, base, inside, texts.identity)
    painter.setFont(overlay_font(base))
    line = QFontMetricsF(painter.font()).height()
    if detailed:
        top = _study_top(painter, inside, texts, identity_bottom)
        free = int(max(0.0, (bottom - top) / line - len(texts.state) - 2))
        _paint_lines(painter, inside.adjusted(0, top - inside.top(), 0, 0), texts.study[:free], RIGHT, TOP)
        _paint_lines(painter, inside, texts.series, RIGHT, BOTTOM)
    _paint_lines(painter, inside, texts.state if detailed else texts.state[-1:], LEFT, BOTTOM)
    lines = len(texts.series) if detailed else 0
    _paint_badges(painter, inside.right(), bottom - lines * line - 4, texts.badges, base)
    if texts.level:
        painter.setFont(overlay_font(base, FONT_PIXELS + 3, bold=True))
        shadowed(painter, inside.adjusted(0, line + 6, 0, 0), TOP | CENTRE, texts.level, palette.LEVEL_DISC)
    painter.setFont(base)


def _paint_identity(painter: QPainter, base: QFont, inside: QRectF, lines: tuple[str, ...]) -> float:
    """Draw who the patient is, smaller and wrapped when narrow, never shortened; return its bottom."""
    pixels = FONT_PIXELS + 1
    room = max(40.0, inside.width() * IDENTITY_SHARE)
    while pixels > SMALLEST_FONT_PIXELS:
        metrics = QFontMetricsF(overlay_font(base, pixels, bold=True))
        if max((metrics.horizontalAdvance(text) for text in lines), default=0.0) <= room:
            break
        pixels -= 1
    flags = LEFT | TOP | WRAP
    top = inside.top()
    for n, text in enumerate(lines):
        painter.setFont(overlay_font(base, pixels, bold=n == 0))
        box = QRectF(inside.left(), top, room, inside.height())
        top += shadowed(painter, box, flags, text, palette.IDENTITY if n == 0 else palette.TEXT)
    return top


def _study_top(painter: QPainter, inside: QRectF, texts: CornerTexts, identity_bottom: float) -> float:
    """Return where the study lines begin: below the identity when both do not fit side by side."""
    metrics = QFontMetricsF(painter.font())
    widest = max((metrics.horizontalAdvance(text) for text in texts.study), default=0.0)
    return inside.top() if widest <= inside.width() * (1 - IDENTITY_SHARE) - 8 else identity_bottom + 2


def _paint_lines(
    painter: QPainter,
    inside: QRectF,
    lines: tuple[str, ...],
    side: int,
    edge: int,
) -> None:
    shadowed(painter, inside, side | edge, "\n".join(lines), palette.TEXT)


def _paint_badges(
    painter: QPainter, right: float, bottom: float, badges: tuple[Badge, ...], base: QFont
) -> None:
    painter.setFont(overlay_font(base, FONT_PIXELS - 2, bold=True))
    metrics = QFontMetricsF(painter.font())
    for badge in reversed(badges):
        width, height = metrics.horizontalAdvance(badge.text) + 10, metrics.height() + 2
        box = QRectF(right - width, bottom - height, width, height)
        painter.setPen(badge.colour)
        painter.setBrush(palette.SHADOW)
        painter.drawRoundedRect(box, 2.5, 2.5)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge.text)
        bottom -= height + 3
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_orientation(painter: QPainter, view: ViewTransform) -> None:
    """Draw where the patient's directions point, on the four edges."""
    base = painter.font()
    painter.setFont(overlay_font(base, FONT_PIXELS + 2, bold=True))
    inside = QRectF(MARGIN, MARGIN, view.width - 2 * MARGIN - STRIP, view.height - 2 * MARGIN)
    for direction, flags in (
        (-view.right, LEFT | MIDDLE),
        (view.right, RIGHT | MIDDLE),
        (-view.down, TOP | CENTRE),
        (view.down, BOTTOM | CENTRE),
    ):
        shadowed(painter, inside, flags, orientation_letters(direction), palette.ORIENTATION)
    painter.setFont(base)
