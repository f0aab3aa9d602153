"""Voxels of the segmented structures as points in patient space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.anatomy import CANAL, InstanceId
from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.labelmap import LabelMap, instance_of
from lvp_workstation.domain.volume import ROW, SLICE, Volume, to_canonical

CUT_SHARE = 0.3
"""A structure whose area in an outer slice exceeds this share of its largest is cut there (our choice)."""
LOST_SHARE = 0.15
"""Separate parts below this share of the largest are left out as stray voxels (our choice)."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Voxel centres of one structure.

    Attributes
    ----------
    points
        Shape (n, 3), LPS mm.
    slices
        Shape (n,), slice numbers.
    cut_sideways
        The slab ends inside the structure: its sideways middle is not known.
    cut_lengthwise
        The image ends inside the structure above or below.
    """

    points: Array
    slices: NDArray[np.intp]
    cut_sideways: bool
    cut_lengthwise: bool

    def part(self, keep: NDArray[np.bool_]) -> Cloud:
        """Return some of the points."""
        return Cloud(self.points[keep], self.slices[keep], self.cut_sideways, self.cut_lengthwise)


@dataclass(frozen=True, eq=False)
class Frame:
    """Left, posterior and superior directions at a point, LPS."""

    origin: Array
    left: Array
    back: Array
    up: Array

    @classmethod
    def at(cls, origin: Array, up: Array, left: Array) -> Frame:
        """Return the frame with an exact ``up`` and the nearest ``left``."""
        across = unit(left - (left @ up) * up)
        return cls(origin, across, np.cross(up, across), up)

    def local(self, points: Array) -> tuple[Array, Array, Array]:
        """Return the (left, back, up) coordinates of points, mm."""
        offset = points - self.origin
        return offset @ self.left, offset @ self.back, offset @ self.up

    def world(self, left: float, back: float, up: float) -> Array:
        """Return the LPS point of local coordinates."""
        return np.asarray(self.origin + left * self.left + back * self.back + up * self.up)

    def tilted(self, back_slope: float, left_slope: float) -> Array:
        """Return the normal of the plane that rises by the slopes along back and left."""
        return unit(self.up - back_slope * self.back - left_slope * self.left)


def clouds_of(labels: LabelMap) -> dict[InstanceId, Cloud]:
    """Return the points of every structure; of the canal and of discs their main parts only."""
    canonical = to_canonical(Volume(labels.array, labels.geometry))
    found: dict[InstanceId, Cloud] = {}
    for code, box in enumerate(ndimage.find_objects(canonical.array), start=1):
        instance = instance_of(code)
        if box is None or instance is None:
            continue
        mask = canonical.array[box] == code
        if instance == CANAL or instance.startswith("D"):
            mask = _main_parts(mask)
        index = np.argwhere(mask) + np.array([s.start for s in box])
        areas = np.bincount(index[:, SLICE], minlength=canonical.shape[SLICE])
        sideways = bool(max(areas[0], areas[-1]) > CUT_SHARE * areas.max())
        rows = index[:, ROW]
        lengthwise = bool(rows.min() == 0 or rows.max() == canonical.shape[ROW] - 1)
        points = canonical.geometry.index_to_world(index)
        found[instance] = Cloud(points, index[:, SLICE], sideways, lengthwise)
    return found


def _main_parts(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    parts, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= LOST_SHARE * sizes.max())[parts])
