"""Stacks of slices to page through: as acquired, or computed from a volume.

A computed stack is a virtual voxel grid with its own slices, so that a view treats both
alike. How a stack hangs on the screen follows from its geometry alone: sagittal with
anterior at the viewer's left, axial and coronal with the patient's right at the viewer's left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import LEFT, POSTERIOR, SUPERIOR, Array, Plane, unit, vector
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, ImagePlane, VolumeGeometry

SCREEN_AXES: dict[ImagePlane, tuple[Array, Array]] = {
    ImagePlane.SAGITTAL: (POSTERIOR, vector(-SUPERIOR)),
    ImagePlane.CORONAL: (LEFT, vector(-SUPERIOR)),
    ImagePlane.AXIAL: (LEFT, POSTERIOR),
}
"""Plane to the LPS directions of screen right and screen down."""

PAGING: dict[ImagePlane, Array] = {
    ImagePlane.SAGITTAL: LEFT,
    ImagePlane.CORONAL: POSTERIOR,
    ImagePlane.AXIAL: vector(-SUPERIOR),
}
"""Direction in which slice numbers grow on the screen: right to left, front to back, head to foot."""

MINIMUM_STEP_MM = 1.0
"""Smallest distance between the slices of a computed stack (our choice)."""


@dataclass(frozen=True, eq=False)
class DisplayStack:
    """Slices in the order a reader pages through them.

    Attributes
    ----------
    geometry
        The grid of the slices: the acquired one, or a virtual one for computed slices.
    acquired
        Whether each slice is an acquired image; False for every reformat.
    source
        The geometry of the volume the pixels come from.
    """

    geometry: VolumeGeometry
    acquired: bool
    source: VolumeGeometry

    @property
    def count(self) -> int:
        """Number of slices."""
        return self.geometry.shape[SLICE]

    @property
    def on_source_grid(self) -> bool:
        """Whether every slice lies on an acquired one: acquired slices, or slabs around them."""
        return self.geometry is self.source

    @cached_property
    def plane(self) -> ImagePlane:
        """The anatomical plane of the slices."""
        return self.geometry.image_plane

    @cached_property
    def normal(self) -> Array:
        """Unit normal of the slices, on the side towards which the slice index grows."""
        return self.geometry.slice_normal

    @cached_property
    def axes(self) -> tuple[Array, Array]:
        """The LPS directions of screen right and screen down, see `screen_axes`."""
        return screen_axes(self.geometry)

    @cached_property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of a slice on the screen."""
        right, down = self.axes
        corners = self.corners(0)
        return float(np.ptp(corners @ right)), float(np.ptp(corners @ down))

    @cached_property
    def reversed(self) -> bool:
        """Whether paging forward on the screen goes down in slice index."""
        return bool(self.normal @ PAGING[self.plane] < 0)

    @cached_property
    def step_mm(self) -> float:
        """Perpendicular distance between neighbouring slices."""
        return abs(self._step)

    @property
    def reach_mm(self) -> float:
        """Distance within which a point belongs to a slice: half the step."""
        return self.step_mm / 2 + 1e-3

    def number(self, index: int) -> int:
        """Return the 1-based number on the screen of a slice index."""
        return self.count - index if self.reversed else index + 1

    def index(self, number: int) -> int:
        """Return the slice index of a 1-based number on the screen."""
        return self.count - number if self.reversed else number - 1

    def slice_centre(self, index: float) -> Array:
        """Return the middle of a slice, LPS mm."""
        return self._first_centre + index * self.geometry.affine[:3, SLICE]

    def slice_plane(self, index: float) -> Plane:
        """Return the plane of a slice."""
        return Plane(self.slice_centre(index), self.normal)

    def nearest_index(self, point: ArrayLike) -> int:
        """Return the slice nearest to an LPS point, clamped to the stack."""
        index = round(self.fractional_index(point))
        return int(np.clip(index, 0, self.count - 1))

    def fractional_index(self, point: ArrayLike) -> float:
        """Return the position of an LPS point along the slices, in slices."""
        return float((vector(point) - self._first_centre) @ self.normal) / self._step

    def covers(self, point: ArrayLike, margin: float = 0.5) -> bool:
        """Return whether an LPS point lies between the outer faces of the slices."""
        return -margin <= self.fractional_index(point) <= self.count - 1 + margin

    def away_mm(self, point: ArrayLike) -> float:
        """Return how far an LPS point lies from the image of the nearest slice, mm; 0 when it is covered.

        Covered is what lies between the outer faces of the slices and within their borders.
        """
        index = self.geometry.world_to_index(vector(point))
        count = np.array(self.geometry.shape)
        if ((index >= -0.5) & (index <= count - 0.5)).all():
            return 0.0
        border = np.array((0.0, 0.5, 0.5))
        nearest = np.clip(index, -border, count - 1 + border)
        return float(np.linalg.norm(self.geometry.index_to_world(nearest) - vector(point)))

    @cached_property
    def _first_centre(self) -> Array:
        return self.geometry.slice_plane(0).point

    @cached_property
    def _step(self) -> float:
        return float(self.geometry.affine[:3, SLICE] @ self.normal)

    def corners(self, index: float) -> Array:
        """Return the four outer corners of a slice, in order around it, shape (4, 3), LPS mm."""
        rows, columns = self.geometry.shape[ROW] - 0.5, self.geometry.shape[COLUMN] - 0.5
        around = [(index, -0.5, -0.5), (index, -0.5, columns), (index, rows, columns), (index, rows, -0.5)]
        return self.geometry.index_to_world(around)


