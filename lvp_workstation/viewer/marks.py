"""What is drawn in patient space over the images: lines, contours, reference lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.reader_marks import ReaderMark

TILT_MM = 6.0
"""How far a point of a mark may leave the slice that still shows the mark (our choice)."""


class MarkLook(Enum):
    """How a mark is drawn."""

    LINE = "line"
    ARROW = "arrow"
    """A line with a head at its first point."""
    CROSS = "cross"
    """A small cross at its only point."""


class MarkKind(Enum):
    """Whose mark it is; AI marks disappear while the overlay is hidden."""

    READER = "reader"
    AI = "ai"
    ACTIVE = "active"


@dataclass(frozen=True, eq=False)
class WorldMark:
    """A measured line or a contour: LPS points of shape (n, 3) and a caption such as ``84 mm²``.

    ``frame_of_reference_uid`` empty shows the mark in every viewport whose slice it lies on; ``series_key``
    keeps it to the pixels it was measured on. ``measured`` is the reader's measurement it shows, whose
    points can be dragged. ``strokes`` are the lines drawn, None for one through all points; ``guides`` thin
    lines that show how they are measured.
    """

    points: Array
    caption: str = ""
    kind: MarkKind = MarkKind.READER
    closed: bool = False
    mark_id: str = ""
    frame_of_reference_uid: str = ""
    series_key: str = ""
    measured: ReaderMark | None = None
    strokes: tuple[Array, ...] | None = None
    guides: tuple[Array, ...] = ()
    look: MarkLook = MarkLook.LINE

    def lies_on(self, plane: Plane, reach_mm: float) -> bool:
        """Return whether the mark belongs to a slice: its middle within ``reach_mm``, its points nearly."""
        distance = plane.signed_distance(self.points)
        return bool(abs(distance.mean()) <= reach_mm and np.abs(distance).max() <= reach_mm + TILT_MM)


@dataclass(frozen=True, eq=False)
class ReferenceLine:
    """Where the slice of another viewport cuts this one, LPS mm.

    ``number`` is the place of the other viewport among the linked ones. ``pivot`` is the point of the
    line about which its plane turns; None for acquired slices, which can be neither moved nor turned.
    """

    start: Array
    end: Array
    label: str = ""
    active: bool = False
    number: int = -1
    pivot: Array | None = None


def cut_of_slice(plane: Plane, corners: ArrayLike) -> tuple[Array, Array] | None:
    """Return the segment in which a plane cuts the rectangle of a slice, None when it misses it.

    Parameters
    ----------
    plane
        The plane of the view the line is drawn in.
    corners
        Shape (4, 3): corners of the other slice in order around it, LPS mm.
    """
    around = np.asarray(corners, dtype=np.float64)
    distance = plane.signed_distance(around)
    hits = []
    for n in range(len(around)):
        following = (n + 1) % len(around)
        here, there = float(distance[n]), float(distance[following])
        if (here < 0) != (there < 0):
            share = here / (here - there)
            hits.append(around[n] + share * (around[following] - around[n]))
    return (hits[0], hits[1]) if len(hits) == 2 else None


def same_lines(before: Sequence[ReferenceLine], after: Sequence[ReferenceLine]) -> bool:
    """Return whether two sets of lines are drawn the same way."""
    return len(before) == len(after) and all(map(_same, before, after))


def _same(a: ReferenceLine, b: ReferenceLine) -> bool:
    if (a.label, a.active, a.number, a.pivot is None) != (b.label, b.active, b.number, b.pivot is None):
        return False
    pairs = [(a.start, b.start), (a.end, b.end)]
    if a.pivot is not None and b.pivot is not None:
        pairs.append((a.pivot, b.pivot))
    return all(np.array_equal(one, other) for one, other in pairs)
