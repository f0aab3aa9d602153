"""The contour of a disc against the rim of its neighbours on axial slices: how far and how much of it bulges.

Fardon 2014: a bulge takes more than a quarter of the circumference. The rim is the border of the vertebral
bodies in the slices next to the disc; both contours are followed along rays from the middle of the disc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.axial_anatomy import BODY, DISC, HERNIATION
from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.axial_slice import AxialSlice, largest

RAYS = 120
DISPLACED_MM = 1.0
"""A margin counts as displaced from here on (our choice)."""
FOCAL_DEG = 24.0
BODY_RANGE_MM = (3.0, 11.0)
STEP = 0.2


@dataclass(frozen=True, eq=False)
class Contour:
    """Displacement of the disc's margin.

    Attributes
    ----------
    beyond
        mm behind the rim for each ray, from patient Left over Posterior; negative inside.
    outline
        Points of the margin, shape (n, 2), mm, in ``slice``.
    """

    beyond: Array
    outline: Array
    slice: AxialSlice

    @property
    def displaced(self) -> int:
        """Number of rays along which the margin is displaced."""
        return int((self.beyond >= DISPLACED_MM).sum())

    @property
    def share(self) -> float:
        """Share of the circumference that is displaced, 0-1."""
        return self.displaced / self.beyond.size

    @property
    def focal(self) -> float:
        """Greatest displacement over a window of 24 degrees beyond the median of the posterior 240, mm."""
        size = round(RAYS * FOCAL_DEG / 360)
        smooth = ndimage.uniform_filter1d(self.beyond, size, mode="wrap")
        sector = np.abs(_angles() - np.pi / 2) < np.radians(120)
        sector |= _angles() - np.pi / 2 > np.radians(240)
        return float(smooth[sector].max() - np.median(self.beyond[sector]))

    @property
    def behind(self) -> float:
        """Mean displacement of the posterior 120 degrees, mm."""
        angle = _angles()
        return float(self.beyond[np.abs(angle - np.pi / 2) < np.radians(60)].mean())


def _angles() -> Array:
    return np.asarray(2 * np.pi * np.arange(RAYS) / RAYS)


def find_contour(slices: Sequence[AxialSlice]) -> Contour | None:
    """Return the displacement of a disc's margin; None without a slice through disc and one through bone."""
    shown = [(float(s.plane(DISC).sum()), s) for s in slices if abs(s.offset) <= 4.0]
    if not shown:
        return None
    size, middle = max(shown, key=lambda row: row[0])
    region = largest(middle.plane(DISC, HERNIATION) >= 0.5)
    bones = [s for s in slices if BODY_RANGE_MM[0] <= abs(s.offset) <= BODY_RANGE_MM[1]]
    if region is None or size * middle.pixel**2 < 200.0:
        return None
    row, column = ndimage.center_of_mass(region)
    centre = (np.array([column, row]) - (np.array(region.shape) - 1)[::-1] / 2) * middle.pixel
    rims = [r for r in (_radii(s, s.plane(BODY, DISC), centre) for s in bones) if r is not None]
    margin = _radii(middle, middle.plane(DISC, HERNIATION, BODY), centre)
    if not rims or margin is None:
        return None
    beyond = margin - np.max(rims, axis=0)
    along = np.stack([np.cos(_angles()), np.sin(_angles())], axis=-1)
    return Contour(beyond, centre + along * margin[:, None], middle)


def _radii(one: AxialSlice, chance: Array, centre: Array) -> Array | None:
    """Return the distance from a point to the border of a region for each ray; None from outside of it."""
    radii = np.arange(4.0, 38.0, STEP)
    along = np.stack([np.cos(_angles()), np.sin(_angles())], axis=-1)
    points = centre + along[:, None, :] * radii[None, :, None]
    outside = one.sampled(chance, points[..., 0], points[..., 1]) < 0.5
    first = outside.argmax(axis=1)
    if (first == 0).mean() > 0.2:
        return None
    first = np.where(outside.any(axis=1), first, radii.size - 1)
    return np.asarray(radii[first])
