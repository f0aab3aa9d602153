"""Outlines of a soft mask in a turned frame, and the straight lines that rest on them.

A vertebral body in the section is described by the four lines that rest on its outline from outside,
each touching two rims: the lines a reader would draw. Hollow endplates and waisted walls do not move
them, rounded corners do not shorten them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.section import Patch

STEP = 0.4
"""Sampling distance of outlines, mm."""
SMOOTH_MM = 1.6
"""Outlines are averaged over this length before a line rests on them, mm: about one step of the staircase
of a slanting edge, which a line would otherwise rest on top of (our choice)."""
MIN_SPAN = 0.4
"""Least share of the outline that a resting line must span to be trusted (our choice)."""


@dataclass(frozen=True, eq=False)
class LocalFrame:
    """A frame of the section: origin, unit posterior direction and unit superior direction."""

    origin: Array
    up: Array

    @property
    def back(self) -> Array:
        """Unit direction that points posterior."""
        return np.array((self.up[1], -self.up[0]))

    def to_section(self, back: Array, up: Array) -> Array:
        """Return section points, shape (..., 2), of local coordinates in mm."""
        return np.asarray(self.origin + np.multiply.outer(back, self.back) + np.multiply.outer(up, self.up))

    def to_local(self, points: Array) -> tuple[Array, Array]:
        """Return the (back, up) coordinates of section points."""
        offset = points - self.origin
        return np.asarray(offset @ self.back), np.asarray(offset @ self.up)


@dataclass(frozen=True, eq=False)
class Outline:
    """Where a soft mask crosses one half, in the coordinates of a local frame, mm.

    Attributes
    ----------
    back, top, bottom
        Posterior coordinates, and the upper- and lowermost crossing at each.
    up, front, rear
        Superior coordinates, and the foremost and rearmost crossing at each.
    """

    back: Array
    top: Array
    bottom: Array
    up: Array
    front: Array
    rear: Array


def unit2(value: Array) -> Array:
    """Return a vector of the section scaled to length 1; straight up when it has no length."""
    length = float(np.linalg.norm(value))
    return np.asarray(value / length) if length > 1e-9 else np.array((0.0, 1.0))


def trace(patch: Patch, frame: LocalFrame, window: tuple[float, float, float, float]) -> Outline | None:
    """Return the outline of a soft mask inside a window of a frame.

    Parameters
    ----------
    window
        Least and greatest posterior coordinate, least and greatest superior coordinate, mm.
    """
    back = np.arange(window[0], window[1] + STEP, STEP)
    up = np.arange(window[2], window[3] + STEP, STEP)
    grid = frame.origin + up[:, None, None] * frame.up + back[None, :, None] * frame.back
    values = patch.at(grid)
    columns = (values >= 0.5).any(axis=0)
    rows = (values >= 0.5).any(axis=1)
    if columns.sum() < 4 or rows.sum() < 2:
        return None
    top, bottom = _crossings(values[:, columns], up)
    rear, front = _crossings(values[rows].T, back)
    return Outline(back[columns], top, bottom, up[rows], front, rear)


def _crossings(values: Array, positions: Array) -> tuple[Array, Array]:
    """Return the last and the first position along axis 0 at which each column crosses one half."""
    inside = values >= 0.5
    last = values.shape[0] - 1 - inside[::-1].argmax(axis=0)
    first = inside.argmax(axis=0)
    return _refine(values, positions, last, 1), _refine(values, positions, first, -1)


def _refine(values: Array, positions: Array, index: NDArray[np.intp], direction: int) -> Array:
    column = np.arange(values.shape[1])
    following = np.clip(index + direction, 0, values.shape[0] - 1)
    here, there = values[index, column], values[following, column]
    drop = np.maximum(here - there, 1e-9)
    share = np.where(following == index, 0.0, np.clip((here - 0.5) / drop, 0.0, 1.0))
    return np.asarray(positions[index] + share * (positions[following] - positions[index]))


def resting_line(x: Array, y: Array) -> tuple[float, float]:
    """Return slope and intercept of the line that rests on ``y(x)`` from above across its middle.

    Falls back to a least-squares line where the outline is so convex that no resting line spans
    `MIN_SPAN` of it.
    """
    if x.size < 3:
        return 0.0, float(np.max(y))
    y = ndimage.uniform_filter1d(y, max(1, round(SMOOTH_MM / STEP)), mode="nearest")
    hull = _upper_hull(x.tolist(), y.tolist())
    middle = (x[0] + x[-1]) / 2
    right = int(np.clip(np.searchsorted(x[hull], middle), 1, len(hull) - 1))
    a, b = hull[right - 1], hull[right]
    if x[b] - x[a] < MIN_SPAN * (x[-1] - x[0]):
        return _shifted_fit(x, y)
    slope = float((y[b] - y[a]) / (x[b] - x[a]))
    return slope, float(y[a] - slope * x[a])


def _upper_hull(x: list[float], y: list[float]) -> list[int]:
    """Return the indices of the upper convex hull of points with rising ``x``."""
    hull: list[int] = []
    for k in range(len(x)):
        while len(hull) >= 2:
            i, j = hull[-2], hull[-1]
            if (x[j] - x[i]) * (y[k] - y[i]) - (y[j] - y[i]) * (x[k] - x[i]) < 0:
                break
            hull.pop()
        hull.append(k)
    return hull


def _shifted_fit(x: Array, y: Array) -> tuple[float, float]:
    """Fit a line to the middle 70 % of a convex outline."""
    low, high = x[0] + 0.15 * (x[-1] - x[0]), x[0] + 0.85 * (x[-1] - x[0])
    keep = (x >= low) & (x <= high)
    if keep.sum() < 3:
        keep = np.ones(x.size, dtype=bool)
    slope, intercept = np.polyfit(x[keep], y[keep], 1)
    return float(slope), float(intercept)


def crossing(row: tuple[float, float], wall: tuple[float, float]) -> tuple[float, float]:
    """Return (back, up) where ``up = slope * back + c`` meets ``back = slope * up + c``."""
    back = (wall[0] * row[1] + wall[1]) / max(1.0 - wall[0] * row[0], 1e-6)
    return back, row[0] * back + row[1]


def median_near(x: Array, y: Array, position: float, half: float = 1.5) -> float | None:
    """Return the median of ``y`` within ``half`` mm of a position, None where there is none."""
    near = np.abs(x - position) <= half
    return float(np.median(y[near])) if near.any() else None
