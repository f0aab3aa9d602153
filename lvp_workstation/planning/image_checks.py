"""What the voxels alone tell of a series: noise, motion, fold-over."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import POSTERIOR, Array
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, ImagePlane, Volume

LAPLACIAN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float64)
"""Noise mask of Immerkaer 1996 (Comput Vis Image Underst 64:300): plane edges cancel; its norm is 6."""
NORMAL_MAD = 0.6745
"""Median absolute deviation of a normal distribution with standard deviation 1."""
TISSUE_QUANTILE = 0.75
"""This quantile of a slice is tissue (our choice: air fills less than half of a spine image)."""
BORDER_SHARE = 0.03
BAND = (0.015, 0.25)
"""Cycles per pixel between which the spectrum is looked at: above is what scanners often fill with zeros (our
choice)."""
FALL_DEGREE, SMOOTH_BINS = 4, 4.0
"""The fall of the spectrum with frequency, and what is smooth beside it, are taken away (our choice)."""
MIDDLE_SHARE = 0.5
"""Share of the slices, about the middle one, that is looked at (our choice: outer slices hold less body)."""
MIN_SIZE = 64

PHASE_AXES = {"ROW": (COLUMN,), "COL": (ROW,)}
"""Voxel axis of phase encoding by InPlanePhaseEncodingDirection (0018,1312): along a row the column index
grows."""


def image_facts(volume: Volume, phase: object = None) -> dict[str, float]:
    """Return the facts of `quality.KNOWN` that need no anatomy.

    Parameters
    ----------
    volume
        One stack, any plane.
    phase
        InPlanePhaseEncodingDirection, ``ROW`` or ``COL``; anything else: not known, both are looked at.
    """
    axes = PHASE_AXES.get(str(phase).upper(), (ROW, COLUMN))
    facts: dict[str, float] = {}
    slices = _middle_slices(volume)
    if not slices or min(slices[0].shape) < MIN_SIZE:
        return facts
    facts["snr"] = float(np.median([_snr(image) for image in slices]))
    facts["ripple"] = max(float(np.median([_ripple(image, axis - 1) for image in slices])) for axis in axes)
    fold = _fold_over(volume, slices, axes)
    if fold is not None:
        facts["fold_over"] = fold
    return facts


def _middle_slices(volume: Volume) -> list[Array]:
    """Return the slices about the middle that hold something."""
    count = volume.shape[SLICE]
    half = max(1, int(np.ceil(count * MIDDLE_SHARE / 2)))
    chosen = volume.array[max(0, count // 2 - half) : count // 2 + half]
    return [np.asarray(image, dtype=np.float64) for image in chosen if np.any(image)]


def _snr(image: Array) -> float:
    """Return tissue signal over noise; interpolated images look better than they are."""
    noise = float(np.median(np.abs(ndimage.convolve(image, LAPLACIAN)))) / (NORMAL_MAD * 6.0)
    level = float(np.quantile(image, TISSUE_QUANTILE))
    return min(level / noise, 1e3) if noise > 0 else 1e3


def _ripple(image: Array, axis: int) -> float:
    """Return the ripple of the logarithmic power spectrum along an image axis.

    Two outlines of the same thing interfere: as in cepstral analysis, a second, displaced copy modulates the
    logarithm of the spectrum. What is smooth in it belongs to the anatomy.
    """
    count = image.shape[axis]
    window = np.hanning(count).reshape((-1, 1) if axis == 0 else (1, -1))
    power = (np.abs(np.fft.rfft(image * window, axis=axis)) ** 2).mean(axis=1 - axis)
    first, last = int(np.ceil(BAND[0] * count)), int(BAND[1] * count)
    part = np.log(np.maximum(power[first:last], 1e-12))
    places = np.log(np.arange(first, last))
    part = part - np.polyval(np.polyfit(places, part, FALL_DEGREE), places)
    return float((part - ndimage.gaussian_filter1d(part, SMOOTH_BINS)).std())


def _fold_over(volume: Volume, slices: list[Array], axes: tuple[int, ...]) -> float | None:
    """Return the signal at both borders from front to back over that of tissue; sagittal images only.

    Behind the back there is air; where the border shows tissue both in front and behind, what is cut off on
    one side has come in on the other. Along the body both borders always show tissue, and in axial images
    of the spine mostly, too: there this says nothing.
    """
    if volume.geometry.image_plane is not ImagePlane.SAGITTAL:
        return None
    along = [abs(float(volume.geometry.directions[:, axis] @ POSTERIOR)) for axis in (ROW, COLUMN)]
    axis = (ROW, COLUMN)[int(np.argmax(along))]
    if axis not in axes:
        return None
    shares = []
    for image in slices:
        width = max(1, round(BORDER_SHARE * image.shape[axis - 1]))
        turned = image if axis == ROW else image.T
        level = max(float(np.quantile(image, TISSUE_QUANTILE)), 1e-9)
        shares.append(min(float(turned[:width].mean()), float(turned[-width:].mean())) / level)
    return float(np.median(shares))
