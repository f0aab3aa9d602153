"""A spine of boxes with known measures, drawn on any sagittal grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry

PROVENANCE = Provenance(Provenance.AI, "model spine", "2026-01-01T00:00:00Z")
CSF, DISC_SIGNAL, BONE = 800.0, 400.0, 300.0


@dataclass(frozen=True)
class ModelSpine:
    """Boxes stacked on a sacral box; all sizes in mm, angles in degrees.

    ``slip`` moves everything above the lowest disc but one (``D2``) forward. ``bulge`` pushes the middle of
    ``D2`` backward, within ``bulge_half_width`` of the midline. ``wedge`` makes ``V2`` taller in front.
    ``pitch`` turns the whole spine about the left-right axis. ``shift`` is the sideways course to the left,
    mm for each 100 mm of height. ``outside`` is the signal of everything without a label.
    """

    count: int = 5
    height: float = 26.0
    depth: float = 34.0
    width: float = 44.0
    disc: float = 9.0
    canal: float = 15.0
    canal_gap: float = 1.5
    slip: float = 0.0
    bulge: float = 0.0
    bulge_half_width: float = 50.0
    wedge: float = 0.0
    pitch: float = 0.0
    shift: float = 0.0
    sacrum: bool = True
    disc_signal: float = DISC_SIGNAL
    outside: float = 30.0

    @property
    def levels(self) -> LevelMap:
        """The names of the bodies."""
        return LevelMap(self.count, sacrum_seen=self.sacrum, confidence=0.9)

    def grid(self, slice_mm: float, pixel_mm: float, slices: int) -> VolumeGeometry:
        """Return a canonical sagittal grid around the spine."""
        length = self.count * (self.height + self.disc) + 70.0
        rows, columns = int(length / pixel_mm) + 30, int(190 / pixel_mm)
        offsets = (slice_mm * (slices - 1) / 2, length - 35.0 + 15 * pixel_mm, -95.0)
        return VolumeGeometry.from_axes(
            (offsets[0], offsets[2], offsets[1]),
            SAGITTAL_CANONICAL,
            (slice_mm, pixel_mm, pixel_mm),
            (slices, rows, columns),
        )

    def labels(self, grid: VolumeGeometry) -> LabelMap:
        """Return the instance codes on a grid."""
        left, back, up = self._local(grid)
        codes = np.zeros(grid.shape, dtype=np.uint8)
        inside = np.abs(left) <= self.width / 2
        half = self.depth / 2
        if self.sacrum:
            codes[inside & (np.abs(back) <= half) & (up <= 0) & (up > -28)] = SACRUM_CODE
        wall = half + self.canal_gap
        canal = (np.abs(left) <= 11) & (back > wall) & (back <= wall + self.canal) & (up > -30)
        codes[canal & (up < self.count * (self.height + self.disc))] = CANAL_CODE
        for n in range(1, self.count + 1):
            self._draw_level(codes, n, inside, back, up, left)
        return LabelMap(codes, grid)

    def _draw_level(
        self,
        codes: NDArray[np.uint8],
        n: int,
        inside: NDArray[np.bool_],
        back: NDArray[np.float64],
        up: NDArray[np.float64],
        left: NDArray[np.float64],
    ) -> None:
        half = self.depth / 2
        base = (n - 1) * (self.height + self.disc)
        moved = back + (self.slip if n >= 2 else 0.0)
        extra = self.bulge * (np.abs(left) <= self.bulge_half_width) if n == 2 else 0.0
        disc = inside & (moved >= -half) & (moved <= half + extra) & (up > base) & (up < base + self.disc)
        codes[disc] = DISC_BASE + n
        middle = base + self.disc + self.height / 2
        tilt = np.tan(np.radians(self.wedge / 2)) if n == 2 else 0.0
        rise = self.height / 2 - tilt * moved
        bone = inside & (np.abs(moved) <= half) & (np.abs(up - middle) <= rise)
        arch = (np.abs(left) <= 4) & (np.abs(up - middle + 5) <= 9)
        behind = half + self.canal_gap + self.canal
        codes[bone | (arch & (moved > behind + self.canal_gap) & (moved < behind + 25))] = VERTEBRA_BASE + n

    def image(self, labels: LabelMap) -> Volume:
        """Return an image with one signal a structure."""
        table = np.full(256, self.outside)
        table[CANAL_CODE], table[SACRUM_CODE] = CSF, BONE
        table[VERTEBRA_BASE + 1 : VERTEBRA_BASE + 40] = BONE
        table[DISC_BASE + 1 : DISC_BASE + 40] = self.disc_signal
        return Volume(table[labels.array], labels.geometry)

    def _local(self, grid: VolumeGeometry) -> tuple[NDArray[np.float64], ...]:
        index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1)
        world = grid.index_to_world(index)
        angle = np.radians(self.pitch)
        back = world[..., 1] * np.cos(angle) - world[..., 2] * np.sin(angle)
        up = world[..., 1] * np.sin(angle) + world[..., 2] * np.cos(angle)
        return world[..., 0] - self.shift * (up - 85.0) / 100.0, back, up

    def case(
        self, slice_mm: float = 0.9, pixel_mm: float = 0.8, slices: int = 11
    ) -> tuple[LabelMap, LevelMap, Volume]:
        """Return what `measure_spine` takes."""
        labels = self.labels(self.grid(slice_mm, pixel_mm, slices))
        return labels, self.levels, self.image(labels)


def reversed_slices(labels: LabelMap, volume: Volume) -> tuple[LabelMap, Volume]:
    """Return the same voxels at the same places, slices counted from the other side."""
    return _flipped(labels, volume, 0)


def _flipped(labels: LabelMap, volume: Volume, axis: int) -> tuple[LabelMap, Volume]:
    flat = Volume(labels.array, labels.geometry).flipped(axis)
    codes = np.ascontiguousarray(flat.array)
    return replace(labels, array=codes, geometry=flat.geometry), volume.flipped(axis)


def transposed(labels: LabelMap, volume: Volume) -> tuple[LabelMap, Volume]:
    """Return the same voxels with rows and columns exchanged and rows reversed."""
    flat = Volume(labels.array, labels.geometry).permuted((0, 2, 1)).flipped(1)
    codes = np.ascontiguousarray(flat.array)
    return replace(labels, array=codes, geometry=flat.geometry), volume.permuted((0, 2, 1)).flipped(1)
