"""The lateral course of the spine: on which slice the middle of the canal lies at each row.

A scoliotic or obliquely positioned spine leaves the middle image; every sagittal measurement is taken
on the curved section through this course instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.linalg import solveh_banded

from lvp_workstation.domain.geometry import Array

STIFFNESS_MM = 25.0
"""Length over which the course may bend, mm (our choice: about one vertebral level)."""
TRUNCATED_WEIGHT = 0.2
"""Weight of a row whose canal is cut by one side of the slab, where its centre is biased (our choice)."""
SHARED_ROWS = 0.3
"""Share of its rows on which a part of the canal may lie beside a larger part (our choice)."""
CUT_SHARE = 0.3
"""Share of the greatest AP diameter of a row that the outermost slice shows where it cuts the canal (our
choice)."""
HALF_CANAL_MM = 8.0
"""Half the width of a narrow canal, mm (our choice: the mean width is 20-30 mm from L1 to L5, Griffith 2016;
its mask ends at the sac, which is narrower)."""
COLUMN_WEIGHT = 0.05
"""Weight of a row that shows bodies and discs but no canal (our choice)."""


def lateral_course(
    canal: NDArray[np.bool_], column: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> Array:
    """Return the fractional slice index of the midline for each row.

    Parameters
    ----------
    canal
        Canal voxels, (slice, row, column).
    column
        Voxels of bodies and discs, same shape; they guide rows without canal.
    spacing
        Voxel spacing (slice, row, column), mm.

    Returns
    -------
    ndarray
        Shape (rows,), within 0 … slices - 1.
    """
    slices, rows = canal.shape[0], canal.shape[1]
    if slices == 1:
        return np.zeros(rows)
    centre, weight = _row_centres(canal, spacing)
    other, other_weight = _row_centres(column, spacing)
    without = weight == 0
    centre[without], weight[without] = other[without], COLUMN_WEIGHT * (other_weight[without] > 0)
    if not weight.any():
        return np.full(rows, (slices - 1) / 2)
    stiffness = (STIFFNESS_MM / spacing[1]) ** 4
    return np.clip(_smooth(centre, weight, stiffness), 0.0, slices - 1.0)


def midline_outside(canal: NDArray[np.bool_], spacing: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Return the rows on which the middle of the canal lies outside the slices.

    There one end of the slab cuts the canal, and less than half of a canal is left in view: a diameter taken
    in what is left would be that of its side recess.

    Parameters
    ----------
    canal
        Canal voxels, (slice, row, column).
    spacing
        Voxel spacing (slice, row, column), mm.

    Returns
    -------
    ndarray
        Booleans, shape (rows,); False on rows without canal.
    """
    shown = _shown(canal.sum(axis=2, dtype=np.int64))
    return np.asarray(_cut(shown) & (shown.sum(axis=0) * spacing[0] < HALF_CANAL_MM))


def _shown(area: NDArray[Any]) -> NDArray[np.bool_]:
    """Return on which slices a row shows a structure, from its voxels, shape (slice, row)."""
    return np.asarray(area > CUT_SHARE * area.max(axis=0))


def _cut(shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows on which one end of the slab, and not the other, cuts a structure."""
    return np.asarray(shown[0] ^ shown[-1])


def stray_canal(canal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the canal voxels that belong to stray parts: parts beside a larger one on the same rows.

    A canal torn by a stenosis or by the edge of the slab keeps all its parts, since they share no rows.
    """
    parts, count = ndimage.label(canal)
    stray = np.zeros(canal.shape, dtype=bool)
    if count < 2:
        return stray
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    taken = np.zeros(canal.shape[1], dtype=bool)
    boxes = ndimage.find_objects(parts)
    for part in np.argsort(-sizes)[:count]:
        rows = boxes[part - 1][1]
        if taken[rows].mean() > SHARED_ROWS:
            stray[boxes[part - 1]] |= parts[boxes[part - 1]] == part
        else:
            taken[rows] = True
    return stray


def _row_centres(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> tuple[Array, Array]:
    """Return the mean slice index of each row and a weight that is low where the slab cuts the mask."""
    area = mask.sum(axis=2, dtype=np.int64).astype(np.float64)
    total = area.sum(axis=0)
    index = np.arange(mask.shape[0], dtype=np.float64)
    centre = np.divide(index @ area, total, out=np.zeros_like(total), where=total > 0)
    weight = np.where(_cut(_shown(area)), TRUNCATED_WEIGHT, 1.0) * (total * spacing[0] * spacing[2] > 4.0)
    return centre, weight


def _smooth(values: Array, weight: Array, stiffness: float) -> Array:
    """Minimise the weighted error plus ``stiffness`` times the squared second differences."""
    n = values.size
    if n < 4:
        return np.full(n, float(np.average(values, weights=weight)))
    bands = np.zeros((3, n))
    bands[2] = weight + 1e-9
    for offset, coefficient in ((0, 1.0), (1, -2.0), (2, 1.0)):
        bands[2, offset : n - 2 + offset] += stiffness * coefficient**2
    bands[1, 1 : n - 1] += stiffness * -2.0
    bands[1, 2:n] += stiffness * -2.0
    bands[0, 2:] += stiffness
    return np.asarray(solveh_banded(bands, weight * values))
