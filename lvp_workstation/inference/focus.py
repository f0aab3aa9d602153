"""Look twice: a coarse look at the whole volume finds the column, the fine look is kept to its box.

The column fills about half of a sagittal image. The same network, given half the pixels and at most
`COARSE_SLICES` slices, marks it well enough to say where it is, though not where its edges are. Whatever
is doubtful is decided by looking at the whole volume: when the coarse look finds nothing or nothing tall,
and when the fine look finds something at a side of the box that is not a side of the image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.inference.preprocess import PAD_VALUE, PLANE_MULTIPLE, SLICE_MULTIPLE

COARSE_FACTOR = 2
"""Rows and columns are averaged in squares of this many pixels."""
COARSE_SLICES = 8
"""Slices of the coarse look, evenly spread (our choice: with 4, boxes were up to 34 mm short)."""
MARGIN = 24
"""Least width in pixels (mm) of the rim around the coarse column. The coarse column was at most 14 mm
short in 26 volumes of 20 SPIDER patients (measured); the rest is what the network looks at beyond an
edge. With 24, Dice changed by at most .0017 on the validation patients, with 16 by up to .009."""
MIN_HEIGHT = 120
"""A coarse column lower than this, in rows (mm), is not believed (our choice: four lumbar levels)."""
MIN_VOXELS = 400_000
"""Smaller inputs are looked at as a whole: nothing is gained (our choice)."""
MAX_SHARE = 0.8
"""A box larger than this share of the image is not worth a second look (our choice)."""
MAX_WHOLE = 24_000_000
"""Larger inputs are never looked at as a whole: the network takes about 250 bytes a voxel (measured), so this
is 6 GB; 120 slices of 500 x 400 mm have as many."""
_CRUMB = 0.05
_RIM = 3

Float32 = NDArray[np.float32]
Run = Callable[[Float32], Float32]
Box = tuple[slice, slice]


def focused(run: Run, array: Float32) -> Float32:
    """Return class probabilities of a whole input, looking closely at the column only.

    Parameters
    ----------
    run
        Runs the network: float32 (1, 1, slices, rows, columns) to probabilities (1, classes, …), the
        background first.
    array
        A network input of any size the network takes.

    Returns
    -------
    probabilities
        float32, shape (1, classes, slices, rows, columns); background is certain outside the box, and
        everywhere in an input above `MAX_WHOLE` in which the coarse look finds no column.
    """
    if array.size < MIN_VOXELS:
        return run(array)
    look = run(coarse(array))
    box, fits = column_box(look, array.shape), array.size <= MAX_WHOLE
    if box is None:
        return run(array) if fits else _background(look.shape[1], array.shape)
    answer = run(np.ascontiguousarray(array[..., box[0], box[1]]))
    if fits and _reaches_side(answer, box, array.shape):
        return run(array)
    whole = _background(answer.shape[1], array.shape)
    whole[..., box[0], box[1]] = answer
    return whole


def _background(classes: int, shape: tuple[int, ...]) -> Float32:
    """Return probabilities that are sure of background everywhere."""
    whole = np.zeros((1, classes, *shape[2:]), dtype=np.float32)
    whole[:, 0] = 1.0
    return whole


def coarse(array: Float32) -> Float32:
    """Return an input with fewer slices and half the pixels, padded to what the network takes."""
    slices, rows, columns = array.shape[2:]
    count = min(COARSE_SLICES, slices)
    chosen = ((np.arange(count) + 0.5) * slices / count).astype(np.intp)
    half = (rows // COARSE_FACTOR, columns // COARSE_FACTOR)
    squares = array[0, 0, chosen, : half[0] * COARSE_FACTOR, : half[1] * COARSE_FACTOR]
    means = squares.reshape(count, half[0], COARSE_FACTOR, half[1], COARSE_FACTOR).mean(axis=(2, 4))
    size = (-(-count // SLICE_MULTIPLE) * SLICE_MULTIPLE, *(_padded(n) for n in half))
    result = np.full((1, 1, *size), PAD_VALUE, dtype=np.float32)
    result[0, 0, :count, : half[0], : half[1]] = means
    return result


def column_box(answer: Float32, shape: tuple[int, ...]) -> Box | None:
    """Return the rows and columns worth a fine look, None when that is the whole image.

    Parameters
    ----------
    answer
        What the network says about `coarse` of an input.
    shape
        Shape of that input.
    """
    labels, count = ndimage.label(answer[0, 0] < 0.5)
    if count == 0:
        return None
    sizes = np.bincount(labels.reshape(-1))
    sizes[0] = 0
    found = (sizes >= _CRUMB * sizes.max())[labels]
    tall = found.any(axis=(0, 2))
    if np.ptp(np.flatnonzero(tall)) * COARSE_FACTOR < MIN_HEIGHT:
        return None
    rows = _side(tall, shape[3])
    columns = _side(found.any(axis=(0, 1)), shape[4])
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    return None if area > MAX_SHARE * shape[3] * shape[4] else (rows, columns)


def _padded(size: int) -> int:
    return -(-size // PLANE_MULTIPLE) * PLANE_MULTIPLE


def _side(found: NDArray[np.bool_], size: int) -> slice:
    """Return the fine range of one axis.

    It begins and ends on the grid that the network's strides make of the whole image, so that the
    network computes the same there as it would on the whole.
    """
    hits = np.flatnonzero(found) * COARSE_FACTOR
    start = max(0, int(hits[0]) - MARGIN) // PLANE_MULTIPLE * PLANE_MULTIPLE
    return slice(start, min(size, _padded(int(hits[-1]) + COARSE_FACTOR + MARGIN)))


def _reaches_side(answer: Float32, box: Box, shape: tuple[int, ...]) -> bool:
    """Whether something was found at a side of the box that is not a side of the image."""
    found = answer[0, 0] < 0.5
    rows, columns = box
    return bool(
        (rows.start > 0 and found[:, :_RIM].any())
        or (rows.stop < shape[3] and found[:, -_RIM:].any())
        or (columns.start > 0 and found[..., :_RIM].any())
        or (columns.stop < shape[4] and found[..., -_RIM:].any())
    )
