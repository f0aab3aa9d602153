"""The grid on which instances are found: canonical sagittal axes, millimetres along each axis.

Local coordinates are ``(slice, row, column)`` indices times the spacing: they grow to patient Right,
Inferior and Posterior. Distances equal those in LPS mm, because the axes are orthogonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array

BACKGROUND, VERTEBRA, DISC, CANAL, SACRUM = range(5)
"""Voxel classes inside this package, whatever the order of the network's channels."""
CLASS_NAMES: tuple[str, ...] = ("background", "vertebra", "disc", "canal", "sacrum")

Classes = NDArray[np.uint8]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ClassGrid:
    """Voxel classes on a canonical sagittal grid.

    Attributes
    ----------
    classes
        uint8, shape (slices, rows, columns): `BACKGROUND` … `SACRUM`.
    spacing
        Slice, row and column spacing in mm.
    """

    classes: Classes
    spacing: tuple[float, float, float]

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel in mm3."""
        return float(np.prod(self.spacing))

    def points(self, flat: Index) -> Array:
        """Return local coordinates in mm, shape (n, 3), of flat voxel indices."""
        index = np.stack(np.unravel_index(flat, self.classes.shape), axis=1)
        return np.asarray(index * np.array(self.spacing), dtype=np.float64)

    def sample(self, points: Array) -> Classes:
        """Return the class at the voxel nearest to local points of shape (..., 3).

        Outside the grid along rows or columns the answer is `OUTSIDE`; slices beyond the first or
        last are read from that slice, because a thin slab says nothing about what lies beside it.
        """
        index = np.rint(points / np.array(self.spacing)).astype(np.intp)
        shape = np.array(self.classes.shape)
        outside = ((index[..., 1:] < 0) | (index[..., 1:] >= shape[1:])).any(axis=-1)
        index = np.clip(index, 0, shape - 1)
        found = self.classes[index[..., 0], index[..., 1], index[..., 2]]
        return np.where(outside, np.uint8(OUTSIDE), found)


OUTSIDE = 255
"""Answer of `ClassGrid.sample` beyond the image."""
