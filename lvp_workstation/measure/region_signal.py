"""Signal of the pixels inside a region, or at a point, of one acquired slice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, SignalStatistics
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, VolumeGeometry

Voxels = NDArray[Any]
"""Shape (slices, rows, columns), stored values."""


def mark_signal(
    shape: MarkShape, array: Voxels, geometry: VolumeGeometry, slice_index: int, points: Array
) -> SignalStatistics | None:
    """Return the signal that a mark encloses or points at on an acquired slice, None for shapes without.

    ``points`` are those of the shape, LPS mm.
    """
    if shape is MarkShape.ELLIPSE:
        return ellipse_signal(array, geometry, slice_index, points)
    if FACTS[shape].closed:
        return polygon_signal(array, geometry, slice_index, points)
    return point_signal(array, geometry, slice_index, points[0]) if shape is MarkShape.POINT else None


def point_signal(
    array: Voxels, geometry: VolumeGeometry, slice_index: int, point: Array
) -> SignalStatistics | None:
    """Return the signal of the pixel at an LPS point of a slice, None beside the image."""
    row, column = (int(n) for n in np.rint(geometry.world_to_index(point)[1:]))
    inside = (
        0 <= row < geometry.shape[ROW]
        and 0 <= column < geometry.shape[COLUMN]
        and 0 <= slice_index < geometry.shape[SLICE]
    )
    return _statistics(array[slice_index, row, column].reshape(1)) if inside else None


def polygon_signal(
    array: Voxels, geometry: VolumeGeometry, slice_index: int, corners: Array
) -> SignalStatistics | None:
    """Return the signal of the pixels whose centre lies inside a closed outline, None when there are none.

    ``corners`` of shape (n, 3), LPS mm; where the outline crosses itself, the even-odd rule decides.
    """
    if not 0 <= slice_index < geometry.shape[SLICE]:
        return None
    rows, columns = _pixels_within(geometry, corners)
    if not len(rows) or not len(columns):
        return None
    inside = inside_outline(geometry.world_to_index(corners)[:, 1:], rows, columns)
    values = array[slice_index][np.ix_(rows, columns)][inside]
    return _statistics(values) if values.size else None


def inside_outline(corners: Array, rows: NDArray[np.int_], columns: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Return which of the pixels (rows x columns) have their centre inside a closed outline.

    ``corners`` of shape (n, 2) in (row, column) indices; the even-odd rule decides.
    """
    inside = np.zeros((len(rows), len(columns)), dtype=np.bool_)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crossed = (rows < start[0]) != (rows < end[0])
        if not crossed.any():
            continue
        share = (rows[crossed] - start[0]) / (end[0] - start[0])
        edge = start[1] + share * (end[1] - start[1])
        inside[crossed] ^= columns[None, :] < edge[:, None]
    return inside


def ellipse_signal(
    array: Voxels, geometry: VolumeGeometry, slice_index: int, points: Array
) -> SignalStatistics | None:
    """Return the signal of the pixels whose centre lies inside an ellipse, None when there is no such pixel.

    Parameters
    ----------
    array
        Voxels (slice, row, column), stored values.
    slice_index
        The acquired slice that the ellipse was drawn on.
    points
        Shape (3, 3): centre and the ends of two semi-axes at right angles, LPS mm.
    """
    arms = points[1:] - points[0]
    lengths = np.linalg.norm(arms, axis=1)
    if not 0 <= slice_index < geometry.shape[SLICE] or lengths.min() <= 0:
        return None
    corners = np.array([points[0] + a * arms[0] + b * arms[1] for a in (-1, 1) for b in (-1, 1)])
    rows, columns = _pixels_within(geometry, corners)
    if not len(rows) or not len(columns):
        return None
    grid = np.stack(np.meshgrid([slice_index], rows, columns, indexing="ij"), axis=-1).reshape(-1, 3)
    offset = geometry.index_to_world(grid.astype(np.float64)) - points[0]
    inside = (((offset @ arms.T) / lengths**2) ** 2).sum(axis=1) <= 1.0
    if not inside.any():
        return None
    return _statistics(array[tuple(grid[inside].T)])


def _statistics(stored: Voxels) -> SignalStatistics:
    values = stored.astype(np.float64)
    return SignalStatistics(
        len(values), float(values.mean()), float(values.std()), float(values.min()), float(values.max())
    )


def _pixels_within(geometry: VolumeGeometry, corners: Array) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the rows and columns that the box around LPS points touches, within the slice."""
    index = geometry.world_to_index(corners)[:, 1:]
    low = np.maximum(np.floor(index.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0)) + 1, geometry.shape[1:]).astype(int)
    return np.arange(low[0], high[0]), np.arange(low[1], high[1])
