"""Sample positions of an image grid, and boxes ("patches") of it around an object.

A patch hands out coordinates along any patient direction as arrays that broadcast: an axis along
which the coordinate does not change has length 1, which makes straight sagittal grids cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, VolumeGeometry

Field: TypeAlias = NDArray[np.floating[Any]]
"""Values at sample positions; float32 in practice."""

CONSTANT_EPSILON_MM = 1e-4


@dataclass(frozen=True, eq=False)
class Frame:
    """A local coordinate system: origin in LPS mm and rows = unit axes (left, posterior, superior)."""

    origin: Array
    axes: Array

    def to_world(self, points: ArrayLike) -> Array:
        """Map local points of shape (..., 3) to LPS mm."""
        return np.asarray(np.asarray(points, dtype=np.float64) @ self.axes + self.origin)

    def to_local(self, points: ArrayLike) -> Array:
        """Map LPS mm points of shape (..., 3) to local coordinates in mm."""
        return np.asarray((np.asarray(points, dtype=np.float64) - self.origin) @ self.axes.T)


WORLD = Frame(np.zeros(3), np.eye(3))


@dataclass(frozen=True, eq=False)
class Patch:
    """A box of a `SampleGrid`; ``region`` are the slices that cut it out of a full array."""

    affine: Array
    steps: tuple[Array, Array, Array]
    region: tuple[slice, slice, slice]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sample planes, rows and columns."""
        return self.steps[0].size, self.steps[1].size, self.steps[2].size

    def coordinate(self, direction: ArrayLike, origin: ArrayLike) -> Field:
        """Return the signed distance in mm along a unit direction from a point, broadcastable."""
        along = np.asarray(direction, dtype=np.float64)
        rates = along @ self.affine[:3, :3]
        total = np.full((1, 1, 1), along @ (self.affine[:3, 3] - np.asarray(origin)), dtype=np.float32)
        for axis, rate in enumerate(rates):
            step = self.steps[axis]
            if abs(rate) * max(abs(step[0]), abs(step[-1])) < CONSTANT_EPSILON_MM:
                continue
            shape = [1, 1, 1]
            shape[axis] = step.size
            total = total + (rate * step).astype(np.float32).reshape(shape)
        return total

    def local(self, frame: Frame) -> tuple[Field, Field, Field]:
        """Return the coordinates in a local frame: left, posterior, superior, mm."""
        u, v, w = (self.coordinate(axis, frame.origin) for axis in frame.axes)
        return u, v, w

    def full(self, value: float) -> Field:
        """Return an array of the patch's shape filled with one value."""
        return np.full(self.shape, value, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class SampleGrid:
    """The points at which the anatomy is sampled: an image grid with one or more planes a slice.

    Attributes
    ----------
    geometry
        The image grid.
    planes
        Fractional slice index of every sampled plane, rising.
    """

    geometry: VolumeGeometry
    planes: Array

    @classmethod
    def of_slices(cls, geometry: VolumeGeometry, thickness: float = 0.0, planes: int = 1) -> SampleGrid:
        """Sample each slice at ``planes`` positions spread over its thickness in mm."""
        offsets = (np.arange(planes) - (planes - 1) / 2) / planes * thickness / geometry.spacing[SLICE]
        positions = (np.arange(geometry.shape[SLICE])[:, None] + offsets).ravel()
        return cls(geometry, positions)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sample planes, rows and columns."""
        return self.planes.size, self.geometry.shape[ROW], self.geometry.shape[COLUMN]

    @property
    def pixel(self) -> float:
        """Mean in-plane pixel size in mm."""
        return float(np.mean(self.geometry.spacing[ROW:]))

    def patch(self, frame: Frame, low: ArrayLike, high: ArrayLike, margin: float = 2.0) -> Patch | None:
        """Return the samples inside a local box, None when there are none.

        Parameters
        ----------
        frame
            The local frame of the box.
        low, high
            Opposite corners in local mm.
        margin
            Added all round, mm.
        """
        lower, upper = np.asarray(low, dtype=float) - margin, np.asarray(high, dtype=float) + margin
        picks = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)], dtype=bool)
        corners = np.where(picks, upper, lower)
        index = self.geometry.world_to_index(frame.to_world(corners))
        first, last = index.min(axis=0), index.max(axis=0)
        start, stop = np.searchsorted(self.planes, [first[SLICE], last[SLICE]])
        region = [slice(int(start), int(stop))]
        for axis in (ROW, COLUMN):
            begin = int(np.clip(np.floor(first[axis]), 0, self.geometry.shape[axis]))
            end = int(np.clip(np.ceil(last[axis]) + 1, 0, self.geometry.shape[axis]))
            region.append(slice(begin, end))
        if any(part.stop <= part.start for part in region):
            return None
        return self.cut((region[0], region[1], region[2]))

    def whole(self) -> Patch:
        """Return the patch of all samples."""
        n, rows, columns = self.shape
        return self.cut((slice(0, n), slice(0, rows), slice(0, columns)))

    def cut(self, region: tuple[slice, slice, slice]) -> Patch:
        """Return the patch of a region."""
        steps = (
            np.asarray(self.planes[region[0]], dtype=float),
            np.arange(region[1].start, region[1].stop, dtype=float),
            np.arange(region[2].start, region[2].stop, dtype=float),
        )
        return Patch(self.geometry.affine, steps, region)


def inner_region(inner: Patch, outer: Patch) -> tuple[slice, slice, slice]:
    """Return where a patch lies inside another one that contains it."""
    a, b, c = (
        slice(p.start - q.start, p.stop - q.start) for p, q in zip(inner.region, outer.region, strict=True)
    )
    return a, b, c
