"""Immutable image volumes and their geometry in patient space.

Array order is always ``[slice, row, column]``. An affine maps the homogeneous index
``(slice, row, column, 1)`` to patient LPS mm, to voxel *centres*. This is the order that
SimpleITK's ``GetArrayFromImage`` and highdicom's ``Volume`` use.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvp_workstation.domain.geometry import LPS_TO_RAS, Array, Plane, unit, vector

SLICE, ROW, COLUMN = 0, 1, 2
"""Axis numbers of every voxel array."""


class ImagePlane(StrEnum):
    """The anatomical plane whose normal is nearest to the slice normal."""

    SAGITTAL = "sagittal"
    CORONAL = "coronal"
    AXIAL = "axial"


def _fixed(array: Array) -> Array:
    """Return an array that nobody can change, for values that are computed once."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class VolumeGeometry:
    """A voxel grid in patient space.

    Attributes
    ----------
    affine
        Shape (4, 4): index (slice, row, column, 1) to LPS mm, voxel centres.
    shape
        Number of slices, rows and columns.
    frame_of_reference_uid
        DICOM FrameOfReferenceUID (0020,0052), empty for research files.
    """

    affine: Array
    shape: tuple[int, int, int]
    frame_of_reference_uid: str = ""

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64).reshape(4, 4)
        if abs(np.linalg.det(affine[:3, :3])) < 1e-12:
            raise ValueError("the affine is singular: two voxel axes are parallel or have no length")
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        shape = tuple(int(n) for n in self.shape)
        if len(shape) != 3 or min(shape) < 1:
            raise ValueError(f"a volume has three axes of at least one voxel, not {self.shape}")
        object.__setattr__(self, "shape", shape)

    @classmethod
    def from_axes(
        cls,
        origin: ArrayLike,
        axes: tuple[ArrayLike, ArrayLike, ArrayLike],
        spacing: tuple[float, float, float],
        shape: tuple[int, int, int],
        frame_of_reference_uid: str = "",
    ) -> VolumeGeometry:
        """Build a grid from the centre of voxel (0, 0, 0), and the direction and spacing of each axis."""
        affine = np.eye(4)
        for axis in (SLICE, ROW, COLUMN):
            affine[:3, axis] = unit(axes[axis]) * spacing[axis]
        affine[:3, 3] = vector(origin)
        return cls(affine, shape, frame_of_reference_uid)

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxel centres along (slice, row, column) in mm."""
        lengths = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(lengths[SLICE]), float(lengths[ROW]), float(lengths[COLUMN])

    @cached_property
    def directions(self) -> Array:
        """Shape (3, 3): column ``axis`` is the unit LPS direction in which that index grows."""
        return _fixed(self.affine[:3, :3] / np.array(self.spacing))

    @property
    def origin(self) -> Array:
        """Centre of voxel (0, 0, 0), LPS mm."""
        return vector(self.affine[:3, 3])

    @property
    def centre(self) -> Array:
        """Centre of the grid, LPS mm."""
        return vector(self.index_to_world((np.array(self.shape) - 1) / 2))

    @cached_property
    def slice_normal(self) -> Array:
        """Unit normal of a slice, on the side towards which the slice index grows."""
        normal = unit(np.cross(self.directions[:, ROW], self.directions[:, COLUMN]))
        return normal if np.dot(normal, self.directions[:, SLICE]) >= 0 else vector(-normal)

    @cached_property
    def image_plane(self) -> ImagePlane:
        """The anatomical plane of the slices."""
        axis = int(np.argmax(np.abs(self.slice_normal)))
        return (ImagePlane.SAGITTAL, ImagePlane.CORONAL, ImagePlane.AXIAL)[axis]

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel in mm3."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @property
    def affine_nifti_ras(self) -> Array:
        """The NIfTI affine: index (column, row, slice, 1) to RAS mm."""
        return np.asarray(LPS_TO_RAS @ self.affine[:, [COLUMN, ROW, SLICE, 3]])

    def index_to_world(self, index: ArrayLike) -> Array:
        """Map indices of shape (..., 3) in (slice, row, column) order to LPS mm."""
        raw = np.asarray(index, dtype=np.float64)
        return np.asarray(raw @ self.affine[:3, :3].T + self.affine[:3, 3])

    def world_to_index(self, points: ArrayLike) -> Array:
        """Map LPS mm points of shape (..., 3) to fractional (slice, row, column) indices."""
        raw = np.asarray(points, dtype=np.float64)
        return np.asarray((raw - self.affine[:3, 3]) @ self._inverse.T)

    @cached_property
    def _inverse(self) -> Array:
        """Shape (3, 3): LPS mm from the origin to indices."""
        return _fixed(np.asarray(np.linalg.inv(self.affine[:3, :3]), dtype=np.float64))

    def slice_plane(self, index: float) -> Plane:
        """Return the plane through the voxel centres of a slice."""
        centre = (index, (self.shape[ROW] - 1) / 2, (self.shape[COLUMN] - 1) / 2)
        return Plane(self.index_to_world(centre), self.slice_normal)

    def same_grid(self, other: VolumeGeometry, tolerance_mm: float = 1e-3) -> bool:
        """Return whether both grids have the same voxels at the same positions."""
        if self.shape != other.shape:
            return False
        corners = np.array([(s, r, c) for s in (0, 1) for r in (0, 1) for c in (0, 1)]) * (
            np.array(self.shape) - 1
        )
        return bool(
            np.abs(self.index_to_world(corners) - other.index_to_world(corners)).max() <= tolerance_mm
        )

    def permuted(self, order: tuple[int, int, int]) -> VolumeGeometry:
        """Return the grid with its axes in another order."""
        affine = self.affine[:, [*order, 3]]
        return replace(
            self, affine=affine, shape=(self.shape[order[0]], self.shape[order[1]], self.shape[order[2]])
        )

    def flipped(self, axis: int) -> VolumeGeometry:
        """Return the grid with one axis counted from its other end."""
        affine = self.affine.copy()
        affine[:3, 3] += affine[:3, axis] * (self.shape[axis] - 1)
        affine[:3, axis] *= -1
        return replace(self, affine=affine)


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels with their place in the patient; every operation returns a new volume.

    Attributes
    ----------
    array
        Shape (slices, rows, columns), stored values; read-only.
    geometry
        Where the voxels are.
    source_sop_uids
        One SOPInstanceUID a slice, in slice order; empty for research files.
    window
        (centre, width) of the default window in stored values, when known.
    synthetic
        SyntheticData (0008,001C) is YES: a phantom, never a patient.
    lossy
        The pixels went through a lossy compression, with what is known of it.
    attributes
        Further facts for display, with DICOM keywords as names.
    """

    array: NDArray[Any]
    geometry: VolumeGeometry
    source_sop_uids: tuple[str, ...] = ()
    window: tuple[float, float] | None = None
    synthetic: bool = False
    lossy: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.array.shape != self.geometry.shape:
            raise ValueError(f"array {self.array.shape} does not fit the geometry {self.geometry.shape}")
        view = self.array.view()
        view.setflags(write=False)
        object.__setattr__(self, "array", view)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of slices, rows and columns."""
        return self.geometry.shape

    def with_array(self, array: NDArray[Any]) -> Volume:
        """Return the same grid with other voxels."""
        return replace(self, array=array)

    def permuted(self, order: tuple[int, int, int]) -> Volume:
        """Return the volume with its axes in another order; the slice identity is kept with axis 0 only."""
        uids = self.source_sop_uids if order[SLICE] == SLICE else ()
        return replace(
            self,
            array=self.array.transpose(order),
            geometry=self.geometry.permuted(order),
            source_sop_uids=uids,
        )

    def flipped(self, axis: int) -> Volume:
        """Return the volume with one axis counted from its other end; every voxel stays where it is."""
        uids = self.source_sop_uids[::-1] if axis == SLICE else self.source_sop_uids
        return replace(
            self,
            array=np.flip(self.array, axis),
            geometry=self.geometry.flipped(axis),
            source_sop_uids=uids,
        )


SAGITTAL_CANONICAL: tuple[tuple[float, float, float], ...] = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))
"""Canonical sagittal axes: slices grow to patient Right, rows to Inferior, columns to Posterior."""


def canonical_order(
    geometry: VolumeGeometry, axes: tuple[tuple[float, float, float], ...] = SAGITTAL_CANONICAL
) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """Return the axis order and the flips that bring a grid nearest to the wanted axes.

    Returns
    -------
    order, flips
        ``order[n]`` is the present axis that becomes axis ``n``; ``flips[n]`` tells whether that
        axis must then be reversed.
    """
    cosines = np.asarray(axes, dtype=np.float64) @ geometry.directions
    best: tuple[float, tuple[int, int, int]] = (-1.0, (0, 1, 2))
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        score = float(sum(abs(cosines[wanted, present]) for wanted, present in enumerate(order)))
        if score > best[0]:
            best = (score, order)
    order = best[1]
    flips = tuple(bool(cosines[wanted, present] < 0) for wanted, present in enumerate(order))
    return order, (flips[0], flips[1], flips[2])


def to_canonical(volume: Volume, axes: tuple[tuple[float, float, float], ...] = SAGITTAL_CANONICAL) -> Volume:
    """Return the volume with axes permuted and flipped (no resampling) nearest to the wanted axes."""
    order, flips = canonical_order(volume.geometry, axes)
    result = volume.permuted(order)
    for axis, flip in enumerate(flips):
        if flip:
            result = result.flipped(axis)
    return result
