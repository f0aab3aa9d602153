"""The mid-sagittal slice of a label map, and the rectangle around a disc on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import SLICE, VolumeGeometry

Mask = NDArray[np.bool_]

MARGIN_MM = 2.0
"""Added to each side of the bounding rectangle of a disc mask (our choice)."""
MIN_VOXELS = 8
"""A disc with fewer voxels on the slice is only touched by it (our choice)."""


def middle_slice(labels: LabelMap) -> int:
    """Return the slice of the segmented series that shows most of the discs."""
    discs = [i for i in labels.instances if i.startswith("D")]
    if not discs:
        return labels.geometry.shape[SLICE] // 2
    return fullest_slice([labels.mask(d) for d in discs])


def fullest_slice(masks: Sequence[Mask]) -> int:
    """Return the slice that shows most of several discs, each counted alike; masks (slice, row, column)."""
    counts = np.stack([mask.sum(axis=(1, 2)) for mask in masks])
    shares = counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
    return int(np.argmax(shares.sum(axis=0)))


def disc_box(mask: Mask, geometry: VolumeGeometry, index: int) -> Array | None:
    """Return the rectangle around a disc on a slice, None where the slice hardly meets it.

    Parameters
    ----------
    mask
        Voxels of the disc, shape (slices, rows, columns).

    Returns
    -------
    ndarray or None
        Four corners in LPS mm, shape (4, 3), in order around the rectangle; its sides run along the rows and
        the columns of the image, `MARGIN_MM` outside of the voxels of the disc.
    """
    rows, columns = np.nonzero(mask[index])
    if rows.size < MIN_VOXELS:
        return None
    _, row_mm, column_mm = geometry.spacing
    reach = (0.5 + MARGIN_MM / row_mm, 0.5 + MARGIN_MM / column_mm)
    top, bottom = rows.min() - reach[0], rows.max() + reach[0]
    first, last = columns.min() - reach[1], columns.max() + reach[1]
    corners = [(index, top, first), (index, top, last), (index, bottom, last), (index, bottom, first)]
    return geometry.index_to_world(np.array(corners, dtype=np.float64))
