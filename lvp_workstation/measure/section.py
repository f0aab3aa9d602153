"""The curved mid-sagittal section: soft masks and signal along the lateral course of the spine.

Section coordinates are ``(p, s)`` in mm: ``p`` grows to posterior, ``s`` to superior, along the voxel
axes nearest to those directions. The lateral position follows from the row, so every section point has
one place in the patient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.volume import Volume, VolumeGeometry, to_canonical
from lvp_workstation.measure.midline import lateral_course, midline_outside, stray_canal

SLAB_MM = 2.0
"""Half width of the lateral average on thin slices, mm (our choice: about one clinical slice)."""
SOFTENING = 0.6
"""Standard deviation of the in-plane smoothing of a mask, voxels (our choice)."""
MARGIN = 6
"""Voxels kept around the labelled part of the image."""

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Patch:
    """A soft mask or image on part of a section: values at voxel centres.

    ``row`` and ``column`` are the section indices of ``values[0, 0]``.
    """

    values: Array
    row: int
    column: int
    spacing: tuple[float, float]

    def at(self, points: Array) -> Array:
        """Return values at section points of shape (..., 2), linear between voxels, 0 outside."""
        rows = -points[..., 1] / self.spacing[0] - self.row
        columns = points[..., 0] / self.spacing[1] - self.column
        return np.asarray(
            ndimage.map_coordinates(
                self.values, np.stack([rows, columns]), order=1, cval=0.0, mode="constant"
            )
        )

    def points(self, mask: NDArray[np.bool_]) -> Array:
        """Return the section points, shape (n, 2), of the voxels of a mask of this patch."""
        rows, columns = np.nonzero(mask)
        return np.stack(
            [(columns + self.column) * self.spacing[1], -(rows + self.row) * self.spacing[0]], axis=1
        )

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Voxels of the soft mask above one half."""
        return np.asarray(self.values >= 0.5)

    @property
    def area(self) -> float:
        """Area above one half in mm2."""
        return float(self.inside.sum()) * self.spacing[0] * self.spacing[1]


