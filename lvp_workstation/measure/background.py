"""Images whose background is not zero: z-scored and other shifted intensities of research files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvp_workstation.domain.volume import Volume

BACKGROUND_PERCENTILE = 2.0
"""The darkest 2 % mark the background, as for the network's input (our choice)."""


def with_zero_background(volume: Volume) -> Volume:
    """Return the volume with its background at zero, so that ratios of signal mean something.

    The magnitude of an MR signal is never negative, so values below zero tell of a shift; a volume
    without any is returned as it is.

    Parameters
    ----------
    volume
        Stored values, any unit.
    """
    if volume.array.size == 0 or not float(volume.array.min()) < 0:
        return volume
    values = volume.array.astype(np.float32)
    values -= np.float32(np.percentile(values, BACKGROUND_PERCENTILE))
    return replace(volume, array=np.maximum(values, np.float32(0.0)))
