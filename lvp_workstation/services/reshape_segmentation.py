"""Edits of the segmentation that need the neighbourhood of a voxel or the whole shape of a structure.

Kept apart from `edit_segmentation` because SciPy comes with them, which the start of the window does without.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.labelmap import BACKGROUND_CODE, LabelArray, LabelMap, code_of, instance_of
from lvp_workstation.measure.label_shapes import (
    around_hole,
    between_slices,
    gaps_of,
    grown,
    hole_with,
    piece_with,
    smoothed,
)
from lvp_workstation.services.edit_segmentation import given_to, voxel_at


def hole_filled(labels: LabelMap, point_lps: ArrayLike, among: Collection[InstanceId]) -> LabelArray:
    """Return the label array with the hole around a point of a slice given to what surrounds it.

    Raises
    ------
    UsageProblem
        When the point lies in no hole, or what surrounds it is not among the structures that may change.
    """
    slice_number, row, column = voxel_at(labels, point_lps)
    plane = labels.array[slice_number]
    hole = hole_with(plane, (row, column))
    if hole is None:
        raise UsageProblem("There is no hole here; drag an outline to fill its inside.")
    instance = instance_of(around_hole(plane, hole))
    if instance is None or instance not in among:
        raise UsageProblem("What surrounds this hole is not shown yet.")
    return given_to(labels, np.insert(np.argwhere(hole), 0, slice_number, axis=1), instance, among)


def grown_from(
    labels: LabelMap,
    image: NDArray[Any],
    point_lps: ArrayLike,
    instance: InstanceId,
) -> LabelArray:
    """Return the label array with a structure grown into the background of like signal around a point.

    ``image`` has the shape of the labels, stored values; how far it grows is told in `measure.label_shapes`.

    Raises
    ------
    UsageProblem
        When there is nothing to grow into.
    """
    found = grown(image, labels.geometry, voxel_at(labels, point_lps))
    result = np.array(labels.array)
    block = result[found.box]
    new = found.mask & (block == BACKGROUND_CODE)
    if not new.any():
        raise UsageProblem("There is nothing of like signal to grow into here.")
    block[new] = code_of(instance)
    return result


def interpolated(labels: LabelMap, instance: InstanceId, corrected: Collection[int]) -> LabelArray:
    """Return the label array with a structure interpolated between the slices on which it was corrected.

    Parameters
    ----------
    corrected
        Numbers of the slices that stay as they are. With fewer than two of them the gaps of the structure
        are filled.

    Raises
    ------
    UsageProblem
        When there is nothing between the slices, or no gap.
    """
    mask = labels.mask(instance)
    held = [n for n in sorted(corrected) if mask[n].any()]
    keys = held if len(held) > 1 else gaps_of(mask)
    if len(keys) < 2 or keys[-1] - keys[0] + 1 == len(keys):
        raise UsageProblem("Correct this structure on two slices with others between them first.")
    return _reshaped(labels, instance, between_slices(mask, keys, labels.geometry.spacing))


def smoothed_out(labels: LabelMap, instance: InstanceId) -> LabelArray:
    """Return the label array with the surface of a structure smoothed; other structures keep every voxel."""
    return _reshaped(labels, instance, smoothed(labels.mask(instance), labels.geometry.spacing))


def _reshaped(labels: LabelMap, instance: InstanceId, mask: NDArray[np.bool_]) -> LabelArray:
    """Return the label array with a structure in another shape, as far as only background gives way."""
    code = code_of(instance)
    result = np.array(labels.array)
    result[(result == code) & ~mask] = BACKGROUND_CODE
    result[(result == BACKGROUND_CODE) & mask] = code
    return result


def piece_relabelled(labels: LabelMap, point_lps: ArrayLike, other: InstanceId | None) -> LabelArray:
    """Return the label array with the connected piece at a point given to another structure; None deletes.

    Raises
    ------
    UsageProblem
        When there is no structure at the point.
    """
    voxel = voxel_at(labels, point_lps)
    if labels.array[voxel] == BACKGROUND_CODE:
        raise UsageProblem("There is no structure here.")
    piece = piece_with(np.asarray(labels.array == labels.array[voxel]), voxel)
    result = np.array(labels.array)
    result[piece] = BACKGROUND_CODE if other is None else code_of(other)
    return result
