"""The corners and edges of a viewport: identity, study, series, state, badges, orientation letters."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.overlay_text import (
    BOTTOM,
    CENTRE,
    FONT_PIXELS,
    LEFT,
    MARGIN,
    MIDDLE,
    RIGHT,
    STRIP,
    TOP,
    WORDS,
    WRAP,
    overlay_font,
    shadowed,
    text_width,
)

SMALLEST_FONT_PIXELS = 9
IDENTITY_SHARE = 0.56
"""Share of the width that the patient identity may take before it gets smaller and wraps."""

MOST_SHARE = 0.3
"""Share of the height that words one below the other may take at the top, and at the bottom; what is told
elsewhere too, study and series, gives way to the image (our choice)."""

GAP = 10.0
"""Least room between words that stand side by side."""

LETTER = 12.0
"""Half the room that the letter in the middle of an edge needs."""

BADGE_PADDING = 5.0
"""Room at each side of a badge's word."""

_ELIDE = Qt.TextElideMode.ElideRight

LEVEL = 44.0
"""Half the room that the level name below the upper letter needs."""


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
    notice: str = ""
    """What the viewport cannot show; stays when annotations are off."""


@dataclass(frozen=True)
class CornerRoom:
    """The room that corners and edges take, and their words that were shortened, whole."""

    taken: tuple[QRectF, ...]
    cut: tuple[str, ...]


def draw_corners(view: ViewTransform, texts: CornerTexts, detailed: bool, painter: QPainter) -> CornerRoom:
    """Draw corners and edges of a view."""
    corners = CornerPainter(painter, view, texts, detailed)
    taken = tuple(corners.taken())
    corners.paint()
    return CornerRoom(taken, tuple(corners.cut))