@dataclass(frozen=True, eq=False)
class Block:
    """The labelled part of a series with canonical sagittal axes (right, inferior, posterior).

    Attributes
    ----------
    codes
        Instance codes, (slice, row, column).
    image
        The same voxels of the image, None when the image has another grid.
    geometry
        Grid of the block.
    boxes
        Bounding box of each code present.
    ends
        Whether the first and the last row of the block are the edge of the image.
    course
        Slice index of the midline for each row.
    outside
        Rows on which the middle of the canal lies outside the slices, see `midline_outside`.
    """

    codes: NDArray[np.uint8]
    image: NDArray[Any] | None
    geometry: VolumeGeometry
    boxes: dict[int, Box]
    ends: tuple[bool, bool]
    course: Array
    outside: NDArray[np.bool_]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel spacing (slice, row, column), mm."""
        return self.geometry.spacing


def make_block(labels: LabelMap, volume: Volume | None) -> Block | None:
    """Return the labelled part of a series, None when nothing is labelled."""
    canonical = to_canonical(Volume(labels.array, labels.geometry))
    codes = canonical.array
    found = {
        code: box
        for code, box in enumerate(ndimage.find_objects(codes), start=1)
        if box is not None and _known(code)
    }
    if not found:
        return None
    lower = [min(box[axis].start for box in found.values()) for axis in range(3)]
    upper = [max(box[axis].stop for box in found.values()) for axis in range(3)]
    lower = [0, *(max(0, n - MARGIN) for n in lower[1:])]
    upper = [codes.shape[0], *(min(codes.shape[a], upper[a] + MARGIN) for a in (1, 2))]
    region = tuple(slice(a, b) for a, b in zip(lower, upper, strict=True))
    boxes = {
        code: (
            box[0],
            slice(box[1].start - lower[1], box[1].stop - lower[1]),
            slice(box[2].start - lower[2], box[2].stop - lower[2]),
        )
        for code, box in found.items()
    }
    affine = canonical.geometry.affine.copy()
    affine[:3, 3] = canonical.geometry.index_to_world(lower)
    shape = (upper[0] - lower[0], upper[1] - lower[1], upper[2] - lower[2])
    geometry = VolumeGeometry(affine, shape, canonical.geometry.frame_of_reference_uid)
    part = np.array(codes[region], order="C")
    if CANAL_CODE in boxes:
        part[boxes[CANAL_CODE]][stray_canal(part[boxes[CANAL_CODE]] == CANAL_CODE)] = 0
    image = None
    if volume is not None and volume.geometry.same_grid(labels.geometry):
        image = to_canonical(volume).array[region]
    ends = (lower[1] == 0, upper[1] == codes.shape[1])
    spacing = geometry.spacing
    canal = part == CANAL_CODE
    course = lateral_course(canal, part >= VERTEBRA_BASE, spacing)
    return Block(part, image, geometry, boxes, ends, course, midline_outside(canal, spacing))


def _known(code: int) -> bool:
    return code in (CANAL_CODE, SACRUM_CODE) or VERTEBRA_BASE < code < DISC_BASE + 50


@dataclass(frozen=True, eq=False)
class Section:
    """A sagittal section of a block that follows the midline at a lateral offset.

    Attributes
    ----------
    offset
        Distance from the midline in mm, positive to the patient's right (canonical slice order).
    """

    block: Block
    offset: float = 0.0

    @cached_property
    def slices(self) -> Array:
        """Fractional slice index of each row."""
        return np.asarray(self.block.course + self.offset / self.block.spacing[0])

    @cached_property
    def _taps(self) -> tuple[NDArray[np.intp], Array]:
        """Slice numbers and weights, shape (rows, taps), of the lateral average."""
        step, count = self.block.spacing[0], self.block.codes.shape[0]
        half = max(step, SLAB_MM)
        reach = int(np.ceil(half / step))
        index = np.round(self.slices)[:, None] + np.arange(-reach, reach + 1)
        weight = np.maximum(0.0, 1.0 - np.abs(index - self.slices[:, None]) * step / half)
        weight *= (index >= 0) & (index < count)
        total = weight.sum(axis=1, keepdims=True)
        weight = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        return np.clip(index, 0, count - 1).astype(np.intp), weight

    @property
    def spacing(self) -> tuple[float, float]:
        """Row and column spacing, mm."""
        return self.block.spacing[1], self.block.spacing[2]

    def mask(self, code: int) -> Patch | None:
        """Return the soft mask of an instance, None when the section does not meet it."""
        box = self.block.boxes.get(code)
        if box is None:
            return None
        values, row, column = self._gather(box, lambda part: part == code)
        if not (values >= 0.5).any():
            return None
        soft = ndimage.gaussian_filter(values, SOFTENING, mode="nearest")
        return Patch(np.asarray(soft), row, column, self.spacing)

    def signal(self, code: int) -> Patch | None:
        """Return the image around an instance, None without an image."""
        box = self.block.boxes.get(code)
        return None if box is None else self.picture(box)

    def picture(self, box: Box) -> Patch | None:
        """Return the image in a box of the block and a small margin, None without an image."""
        if self.block.image is None:
            return None
        values, row, column = self._gather(box, None)
        return Patch(values, row, column, self.spacing)

    def _gather(
        self, box: Box, test: Callable[[NDArray[Any]], NDArray[Any]] | None
    ) -> tuple[Array, int, int]:
        shape = self.block.codes.shape
        rows = slice(max(0, box[1].start - 3), min(shape[1], box[1].stop + 3))
        columns = slice(max(0, box[2].start - 3), min(shape[2], box[2].stop + 3))
        index, weight = self._taps[0][rows], self._taps[1][rows]
        total = np.zeros((rows.stop - rows.start, columns.stop - columns.start))
        source = self.block.image if test is None else self.block.codes
        assert source is not None
        row_index = np.arange(rows.start, rows.stop)
        for tap in range(index.shape[1]):
            if not weight[:, tap].any():
                continue
            part = source[index[:, tap], row_index, columns]
            total += weight[:, tap, None] * (part if test is None else test(part))
        return total, rows.start, columns.start

    def to_world(self, points: Array) -> Array:
        """Return section points of shape (..., 2) as LPS mm, shape (..., 3)."""
        rows = -points[..., 1] / self.spacing[0]
        columns = points[..., 0] / self.spacing[1]
        slices = np.interp(rows, np.arange(self.slices.size), self.slices)
        return self.block.geometry.index_to_world(np.stack([slices, rows, columns], axis=-1))

    def covers(self, points: Array) -> bool:
        """Return whether section points, shape (..., 2), lie within the slices."""
        rows = -points[..., 1] / self.spacing[0]
        slices = np.interp(rows, np.arange(self.slices.size), self.slices)
        return bool(np.all((slices >= -0.5) & (slices <= self.block.codes.shape[0] - 0.5)))

    def on_midline(self, point: Array) -> bool:
        """Return whether the middle of the canal lies within the slices at the row of a section point."""
        row = int(np.clip(round(-float(point[1]) / self.spacing[0]), 0, self.block.outside.size - 1))
        return not self.block.outside[row]

    def cut_by_image(self, code: int) -> tuple[bool, bool]:
        """Return whether an instance touches the upper and the lower edge of the image."""
        box, rows = self.block.boxes[code], self.block.codes.shape[1]
        return (
            self.block.ends[0] and box[1].start == 0,
            self.block.ends[1] and box[1].stop == rows,
        )
