"""Shapes of single structures in a label array: grown, interpolated, smoothed, filled, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import SLICE, VolumeGeometry

Mask = NDArray[np.bool_]
"""Shape (slices, rows, columns), or (rows, columns) for one slice."""
Box = tuple[slice, ...]

GROW_REACH_MM = 15.0
"""Growing stops this far from the clicked voxel (our choice: half the depth of a disc)."""
SEED_MM = 1.5
"""Radius in the slice around the clicked voxel that tells what signal belongs to the region (our choice)."""
SPREADS = 2.5
"""Signal within this many standard deviations of the seed's belongs to the region (our choice)."""
LEAST_SPREAD = 0.03
"""The standard deviation counts for at least this share of the signal range around the seed (our choice)."""
SMOOTH_MM = 1.0
"""Standard deviation of the smoothing, mm (our choice: rounds off what is narrower than two millimetres)."""
THICK = 2.0
"""Slices this much further apart than pixels are smoothed one by one (our choice)."""


@dataclass(frozen=True, eq=False)
class Grown:
    """A grown region: the block of the volume it lies in, its voxels there, whether it met the limit."""

    box: Box
    mask: Mask
    limited: bool


def grown(image: NDArray[Any], geometry: VolumeGeometry, seed: tuple[int, int, int]) -> Grown:
    """Return the region of like signal that is connected with a voxel, within `GROW_REACH_MM`.

    Parameters
    ----------
    image
        Shape (slices, rows, columns), stored values.
    seed
        (slice, row, column) of the clicked voxel.
    """
    spacing = np.array(geometry.spacing)
    reach = np.ceil(GROW_REACH_MM / spacing).astype(int)
    low = np.maximum(np.array(seed) - reach, 0)
    high = np.minimum(np.array(seed) + reach + 1, geometry.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    signal = np.asarray(image[box], dtype=np.float64)
    offset = [(np.arange(a, b) - s) * step for a, b, s, step in zip(low, high, seed, spacing, strict=True)]
    away = np.sqrt(sum(part**2 for part in np.meshgrid(*offset, indexing="ij")))
    here = tuple(int(s - a) for s, a in zip(seed, low, strict=True))
    around = signal[here[0]][away[here[0]] <= SEED_MM]
    spread = max(float(around.std()), LEAST_SPREAD * float(np.ptp(signal)))
    alike = (np.abs(signal - np.median(around)) <= SPREADS * spread) & (away <= GROW_REACH_MM)
    alike[here] = True
    mask = piece_with(alike, here)
    mask = np.stack([ndimage.binary_fill_holes(plane) for plane in mask])
    edge = GROW_REACH_MM - float(spacing[1:].max())
    return Grown(box, mask, bool((mask & (away > edge)).any()))


def piece_with(mask: Mask, voxel: tuple[int, ...]) -> Mask:
    """Return the part of a mask that is connected with a voxel of it, by faces."""
    labels, _ = ndimage.label(mask)
    return np.asarray(labels == labels[voxel])


def hole_with(plane: NDArray[Any], pixel: tuple[int, int]) -> Mask | None:
    """Return the background of a label slice around a pixel when labels enclose it, else None."""
    if plane[pixel] != 0:
        return None
    hole = piece_with(plane == 0, pixel)
    border = hole[0].any() or hole[-1].any() or hole[:, 0].any() or hole[:, -1].any()
    return None if border else hole


def around_hole(plane: NDArray[Any], hole: Mask) -> int:
    """Return the code that most of the pixels around a hole have."""
    ring = plane[ndimage.binary_dilation(hole) & ~hole]
    return int(np.bincount(ring[ring > 0]).argmax())


def between_slices(mask: Mask, keys: Sequence[int], spacing: Sequence[float]) -> Mask:
    """Return a structure with the slices between its given ones interpolated by shape.

    Signed distances to the outline are interpolated linearly (Raya and Udupa, IEEE Trans Med Imaging 9,
    32-42, 1990).

    Parameters
    ----------
    mask
        Shape (slices, rows, columns).
    keys
        Numbers of slices that hold the structure and stay, in order.
    spacing
        Of slices, rows and columns, mm.
    """
    result = mask.copy()
    distances = {key: _signed_distance(mask[key], spacing[1:]) for key in keys}
    for first, last in pairwise(keys):
        for number in range(first + 1, last):
            share = (number - first) / (last - first)
            result[number] = (1 - share) * distances[first] + share * distances[last] > 0
    return result


def _signed_distance(plane: Mask, spacing: Sequence[float]) -> Array:
    inner = ndimage.distance_transform_edt(plane, spacing)
    outer = ndimage.distance_transform_edt(~plane, spacing)
    return np.asarray(inner - outer)


def gaps_of(mask: Mask) -> list[int]:
    """Return the slices beside gaps: those that hold a structure, when some between them do not."""
    held = [int(n) for n in np.flatnonzero(mask.any(axis=(1, 2)))]
    missing = held and len(held) < held[-1] - held[0] + 1
    return held if missing else []


def smoothed(mask: Mask, spacing: Sequence[float]) -> Mask:
    """Return a structure with its surface smoothed; its number of voxels stays the same.

    Slices that lie much further apart than pixels are smoothed one by one, as the outlines on them are.
    """
    in_plane = max(spacing[1:])
    thick = spacing[SLICE] > THICK * in_plane
    sigma = [0.0 if thick else SMOOTH_MM / spacing[SLICE], *(SMOOTH_MM / s for s in spacing[1:])]
    soft = ndimage.gaussian_filter(mask.astype(np.float32), sigma)
    if thick:
        return np.stack([_densest(plane, int(was.sum())) for plane, was in zip(soft, mask, strict=True)])
    return _densest(soft, int(mask.sum()))


def _densest(soft: NDArray[np.float32], count: int) -> Mask:
    """Return the ``count`` voxels with the greatest values."""
    chosen = np.zeros(soft.shape, dtype=np.bool_)
    if count:
        chosen.ravel()[np.argpartition(soft.ravel(), -count)[-count:]] = True
    return chosen
