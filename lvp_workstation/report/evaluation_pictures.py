"""A case drawn for a report: the image, and the outlines of reference and prediction beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lvp_workstation.domain.volume import COLUMN, ROW, SLICE, Volume, to_canonical

REFERENCE_COLOR, PREDICTED_COLOR = (64, 220, 255), (255, 120, 40)
"""Cyan and orange: told apart by readers who cannot tell red from green."""
PIXEL_MM = 0.4
MARGIN_MM = 14.0
PANEL_GAP = 6
WINDOW = (0.5, 99.0)
"""Percentiles of the slice shown as black and white."""

Labels = NDArray[np.uint8]
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DifferencePicture:
    """A slice: the image alone, and the image with both outlines; isotropic pixels.

    Attributes
    ----------
    pixels
        uint8, shape (rows, columns, 3).
    slice_number, slices
        Which slice of the canonical sagittal order, from 1, of how many.
    """

    pixels: Rgb
    slice_number: int
    slices: int


def difference_picture(volume: Volume, reference: Labels, predicted: Labels) -> DifferencePicture:
    """Draw the slice in which prediction and reference differ in most voxels.

    Parameters
    ----------
    volume
        Any orientation; drawn head up, anterior left.
    reference, predicted
        Classes on its voxels; classes that the reference does not hold are not drawn.
    """
    held = np.isin(predicted, np.unique(reference))
    image = to_canonical(volume)
    truth = to_canonical(Volume(reference, volume.geometry)).array
    guess = to_canonical(Volume(np.where(held, predicted, 0).astype(np.uint8), volume.geometry)).array
    number = int((truth != guess).sum(axis=(ROW, COLUMN)).argmax())
    spacing = image.geometry.spacing
    box = _box(np.asarray(((truth > 0) | (guess > 0)).any(axis=SLICE)), spacing[ROW:])
    plain = _grey(image.array[number][box], spacing[ROW:])
    drawn = np.repeat(plain[..., None], 3, axis=2)
    size = plain.shape
    for labels, color in ((truth, REFERENCE_COLOR), (guess, PREDICTED_COLOR)):
        drawn[_outline(_enlarged(labels[number][box], size))] = color
    gap = np.full((size[0], PANEL_GAP, 3), 255, dtype=np.uint8)
    pixels = np.concatenate([np.repeat(plain[..., None], 3, axis=2), gap, drawn], axis=1)
    return DifferencePicture(pixels, number + 1, len(truth))


def _box(shown: NDArray[np.bool_], spacing: tuple[float, ...]) -> tuple[slice, slice]:
    """Return the part of the slice that holds labels, with a margin; everything when there are none."""
    parts = []
    for axis in (0, 1):
        hits = np.flatnonzero(shown.any(axis=1 - axis))
        margin = int(MARGIN_MM / spacing[axis])
        if hits.size:
            parts.append(slice(max(int(hits[0]) - margin, 0), int(hits[-1]) + margin + 1))
        else:
            parts.append(slice(0, shown.shape[axis]))
    return parts[0], parts[1]


def _grey(pixels: NDArray[np.generic], spacing: tuple[float, ...]) -> Labels:
    """Return a slice as grey values on square pixels."""
    values = pixels.astype(np.float32)
    low, high = np.percentile(values, WINDOW)
    scaled = np.clip((values - low) / max(float(high - low), 1e-6), 0.0, 1.0)
    rows, columns = (max(1, round(n * s / PIXEL_MM)) for n, s in zip(values.shape, spacing, strict=True))
    resized = Image.fromarray(np.rint(scaled * 255).astype(np.uint8)).resize(
        (columns, rows), Image.Resampling.BICUBIC
    )
    return np.asarray(resized, dtype=np.uint8)


def _enlarged(labels: Labels, size: tuple[int, ...]) -> Labels:
    rows, columns = (
        np.minimum((np.arange(wanted) * n / wanted).astype(np.intp), n - 1)
        for wanted, n in zip(size, labels.shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]


def _outline(labels: Labels) -> NDArray[np.bool_]:
    """Return the labelled pixels that touch another value."""
    padded = np.pad(labels, 1, mode="edge")
    inner = padded[1:-1, 1:-1]
    differs = np.zeros(labels.shape, dtype=bool)
    for other in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        differs |= other != inner
    return differs & (labels > 0)
