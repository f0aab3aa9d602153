"""Implicit shapes: signed distances in mm, negative inside, on arrays that broadcast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.grid import Field

OUTLINE_BINS = 1024


def smooth_min(a: Field, b: Field, k: float) -> Field:
    """Return the union of two distances, blended over ``k`` mm (polynomial smooth minimum)."""
    h = np.maximum(k - np.abs(a - b), 0.0)
    return np.asarray(np.minimum(a, b) - h * h * np.float32(0.25 / k), dtype=np.float32)


def smooth_max(a: Field, b: Field, k: float) -> Field:
    """Return the intersection of two distances, its edge rounded over ``k`` mm."""
    h = np.maximum(k - np.abs(a - b), 0.0)
    return np.asarray(np.maximum(a, b) + h * h * np.float32(0.25 / k), dtype=np.float32)


def ellipsoid(u: Field, v: Field, w: Field, radii: tuple[float, float, float]) -> Field:
    """Return the approximate distance to an axis-parallel ellipsoid at the origin."""
    a, b, c = radii
    k0 = np.sqrt((u / a) ** 2 + (v / b) ** 2 + (w / c) ** 2)
    k1 = np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2 + (w / c**2) ** 2)
    return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6), dtype=np.float32)


def ellipse(u: Field, v: Field, a: Field | float, b: Field | float) -> Field:
    """Return the approximate distance to an ellipse whose radii may vary from point to point."""
    p, q = u / a, v / b
    k0 = np.sqrt(p * p + q * q)
    p, q = p / a, q / b
    k1 = np.sqrt(p * p + q * q)
    return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6), dtype=np.float32)


def rounded_box(u: Field, v: Field, w: Field, half: tuple[float, float, float], radius: float) -> Field:
    """Return the distance to a box with rounded edges, centred at the origin."""
    a = np.abs(u) - (half[0] - radius)
    b = np.abs(v) - (half[1] - radius)
    c = np.abs(w) - (half[2] - radius)
    outside = np.sqrt(np.maximum(a, 0) ** 2 + np.maximum(b, 0) ** 2 + np.maximum(c, 0) ** 2)
    inside = np.minimum(np.maximum(np.maximum(a, b), c), 0)
    return np.asarray(outside + inside - radius, dtype=np.float32)


def capsule(
    u: Field, v: Field, w: Field, ends: tuple[ArrayLike, ArrayLike], radii: tuple[float, float]
) -> Field:
    """Return the distance to a straight rod whose radius changes from one end to the other."""
    a, b = np.asarray(ends[0], dtype=float), np.asarray(ends[1], dtype=float)
    d = b - a
    length2 = float(d @ d)
    pu, pv, pw = u - np.float32(a[0]), v - np.float32(a[1]), w - np.float32(a[2])
    t = np.clip((pu * np.float32(d[0]) + pv * np.float32(d[1]) + pw * np.float32(d[2])) / length2, 0.0, 1.0)
    t = t.astype(np.float32)
    distance = np.sqrt(
        (pu - t * np.float32(d[0])) ** 2 + (pv - t * np.float32(d[1])) ** 2 + (pw - t * np.float32(d[2])) ** 2
    )
    return np.asarray(distance - (radii[0] + t * np.float32(radii[1] - radii[0])), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Outline:
    """A star-shaped closed curve in the (left, posterior) plane of a local frame.

    Attributes
    ----------
    radius
        Distance from the centre, mm, for `OUTLINE_BINS` angles from -pi to pi, angle =
        arctan2(posterior, left): 0 is patient left, pi / 2 posterior.
    """

    radius: Array

    @classmethod
    def of_body(cls, width: float, depth: float, hollow: float) -> Outline:
        """Return a kidney shape: rounded in front, flat and slightly hollow behind.

        Parameters
        ----------
        width, depth
            Full extents, mm.
        hollow
            Depth of the midline hollow of the posterior wall, mm.
        """
        t = np.linspace(-np.pi, np.pi, 2880, endpoint=False)
        exponent = np.where(np.sin(t) > 0, 2 / 3.2, 2 / 2.2)
        x = width / 2 * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / 2.4)
        y = depth / 2 * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** exponent
        y = np.where(y > 0, y - hollow * np.exp(-((x / (0.17 * width)) ** 2)), y)
        angle = np.arctan2(y, x)
        order = np.argsort(angle)
        grid = outline_angles()
        return cls(np.interp(grid, angle[order], np.hypot(x, y)[order], period=2 * np.pi))

    def at(self, angle: ArrayLike) -> Array:
        """Return the radius in mm at angles in radians."""
        return np.asarray(np.interp(np.asarray(angle), outline_angles(), self.radius, period=2 * np.pi))

    @property
    def slope_factor(self) -> Array:
        """Cosine between the radius and the normal of the curve, for each bin."""
        slope = np.gradient(np.concatenate([self.radius[-2:], self.radius, self.radius[:2]]))[2:-2]
        slope = slope / (2 * np.pi / OUTLINE_BINS)
        return np.asarray(1.0 / np.sqrt(1.0 + (slope / self.radius) ** 2))


def outline_angles() -> Array:
    """Return the angles in radians of the bins of an outline."""
    return (np.arange(OUTLINE_BINS) + 0.5) / OUTLINE_BINS * 2 * np.pi - np.pi


def outline_bins(u: Field, v: Field) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Return the bin of the direction of each point."""
    angle = np.arctan2(v, u)
    bins = ((angle + np.float32(np.pi)) * np.float32(OUTLINE_BINS / (2 * np.pi))).astype(np.intp)
    return np.minimum(bins, OUTLINE_BINS - 1)