class CornerPainter:
    """Draws the words of one frame and keeps them off each other in narrow viewports."""

    def __init__(self, painter: QPainter, view: ViewTransform, texts: CornerTexts, detailed: bool) -> None:
        self._painter = painter
        self._view = view
        self._texts = texts
        self._detailed = detailed
        self._base = QFont(painter.font())
        self._inside = QRectF(
            MARGIN, MARGIN - 2, view.width - 2 * MARGIN - STRIP, view.height - 2 * MARGIN + 4
        )
        self._font = overlay_font(self._base)
        self._metrics = QFontMetricsF(self._font)
        self.cut: list[str] = []
        """Lines and badges that were shortened, whole."""
        self._identity = _fit_identity(self._base, self._inside, texts.identity)
        self._top = self._inside.top()
        self._bottom = self._inside.bottom()

    def paint(self) -> None:
        """Draw everything; without detail only the identity, the badges and the slice are left."""
        self._paint_top()
        self._paint_bottom()
        if self._detailed:
            self._paint_letters()
        self._paint_level()
        self._painter.setFont(self._base)

    def _paint_level(self) -> None:
        """Draw the level of a transverse slice and, below it, what the viewport cannot show."""
        box = QRectF(self._inside)
        box.setTop(self._top + (self._metrics.height() + 5 if self._detailed else 0.0))
        self._painter.setFont(overlay_font(self._base, FONT_PIXELS + 3, bold=True))
        height = shadowed(self._painter, box, TOP | CENTRE, self._texts.level, palette.LEVEL_DISC)
        if self._texts.notice:
            beyond = self.identity_box.bottom() + 2
            box.setTop(max(box.top() + height + 3, beyond))
            font = overlay_font(self._base, FONT_PIXELS + 1, bold=True)
            if text_width(font, self._texts.notice) > 2 * box.width():
                font = overlay_font(self._base, FONT_PIXELS - 2, bold=True)
            self._painter.setFont(font)
            shadowed(self._painter, box, TOP | CENTRE | WORDS, self._texts.notice, palette.BADGE_WARNING)

    @property
    def identity_box(self) -> QRectF:
        """The part of the view that belongs to the patient identity alone."""
        return self._identity[1]

    def taken(self) -> list[QRectF]:
        """Return the room that names beside the spine leave to words, badges and orientation letters."""
        inside, line = self._inside, self._metrics.height()
        middle, state = inside.center(), len(self._texts.state) * line
        letter = QRectF(0, 0, 2 * LETTER, line + 4)
        at_top, at_bottom, at_left = QRectF(letter), QRectF(letter), QRectF(letter)
        at_top.moveTo(middle.x() - LETTER, inside.top())
        at_bottom.moveTo(middle.x() - LETTER, inside.bottom() - letter.height())
        at_left.moveTo(inside.left(), middle.y() - letter.height() / 2)
        words = QRectF(inside.left(), inside.bottom() - state, self._widest(self._texts.state), state)
        return [self.identity_box, at_top, at_bottom, at_left, words, *self._boxes_at_right()]

    def _boxes_at_right(self) -> list[QRectF]:
        """Return the room of study and series lines and of the badges."""
        inside, line = self._inside, self._metrics.height()
        series, above = self._series_place()
        boxes = [box for box, _ in _badge_boxes(self._texts.badges, inside, above, self._base)]
        wide = min(self._widest(series), inside.width())
        boxes.append(QRectF(inside.right() - wide, above + 4, wide, len(series) * line))
        top, study = self._study_place()
        wide = min(self._widest(study), inside.width())
        boxes.append(QRectF(inside.right() - wide, top, wide, len(study) * line))
        return [box for box in boxes if not box.isEmpty()]

    def _paint_top(self) -> None:
        """Draw identity and study, side by side or one below the other."""
        inside, texts, line = self._inside, self._texts, self._metrics.height()
        self._paint_identity()
        taken = self.identity_box
        half = LEVEL if texts.level else LETTER
        if taken.right() > inside.center().x() - half:
            self._top = taken.bottom()
        if not self._detailed:
            return
        self._painter.setFont(overlay_font(self._base))
        top, shown = self._study_place()
        self._write(inside.adjusted(0, top - inside.top(), 0, 0), shown, RIGHT | TOP)
        if inside.right() - self._widest(shown) < inside.center().x() + half:
            self._top = max(self._top, top + len(shown) * line)

    def _study_place(self) -> tuple[float, tuple[str, ...]]:
        """Return where the lines of the study begin, and those there is room for."""
        inside, texts, taken = self._inside, self._texts, self.identity_box
        if not self._detailed:
            return inside.top(), ()
        beside = taken.right() + GAP + self._widest(texts.study) <= inside.right()
        top = inside.top() if beside else taken.bottom() + 2
        ends = top + len(texts.study) * self._metrics.height() - inside.top()
        return top, texts.study if beside or ends <= MOST_SHARE * inside.height() else ()

    def _paint_identity(self) -> None:
        """Draw who the patient is, smaller and wrapped when narrow, never shortened."""
        pixels, box = self._identity
        top = box.top()
        for n, text in enumerate(self._texts.identity):
            self._painter.setFont(overlay_font(self._base, pixels, bold=n == 0))
            rest = QRectF(box.left(), top, box.width(), self._view.height)
            top += shadowed(self._painter, rest, LEFT | TOP | WRAP, text, palette.IDENTITY)

    def _paint_bottom(self) -> None:
        """Draw state and series, the series without technique or above the state where it is narrow."""
        inside, line, middle = self._inside, self._metrics.height(), self._inside.center().x()
        self._painter.setFont(overlay_font(self._base))
        state = self._state()
        series, above = self._series_place()
        taken = self._widest(state) + GAP
        self._write(inside, state, LEFT | BOTTOM)
        ends = above + 4 + len(series) * line
        self._write(inside.adjusted(0, 0, 0, ends - inside.bottom()), series, RIGHT | BOTTOM)
        boxes = _badge_boxes(self._texts.badges, inside, above, self._base)
        self.cut += _paint_badges(self._painter, boxes, self._base)
        left = min((box.left() for box, _ in boxes), default=inside.right())
        top = min((box.top() for box, _ in boxes), default=above)
        if left < middle + LETTER:
            self._bottom = top - 2
        elif min(middle - inside.left() - taken, inside.right() - self._widest(series) - middle) < LETTER:
            self._bottom = above + 4 if series else inside.bottom() - len(state) * line

    def _state(self) -> tuple[str, ...]:
        return self._texts.state if self._detailed else self._texts.state[-1:]

    def _series_place(self) -> tuple[tuple[str, ...], float]:
        """Return the lines of the series there is room for, and where what stands above them ends."""
        inside, line, state = self._inside, self._metrics.height(), self._state()
        series = self._texts.series if self._detailed else ()
        taken = self._widest(state) + GAP
        if taken + self._widest(series) > inside.width():
            series = series[:-1]
        beside = taken + self._widest(series) <= inside.width()
        badges = len(self._texts.badges) * (line + BADGE_PADDING)
        if not beside and badges + (len(series) + len(state)) * line > MOST_SHARE * inside.height():
            series = ()
        raised = 0.0 if beside and series else len(state) * line
        return series, inside.bottom() - raised - len(series) * line - 4

    def _paint_letters(self) -> None:
        """Draw where the patient's directions point, on the four edges."""
        self._painter.setFont(overlay_font(self._base, FONT_PIXELS + 2, bold=True))
        inside = QRectF(self._inside)
        inside.setTop(self._top)
        inside.setBottom(self._bottom)
        for direction, place, box in (
            (-self._view.right, LEFT | MIDDLE, self._inside),
            (self._view.right, RIGHT | MIDDLE, self._inside),
            (-self._view.down, TOP | CENTRE, inside),
            (self._view.down, BOTTOM | CENTRE, inside),
        ):
            shadowed(self._painter, box, place, orientation_letters(direction), palette.ORIENTATION)

    def _widest(self, lines: tuple[str, ...]) -> float:
        return max((text_width(self._font, text) for text in lines), default=0.0)

    def _write(self, box: QRectF, lines: tuple[str, ...], place: int) -> None:
        """Draw lines, each shortened from the right where it is wider than the view."""
        short = [self._metrics.elidedText(text, _ELIDE, box.width()) for text in lines]
        self.cut += [whole for whole, text in zip(lines, short, strict=True) if text != whole]
        shadowed(self._painter, box, place, "\n".join(short), palette.TEXT)


