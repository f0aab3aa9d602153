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
        """Return fine noise with the given cell size in mm along the axes of a frame, trilinear."""
        return _sampled(self.fine, patch, frame, cell, 0.8)

    def linear(self, patch: Patch, frame: Frame, cell: tuple[float, float, float]) -> Field:
        """Return smooth noise with the given cell size in mm along the axes of a frame, trilinear."""
        return _sampled(self.smooth, patch, frame, cell, 2.0)


def _sampled(
    lattice: Field, patch: Patch, frame: Frame, cell: tuple[float, float, float], reach: float
) -> Field:
    """Return a lattice over a patch, evaluated as sparsely in rows and columns as its grain allows.

    Parameters
    ----------
    reach
        Distance in cells over which the lattice may be interpolated linearly.
    """
    steps, every = [patch.steps[0]], [1]
    for axis in (1, 2):
        per_step = np.abs(frame.axes @ patch.affine[:3, axis]) / np.array(cell)
        step = int(np.clip(reach / max(float(per_step.max()), 1e-6), 1, MAXIMUM_STEP))
        every.append(step)
        steps.append(_coarse(patch.steps[axis], step))
    thin = Patch(patch.affine, (steps[0], steps[1], steps[2]), patch.region)
    coordinates = np.empty((3, *thin.shape), dtype=np.float32)
    for row, coordinate, size in zip(coordinates, thin.local(frame), cell, strict=True):
        row[:] = coordinate * np.float32(1 / size)
    values = ndimage.map_coordinates(lattice, coordinates, order=1, mode="grid-wrap")
    for axis in (1, 2):
        values = _refined(values, axis, patch.shape[axis], every[axis])
    return np.asarray(values)


MAXIMUM_STEP = 4


def _coarse(steps: Array, step: int) -> Array:
    """Return every ``step``-th position, one beyond the last included."""
    count = int(np.ceil((steps.size - 1) / step)) + 1
    return np.asarray(steps[0] + step * np.arange(count, dtype=float))


def _refined(values: Field, axis: int, count: int, step: int) -> Field:
    """Return values interpolated linearly to ``step`` times the density along an axis."""
    if step == 1:
        return values
    values = np.moveaxis(values, axis, -1)
    first, second = values[..., :-1], values[..., 1:]
    if first.shape[-1] == 0:
        return np.moveaxis(np.repeat(values, count, axis=-1), -1, axis)
    fine = np.empty((*first.shape, step), dtype=np.float32)
    for part in range(step):
        share = np.float32(part / step)
        fine[..., part] = first * (1 - share) + second * share
    flat = fine.reshape(*first.shape[:-1], -1)
    flat = np.concatenate([flat, values[..., -1:]], axis=-1)[..., :count]
    return np.moveaxis(flat, -1, axis)
