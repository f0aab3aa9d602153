"""Signal of the pixels inside an ellipse on one acquired slice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.reader_marks import SignalStatistics
from lvp_workstation.domain.volume import SLICE, VolumeGeometry


def ellipse_signal(
    array: NDArray[Any], geometry: VolumeGeometry, slice_index: int, points: Array
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
    rows, columns = _pixels_around(geometry, points[0], arms)
    if not len(rows) or not len(columns):
        return None
    grid = np.stack(np.meshgrid([slice_index], rows, columns, indexing="ij"), axis=-1).reshape(-1, 3)
    offset = geometry.index_to_world(grid.astype(np.float64)) - points[0]
    inside = (((offset @ arms.T) / lengths**2) ** 2).sum(axis=1) <= 1.0
    if not inside.any():
        return None
    values = array[tuple(grid[inside].T)].astype(np.float64)
    return SignalStatistics(
        len(values), float(values.mean()), float(values.std()), float(values.min()), float(values.max())
    )


def _pixels_around(
    geometry: VolumeGeometry, centre: Array, arms: Array
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the rows and columns that the box around an ellipse touches, within the slice."""
    corners = [centre + a * arms[0] + b * arms[1] for a in (-1, 1) for b in (-1, 1)]
    index = geometry.world_to_index(np.array(corners))[:, 1:]
    low = np.maximum(np.floor(index.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0)) + 1, geometry.shape[1:]).astype(int)
    return np.arange(low[0], high[0]), np.arange(low[1], high[1])
