"""One axial slice: where its structures begin and end, in mm below the pixel.

Coordinates of a slice: ``(x, y)`` in mm from the middle of the patch, x to patient Left, y to Posterior.
Edges lie where the probability of a structure crosses one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.axial_anatomy import (
    ARCH,
    BODY,
    DISC,
    FLAVUM,
    HERNIATION,
    SAC,
    AxialBlock,
)
from lvp_workstation.domain.geometry import Array

EDGE = 0.5
STEP_MM = 0.1
RAYS = 72
MIN_SAC_MM2 = 4.0
"""A smaller region is no dural sac (our choice)."""


@dataclass(frozen=True, eq=False)
class AxialSlice:
    """A slice of an `AxialBlock`."""

    block: AxialBlock
    number: int

    @property
    def offset(self) -> float:
        """Distance above the middle of the disc along its axis, mm."""
        return self.block.offsets[self.number]

    @property
    def pixel(self) -> float:
        """Pixel size, mm."""
        return self.block.geometry.spacing[1]

    def plane(self, *kinds: int) -> Array:
        """Return the probability of any of some structures, shape (rows, columns)."""
        return np.asarray(sum(self.block.probabilities[k, self.number] for k in kinds), dtype=np.float64)

    def to_world(self, points: Array) -> Array:
        """Return points (..., 2) in mm of the slice as LPS mm, shape (..., 3)."""
        index = np.asarray(points, dtype=np.float64) / self.pixel + self._middle[::-1]
        full = np.concatenate(
            [np.full((*index.shape[:-1], 1), float(self.number)), index[..., ::-1]], axis=-1
        )
        return self.block.geometry.index_to_world(full)

    @property
    def _middle(self) -> Array:
        """Row and column of the middle of the patch."""
        return (np.array(self.block.geometry.shape[1:], dtype=np.float64) - 1) / 2

    def sampled(self, plane: Array, x: Array, y: Array) -> Array:
        """Return a plane at points in mm, linearly between pixels, 0 outside."""
        rows, columns = np.broadcast_arrays(
            np.asarray(y) / self.pixel + self._middle[0], np.asarray(x) / self.pixel + self._middle[1]
        )
        return np.asarray(ndimage.map_coordinates(plane, [rows, columns], order=1, mode="constant"))

    @cached_property
    def sac(self) -> Sac | None:
        """The dural sac, None where there is none."""
        return find_sac(self)

    @cached_property
    def floor(self) -> Array:
        """Probability of what bounds the canal in front: body, disc and herniation."""
        return self.plane(BODY, DISC, HERNIATION)

    @cached_property
    def arch(self) -> Array:
        """Probability of posterior elements."""
        return self.plane(ARCH)

    @cached_property
    def flavum(self) -> Array:
        """Probability of the ligamentum flavum."""
        return self.plane(FLAVUM)


@dataclass(frozen=True, eq=False)
class Sac:
    """The dural sac in one slice.

    Attributes
    ----------
    area
        Square millimetres, from the probabilities.
    centre
        (x, y) of its centroid, mm.
    front, back
        Where the line through the centroid along AP enters and leaves it, mm.
    outline
        Points of its border, shape (n, 2), mm.
    width
        Extent to the sides, mm.
    """

    area: float
    centre: Array
    front: Array
    back: Array
    outline: Array
    width: float

    @property
    def ap(self) -> float:
        """AP diameter through the centroid, mm."""
        return float(self.back[1] - self.front[1])


def find_sac(one: AxialSlice) -> Sac | None:
    """Return the largest region of the sac in a slice."""
    chance = one.plane(SAC)
    region = largest(chance >= EDGE)
    if region is None:
        return None
    near = ndimage.binary_dilation(region, iterations=2)
    soft = np.where(near, chance, 0.0)
    area = float(soft.sum()) * one.pixel**2
    if area < MIN_SAC_MM2:
        return None
    rows, columns = np.indices(soft.shape)
    row, column = (float((soft * k).sum() / soft.sum()) for k in (rows, columns))
    centre = (np.array([column, row]) - one._middle[::-1]) * one.pixel
    outline = _outline(one, soft, centre)
    angle = np.argsort(np.abs(np.arctan2(outline[:, 1] - centre[1], outline[:, 0] - centre[0]) + np.pi / 2))
    front = outline[angle[0]]
    back = outline[(angle[0] + RAYS // 2) % RAYS]
    return Sac(area, centre, front, back, outline, float(np.ptp(outline[:, 0])))


def _outline(one: AxialSlice, chance: Array, centre: Array) -> Array:
    """Return the last crossing of one half along rays from a point, shape (`RAYS`, 2)."""
    angles = 2 * np.pi * np.arange(RAYS) / RAYS - np.pi / 2
    radii = np.arange(0.0, 24.0, STEP_MM)
    along = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    points = centre + along[:, None, :] * radii[None, :, None]
    inside = one.sampled(chance, points[..., 0], points[..., 1]) >= EDGE
    inside[:, 0] = True
    last = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
    return np.asarray(centre + along * radii[last][:, None])


def largest(mask: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return the largest connected region of a mask, None when it is empty."""
    regions, count = ndimage.label(mask)
    if count == 0:
        return None
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return np.asarray(regions == int(sizes.argmax()))


def first_crossing(values: Array, start: int, rising: bool) -> float | None:
    """Return the fractional index from ``start`` on at which values rise above or fall below one half."""
    beyond = values[start:] >= EDGE if rising else values[start:] < EDGE
    if not beyond.any():
        return None
    at = start + int(np.argmax(beyond))
    if at == start:
        return float(at)
    low, high = float(values[at - 1]), float(values[at])
    return at - 1 + (EDGE - low) / (high - low)
