"""Where a reference line can be taken hold of: the line moves the plane, its ends turn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.viewer.marks import ReferenceLine

Pixel = NDArray[np.float64]
"""Shape (2,): x and y in logical pixels of the viewport."""

INSET = 22.0
"""Least distance of a grip from the border of the view, in pixels (our choice)."""

END_SHARE = 0.08
"""Distance of a grip from the visible end of its line, as a share of what is visible (our choice)."""

SHORTEST = 60.0
"""A visible line shorter than this has no grips at its ends, in pixels (our choice)."""

LINE_REACH = 5.0
END_REACH = 10.0
"""Distances from the line and from its grips at which the mouse takes hold, in pixels (our choice)."""


class Part(Enum):
    """Which part of a line was taken."""

    LINE = "line"
    END = "end"


@dataclass(frozen=True, eq=False)
class Grip:
    """A reference line under the mouse, and which part of it."""

    line: ReferenceLine
    part: Part


def visible_part(view: ViewTransform, line: ReferenceLine) -> tuple[Pixel, Pixel] | None:
    """Return the ends of what the view shows of a line, away from the border; None when nothing."""
    start, end = view.world_to_pixel(np.array([line.start, line.end]))
    along = end - start
    near, far = 0.0, 1.0
    for axis, size in ((0, view.width), (1, view.height)):
        low, high = INSET, size - INSET
        if abs(along[axis]) < 1e-9:
            if not low <= start[axis] <= high:
                return None
            continue
        first, last = sorted(((low - start[axis]) / along[axis], (high - start[axis]) / along[axis]))
        near, far = max(near, first), min(far, last)
    if near >= far:
        return None
    return start + near * along, start + far * along


def end_grips(view: ViewTransform, line: ReferenceLine) -> tuple[Pixel, Pixel] | None:
    """Return where a line that can be turned has its grips, None when it is too short on the screen."""
    shown = visible_part(view, line) if line.pivot is not None else None
    if shown is None:
        return None
    start, end = shown
    if float(np.hypot(*(end - start))) < SHORTEST:
        return None
    return start + END_SHARE * (end - start), end - END_SHARE * (end - start)


def grip_at(view: ViewTransform, lines: Sequence[ReferenceLine], x: float, y: float) -> Grip | None:
    """Return what the mouse would take hold of at a pixel: grips before lines, None for neither."""
    at = np.array((x, y))
    movable = [line for line in lines if line.pivot is not None]
    for line in movable:
        grips = end_grips(view, line)
        if grips is not None and min(float(np.hypot(*(at - grip))) for grip in grips) <= END_REACH:
            return Grip(line, Part.END)
    for line in movable:
        shown = visible_part(view, line)
        if shown is not None and _distance(at, *shown) <= LINE_REACH:
            return Grip(line, Part.LINE)
    return None


def _distance(at: Pixel, start: Pixel, end: Pixel) -> float:
    along = end - start
    share = float(np.clip((at - start) @ along / max(float(along @ along), 1e-9), 0.0, 1.0))
    return float(np.hypot(*(at - start - share * along)))
