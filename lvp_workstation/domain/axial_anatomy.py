"""The structures that are told apart on axial images, and what is known of them around one disc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import VolumeGeometry

AXIAL_CLASSES = ("background", "sac", "disc", "body", "arch", "flavum", "root", "herniation")
"""Dural sac, disc, vertebral body, posterior elements, ligamentum flavum, roots beside the sac, and what a
focal herniation has brought beyond the margin of the disc."""
BACKGROUND, SAC, DISC, BODY, ARCH, FLAVUM, ROOT, HERNIATION = range(8)


@dataclass(frozen=True, eq=False)
class AxialBlock:
    """The axial slices around one disc with the probability of every structure.

    Attributes
    ----------
    disc
        Centroid and axis of the disc, from the sagittal series, LPS.
    probabilities
        float32, shape (classes, slices, rows, columns); they sum to 1.
    geometry
        Grid: slices upward, rows to Posterior, columns to Left; the slice axis runs along the disc's axis.
    offsets
        Distance of each slice above the middle of the disc along its axis, mm.
    source_sop_uids
        One a slice, empty for research files.
    note
        What must be said about the series, such as another frame of reference; empty for nothing.
    """

    disc: DiscLandmarks
    probabilities: NDArray[Any]
    geometry: VolumeGeometry
    offsets: tuple[float, ...]
    source_sop_uids: tuple[str, ...] = ()
    note: str = ""

    @property
    def structures(self) -> AxialStructures:
        """The most probable structure of every voxel."""
        return AxialStructures(self.probabilities.argmax(axis=0).astype(np.uint8), self.geometry)


@dataclass(frozen=True, eq=False)
class AxialStructures:
    """The structures around one disc: uint8 ``labels`` (numbers of `AXIAL_CLASSES`) on a ``geometry``."""

    labels: NDArray[np.uint8]
    geometry: VolumeGeometry
