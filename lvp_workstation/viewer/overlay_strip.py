"""The strip at the right edge: which slices were seen, which are still loading, where we are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from lvp_workstation.viewer import palette

WIDTH = 4.0
RIGHT_GAP = 3.0
SHARE = 0.56
"""Longest strip, as a share of the height of the view."""
TALLEST_CELL = 14.0


@dataclass(frozen=True)
class SliceStrip:
    """State of each slice in reading order: seen, ready, skipped; and the position of the current one."""

    seen: tuple[bool, ...]
    ready: tuple[bool, ...]
    current: int
    skipped: tuple[bool, ...] = ()


def paint_strip(painter: QPainter, width: float, height: float, strip: SliceStrip) -> None:
    """Draw one cell for each slice, first slice at the top; equal neighbours are drawn as one."""
    count = len(strip.seen)
    if count < 2:
        return
    cell = min(TALLEST_CELL, height * SHARE / count)
    top = (height - cell * count) / 2
    gap = 1.0 if cell >= 4 else 0.0
    left = width - RIGHT_GAP - WIDTH
    if gap:
        for n in range(count):
            painter.fillRect(QRectF(left, top + n * cell, WIDTH, cell - gap), _colour(strip, n))
    else:
        _paint_runs(painter, left, top, cell, strip)
    mark = max(cell - gap, 2.0)
    painter.fillRect(QRectF(left - 3, top + strip.current * cell, WIDTH + 3, mark), palette.CURRENT)


def _paint_runs(painter: QPainter, left: float, top: float, cell: float, strip: SliceStrip) -> None:
    start = 0
    for n in range(1, len(strip.seen) + 1):
        if n == len(strip.seen) or _colour(strip, n) != _colour(strip, start):
            painter.fillRect(
                QRectF(left, top + start * cell, WIDTH, (n - start) * cell), _colour(strip, start)
            )
            start = n


def _colour(strip: SliceStrip, n: int) -> QColor:
    if not strip.ready[n]:
        return palette.LOADING
    if strip.skipped and strip.skipped[n]:
        return palette.SKIPPED
    return palette.SEEN if strip.seen[n] else palette.UNSEEN