def _fit_identity(base: QFont, inside: QRectF, lines: tuple[str, ...]) -> tuple[int, QRectF]:
    """Return font size and place: within its share of the width, within the whole when that is too small."""
    share = inside.width() * IDENTITY_SHARE
    room = share if _widest_bold(base, FONT_PIXELS - 1, lines) <= share else inside.width()
    pixels = FONT_PIXELS + 1
    while pixels > SMALLEST_FONT_PIXELS and _widest_bold(base, pixels, lines) > room:
        pixels -= 1
    metrics = QFontMetricsF(overlay_font(base, pixels, bold=True))
    box = QRectF(inside.left(), inside.top(), min(room, _widest_bold(base, pixels, lines) + 2), 10_000)
    box.setHeight(sum(metrics.boundingRect(box, LEFT | TOP | WRAP, text).height() for text in lines))
    return pixels, box


def _widest_bold(base: QFont, pixels: int, lines: tuple[str, ...]) -> float:
    font = overlay_font(base, pixels, bold=True)
    return max((text_width(font, text) for text in lines), default=0.0)


def _badge_boxes(
    badges: tuple[Badge, ...], inside: QRectF, bottom: float, base: QFont
) -> list[tuple[QRectF, Badge]]:
    """Return the places of framed words above each other at the right, none wider than the view."""
    font = overlay_font(base, FONT_PIXELS - 2, bold=True)
    metrics = QFontMetricsF(font)
    boxes = []
    for badge in reversed(badges):
        width = min(text_width(font, badge.text) + 2 * BADGE_PADDING, inside.width())
        height = metrics.height() + 2
        boxes.append((QRectF(inside.right() - width, bottom - height, width, height), badge))
        bottom -= height + 3
    return boxes


def _paint_badges(painter: QPainter, boxes: list[tuple[QRectF, Badge]], base: QFont) -> list[str]:
    """Draw framed words; return those that had to be shortened."""
    painter.setFont(overlay_font(base, FONT_PIXELS - 2, bold=True))
    metrics = QFontMetricsF(painter.font())
    cut = []
    for box, badge in boxes:
        text = metrics.elidedText(badge.text, _ELIDE, box.width() - 2 * BADGE_PADDING + 1)
        painter.setPen(badge.colour)
        painter.setBrush(palette.SHADOW)
        painter.drawRoundedRect(box, 2.5, 2.5)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        cut += [] if text == badge.text else [badge.text]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return cut
