"""The canal in the section: its front and back border, centreline and AP diameter across it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import CANAL_CODE
from lvp_workstation.measure.outline import unit2
from lvp_workstation.measure.section import Patch, Section

SMOOTH_MM = 6.0
"""Standard deviation of the smoothing of the centreline that gives the canal's direction (our choice)."""
RAY_MM = 20.0
RAY_STEP = 0.2
MIN_ROWS = 5


@dataclass(frozen=True, eq=False)
class CanalLine:
    """The canal in section coordinates.

    Attributes
    ----------
    patch
        Its soft mask.
    s
        Superior coordinates of the rows that hold canal, descending, mm.
    front, back
        Posterior coordinates of its borders on those rows, mm.
    centre
        Smoothed centreline, posterior coordinate, mm.
    """

    patch: Patch
    s: Array
    front: Array
    back: Array
    centre: Array

    def front_at(self, s: Array) -> Array:
        """Return the front border at superior coordinates; infinite above and below the canal."""
        result = np.interp(s, self.s[::-1], self.front[::-1])
        return np.where((s > self.s[0] + 3.0) | (s < self.s[-1] - 3.0), np.inf, result)

    def direction(self, s: float) -> Array:
        """Return the unit direction of the canal, pointing superior, at a superior coordinate."""
        low, high = max(s - 6.0, float(self.s[-1])), min(s + 6.0, float(self.s[0]))
        p = np.interp([low, high], self.s[::-1], self.centre[::-1])
        return unit2(np.array((p[1] - p[0], high - low)))

    def across(self, at: Array) -> Array:
        """Return the unit posterior direction across the canal at a point."""
        up = self.direction(float(at[1]))
        return np.array((up[1], -up[0]))

    def meet(self, point: Array, up: Array) -> Array | None:
        """Return where the centreline crosses the line through ``point`` across ``up``, None outside."""
        height = (self.centre - point[0]) * up[0] + (self.s - point[1]) * up[1]
        crossings = np.flatnonzero((height[:-1] >= 0) != (height[1:] >= 0))
        if not crossings.size:
            return None
        ahead = self.centre[crossings] - point[0]
        i = int(crossings[np.argmin(np.abs(ahead))])
        share = float(height[i] / (height[i] - height[i + 1]))
        return np.array(
            (
                self.centre[i] + share * (self.centre[i + 1] - self.centre[i]),
                self.s[i] + share * (self.s[i + 1] - self.s[i]),
            )
        )

    def diameter(self, at: Array, back: Array | None = None) -> tuple[Array, Array] | None:
        """Return the front and the back point of the AP diameter at a centre point.

        ``back`` is the direction of the line, posterior; across the canal when it is None.
        """
        if back is None:
            back = self.across(at)
        distance = np.arange(-RAY_MM, RAY_MM + RAY_STEP, RAY_STEP)
        values = self.patch.at(at + distance[:, None] * back)
        inside = values >= 0.5
        if not inside.any():
            return None
        runs, _ = ndimage.label(inside)
        seed = int(np.flatnonzero(inside)[np.argmin(np.abs(distance[inside]))])
        run = np.flatnonzero(runs == runs[seed])
        if run[0] == 0 or run[-1] == distance.size - 1:
            return None
        first = _edge(values, distance, int(run[0]), -1)
        last = _edge(values, distance, int(run[-1]), 1)
        return at + first * back, at + last * back


def _edge(values: Array, distance: Array, index: int, step: int) -> float:
    here, there = float(values[index]), float(values[index + step])
    share = (here - 0.5) / max(here - there, 1e-9)
    return float(distance[index] + share * (distance[index + step] - distance[index]))


def find_canal(section: Section) -> CanalLine | None:
    """Return the canal of a section, None when it is not there."""
    patch = section.mask(CANAL_CODE)
    if patch is None:
        return None
    inside = patch.inside
    rows = np.flatnonzero(inside.any(axis=1))
    if rows.size < MIN_ROWS:
        return None
    front = inside[rows].argmax(axis=1)
    back = inside.shape[1] - 1 - inside[rows, ::-1].argmax(axis=1)
    scale = patch.spacing[1]
    front_mm, back_mm = (front + patch.column) * scale, (back + patch.column) * scale
    s = -(rows + patch.row) * patch.spacing[0]
    centre = ndimage.gaussian_filter1d((front_mm + back_mm) / 2, SMOOTH_MM / patch.spacing[0], mode="nearest")
    return CanalLine(patch, s.astype(np.float64), front_mm, back_mm, np.asarray(centre))
