"""Displaced disc material on axial slices: where it lies, how deep and wide it is, and whether it is free.

Fardon 2014 (nomenclature v2.0): the base is where the material leaves the disc, the dome its greatest width
beyond; material without continuity with the disc is a fragment. MSU (Mysliwiec 2010): its depth against the
line between the medial margins of the facets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.axial_anatomy import BODY, DISC, HERNIATION, AxialBlock
from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.axial_slice import AxialSlice

EDGE = 0.5
FAINT = 0.25
"""Material is measured down to this probability around its sure part (our choice)."""
BASE_MM = 1.2
"""Material this near to the disc or body is its base (our choice: about two pixels)."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Displaced:
    """Displaced material.

    Attributes
    ----------
    volume
        mm3, from the probabilities.
    peak
        Greatest mean probability of nine neighbouring pixels.
    depth
        Greatest distance from disc or body, mm.
    base, dome
        Ends (2, 2) of its width where it leaves the disc, and of its greatest width beyond half of its depth.
    tip
        (x, y) of its far part in ``slice``, mm.
    foot
        (x, y) of the place on the margin next to the tip, mm.
    offset
        Height of its middle above the middle of the disc, mm.
    joined
        Whether it touches the disc in any slice.
    slice
        Where it is largest.
    """

    volume: float
    peak: float
    depth: float
    base: Array
    dome: Array
    tip: Array
    foot: Array
    offset: float
    joined: bool
    slice: AxialSlice

    @property
    def base_mm(self) -> float:
        """Width of the base, mm."""
        return float(np.linalg.norm(self.base[1] - self.base[0]))

    @property
    def dome_mm(self) -> float:
        """Width of the dome, mm."""
        return float(np.linalg.norm(self.dome[1] - self.dome[0]))

    @property
    def centre_lps(self) -> Array:
        """Middle between foot and tip, LPS mm."""
        return self.slice.to_world((self.foot + self.tip) / 2)


def chance_of_material(block: AxialBlock) -> tuple[float, float]:
    """Return volume (mm3) and peak probability of displaced material, sure or not."""
    chance = block.probabilities[HERNIATION]
    voxel = block.geometry.voxel_volume
    smooth = ndimage.uniform_filter(chance, size=(1, 3, 3))
    return float(np.where(chance > 0.1, chance, 0.0).sum() * voxel), float(smooth.max())


def find_displaced(block: AxialBlock, slices: Sequence[AxialSlice]) -> Displaced | None:
    """Return the largest displaced material of a block, None where none is sure."""
    chance = block.probabilities[HERNIATION]
    regions, count = ndimage.label(chance >= FAINT, structure=np.ones((3, 3, 3)))
    if count == 0:
        return None
    sizes = ndimage.sum_labels(chance, regions, np.arange(1, count + 1))
    region = regions == int(np.argmax(sizes)) + 1
    if float(chance[region].max()) < EDGE:
        return None
    weight = np.where(region, chance, 0.0)
    areas = weight.sum(axis=(1, 2))
    best = int(areas.argmax())
    one = slices[best]
    points, far, foot = _distances(one, region[best])
    across = _across(points, one)
    outer = far >= 0.6 * far.max()
    volume, peak = chance_of_material(block)
    return Displaced(
        volume=volume,
        peak=peak,
        depth=float(far.max()) + 0.5 * one.pixel,
        base=_ends(points, across, far <= far.min() + BASE_MM, one.pixel),
        dome=_ends(points, across, far >= 0.5 * far.max(), one.pixel),
        tip=points[outer].mean(axis=0),
        foot=foot,
        offset=float((areas * np.array(block.offsets)).sum() / areas.sum()),
        joined=_joined(block, region),
        slice=one,
    )


def _joined(block: AxialBlock, region: Mask) -> bool:
    disc = block.probabilities[DISC] >= EDGE
    return bool((ndimage.binary_dilation(disc, np.ones((1, 3, 3), dtype=bool)) & region).any())


def _distances(one: AxialSlice, region: Mask) -> tuple[Array, Array, Array]:
    """Return the points of a region (n, 2), their distance from disc or body, and the furthest one's foot."""
    margin = one.plane(DISC, BODY) >= EDGE
    rows, columns = np.nonzero(region)
    middle = (np.array(region.shape) - 1) / 2
    points = np.stack([columns - middle[1], rows - middle[0]], axis=-1) * one.pixel
    if not margin.any():
        return points, np.ones(len(points)), points.mean(axis=0)
    away, nearest = ndimage.distance_transform_edt(~margin, sampling=one.pixel, return_indices=True)
    far = np.asarray(away[rows, columns])
    spot = int(np.argmax(far))
    row, column = nearest[:, rows[spot], columns[spot]]
    return points, far, np.array([column - middle[1], row - middle[0]]) * one.pixel


def _across(points: Array, one: AxialSlice) -> Array:
    """Return the place of points at right angles to the line from the middle of disc and body to theirs."""
    rows, columns = np.nonzero(one.plane(DISC, BODY) >= EDGE)
    middle = (np.array(one.floor.shape) - 1) / 2
    if rows.size == 0:
        return np.asarray(points[:, 0])
    centre = np.array([columns.mean() - middle[1], rows.mean() - middle[0]]) * one.pixel
    radial = points.mean(axis=0) - centre
    radial /= max(float(np.linalg.norm(radial)), 1e-6)
    return np.asarray(points @ np.array([-radial[1], radial[0]]))


def _ends(points: Array, across: Array, which: Mask, pixel: float) -> Array:
    """Return the two ends of some points along a direction, half a pixel further out on each side."""
    kept, along = points[which], across[which]
    ends = np.stack([kept[along.argmin()], kept[along.argmax()]])
    span = ends[1] - ends[0]
    size = float(np.linalg.norm(span))
    out = span / size if size > 0 else np.array([1.0, 0.0])
    return np.asarray(ends + np.stack([-out, out]) * pixel / 2)
