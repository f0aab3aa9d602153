"""Names of vertebrae and discs beside the spine: laid out so that none covers another or other words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.letters import scaled
from lvp_workstation.viewer.overlay_text import (
    FONT_PIXELS,
    MARGIN,
    MIDDLE,
    RIGHT,
    overlay_font,
    shadowed,
    text_width,
)

GAP = 6.0
"""Distance of the tick from the vertebra or disc, in pixels."""

TICKS = {False: 5.0, True: 10.0}
"""Length of the tick of a vertebra and of a disc, in pixels."""

NUDGES = (0.0, -4.0, 4.0, -8.0, 8.0)
"""How far up or down a name may move to make room, in pixels (our choice)."""

BODY_HALF_WIDTH_MM = 26.0
"""Distance beside the middle of a vertebra at which coronal views write its name (our choice)."""

Width = Callable[[str, bool], float]
"""Width in pixels of a name; whether it is a disc's."""


@dataclass(frozen=True)
class PlacedName:
    """A name, where it is written, and the point of the spine it belongs to (logical pixels)."""

    text: str
    disc: bool
    at: QPointF
    box: QRectF

    @property
    def tick(self) -> QLineF | None:
        """The line from the name to its point; None where the name stands on the point, at the border."""
        start, end = self.box.right() + 4, self.at.x() - GAP
        return QLineF(start, self.box.center().y(), end, self.at.y()) if end > start else None


def placed_names(
    view: ViewTransform, plane: ImagePlane, layer: LabelLayer, width: Width, taken: Sequence[QRectF]
) -> list[PlacedName]:
    """Return the names that fit, each apart from the others, from ``taken`` and from the borders.

    Vertebrae come first, then discs; a name without room is left out. Names of what lies outside the
    view are left out as well.
    """
    if plane is ImagePlane.AXIAL:
        return []
    placed: list[PlacedName] = []
    for disc in (False, True):
        for text, at in _wanted(view, plane, layer, disc):
            others = [*taken, *(name.box for name in placed)]
            box = _free_box(view, at, width(text, disc), disc, others)
            if box is not None:
                placed.append(PlacedName(text, disc, at, box))
    return placed


def _wanted(
    view: ViewTransform, plane: ImagePlane, layer: LabelLayer, disc: bool
) -> Iterator[tuple[str, QPointF]]:
    """Yield the names to be written and their points; discs only where there is room between vertebrae."""
    middles = view.world_to_pixel(np.array([a.middle for a in layer.anchors]).reshape(-1, 3))
    gaps = np.abs(np.diff(middles[:, 1]))
    if disc and not (gaps.size and float(np.median(gaps)) >= scaled(FONT_PIXELS)):
        return
    for anchor, middle in zip(layer.anchors, middles, strict=True):
        text = layer.names.get(anchor.instance, "")
        if not text or anchor.is_disc != disc:
            continue
        if plane is ImagePlane.SAGITTAL:
            x, y = view.world_to_pixel(anchor.anterior)
        else:
            x, y = middle[0] - BODY_HALF_WIDTH_MM / view.mm_per_pixel, middle[1]
        inside = 0 <= middle[0] <= view.width and 0 <= y <= view.height
        if inside:
            yield text, QPointF(float(x), float(y))


def _free_box(
    view: ViewTransform, at: QPointF, width: float, disc: bool, taken: Sequence[QRectF]
) -> QRectF | None:
    """Return the place of a name left of its point, None when there is no room."""
    height = scaled(FONT_PIXELS) + 4.0
    right = min(at.x() - GAP - TICKS[disc] - 4, view.width - MARGIN)
    left = max(right - width, MARGIN)
    for nudge in NUDGES:
        box = QRectF(left, at.y() - height / 2 + nudge, width, height)
        fits = box.top() >= 0 and box.bottom() <= view.height
        if fits and not any(box.intersects(other) for other in taken):
            return box
    return None


def paint_levels(
    painter: QPainter, view: ViewTransform, plane: ImagePlane, layer: LabelLayer, taken: Sequence[QRectF]
) -> list[QRectF]:
    """Draw the names beside the spine; return the room they took."""
    base = painter.font()
    fonts = {disc: overlay_font(base, FONT_PIXELS + (-1 if disc else 1), not disc) for disc in (False, True)}
    names = placed_names(view, plane, layer, lambda text, disc: text_width(fonts[disc], text) + 2, taken)
    for name in names:
        colour = palette.LEVEL_DISC if name.disc else palette.LEVEL_VERTEBRA
        painter.setFont(fonts[name.disc])
        line = QPen(colour, 1.0)
        line.setCosmetic(True)
        painter.setPen(line)
        if name.tick is not None:
            painter.drawLine(name.tick)
        shadowed(painter, name.box, RIGHT | MIDDLE, name.text, colour)
    painter.setFont(base)
    return [name.box for name in names]
