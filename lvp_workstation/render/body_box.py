"""Where the patient is in a slice: what a first view need not cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNAL_SHARE = 0.12
"""Share of the brightest row or column below which a row or column counts as air (our choice)."""

MARGIN_SHARE = 0.03
"""Margin around the patient, as a share of the size of the slice (our choice)."""

Extent = tuple[float, float]


def body_extent(pixels: NDArray[Any]) -> tuple[Extent, Extent]:
    """Return first and last row, and first and last column, between which a slice shows tissue.

    Parameters
    ----------
    pixels
        Shape (rows, columns), stored values.

    Returns
    -------
    rows, columns
        Positions in voxels, counted at the outer edges: (0, count) for a slice full of tissue.
    """
    signal = pixels.astype(np.float32)
    if pixels.dtype.kind == "f":
        np.nan_to_num(signal, copy=False)
    signal = signal - np.percentile(signal, 1)
    return _extent(signal.mean(axis=1)), _extent(signal.mean(axis=0))


def _extent(profile: NDArray[np.floating]) -> Extent:
    count = len(profile)
    tissue = np.flatnonzero(profile > SIGNAL_SHARE * float(profile.max()))
    if tissue.size == 0:
        return 0.0, float(count)
    margin = MARGIN_SHARE * count
    return max(0.0, float(tissue[0]) - margin), min(float(count), float(tissue[-1]) + 1 + margin)