def screen_axes(geometry: VolumeGeometry) -> tuple[Array, Array]:
    """Return the LPS directions of screen right and screen down in which a stack is hung.

    The axes lie in the slice plane: the acquired rows and columns, turned or mirrored in steps
    that bring them nearest to the display convention.
    """
    want_right, want_down = SCREEN_AXES[geometry.image_plane]
    column, row = geometry.directions[:, COLUMN], geometry.directions[:, ROW]
    straight = abs(column @ want_right) + abs(row @ want_down)
    turned = abs(row @ want_right) + abs(column @ want_down)
    right, down = (column, row) if straight >= turned else (row, column)
    right = unit(right * (1.0 if right @ want_right >= 0 else -1.0))
    down = unit(down - (down @ right) * right)
    return right, vector(down if down @ want_down >= 0 else -down)


def acquired_stack(geometry: VolumeGeometry) -> DisplayStack:
    """Return the stack of the slices as they were acquired."""
    return DisplayStack(geometry, True, geometry)


def slab_stack(geometry: VolumeGeometry) -> DisplayStack:
    """Return computed slices around the acquired ones, for slabs."""
    return DisplayStack(geometry, False, geometry)


def orthogonal_stack(source: VolumeGeometry, plane: ImagePlane) -> DisplayStack:
    """Return computed slices of a volume in an anatomical plane of the patient."""
    right, down = SCREEN_AXES[plane]
    return _computed(source, right, down, PAGING[plane])


def oblique_stack(source: VolumeGeometry, plane: Plane) -> DisplayStack:
    """Return computed slices parallel to a plane, one of which goes through ``plane.point``."""
    nearest = (ImagePlane.SAGITTAL, ImagePlane.CORONAL, ImagePlane.AXIAL)[
        int(np.argmax(np.abs(plane.normal)))
    ]
    want_right, want_down = SCREEN_AXES[nearest]
    normal = unit(plane.normal * (1.0 if plane.normal @ PAGING[nearest] >= 0 else -1.0))
    right = unit(want_right - (want_right @ normal) * normal)
    down = np.cross(normal, right)
    return _computed(source, right, down if down @ want_down >= 0 else -down, normal, plane.point)


def _computed(
    source: VolumeGeometry, right: Array, down: Array, normal: Array, through: ArrayLike | None = None
) -> DisplayStack:
    """Build the virtual grid that covers ``source`` along three perpendicular directions."""
    axes = np.stack([normal, down, right])
    edges = np.array([(s, r, c) for s in (0, 1) for r in (0, 1) for c in (0, 1)]) * source.shape - 0.5
    along = source.index_to_world(edges) @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    fine = min(source.spacing[ROW], source.spacing[COLUMN])
    nearest = int(np.argmax(np.abs(normal @ source.directions)))
    step = max(MINIMUM_STEP_MM, source.spacing[nearest])
    spacing = np.array((step, fine, fine))
    shape = np.maximum(1, np.round((high - low) / spacing)).astype(int)
    start = (low + high) / 2 - (shape - 1) / 2 * spacing
    if through is not None:
        offset = float(normal @ vector(through)) - start[0]
        start[0] += offset - round(offset / step) * step
    grid = VolumeGeometry.from_axes(
        start @ axes,
        (normal, down, right),
        (step, fine, fine),
        (int(shape[0]), int(shape[1]), int(shape[2])),
        source.frame_of_reference_uid,
    )
    return DisplayStack(grid, False, source)
