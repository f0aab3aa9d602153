"""Edits of the segmentation: pure functions from a label array to a new one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import BACKGROUND_CODE, LabelArray, LabelMap, code_of, instance_of

_STEP_OF_RADIUS = 0.5
"""A stroke is sampled every half radius, so that the painted discs overlap (our choice)."""


def instance_at(labels: LabelMap, point_lps: ArrayLike) -> InstanceId | None:
    """Return the instance under a point in LPS mm, None on background and outside the grid."""
    index = np.rint(labels.geometry.world_to_index(point_lps)).astype(int)
    if (index < 0).any() or (index >= np.array(labels.geometry.shape)).any():
        return None
    return instance_of(int(labels.array[tuple(index)]))


def painted(
    labels: LabelMap,
    stroke_lps: Sequence[ArrayLike],
    radius_mm: float,
    instance: InstanceId | None,
    among: Collection[InstanceId] | None = None,
) -> LabelArray:
    """Return the label array after a round brush went along a stroke on one slice.

    Parameters
    ----------
    stroke_lps
        Points of the stroke, LPS mm; the slice is that of the first point.
    radius_mm
        Radius of the brush in the slice plane.
    instance
        What to paint; None erases.
    among
        Structures that may be erased or painted over; None stands for all. Background always may.
    """
    geometry = labels.geometry
    dense = _densified(np.asarray(stroke_lps, dtype=np.float64).reshape(-1, 3), radius_mm)
    index = geometry.world_to_index(dense)
    number = int(np.rint(index[0, 0]))
    if not 0 <= number < geometry.shape[0]:
        raise UsageProblem("The stroke lies outside the segmented series.")
    touched = _near_stroke(geometry.shape[1:], index[:, 1:], np.array(geometry.spacing[1:]), radius_mm)
    result = np.array(labels.array)
    plane = result[number]
    if among is not None:
        touched &= np.isin(plane, [BACKGROUND_CODE, *(code_of(i) for i in among)])
    plane[touched] = BACKGROUND_CODE if instance is None else code_of(instance)
    return result


def _densified(points: Array, radius_mm: float) -> Array:
    if len(points) == 1:
        return points
    step = max(radius_mm * _STEP_OF_RADIUS, 0.1)
    pieces = [
        np.linspace(a, b, max(2, int(np.ceil(np.linalg.norm(b - a) / step)) + 1)) for a, b in pairwise(points)
    ]
    return np.concatenate(pieces)


def _near_stroke(
    shape: tuple[int, ...], centres: Array, spacing: Array, radius_mm: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return the pixels whose centre is within the radius of any of the points (row, column)."""
    touched = np.zeros(shape, dtype=np.bool_)
    reach = np.ceil(radius_mm / spacing).astype(int) + 1
    for centre in centres:
        low = np.maximum(np.floor(centre).astype(int) - reach, 0)
        high = np.minimum(np.ceil(centre).astype(int) + reach + 1, shape)
        if (low >= high).any():
            continue
        rows = (np.arange(low[0], high[0]) - centre[0]) * spacing[0]
        columns = (np.arange(low[1], high[1]) - centre[1]) * spacing[1]
        inside = rows[:, None] ** 2 + columns[None, :] ** 2 <= radius_mm**2
        touched[low[0] : high[0], low[1] : high[1]] |= inside
    return touched


def relabelled(labels: LabelMap, instance: InstanceId, other: InstanceId) -> LabelArray:
    """Return the label array with every voxel of one structure given to another."""
    result = np.array(labels.array)
    result[labels.mask(instance)] = code_of(other)
    return result


def deleted(labels: LabelMap, instance: InstanceId) -> LabelArray:
    """Return the label array without a structure."""
    result = np.array(labels.array)
    result[labels.mask(instance)] = BACKGROUND_CODE
    return result
