"""Measurements and marks over the image, with captions that keep clear of each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPolygonF

from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.marks import MarkKind, MarkLook, WorldMark
from lvp_workstation.viewer.overlay_marks import pen, points_of
from lvp_workstation.viewer.overlay_text import FONT_PIXELS, LEFT, MARGIN, STRIP, overlay_font, shadowed

MARK_COLOURS = {
    MarkKind.READER: palette.MARK_READER,
    MarkKind.AI: palette.MARK_AI,
    MarkKind.ACTIVE: palette.MARK_ACTIVE,
}
CROSS = 6.0
"""Length of the arms of a marked point, in pixels."""
HEAD, HEAD_ANGLE = 13.0, 24.0
"""Length of the head of an arrow in pixels, and half its opening in degrees."""
GAP = 8.0
"""Between a mark and its caption, in pixels."""
GRIPS = {MarkShape.FREEHAND: 3.0}
GRIP = 6.0
"""Size of the points that can be dragged, in pixels."""


def paint_marks(
    painter: QPainter, view: ViewTransform, marks: Sequence[WorldMark], reach_mm: float, with_ai: bool
) -> None:
    """Draw the lines and contours that lie on the slice, then their captions."""
    base = painter.font()
    painter.setFont(overlay_font(base, FONT_PIXELS, bold=True))
    shown = [
        mark
        for mark in marks
        if (mark.kind is not MarkKind.AI or with_ai) and mark.lies_on(view.plane, reach_mm)
    ]
    for mark in shown:
        _paint_mark(painter, view, mark)
    taken: list[QRectF] = []
    for mark in shown:
        if mark.caption:
            _paint_caption(painter, view, mark, taken)
    painter.setFont(base)


def _paint_mark(painter: QPainter, view: ViewTransform, mark: WorldMark) -> None:
    colour = MARK_COLOURS[mark.kind]
    lines = (mark.points,) if mark.strokes is None else mark.strokes
    paths = [points_of(view, np.asarray(line)) for line in lines]
    for guide in mark.guides:
        painter.setPen(pen(colour, 1.0, dashed=True))
        painter.drawPolyline(points_of(view, guide))
    for style in (pen(palette.SHADOW, 3.2), pen(colour, 1.6)):
        painter.setPen(style)
        for path in paths:
            _paint_path(painter, path, mark)
    _paint_points(painter, view, mark, colour)


def _paint_path(painter: QPainter, path: QPolygonF, mark: WorldMark) -> None:
    if mark.look is MarkLook.CROSS or path.size() == 1:
        at = path.at(0)
        painter.drawLine(QLineF(at.x() - CROSS, at.y(), at.x() + CROSS, at.y()))
        painter.drawLine(QLineF(at.x(), at.y() - CROSS, at.x(), at.y() + CROSS))
    elif mark.closed:
        painter.drawPolygon(path)
    else:
        painter.drawPolyline(path)
    if mark.look is MarkLook.ARROW and path.size() > 1:
        for line in _arrow_head(path.at(0), path.at(1)):
            painter.drawLine(line)


def _arrow_head(tip: QPointF, tail: QPointF) -> list[QLineF]:
    """Return the two short lines at the tip of an arrow."""
    shaft = QLineF(tip, tail)
    if shaft.length() < 1.0:
        return []
    x, y = shaft.dx() / shaft.length() * HEAD, shaft.dy() / shaft.length() * HEAD
    turns = ((cos(radians(a)), sin(radians(a))) for a in (HEAD_ANGLE, -HEAD_ANGLE))
    return [QLineF(tip, QPointF(tip.x() + c * x - s * y, tip.y() + s * x + c * y)) for c, s in turns]


def _paint_points(painter: QPainter, view: ViewTransform, mark: WorldMark, colour: QColor) -> None:
    """Draw the points: those of a measurement can be dragged."""
    if mark.measured is not None:
        if mark.look is MarkLook.LINE:
            painter.setPen(pen(colour, GRIPS.get(mark.measured.shape, GRIP)))
            painter.drawPoints(points_of(view, mark.measured.points))
    elif not mark.closed and mark.look is MarkLook.LINE and len(mark.points) <= 8:
        painter.setPen(pen(colour, 4.0))
        painter.drawPoints(points_of(view, np.asarray(mark.points)))


def _paint_caption(painter: QPainter, view: ViewTransform, mark: WorldMark, taken: list[QRectF]) -> None:
    """Write the caption beside its mark, where it covers no other one."""
    around = points_of(view, np.asarray(mark.points)).boundingRect()
    if mark.look is MarkLook.ARROW:
        end = points_of(view, np.asarray(mark.points)).at(1)
        around = QRectF(end, end)
    metrics = QFontMetricsF(painter.font())
    lines = mark.caption.split("\n")
    width = max(metrics.horizontalAdvance(line) for line in lines) + 4
    box = caption_box(view, around, width, metrics.height() * len(lines), taken)
    taken.append(box)
    shadowed(painter, box, LEFT, mark.caption, MARK_COLOURS[mark.kind])


def caption_box(
    view: ViewTransform, around: QRectF, width: float, height: float, taken: Sequence[QRectF]
) -> QRectF:
    """Return where a caption of a size goes: right of its mark, else left, below, above, or further off."""
    middle, centre = around.center().y() - height / 2, around.center().x() - width / 2
    places = [
        (around.right() + GAP, middle),
        (around.left() - GAP - width, middle),
        (centre, around.bottom() + GAP),
        (centre, around.top() - GAP - height),
    ]
    places += [(around.right() + GAP, middle + n * height) for n in (1, -1, 2, -2, 3, -3, 4, -4)]
    boxes = [_inside(view, QRectF(x, y, width, height)) for x, y in places]
    return next((box for box in boxes if not any(box.intersects(other) for other in taken)), boxes[0])


def _inside(view: ViewTransform, box: QRectF) -> QRectF:
    """Return a box moved into the view."""
    x = min(max(box.left(), MARGIN), view.width - box.width() - MARGIN - STRIP)
    y = min(max(box.top(), MARGIN), view.height - box.height() - MARGIN)
    return QRectF(x, y, box.width(), box.height())
