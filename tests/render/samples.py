"""Small volumes in every orientation, with a known value in each voxel."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.volume import Volume, VolumeGeometry

FRAME = "1.2.3"

AXES = {
    "sagittal": ((-1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "axial": ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    "coronal": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
}
"""Plane to the (slice, row, column) directions of an ordinary acquisition."""


def tilt(degrees: float = 12.0) -> np.ndarray:
    """Return a rotation about an oblique axis."""
    axis = np.array((1.0, 2.0, 0.5)) / np.linalg.norm((1.0, 2.0, 0.5))
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def geometry(
    plane: str = "sagittal",
    shape: tuple[int, int, int] = (7, 24, 20),
    spacing: tuple[float, float, float] = (4.0, 0.8, 0.9),
    flips: tuple[bool, bool, bool] = (False, False, False),
    degrees: float = 0.0,
    frame: str = FRAME,
) -> VolumeGeometry:
    """Return a grid centred near the origin; ``flips`` reverse single axes (either handedness)."""
    signs = [-1.0 if flip else 1.0 for flip in flips]
    directions = [np.array(axis) * sign for axis, sign in zip(AXES[plane], signs, strict=True)]
    directions = [tilt(degrees) @ axis for axis in directions]
    centre = np.array((3.0, -5.0, 11.0))
    offset = sum(
        axis * step * (count - 1) / 2 for axis, step, count in zip(directions, spacing, shape, strict=True)
    )
    return VolumeGeometry.from_axes(centre - offset, tuple(directions), spacing, shape, frame)


def ramp_volume(grid: VolumeGeometry, dtype: type = np.uint16) -> Volume:
    """Return a volume whose values tell the voxel: slice * 5000 + row * 100 + column."""
    s, r, c = np.indices(grid.shape)
    return Volume((s * 5000 + r * 100 + c).astype(dtype), grid)


def blocks(grid: VolumeGeometry) -> LabelMap:
    """Return a label map with a vertebra, a disc, the canal and the sacrum as blocks of voxels."""
    array = np.zeros(grid.shape, dtype=np.uint8)
    rows, columns = grid.shape[1], grid.shape[2]
    array[:, 1 : rows // 3, 2 : columns // 2] = VERTEBRA_BASE + 2
    array[:, rows // 3 : rows // 2, 2 : columns // 2] = DISC_BASE + 2
    array[:, rows // 2 : 2 * rows // 3, 2 : columns // 2] = VERTEBRA_BASE + 1
    array[:, 2 * rows // 3 : rows // 3 * 2 + 3, 2 : columns // 2] = DISC_BASE + 1
    array[:, rows - 4 : rows - 1, 2 : columns // 2] = SACRUM_CODE
    array[:, 1 : rows - 2, columns // 2 : columns // 2 + 4] = CANAL_CODE
    return LabelMap(array, grid)
