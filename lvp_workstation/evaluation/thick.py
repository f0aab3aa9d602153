"""Thick slices made of thin ones, with the labels that a reader would draw on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvp_workstation.domain.volume import SLICE, Volume, VolumeGeometry
from lvp_workstation.evaluation.conventions import Reference

THICK_MM = 4.5
"""Spacing that is aimed at: five slices of 0.9 mm (our choice; clinical sagittal slices lie 4-5 mm apart)."""
THIN_MM = 2.25
"""Slices further apart than this are not merged: a group would hold a single one (our choice)."""


def group_size(geometry: VolumeGeometry) -> int:
    """Return how many slices make a thick one, 1 when they are thick already or too few."""
    spacing, count = geometry.spacing[SLICE], geometry.shape[SLICE]
    size = round(THICK_MM / spacing)
    return size if spacing <= THIN_MM and 2 <= size <= count else 1


def thickened(volume: Volume, reference: Reference) -> tuple[Volume, Reference] | None:
    """Return means of groups of slices with the labels of the middle one; None where none are merged.

    A last group that is not full is left out.
    """
    size = group_size(volume.geometry)
    if size == 1:
        return None
    count = volume.shape[SLICE] // size
    groups = volume.array[: count * size].reshape(count, size, *volume.shape[1:])
    array = groups.mean(axis=1, dtype=np.float32)
    if volume.array.dtype.kind in "iu":
        array = np.rint(array).astype(volume.array.dtype)
    affine = volume.geometry.affine.copy()
    affine[:3, 3] += affine[:3, SLICE] * (size - 1) / 2
    affine[:3, SLICE] *= size
    grid = VolumeGeometry(affine, array.shape, volume.geometry.frame_of_reference_uid)
    middle = slice(size // 2, count * size, size)
    labels = replace(
        reference,
        classes=reference.classes[middle],
        ids=None if reference.ids is None else reference.ids[middle],
    )
    return replace(volume, array=array, geometry=grid, source_sop_uids=()), labels
