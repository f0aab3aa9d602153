"""Words over the image: corners, orientation letters, badges."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

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

_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight
_TOP = Qt.AlignmentFlag.AlignTop
_BOTTOM = Qt.AlignmentFlag.AlignBottom


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


def shadowed(
    painter: QPainter, rect: QRectF, flags: Qt.AlignmentFlag | int, text: str, colour: QColor
) -> None:
    """Draw text that can be read over any image."""
    bits = flags if isinstance(flags, int) else flags.value
    painter.setPen(palette.SHADOW)
    for dx, dy in ((1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)):
        painter.drawText(rect.translated(dx, dy), bits, text)
    painter.setPen(colour)
    painter.drawText(rect, bits, text)


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
        _paint_lines(painter, inside.adjusted(0, top - inside.top(), 0, 0), texts.study[:free], _RIGHT, _TOP)
        _paint_lines(painter, inside, texts.series, _RIGHT, _BOTTOM)
    _paint_lines(painter, inside, texts.state if detailed else texts.state[-1:], _LEFT, _BOTTOM)
    lines = len(texts.series) if detailed else 0
    _paint_badges(painter, inside.right(), bottom - lines * line - 4, texts.badges, base)
    if texts.level:
        painter.setFont(overlay_font(base, FONT_PIXELS + 3, bold=True))
        shadowed(painter, inside.adjusted(0, line + 6, 0, 0), _TOP | _MIDDLE, texts.level, palette.LEVEL_DISC)
    painter.setFont(base)


_MIDDLE = Qt.AlignmentFlag.AlignHCenter


def _paint_identity(painter: QPainter, base: QFont, inside: QRectF, lines: tuple[str, ...]) -> float:
    """Draw who the patient is, smaller and wrapped when narrow, never shortened; return its bottom."""
    pixels = FONT_PIXELS + 1
    room = max(40.0, inside.width() * IDENTITY_SHARE)
    while pixels > SMALLEST_FONT_PIXELS:
        metrics = QFontMetricsF(overlay_font(base, pixels, bold=True))
        if max((metrics.horizontalAdvance(text) for text in lines), default=0.0) <= room:
            break
        pixels -= 1
    flags = _LEFT.value | _TOP.value | Qt.TextFlag.TextWrapAnywhere.value | Qt.TextFlag.TextWordWrap.value
    top = inside.top()
    for n, text in enumerate(lines):
        painter.setFont(overlay_font(base, pixels, bold=n == 0))
        box = QRectF(inside.left(), top, room, inside.height())
        shadowed(painter, box, flags, text, palette.IDENTITY if n == 0 else palette.TEXT)
        top += painter.fontMetrics().boundingRect(box.toRect(), flags, text).height()
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
    side: Qt.AlignmentFlag,
    edge: Qt.AlignmentFlag,
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
    middle_row, middle_column = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignHCenter
    for direction, flags in (
        (-view.right, _LEFT | middle_row),
        (view.right, _RIGHT | middle_row),
        (-view.down, _TOP | middle_column),
        (view.down, _BOTTOM | middle_column),
    ):
        shadowed(painter, inside, flags, orientation_letters(direction), palette.ORIENTATION)
    painter.setFont(base)
