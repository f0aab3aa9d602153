"""The reader's measurements over the image: how they are drawn, and where they can be taken hold of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import (
    FACTS,
    MarkShape,
    SignalStatistics,
    guides,
    outline,
    strokes,
)
from lvp_workstation.domain.reader_marks import ReaderMark, value_lines
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.language import told
from lvp_workstation.viewer.marks import MarkKind, MarkLook, WorldMark

GRIP_REACH = 8.0
"""Distance from a point of a measurement at which the mouse takes hold of it, in pixels (our choice)."""

LOOKS = {MarkShape.ARROW: MarkLook.ARROW, MarkShape.POINT: MarkLook.CROSS}


@dataclass(frozen=True, eq=False)
class MarkGrip:
    """A point of a measurement under the mouse."""

    mark: ReaderMark
    number: int


def shape_mark(shape: MarkShape, points: Array, signal: SignalStatistics | None = None) -> WorldMark:
    """Return a measurement while it is being drawn or dragged."""
    return WorldMark(
        outline(shape, points),
        "\n".join(map(told, value_lines(shape, points, signal))),
        MarkKind.ACTIVE,
        FACTS[shape].closed,
        strokes=strokes(shape, points),
        guides=guides(shape, points),
        look=LOOKS.get(shape, MarkLook.LINE),
    )


def reader_mark(mark: ReaderMark, level: str = "") -> WorldMark:
    """Return a measurement of the reading; the signal of a region belongs to its own series only.

    ``level`` is the name of the level that it belongs to, as the screen writes it.
    """
    first, *more = map(told, mark.lines or ("",))
    return replace(
        shape_mark(mark.shape, mark.points),
        caption="\n".join((f"{level}  {first}".strip(), *more)),
        kind=MarkKind.READER,
        mark_id=mark.mark_id,
        frame_of_reference_uid=mark.frame_of_reference_uid,
        series_key=mark.series_key if mark.signal is not None else "",
        measured=mark,
    )


def mark_grip_at(
    view: ViewTransform, marks: Sequence[WorldMark], reach_mm: float, x: float, y: float
) -> MarkGrip | None:
    """Return the point of a measurement on this slice that a pixel takes hold of, the newest first."""
    for shown in reversed(marks):
        if shown.measured is None or not shown.lies_on(view.plane, reach_mm):
            continue
        pixels = view.world_to_pixel(shown.measured.points)
        apart = np.hypot(pixels[:, 0] - x, pixels[:, 1] - y)
        if float(apart.min()) <= GRIP_REACH:
            return MarkGrip(shown.measured, int(apart.argmin()))
    return None
