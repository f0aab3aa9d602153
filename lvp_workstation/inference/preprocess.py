"""From a `Volume` to the network's grid, and from class probabilities back to the volume's voxels.

The network grid has the canonical sagittal axes (slices to patient Right, rows to Inferior, columns
to Posterior), pixels of exactly ``PLANE_SPACING`` mm centred on the volume, and the slices of the
volume; slices thinner than ``MERGE_BELOW`` mm are averaged in small groups. No oblique resampling:
an axis is permuted, flipped and resampled linearly, so both ways are small matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvp_workstation.domain.volume import Volume, VolumeGeometry, canonical_order, to_canonical

PLANE_SPACING = 1.0
"""Pixel size of the network grid in mm."""
MERGED_SPACING = 1.9
"""Thin slices are averaged in groups that stay at or below this spacing in mm."""
MERGE_BELOW = 1.0
"""Slices closer than this, in mm, are averaged."""
SLICE_MULTIPLE = 4
"""The network halves the slices twice."""
PLANE_MULTIPLE = 16
"""The network halves rows and columns four times."""
PAD_VALUE = -1.0
"""Normalised intensity of air, used outside the volume."""
_SAMPLE = 400_000
_SUPPORT = 0.02

Float32 = NDArray[np.float32]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class GridRecord:
    """What is needed to bring a network answer back onto the voxels of the input volume.

    Attributes
    ----------
    source
        Grid of the input volume, as given.
    canonical
        The same voxels in canonical axis order and direction.
    network
        Grid of the network input before padding, LPS mm; its slices are groups of ``merge`` slices.
    merge
        Slices averaged into one network slice.
    padded_shape
        Slices, rows and columns of the network input; padding lies at the end of every axis.
    """

    source: VolumeGeometry
    canonical: VolumeGeometry
    network: VolumeGeometry
    merge: int
    padded_shape: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class NetworkInput:
    """A prepared volume.

    Attributes
    ----------
    array
        float32, shape (1, 1, slices, rows, columns), normalised intensity (air -1, bright fat about 1).
    record
        The way back.
    """

    array: Float32
    record: GridRecord


ROUNDING = 1e-5
"""Grey values that differ by a smaller share are one, resampled in single precision (our choice)."""


def normalise(array: NDArray[Any]) -> Float32:
    """Return intensities on a scale that does not depend on gain, offset or background grey.

    The darkest 2 % mark the background, the 90th percentile of what is clearly above it marks the
    tissue; the square root of the ratio compresses the fall-off of surface coils. Air becomes -1,
    bright tissue about +1, and the scale ends at +2.
    """
    flat = array.reshape(-1)
    sample = flat[:: max(1, flat.size // _SAMPLE)].astype(np.float32)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return np.full(array.shape, PAD_VALUE, dtype=np.float32)
    low, high = (float(v) for v in np.percentile(sample, (2.0, 99.0)))
    bright = sample[sample > low + 0.1 * (high - low)]
    top = float(np.percentile(bright, 90.0)) if bright.size else low
    scale = top - low
    if not scale > ROUNDING * max(abs(top), abs(low)):
        return np.full(array.shape, PAD_VALUE, dtype=np.float32)
    ratio = np.nan_to_num(array.astype(np.float32), nan=low, posinf=top, neginf=low)
    ratio -= np.float32(low)
    ratio *= np.float32(1.0 / scale)
    np.clip(ratio, 0.0, 2.25, out=ratio)
    np.sqrt(ratio, out=ratio)
    ratio *= 2.0
    ratio -= 1.0
    return np.asarray(ratio, dtype=np.float32)


def prepare(volume: Volume, merge_below: float = MERGE_BELOW) -> NetworkInput:
    """Bring a volume onto the network grid.

    Parameters
    ----------
    volume
        Any handedness and axis order, one slice or many; stored values of any type.
    merge_below
        Slices closer than this (mm) are averaged in groups.
    """
    canonical = to_canonical(volume)
    record = _record(volume.geometry, canonical.geometry, merge_below)
    merged = _merge(canonical.array, record.merge)
    shape, network = canonical.geometry.shape, record.network.shape
    rows = _smoothing(shape[1], canonical.geometry.spacing[1], network[1])
    columns = _smoothing(shape[2], canonical.geometry.spacing[2], network[2])
    plane = np.ascontiguousarray(_resampled(columns, _resampled(rows, merged, 1), 2))
    array = np.full((1, 1, *record.padded_shape), PAD_VALUE, dtype=np.float32)
    slices = np.minimum(np.arange(record.padded_shape[0]), network[0] - 1)
    array[0, 0, :, : network[1], : network[2]] = normalise(plane)[slices]
    return NetworkInput(array, record)


def winners(values: Float32) -> NDArray[np.uint8]:
    """Return the index of the largest value along the first axis, the first of equals.

    Several times faster than `numpy.argmax` along a long first axis.
    """
    best = values[0].copy()
    index = np.zeros(best.shape, dtype=np.uint8)
    for number in range(1, len(values)):
        np.copyto(index, np.uint8(number), where=values[number] > best)
        np.maximum(best, values[number], out=best)
    return index


def restore_labels(probabilities: Float32, record: GridRecord, box: Box | None = None) -> NDArray[np.uint8]:
    """Return the most probable class of every voxel of the input volume.

    Parameters
    ----------
    probabilities
        float32, shape (classes, slices, rows, columns) or (1, classes, …), on the padded network grid.
    record
        As returned by `prepare`.
    box
        Slices, rows and columns of the network grid to look at; all that may hold something when None.

    Returns
    -------
    labels
        uint8 in the axis order and shape of the input volume; 0 outside the box.
    """
    values = _without_padding(probabilities, record)
    box = box or _support(values)
    labels = np.zeros(record.canonical.shape, dtype=np.uint8)
    if box is not None:
        window, planes, across = _planes(values, record, box)
        for target, weights in zip(labels[window], across, strict=True):
            near = np.flatnonzero(weights)
            mixed = planes[:, near[0]]
            if near.size > 1:
                mixed = weights[near[0]] * mixed + weights[near[1]] * planes[:, near[1]]
            target[:] = winners(mixed)
    return _to_source(labels, record)


def restore_probabilities(probabilities: Float32, record: GridRecord) -> Float32:
    """Return class probabilities, shape (classes, *shape of the input volume), linearly interpolated."""
    values = _without_padding(probabilities, record)
    whole = (slice(0, values.shape[1]), slice(0, values.shape[2]), slice(0, values.shape[3]))
    _, restored = _window(values, record, whole)
    return np.stack([_to_source(channel, record) for channel in restored])


def _record(source: VolumeGeometry, canonical: VolumeGeometry, merge_below: float) -> GridRecord:
    spacing, shape = canonical.spacing, canonical.shape
    merge = 1
    if spacing[0] < merge_below and shape[0] > 1:
        merge = max(1, min(int(MERGED_SPACING / spacing[0] + 1e-6), shape[0]))
    sizes = (
        -(-shape[0] // merge),
        max(1, round(shape[1] * spacing[1] / PLANE_SPACING)),
        max(1, round(shape[2] * spacing[2] / PLANE_SPACING)),
    )
    steps = (spacing[0] * merge, PLANE_SPACING, PLANE_SPACING)
    affine = np.eye(4)
    affine[:3, :3] = canonical.directions * np.array(steps)
    centre = (np.array(shape) - 1) / 2
    centre[0] = (merge - 1) / 2
    back = (np.array(sizes) - 1) / 2
    back[0] = 0
    affine[:3, 3] = canonical.index_to_world(centre) - affine[:3, :3] @ back
    network = VolumeGeometry(affine, sizes, canonical.frame_of_reference_uid)
    padded = (
        _multiple(sizes[0], SLICE_MULTIPLE),
        _multiple(sizes[1], PLANE_MULTIPLE),
        _multiple(sizes[2], PLANE_MULTIPLE),
    )
    return GridRecord(source, canonical, network, merge, padded)


def _multiple(size: int, of: int) -> int:
    return -(-size // of) * of


def _merge(array: NDArray[Any], merge: int) -> NDArray[Any]:
    """Average groups of slices; the last group may be smaller."""
    if merge == 1:
        return array
    sums = np.zeros((-(-array.shape[0] // merge), *array.shape[1:]), dtype=np.float32)
    for first in range(merge):
        part = array[first::merge]
        sums[: len(part)] += part
    counts = np.minimum(merge, array.shape[0] - np.arange(len(sums)) * merge).astype(np.float32)
    return np.asarray(sums / counts[:, None, None])


def _resampled(weights: Float32, array: NDArray[Any], axis: int) -> Float32:
    """Return an array whose one axis is multiplied by weights (wanted, size), most of which are zero."""
    front = np.moveaxis(array, axis, 0)
    flat = np.ascontiguousarray(front, dtype=np.float32).reshape(front.shape[0], -1)
    result = (sparse.csr_array(weights) @ flat).reshape(-1, *front.shape[1:])
    return np.asarray(np.moveaxis(result, 0, axis))


def _smoothing(size: int, spacing: float, wanted: int) -> Float32:
    """Matrix (wanted, size): linear interpolation, widened to a tent when pixels get larger."""
    ratio = PLANE_SPACING / spacing
    position = (np.arange(wanted) - (wanted - 1) / 2) * ratio + (size - 1) / 2
    distance = np.abs(np.arange(size)[None, :] - np.clip(position, 0, size - 1)[:, None])
    weights = np.clip(1.0 - distance / max(1.0, ratio), 0.0, None)
    return np.asarray(weights / weights.sum(1, keepdims=True), dtype=np.float32)


def _linear(positions: NDArray[np.float64], size: int) -> Float32:
    """Matrix (positions, size) of linear interpolation, constant outside."""
    distance = np.abs(np.arange(size)[None, :] - np.clip(positions, 0, size - 1)[:, None])
    return np.asarray(np.clip(1.0 - distance, 0.0, None), dtype=np.float32)


def _without_padding(probabilities: Float32, record: GridRecord) -> Float32:
    values = probabilities[0] if probabilities.ndim == 5 else probabilities
    if values.shape[1:] != record.padded_shape:
        raise ValueError(f"the network answered on {values.shape[1:]}, not on {record.padded_shape}")
    size = record.network.shape
    return values[:, : size[0], : size[1], : size[2]]


def _support(values: Float32) -> Box | None:
    """Smallest box, one voxel wider, outside which everything is surely background."""
    return box_of(values[0] < 1.0 - _SUPPORT, 1)


def box_of(found: NDArray[np.bool_], wider: int = 0) -> Box | None:
    """Return the smallest box that holds everything found, ``wider`` voxels wider; None when nothing is."""
    hits = [np.flatnonzero(np.logical_or.reduce(found, axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if hits[0].size == 0:
        return None
    sides = [
        slice(max(int(hit[0]) - wider, 0), min(int(hit[-1]) + 1 + wider, size))
        for hit, size in zip(hits, found.shape, strict=True)
    ]
    return sides[0], sides[1], sides[2]


def _positions(record: GridRecord, axis: int) -> NDArray[np.float64]:
    """Network index, along one axis, of every canonical voxel."""
    size, wanted = record.canonical.shape[axis], record.network.shape[axis]
    if axis == 0:
        return _group_positions(size, record.merge, wanted)
    step = record.canonical.spacing[axis] / PLANE_SPACING
    return np.asarray((np.arange(size) - (size - 1) / 2) * step + (wanted - 1) / 2)


def _group_positions(size: int, merge: int, wanted: int) -> NDArray[np.float64]:
    """Network slice of every canonical slice; a last group that is smaller has its own centre."""
    starts = np.arange(wanted) * merge
    centres = (starts + np.minimum(starts + merge, size) - 1) / 2
    return np.asarray(np.interp(np.arange(size), centres, np.arange(wanted)), dtype=np.float64)


def _planes(values: Float32, record: GridRecord, box: Box) -> tuple[Box, Float32, Float32]:
    """Interpolate a box of the network grid along rows and columns.

    Returns the canonical window, the probabilities on its rows and columns but on the slices of the
    network, shape (classes, slices, rows, columns), and the weights of these for each of its slices.
    """
    windows, matrices = [], []
    for axis in range(3):
        size = record.network.shape[axis]
        positions = np.clip(_positions(record, axis), 0, size - 1)
        start, stop = box[axis].start, min(box[axis].stop, size)
        inside = np.flatnonzero((positions >= start - 0.5) & (positions <= stop - 0.5))
        window = slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 0)
        windows.append(window)
        matrices.append(_linear(positions[window] - start, stop - start))
    part = values[:, box[0], box[1], box[2]]
    planes = _resampled(matrices[1], _resampled(matrices[2], part, 3), 2)
    return (windows[0], windows[1], windows[2]), planes, matrices[0]


def _window(values: Float32, record: GridRecord, box: Box) -> tuple[Box, Float32]:
    """Interpolate a box of the network grid; return the canonical window and its probabilities."""
    window, planes, across = _planes(values, record, box)
    if not np.array_equal(across, np.eye(across.shape[1], dtype=np.float32)):
        planes = np.einsum("ts,csrk->ctrk", across, planes, optimize=True)
    return window, planes


def _to_source(array: NDArray[Any], record: GridRecord) -> NDArray[Any]:
    """Undo the flips and the axis order of the canonical view."""
    order, flips = canonical_order(record.source)
    for axis, flip in enumerate(flips):
        if flip:
            array = np.flip(array, axis)
    return np.ascontiguousarray(array.transpose(np.argsort(order)))
