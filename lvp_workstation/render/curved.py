"""Curved reformat: a surface that follows a line through the body, laid flat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvp_workstation.domain.geometry import LEFT, POSTERIOR, Array
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry

CURVE_STEP_MM = 1.0
"""Distance between the points that a curve is followed by (our choice)."""


@dataclass(frozen=True, eq=False)
class CurvedPlane:
    """A surface through a curve that runs from head to foot.

    A coronal one takes every line from right to left through the curve and is laid flat along its length. A
    sagittal one takes every line from front to back and keeps heights as they are: it differs from a flat
    sagittal plane where the curve leaves that plane sideways.

    Attributes
    ----------
    curve
        Shape (n, 3): LPS mm points, about `CURVE_STEP_MM` apart.
    plane
        ``CORONAL`` or ``SAGITTAL``.
    """

    curve: Array
    plane: ImagePlane

    @property
    def across(self) -> Array:
        """The LPS direction of screen right."""
        return LEFT if self.plane is ImagePlane.CORONAL else POSTERIOR

    @cached_property
    def along(self) -> Array:
        """Shape (n,): mm from the first point of the curve to each, as they are laid on the screen."""
        if self.plane is ImagePlane.SAGITTAL:
            return np.asarray(self.curve[0, 2] - self.curve[:, 2])
        steps = np.linalg.norm(np.diff(self.curve, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length_mm(self) -> float:
        """Height of the flat picture."""
        return float(self.along[-1])

    def place(self, across_mm: ArrayLike, along_mm: ArrayLike, aside_mm: float) -> Array:
        """Return the LPS points of places on the flat picture.

        Parameters
        ----------
        across_mm, along_mm
            mm to the screen's right of the curve, and down from its first point; they broadcast.
        aside_mm
            How far the whole surface is moved: to the back (coronal) or to the left (sagittal).
        """
        down = np.asarray(along_mm, dtype=np.float64)
        middle = np.stack([np.interp(down, self.along, self.curve[:, axis]) for axis in range(3)], axis=-1)
        aside = POSTERIOR if self.plane is ImagePlane.CORONAL else LEFT
        if self.plane is ImagePlane.SAGITTAL:
            middle[..., 1] = float(self.curve[:, 1].mean())
        return np.asarray(middle + np.asarray(across_mm)[..., None] * self.across + aside_mm * aside)

    def spot(self, point: Array) -> tuple[float, float]:
        """Return where a point of the body lies on the picture: mm across and along."""
        along = float(self.along[int(np.abs(self.curve[:, 2] - point[2]).argmin())])
        return float((point - self.place(0.0, along, 0.0)) @ self.across), along


def values_at(array: NDArray[Any], geometry: VolumeGeometry, points: Array) -> NDArray[np.float32]:
    """Return the values at LPS points of shape (..., 3), linear between voxels, NaN outside the volume."""
    index = geometry.world_to_index(points)
    shape = np.array(array.shape)
    inside = ((index >= -0.5) & (index <= shape - 0.5)).all(axis=-1)
    low = np.clip(np.floor(index).astype(np.int32), 0, np.maximum(shape - 2, 0))
    share = np.clip(index - low, 0.0, 1.0).astype(np.float32)
    found = np.zeros(index.shape[:-1], dtype=np.float32)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, share, 1 - share), axis=-1)
        at = np.minimum(low + corner, shape - 1)
        found += weight * array[at[..., 0], at[..., 1], at[..., 2]].astype(np.float32)
    return np.where(inside, found, np.float32("nan"))
