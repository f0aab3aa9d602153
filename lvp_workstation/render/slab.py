"""Slabs: several parallel cuts of one volume combined into one image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.render.resample import Interpolation, Resampler, SlabMode
from lvp_workstation.render.view_transform import ViewTransform

THICKNESSES_MM = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
"""Thicknesses a reader steps through (our choice)."""

FIRST_MM = 10.0
"""Thickness of a slab that was just chosen, where three slices are thinner (our choice)."""


@dataclass(frozen=True)
class Slab:
    """A slab around the plane of a view: how its cuts are combined, and its whole thickness in mm."""

    mode: SlabMode
    thickness_mm: float

    def samples(self, step_mm: float) -> int:
        """Return how many cuts fill the slab when ``step_mm`` lie between voxels along its normal.

        Their number is odd, so that the slice in the middle is one of them.
        """
        return 2 * ceil(self.thickness_mm / step_mm / 2 - 0.5) + 1

    def stepped(self, step: int, voxel_mm: float) -> Slab:
        """Return the slab with the next greater (1) or smaller (-1) thickness, never a single slice."""
        allowed = [mm for mm in THICKNESSES_MM if mm >= 1.5 * voxel_mm]
        if step > 0:
            wanted = next((mm for mm in allowed if mm > self.thickness_mm), self.thickness_mm)
        else:
            wanted = next((mm for mm in reversed(allowed) if mm < self.thickness_mm), self.thickness_mm)
        return replace(self, thickness_mm=wanted)


def first_slab(mode: SlabMode, voxel_mm: float) -> Slab:
    """Return a slab of three slices, or of the usual thickness where they are thinner."""
    wanted = max(FIRST_MM, 3 * voxel_mm)
    return Slab(mode, next((mm for mm in THICKNESSES_MM if mm >= wanted), THICKNESSES_MM[-1]))


def voxel_step_mm(source: VolumeGeometry, normal: Array) -> float:
    """Return how far one goes along a normal from one voxel to the next, mm."""
    along = np.abs(normal @ source.directions) / np.array(source.spacing)
    return float(1.0 / along.max())


def slab_values(
    array: NDArray[Any], geometry: VolumeGeometry, view: ViewTransform, slab: Slab
) -> NDArray[Any]:
    """Return the combined values of a slab around a view, shape (height, width).

    Values between voxels are interpolated linearly; where the slab leaves the volume only what lies inside
    counts. Touches nothing shared but the voxels, so that a worker may call it.
    """
    samples = slab.samples(voxel_step_mm(geometry, view.normal))
    resampler = Resampler(array, geometry, Interpolation.LINEAR)
    try:
        resampler.set_slab(slab.mode, samples, slab.thickness_mm / samples)
        return resampler.cut(view).copy()
    finally:
        resampler.close()
