"""Which voxels a drawing on a plane of any direction touches: those that the plane shows there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.region_signal import inside_outline

Voxels = NDArray[np.int64]
"""Shape (n, 3): (slice, row, column) of each voxel once, inside the grid."""

SAMPLES_PER_VOXEL = 2.0
"""A drawing is sampled this often along the shortest side of a voxel: none is left out (our choice)."""


@dataclass(frozen=True, eq=False)
class DrawingPlane:
    """A grid of points on the plane that was drawn on; places on it are (down, right) in mm.

    Attributes
    ----------
    origin, right, down
        LPS point of place (0, 0), and the unit directions of both axes.
    step
        Distance between sampled points, mm.
    """

    origin: Array
    right: Array
    down: Array
    step: float

    @classmethod
    def through(cls, points: Array, normal: Array, geometry: VolumeGeometry) -> DrawingPlane:
        """Return the plane with this normal through drawn LPS points, sampled finely enough for a grid."""
        helper = np.eye(3)[int(np.argmin(np.abs(normal)))]
        right = unit(np.cross(normal, helper))
        down = unit(np.cross(normal, right))
        return cls(points[0], right, down, min(geometry.spacing) / SAMPLES_PER_VOXEL)

    def places(self, points: Array) -> Array:
        """Return LPS points as places of shape (n, 2)."""
        offset = points - self.origin
        return np.stack([offset @ self.down, offset @ self.right], axis=1)

    def voxels(self, places: Array, geometry: VolumeGeometry) -> Voxels:
        """Return the voxels of a grid that lie nearest to places of shape (n, 2)."""
        points = self.origin + places[:, :1] * self.down + places[:, 1:] * self.right
        index = np.rint(geometry.world_to_index(points)).astype(np.int64)
        inside = ((index >= 0) & (index < np.array(geometry.shape))).all(axis=1)
        return np.asarray(np.unique(index[inside], axis=0))


def stroke_voxels(geometry: VolumeGeometry, stroke: Array, radius_mm: float, normal: Array) -> Voxels:
    """Return the voxels under a round brush that went along LPS points of shape (n, 3) on a plane."""
    plane = DrawingPlane.through(stroke, normal, geometry)
    path = plane.places(stroke)
    legs = list(pairwise(path)) or [(path[0], path[0])]
    found = [_near_leg(np.array(leg), radius_mm, plane.step) for leg in legs]
    return plane.voxels(np.concatenate(found), geometry)


def _near_leg(leg: Array, radius_mm: float, step: float) -> Array:
    """Return the sampled places within a radius of a straight leg of shape (2, 2)."""
    low, high = leg.min(axis=0) - radius_mm, leg.max(axis=0) + radius_mm
    grid = np.stack(np.meshgrid(*(_ticks(a, b, step) for a, b in zip(low, high, strict=True))), axis=-1)
    places = grid.reshape(-1, 2)
    run = leg[1] - leg[0]
    share = np.clip((places - leg[0]) @ run / max(float(run @ run), 1e-12), 0.0, 1.0)
    away = places - leg[0] - share[:, None] * run
    return np.asarray(places[(away**2).sum(axis=1) <= radius_mm**2])


def outline_voxels(geometry: VolumeGeometry, corners: Array, normal: Array) -> Voxels:
    """Return the voxels inside a closed outline of LPS points of shape (n, 3) on a plane."""
    plane = DrawingPlane.through(corners, normal, geometry)
    around = plane.places(corners)
    low, high = around.min(axis=0), around.max(axis=0)
    down, right = (_ticks(a, b, plane.step) for a, b in zip(low, high, strict=True))
    start = np.array((down[0], right[0]))
    scaled = (around - start) / plane.step
    inside = inside_outline(scaled, np.arange(len(down)), np.arange(len(right)))
    rows, columns = np.nonzero(inside)
    return plane.voxels(np.stack([down[rows], right[columns]], axis=1), geometry)


def _ticks(low: float, high: float, step: float) -> Array:
    """Return multiples of a step from below ``low`` to above ``high``."""
    return np.arange(np.floor(low / step), np.ceil(high / step) + 1.0) * step
