"""How well a segmentation agrees with a reference: overlap, surface distance, level identification.

Every function compares two label arrays of one shape on one voxel grid and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Labels = NDArray[Any]
Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]


def dice(predicted: Mask, reference: Mask) -> float | None:
    """Return the Dice coefficient of two masks, 0-1; None when both are empty."""
    _require_same_shape(predicted, reference)
    total = int(np.count_nonzero(predicted)) + int(np.count_nonzero(reference))
    return 2.0 * int(np.count_nonzero(predicted & reference)) / total if total else None


def dice_per_label(predicted: Labels, reference: Labels, labels: Iterable[int]) -> dict[int, float]:
    """Return the Dice coefficient of each label; a label that is in neither array is left out.

    With class arrays this is Dice per class, with instance arrays Dice per instance.
    """
    _require_same_shape(predicted, reference)
    found = {label: dice(predicted == label, reference == label) for label in labels}
    return {label: value for label, value in found.items() if value is not None}


@dataclass(frozen=True)
class SurfaceDistance:
    """Distances between the surfaces of two masks in mm.

    Attributes
    ----------
    hd95
        The larger of the two directed 95th percentiles.
    assd
        Average symmetric surface distance: the mean over the voxels of both surfaces.
    """

    hd95: float
    assd: float


def surface_distance(predicted: Mask, reference: Mask, spacing: Spacing) -> SurfaceDistance | None:
    """Return the surface distances of two masks; None when either is empty.

    Parameters
    ----------
    predicted, reference
        Shape (slices, rows, columns). A surface voxel has a face neighbour outside its mask.
    spacing
        Of the three axes in mm.
    """
    _require_same_shape(predicted, reference)
    if not predicted.any() or not reference.any():
        return None
    box = ndimage.find_objects((predicted | reference).astype(np.uint8))[0]
    a, b = _surface(predicted[box]), _surface(reference[box])
    a_to_b = ndimage.distance_transform_edt(~b, sampling=spacing)[a]
    b_to_a = ndimage.distance_transform_edt(~a, sampling=spacing)[b]
    hd95 = max(float(np.percentile(a_to_b, 95)), float(np.percentile(b_to_a, 95)))
    return SurfaceDistance(hd95, float(np.concatenate([a_to_b, b_to_a]).mean()))


def _surface(mask: Mask) -> Mask:
    """Return the voxels of a mask with a face neighbour outside it; beyond the array counts as outside."""
    return np.asarray(mask & ~ndimage.binary_erosion(mask))


@dataclass(frozen=True)
class LevelIdentification:
    """How many labelled discs carry the right level.

    Attributes
    ----------
    right, total
        Discs whose majority predicted label is right, and all labelled discs.
    wrong
        (reference label, majority predicted label) of the others; 0 is background.
    """

    right: int
    total: int
    wrong: tuple[tuple[int, int], ...] = ()

    @property
    def rate(self) -> float | None:
        """Share of labelled discs with the right level; None without labelled discs."""
        return self.right / self.total if self.total else None

    def __add__(self, other: LevelIdentification) -> LevelIdentification:
        """Return the counts of two examinations together."""
        return LevelIdentification(
            self.right + other.right, self.total + other.total, self.wrong + other.wrong
        )


def level_identification(
    predicted: Labels, reference: Labels, disc_labels: Iterable[int]
) -> LevelIdentification:
    """Return the level identification rate of one examination.

    The rate is the number of labelled discs whose majority predicted label carries the right level,
    divided by the number of all labelled discs. The majority is taken over all voxels of the
    reference disc, background included, so a disc that is mostly missed is not identified.

    Parameters
    ----------
    predicted, reference
        Level ids, such as those of ``segmentation.nii.gz``, on one grid.
    disc_labels
        Ids of discs; those that are not in the reference are not counted.
    """
    _require_same_shape(predicted, reference)
    right, total, wrong = 0, 0, []
    for label in disc_labels:
        inside = predicted[reference == label]
        if inside.size == 0:
            continue
        values, counts = np.unique(inside, return_counts=True)
        majority = int(values[int(counts.argmax())])
        total += 1
        right += majority == label
        if majority != label:
            wrong.append((label, majority))
    return LevelIdentification(right, total, tuple(wrong))


SPIDER_DISCS = (100, 95, 94, 93, 92, 91, 82, 81, 80)
"""Exported ids of the SPIDER disc labels 201, 202 … (201 = L5-S1, counted upward)."""
SPIDER_VERTEBRAE = (45, 44, 43, 42, 41, 32, 31, 30, 29)
"""Exported ids of the SPIDER vertebra labels 1, 2 … (1 = L5, counted upward)."""


def spider_to_level_ids(levels: Labels) -> NDArray[np.uint8]:
    """Return SPIDER instance labels (vertebrae 1 …, discs 201 …, from below) as exported level ids.

    SPIDER numbers every spine as if it had five lumbar bodies; so do these ids.
    """
    table = np.zeros(256, dtype=np.uint8)
    table[1 : 1 + len(SPIDER_VERTEBRAE)] = SPIDER_VERTEBRAE
    table[201 : 201 + len(SPIDER_DISCS)] = SPIDER_DISCS
    return np.asarray(table[np.asarray(levels, dtype=np.uint8)])


def _require_same_shape(predicted: Labels, reference: Labels) -> None:
    if predicted.shape != reference.shape:
        raise ValueError(f"the arrays have different shapes: {predicted.shape} and {reference.shape}")
