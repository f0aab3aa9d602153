"""Everything drawn over the pixels of a viewport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.marks import ReferenceLine, WorldMark
from lvp_workstation.viewer.overlay_corners import CornerRoom, CornerTexts, draw_corners
from lvp_workstation.viewer.overlay_levels import paint_levels
from lvp_workstation.viewer.overlay_marks import (
    paint_brush,
    paint_brush_trail,
    paint_crosshair,
    paint_reference_lines,
    paint_scale_bar,
    pen,
)
from lvp_workstation.viewer.overlay_shapes import paint_marks
from lvp_workstation.viewer.overlay_strip import SliceStrip, paint_strip
from lvp_workstation.viewer.overlay_text import (
    CENTRE,
    MARGIN,
    MIDDLE,
    WRAP,
    overlay_font,
    shadowed,
)
from lvp_workstation.viewer.painted_layer import PaintedLayer

_ORIGIN = (0.0, 0.0, 0.0)
_SAME_PLACE = 3
"""Decimals of a pixel to which names stay where they are."""


@dataclass
class OverlayContent:
    """What a viewport draws over its image; set by the viewport, read by `paint_overlay`."""

    texts: CornerTexts = field(default_factory=CornerTexts)
    annotations: bool = True
    ai_visible: bool = True
    labels: LabelLayer | None = None
    reference_lines: tuple[ReferenceLine, ...] = ()
    cursor: Array | None = None
    marks: tuple[WorldMark, ...] = ()
    preview: WorldMark | None = None
    replaced_mark: str = ""
    """Id of the mark that the preview stands for."""
    brush_at: QPointF | None = None
    brush_radius_mm: float = 3.0
    brush_trail: Array | None = None
    key_image: bool = False
    strip: SliceStrip | None = None
    cut_words: tuple[str, ...] = ()
    """Words of the corners that were shortened in the last frame, whole."""
    message: str = ""
    link_note: str = ""
    """How the space of the series is linked to others."""
    cine: int = 0
    """Slices a second while they run by themselves, else 0."""
    notice: str = ""
    active: bool = False
    focus: bool = False
    corners: PaintedLayer[CornerRoom] = field(default_factory=PaintedLayer)
    names: PaintedLayer[list[QRectF]] = field(default_factory=PaintedLayer)


def paint_overlay(
    painter: QPainter, view: ViewTransform, plane: ImagePlane, content: OverlayContent, reach_mm: float
) -> None:
    """Draw lines, names and words over the image of a viewport."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = _prepare_corners(painter, view, content)
    names: list[QRectF] = []
    if content.annotations:
        paint_reference_lines(painter, view, content.reference_lines)
        if content.labels is not None and content.ai_visible and plane is not ImagePlane.AXIAL:
            names = _paint_names(painter, view, plane, content, content.labels, room.taken)
    kept = [m for m in content.marks if not content.replaced_mark or m.mark_id != content.replaced_mark]
    marks: Sequence[WorldMark] = (*kept, *((content.preview,) if content.preview else ()))
    paint_marks(painter, view, marks, reach_mm, content.ai_visible)
    if content.cursor is not None:
        paint_crosshair(painter, view, content.cursor, reach_mm)
    if content.brush_trail is not None:
        paint_brush_trail(painter, view, content.brush_trail, content.brush_radius_mm)
    paint_brush(painter, view, content.brush_at, content.brush_radius_mm)
    if content.annotations:
        paint_scale_bar(painter, view, MARGIN, (*names, *room.taken))
    if content.strip is not None:
        paint_strip(painter, view.width, view.height, content.strip)
    content.corners.lay_over(painter)
    content.cut_words = room.cut
    if content.key_image:
        _paint_key(painter, view.width)


def _prepare_corners(painter: QPainter, view: ViewTransform, content: OverlayContent) -> CornerRoom:
    """Draw the words of corners and edges, to be laid over everything else."""
    key = (content.texts, content.annotations, view.right.tolist(), view.down.tolist())
    return content.corners.prepare(
        painter,
        (view.width, view.height),
        key,
        partial(draw_corners, view, content.texts, content.annotations),
    )


def _paint_names(
    painter: QPainter,
    view: ViewTransform,
    plane: ImagePlane,
    content: OverlayContent,
    labels: LabelLayer,
    taken: tuple[QRectF, ...],
) -> list[QRectF]:
    """Draw the names beside the spine; parallel slices of one view have them at the same places."""
    corner = view.world_to_pixel(_ORIGIN).round(_SAME_PLACE).tolist()
    key = (corner, view.right.tolist(), view.down.tolist(), view.mm_per_pixel, plane, labels, taken)
    boxes = content.names.prepare(
        painter, (view.width, view.height), key, lambda inner: paint_levels(inner, view, plane, labels, taken)
    )
    content.names.lay_over(painter)
    return boxes


def paint_message(painter: QPainter, rect: QRectF, text: str) -> None:
    """Write a quiet sentence in the middle of a viewport without image."""
    painter.setFont(overlay_font(painter.font(), 13))
    flags = CENTRE | MIDDLE | WRAP
    shadowed(painter, rect.adjusted(24, 24, -24, -24), flags, text, palette.TEXT_DIM)


def paint_frame(painter: QPainter, width: float, height: float, active: bool, focus: bool) -> None:
    """Draw the border: quiet, active, or with the keyboard focus."""
    colour = palette.FRAME_FOCUS if focus else palette.FRAME_ACTIVE if active else palette.FRAME
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = 2.0 if active or focus else 1.0
    painter.setPen(pen(colour, line))
    painter.drawRect(QRectF(line / 2, line / 2, width - line, height - line))


def _paint_key(painter: QPainter, width: float) -> None:
    """Draw the mark of a key image: a filled corner at the top right."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.KEY_IMAGE)
    painter.drawPolygon(QPolygonF([QPointF(width - 16, 2), QPointF(width - 2, 2), QPointF(width - 2, 16)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
