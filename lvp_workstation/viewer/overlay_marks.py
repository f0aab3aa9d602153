"""Lines over the image: reference lines, crosshair, scale bar, brush."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from lvp_workstation.domain.geometry import Array
from lvp_workstation.render.scale_bar import nice_length
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.line_grips import end_grips
from lvp_workstation.viewer.marks import ReferenceLine
from lvp_workstation.viewer.overlay_text import (
    BOTTOM,
    FONT_PIXELS,
    LEFT,
    MARGIN,
    RIGHT,
    STRIP,
    overlay_font,
    shadowed,
    text_width,
)

SCALE_BAR_ROOM = 50.0
"""Width of the scale bar with its length in words, in pixels."""
LETTER = 26.0
"""Room of the orientation letter at the middle of a border, in pixels."""
GRIP, PIVOT = 4.5, 2.5
"""Radius of the marks of a line that can be dragged, in pixels."""
CROSSHAIR_GAP = 6.0
CROSSHAIR_ARM = 26.0


def pen(colour: QColor, width: float = 1.2, dashed: bool = False) -> QPen:
    """Return a line style whose width does not depend on the zoom."""
    result = QPen(colour, width)
    result.setCosmetic(True)
    if dashed:
        result.setDashPattern([5.0, 4.0])
    return result


def points_of(view: ViewTransform, points: Array) -> QPolygonF:
    """Return LPS points of shape (n, 3) as screen points."""
    return QPolygonF([QPointF(x, y) for x, y in view.world_to_pixel(points).reshape(-1, 2).tolist()])


def paint_reference_lines(painter: QPainter, view: ViewTransform, lines: Sequence[ReferenceLine]) -> None:
    """Draw where the slices of other viewports cut this one."""
    base = painter.font()
    painter.setFont(overlay_font(base, FONT_PIXELS - 1))
    for line in sorted(lines, key=lambda item: item.active):
        colour = palette.REFERENCE_ACTIVE if line.active else palette.REFERENCE
        ends = points_of(view, np.array([line.start, line.end]))
        painter.setPen(pen(colour, 1.4 if line.active else 1.0, dashed=not line.active))
        painter.drawLine(QLineF(ends.at(0), ends.at(1)))
        if line.label:
            _paint_reference_label(painter, view, ends, line.label, colour)
        if line.pivot is not None:
            _paint_grips(painter, view, line, colour)
    painter.setFont(base)


def _paint_grips(painter: QPainter, view: ViewTransform, line: ReferenceLine, colour: QColor) -> None:
    """Draw where a computed plane is turned: a ring at each end, and the point it turns about."""
    grips = end_grips(view, line)
    if grips is None or line.pivot is None:
        return
    for style in (pen(palette.SHADOW, 3.2), pen(colour, 1.4)):
        painter.setPen(style)
        for x, y in grips:
            painter.drawEllipse(QPointF(x, y), GRIP, GRIP)
    x, y = (float(v) for v in view.world_to_pixel(line.pivot))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(x, y), PIVOT, PIVOT)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_reference_label(
    painter: QPainter, view: ViewTransform, ends: QPolygonF, label: str, colour: QColor
) -> None:
    """Write the slice number at the end of the line that is further right or lower, inside the view."""
    end = max((ends.at(0), ends.at(1)), key=lambda p: p.x() + p.y() * 0.5)
    box = reference_label_box(view, end, text_width(painter.font(), label) + 4)
    shadowed(painter, box, RIGHT | BOTTOM, label, colour)


def reference_label_box(view: ViewTransform, end: QPointF, width: float) -> QRectF:
    """Return where the number of a slice stands: at the end of its line, beside the letter of the border."""
    right = view.width - width - MARGIN - STRIP
    y = min(max(end.y(), 2 * FONT_PIXELS + 4.0), view.height - MARGIN - 2 * FONT_PIXELS)
    box = QRectF(min(max(end.x() - width, MARGIN), right), y - FONT_PIXELS - 5, width, FONT_PIXELS + 4)
    if box.intersects(QRectF(view.width - STRIP - LETTER, view.height / 2 - LETTER / 2, LETTER, LETTER)):
        box.moveLeft(right - LETTER)
    return box


def paint_crosshair(painter: QPainter, view: ViewTransform, cursor: Array, reach_mm: float) -> None:
    """Draw the linked cursor: open in the middle, dashed when the point is off this slice."""
    x, y = (float(v) for v in view.world_to_pixel(cursor))
    near = abs(float(view.depth(cursor))) <= reach_mm
    painter.setPen(pen(palette.CROSSHAIR if near else palette.CROSSHAIR_FAR, 1.4, dashed=not near))
    gap = CROSSHAIR_GAP
    arm = gap + CROSSHAIR_ARM
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawLine(QLineF(x + dx * gap, y + dy * gap, x + dx * arm, y + dy * arm))


def paint_scale_bar(
    painter: QPainter, view: ViewTransform, left: float, taken: Sequence[QRectF] = ()
) -> None:
    """Draw a vertical bar of a round length at the left edge, where it covers no name."""
    length = nice_length(view.mm_per_pixel * view.height * 0.2)
    pixels = length / view.mm_per_pixel
    bottom = scale_bar_bottom(view, left, pixels, taken)
    top = bottom - pixels
    for style in (pen(palette.SHADOW, 3.0), pen(palette.TEXT, 1.2)):
        painter.setPen(style)
        painter.drawLine(QLineF(left, top, left, bottom))
        for y in (top, (top + bottom) / 2, bottom):
            painter.drawLine(QLineF(left, y, left + 5, y))
    base = painter.font()
    painter.setFont(overlay_font(base, FONT_PIXELS - 2))
    box = QRectF(left + 8, bottom - FONT_PIXELS, 60, FONT_PIXELS + 2)
    shadowed(painter, box, LEFT, f"{length:g} mm", palette.TEXT)
    painter.setFont(base)


def scale_bar_bottom(view: ViewTransform, left: float, pixels: float, taken: Sequence[QRectF]) -> float:
    """Return the lower end of the scale bar: below the middle, else the nearest place free of words."""
    lowest = view.height - 4 * FONT_PIXELS - MARGIN
    usual = min(view.height / 2 + FONT_PIXELS * 2 + pixels, lowest)
    highest = min(usual, MARGIN + 6 * FONT_PIXELS + pixels)
    places = np.arange(highest, lowest + 1.0, FONT_PIXELS / 2)
    wanted = (usual, *sorted(map(float, places), key=lambda place: abs(place - usual)))
    for height in (pixels + 4, FONT_PIXELS + 4.0):  # the whole bar, else at least its length in words
        for bottom in wanted:
            box = QRectF(left, bottom + 2 - height, SCALE_BAR_ROOM, height)
            if not any(box.intersects(other) for other in taken):
                return bottom
    return usual


def paint_brush(painter: QPainter, view: ViewTransform, at: QPointF | None, radius_mm: float) -> None:
    """Draw the outline of the brush under the mouse."""
    if at is not None:
        radius = radius_mm / view.mm_per_pixel
        painter.setPen(pen(palette.BRUSH, 1.0))
        painter.drawEllipse(at, radius, radius)


def paint_brush_trail(painter: QPainter, view: ViewTransform, points: Array, radius_mm: float) -> None:
    """Draw a stroke while it is being painted."""
    style = QPen(palette.BRUSH_TRAIL, 2 * radius_mm / view.mm_per_pixel)
    style.setCapStyle(Qt.PenCapStyle.RoundCap)
    style.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(style)
    path = points_of(view, points)
    if path.size() == 1:
        painter.drawPoint(path.at(0))
    else:
        painter.drawPolyline(path)
