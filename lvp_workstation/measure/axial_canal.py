"""Sac, ligamentum flavum, dorsal fat and facet line on axial slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.axial_anatomy import BODY, DISC
from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.axial_slice import AxialSlice, Sac

FLAVUM_ANGLE = 40.0
"""Degrees from the midline at which the ligamentum flavum is measured, from the middle of the sac (our
choice: it is thickest there)."""
RAY_STEP = 0.1
NARROW_MM = 8.0
"""The narrowest section of the sac is looked for this far above and below the disc (our choice)."""
FACET_BACK_MM = 3.0
"""The facet line is sought from the wall to this far behind the middle of the sac (our choice)."""
MIN_FACET_MM = 4.0


@dataclass(frozen=True, eq=False)
class Thickness:
    """A thickness along a ray: its ends (x, y), mm."""

    value: float
    start: Array
    end: Array


def nearest_to_disc(slices: Sequence[AxialSlice]) -> AxialSlice:
    """Return the slice nearest to the middle of the disc."""
    return min(slices, key=lambda one: abs(one.offset))


def sacs(slices: Sequence[AxialSlice]) -> list[tuple[AxialSlice, Sac]]:
    """Return the slices that show a sac."""
    return [(one, one.sac) for one in slices if one.sac is not None]


def narrowest(slices: Sequence[AxialSlice]) -> tuple[AxialSlice, Sac] | None:
    """Return the slice about the disc in which the sac is smallest."""
    near = [row for row in sacs(slices) if abs(row[0].offset) <= NARROW_MM]
    return min(near, key=lambda row: row[1].area) if near else None


def middle_of_canal(slices: Sequence[AxialSlice]) -> float:
    """Return x of the middle of the canal: median of the sac's centroid and of the facets' midpoints, mm."""
    found = [float(sac.centre[0]) for _, sac in sacs(slices)]
    return float(np.median(found)) if found else 0.0


def flavum_thickness(one: AxialSlice, sac: Sac, side: float) -> Thickness | None:
    """Return the thickness of the ligamentum flavum of one side; None where there is none."""
    angle = np.radians(FLAVUM_ANGLE)
    along = np.array([side * np.sin(angle), np.cos(angle)])
    middle = (sac.front + sac.back) / 2
    radii = np.arange(0.0, 24.0, RAY_STEP)
    points = middle + along * radii[:, None]
    chance = one.sampled(one.flavum, points[:, 0], points[:, 1])
    value = float(chance[chance > 0.15].sum()) * RAY_STEP
    inside = np.flatnonzero(chance >= 0.5)
    if inside.size == 0 or value < 0.5:
        return None
    start = points[inside[0]]
    return Thickness(value, start, start + along * value)


def dorsal_fat(one: AxialSlice, sac: Sac) -> float:
    """Return the depth of what lies between sac and flavum or lamina in the midline, mm (at most 12)."""
    y = np.arange(0.0, 12.0, RAY_STEP)
    x = np.full(y.size, float(sac.back[0]))
    taken = one.sampled(one.flavum + one.arch, x, float(sac.back[1]) + y)
    hits = np.flatnonzero(taken >= 0.5)
    return float(y[hits[0]]) if hits.size else 12.0


def facet_margin(one: AxialSlice, sac: Sac, side: float) -> Array | None:
    """Return the medial margin (x, y) of the facets of one side, mm; None unseen."""
    rows, columns = np.nonzero(one.arch >= 0.5)
    middle = (np.array(one.arch.shape) - 1) / 2
    points = np.stack([columns - middle[1], rows - middle[0]], axis=-1) * one.pixel
    away = side * (points[:, 0] - sac.centre[0])
    behind = points[:, 1] - sac.centre[1]
    usable = (away > MIN_FACET_MM) & (behind > -sac.ap) & (behind < FACET_BACK_MM)
    if not usable.any():
        return None
    kept = points[usable]
    return np.asarray(kept[np.argmin(away[usable])])


def margin_behind(one: AxialSlice, x: float) -> float:
    """Return y of the posterior margin of disc and body at x, herniation left out, mm."""
    y = np.arange(-30.0, 26.0, RAY_STEP)
    inside = np.flatnonzero(one.sampled(one.plane(DISC, BODY), np.full(y.size, x), y) >= 0.5)
    return float(y[inside[-1]]) if inside.size else -30.0
