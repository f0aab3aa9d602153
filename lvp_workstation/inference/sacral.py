"""What the sacrum below the lowest disc looks like: enough of it, wedge-shaped, or with transitional signs.

The count starts at the sacrum, so a lumbar body taken for S1, or the reverse, shifts every name. Looked at
on three lines beside the midline of the lowest disc:

* how much bone is in view below it;
* how the first sacral body narrows: S1 is a wedge; where the front-to-back depth at its top is at most 1.37
  times that at its bottom it is squared as in a lumbar body (Wigh 1980, Spine 5:215; used by O'Driscoll
  1996, Skeletal Radiol 25:225);
* whether a disc lies inside the sacrum (O'Driscoll's type 3 and 4 reach over its whole depth);
* whether the lowest disc is rudimentary beside the next one, as above a sacralised vertebra.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.inference.column import Column
from lvp_workstation.inference.discs import DiscFit
from lvp_workstation.inference.grid import DISC, OUTSIDE, SACRUM, VERTEBRA, ClassGrid

REACH = 90.0
"""How far below the lowest disc the sacrum is followed, mm (our choice)."""
S1_TOP, S1_BOTTOM = 5.0, 30.0
"""Where the ends of the first sacral body lie below the middle of the disc, mm (our choice: half a disc,
and the body of about 29 mm of mid-sagittal images)."""
_FITTED = (7.0, 25.0)
_MIN_STEPS = 10
_MAX_RESIDUAL = 1.5
_LEAST_SQUARENESS = 0.95
"""Below this S1 would widen downward: a slip, or a poor outline, was measured instead."""
_TURNS, _HALF_TURN = 2, 0.5
_SIDES = np.array(((-4.0, 0.0, 0.0), (0.0, 0.0, 0.0), (4.0, 0.0, 0.0)))
_ACROSS = np.arange(-40.0, 40.5, 1.0)
_START = 6.0
_BRIDGE = 7.0
"""A dark endplate or a remnant between two bodies of bone is at most this thick, mm (our choice)."""
_MIDDLE = 6.0
"""Half width of what counts as the middle of a disc, mm."""
_HOLES = np.ones((1, 5), dtype=bool)

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class SacralLook:
    """What was seen at and below the lowest disc.

    Attributes
    ----------
    length_mm
        Bone in view below the middle of the lowest disc, at most `REACH`.
    cut
        Whether the image ends there, rather than the bone.
    squareness
        Front-to-back depth of the first sacral body at its top over that at its bottom, None when it cannot
        be measured.
    height_ratio, length_ratio
        Mean height and front-to-back length of the lowest disc over those of the next one, None when one
        of them was not segmented.
    inner_disc
        Length of the longest disc found below the lowest one over the length of that, 0 without any.
    """

    length_mm: float = REACH
    cut: bool = False
    squareness: float | None = None
    height_ratio: float | None = None
    length_ratio: float | None = None
    inner_disc: float = 0.0


@dataclass(frozen=True, eq=False)
class _Edges:
    """Front and back of the bone by depth below the disc, mm; `cut` where the image ends first."""

    depth: Array
    front: Array
    back: Array
    cut: bool


def look_at_sacrum(grid: ClassGrid, column: Column) -> SacralLook:
    """Return what the sacrum below the lowest disc of a column of two discs or more looks like."""
    lowest, above = column.discs[0], column.discs[1]
    edges = _edges(grid, lowest, lowest.normal, lowest.posterior)
    both = not (lowest.missing or above.missing)
    heights = [_mean_height(grid, disc) for disc in (lowest, above)] if both else [0.0, 0.0]
    inner = [fit.length for fit in column.rejected if fit.centre[1] > lowest.centre[1]]
    return SacralLook(
        length_mm=float(edges.depth[-1]) if edges.depth.size else 0.0,
        cut=edges.cut,
        squareness=_squareness(grid, lowest),
        height_ratio=heights[0] / heights[1] if heights[1] > 0 else None,
        length_ratio=lowest.length / max(above.length, 1.0) if both else None,
        inner_disc=max(inner, default=0.0) / max(lowest.length, 1.0),
    )


def _edges(grid: ClassGrid, disc: DiscFit, normal: Array, posterior: Array) -> _Edges:
    """Follow the bone below a disc, step by step, on lines parallel to ``posterior``."""
    start = disc.centre + (disc.front + disc.back) / 2 * posterior
    steps = np.arange(2.0, REACH, 1.0)
    points = start - steps[:, None, None] * normal + _ACROSS[None, :, None] * posterior
    classes = grid.sample(points[:, None] + _SIDES[None, :, None, :])
    bone = np.isin(classes, (VERTEBRA, SACRUM, DISC)).mean(axis=1) >= 0.5
    bone = ndimage.binary_closing(np.pad(bone, ((0, 0), (2, 2))), _HOLES)[:, 2:-2] | bone
    outside = (classes == OUTSIDE).mean(axis=1) > 0.5
    low, high = -_START, _START
    rows: list[tuple[float, float, float]] = []
    for depth, own, beyond in zip(steps, bone, outside, strict=True):
        if beyond[np.abs(_ACROSS - (low + high) / 2).argmin()]:
            return _as_edges(rows, cut=True)
        run = _overlapping(own, low, high)
        if run is not None:
            rows.append((float(depth), *run))
            # the first lines still touch the rim of the disc, which may be a crumb beside the axis
            low, high = run if depth >= _FITTED[0] else (low, high)
        elif depth - (rows[-1][0] if rows else 0.0) > _BRIDGE:
            break
    return _as_edges(rows, cut=False)


def _as_edges(rows: list[tuple[float, float, float]], cut: bool) -> _Edges:
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return _Edges(table[:, 0], table[:, 1], table[:, 2], cut)


def _overlapping(bone: Flags, low: float, high: float) -> tuple[float, float] | None:
    """Return the run of bone that overlaps a stretch most, None when none touches it."""
    steps = np.flatnonzero(np.diff(np.pad(bone.astype(np.int8), 1)))
    runs = [(float(_ACROSS[a]), float(_ACROSS[b - 1])) for a, b in steps.reshape(-1, 2)]
    shared = [min(run[1], high) - max(run[0], low) for run in runs]
    if not runs or max(shared) < 0:
        return None
    return runs[int(np.argmax(shared))]


def _squareness(grid: ClassGrid, disc: DiscFit) -> float | None:
    """Return the depth of S1 at its top over that at its bottom, across its own axis."""
    normal, posterior = disc.normal, disc.posterior
    for turn in range(_TURNS + 1):
        edges = _edges(grid, disc, normal, posterior)
        part = (edges.depth >= _FITTED[0]) & (edges.depth <= _FITTED[1])
        if part.sum() < _MIN_STEPS:
            return None
        depth, front, back = edges.depth[part], edges.front[part], edges.back[part]
        lean = (_line(depth, front)[0] + _line(depth, back)[0]) / 2
        if turn < _TURNS:
            # half of the lean at a time: the lines must not reach into the disc or the canal
            normal, posterior = (
                _unit(normal - _HALF_TURN * lean * posterior),
                _unit(posterior + _HALF_TURN * lean * normal),
            )
    slope, base = _line(depth, back - front)
    residual = float(np.median(np.abs(back - front - base - slope * depth)))
    top, bottom = base + slope * S1_TOP, base + slope * S1_BOTTOM
    if residual > _MAX_RESIDUAL or bottom < 1.0 or top / bottom < _LEAST_SQUARENESS:
        return None
    return float(top / bottom)


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Return slope and intercept by the medians of Theil and Sen, which outliers do not move."""
    first, second = np.triu_indices(len(x), 4)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    return slope, float(np.median(y - slope * x))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _mean_height(grid: ClassGrid, disc: DiscFit) -> float:
    """Return the mean height of a disc near its middle: its sagittal area over its length, mm."""
    points = grid.points(disc.voxels)
    middle = points[np.abs(points[:, 0] - disc.centre[0]) <= max(_MIDDLE, grid.spacing[0])]
    slices = max(1, len(np.unique(middle[:, 0])))
    return len(middle) * grid.spacing[1] * grid.spacing[2] / slices / max(disc.length, 1.0)
