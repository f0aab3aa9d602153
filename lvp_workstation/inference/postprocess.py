"""From voxel classes to anatomical instances: the spine is fitted as a sequence, not counted."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.labelmap import instance_of
from lvp_workstation.inference.column import Column, build_column
from lvp_workstation.inference.discs import candidates, spine_axis
from lvp_workstation.inference.ends import Below, LowerEnd, settle_ends
from lvp_workstation.inference.grid import SACRUM, VERTEBRA, ClassGrid
from lvp_workstation.inference.levels import level_map
from lvp_workstation.inference.partition import partition

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Instances:
    """Instances on the grid they were found on.

    Attributes
    ----------
    codes
        uint8, shape (slices, rows, columns): voxel codes of `domain.labelmap`.
    levels
        Proposed names.
    column, end
        The fitted sequence and its lower end.
    """

    codes: Codes
    levels: LevelMap
    column: Column
    end: LowerEnd


def find_instances(classes: Codes, spacing: tuple[float, float, float]) -> Instances:
    """Return vertebrae, discs, canal and sacrum as instances, counted from caudal to cranial.

    Parameters
    ----------
    classes
        uint8, shape (slices, rows, columns) on canonical sagittal axes: classes of `inference.grid`.
    spacing
        Slice, row and column spacing in mm.
    """
    grid = ClassGrid(classes, spacing)
    column = build_column(grid, candidates(grid, spine_axis(grid)))
    if not column.discs:
        end = LowerEnd(Below.UNSEGMENTED)
        return Instances(np.zeros_like(classes), level_map(column, end, 0), column, end)
    column, end = settle_ends(grid, column)
    first = 1
    if end.below is Below.CUT_VERTEBRA:
        # a body that the image cuts is easily taken for sacrum
        first, grid = 2, ClassGrid(np.where(classes == SACRUM, VERTEBRA, classes).astype(np.uint8), spacing)
    parts = partition(grid, column.discs, first)
    return Instances(parts.codes, level_map(column, end, max(parts.vertebrae, default=0)), column, end)


def instance_confidence(codes: Codes, winning: NDArray[np.float32]) -> MappingProxyType[InstanceId, float]:
    """Return the mean probability of the winning class of each instance.

    Parameters
    ----------
    codes, winning
        Instance codes and the probability of the most probable class, same shape.
    """
    counts = np.bincount(codes.reshape(-1), minlength=256)
    sums = np.bincount(codes.reshape(-1), weights=winning.reshape(-1), minlength=256)
    found = {}
    for code in np.flatnonzero(counts):
        instance = instance_of(int(code))
        if instance is not None:
            found[instance] = round(float(sums[code] / counts[code]), 4)
    return MappingProxyType(found)
