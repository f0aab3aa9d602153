"""Seeded random textures that are fixed in patient space, so that every series sees the same ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.grid import Field, Frame, Patch

LATTICE = 64


@dataclass(frozen=True, eq=False)
class Noise:
    """Periodic lattices of unit variance: ``fine`` is nearly white, ``smooth`` varies over 4 cells."""

    fine: Field
    smooth: Field

    @classmethod
    def make(cls, rng: np.random.Generator) -> Noise:
        """Draw the lattices."""
        white = rng.standard_normal((LATTICE,) * 3).astype(np.float32)
        fields = []
        for sigma in (0.8, 2.0):
            blurred = ndimage.gaussian_filter(white, sigma, mode="wrap")
            fields.append((blurred / blurred.std()).astype(np.float32))
        return cls(fields[0], fields[1])

    def nearest(self, patch: Patch, frame: Frame, cell: tuple[float, float, float]) -> Field:
        """Return fine noise with the given cell size in mm along the axes of a frame (no interpolation)."""
        index = []
        for coordinate, size in zip(patch.local(frame), cell, strict=True):
            index.append(np.floor(coordinate * np.float32(1 / size)).astype(np.int32) & (LATTICE - 1))
        flat = (index[0] * LATTICE + index[1]) * LATTICE + index[2]
        return np.asarray(np.broadcast_to(self.fine.ravel()[flat], patch.shape))

    def detailed(self, patch: Patch, frame: Frame, cell: tuple[float, float, float]) -> Field:
        """Return fine noise with the given cell size in mm, trilinear at every sample of the patch."""
        coordinates = np.stack(
            [
                np.broadcast_to(c * np.float32(1 / size), patch.shape)
                for c, size in zip(patch.local(frame), cell, strict=True)
            ]
        )
        return np.asarray(ndimage.map_coordinates(self.fine, coordinates, order=1, mode="grid-wrap"))

    def linear(self, patch: Patch, frame: Frame, cell: tuple[float, float, float]) -> Field:
        """Return smooth noise with the given cell size in mm, trilinear, over the whole patch.

        It is evaluated on every fourth row and column and interpolated between them.
        """
        steps = (patch.steps[0], _coarse(patch.steps[1]), _coarse(patch.steps[2]))
        thin = Patch(patch.affine, steps, patch.region)
        coordinates = np.stack(
            [
                np.broadcast_to(c * np.float32(1 / size), thin.shape)
                for c, size in zip(thin.local(frame), cell, strict=True)
            ]
        )
        coarse = ndimage.map_coordinates(self.smooth, coordinates, order=1, mode="grid-wrap")
        _, rows, columns = patch.shape
        return _refined(_refined(coarse, 1, rows), 2, columns)


STEP = 4


def _coarse(steps: Array) -> Array:
    """Return every fourth position, one beyond the last included."""
    count = int(np.ceil((steps.size - 1) / STEP)) + 1
    return np.asarray(steps[0] + STEP * np.arange(count, dtype=float))


def _refined(values: Field, axis: int, count: int) -> Field:
    """Return values interpolated linearly to four times the density along an axis."""
    values = np.moveaxis(values, axis, -1)
    first, second = values[..., :-1], values[..., 1:]
    if first.shape[-1] == 0:
        return np.moveaxis(np.repeat(values, count, axis=-1), -1, axis)
    fine = np.empty((*first.shape, STEP), dtype=np.float32)
    for part in range(STEP):
        share = np.float32(part / STEP)
        fine[..., part] = first * (1 - share) + second * share
    flat = fine.reshape(*first.shape[:-1], -1)
    flat = np.concatenate([flat, values[..., -1:]], axis=-1)[..., :count]
    return np.moveaxis(flat, -1, axis)
