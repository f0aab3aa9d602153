"""From a `Volume` to a `LabelMap` with level names: prepare, run the network, find the instances."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, mention
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Problem
from lvp_workstation.domain.volume import ImagePlane, Volume, canonical_order
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.inference.doubt import DOUBTFUL, cut_above, poor_chances
from lvp_workstation.inference.ends import Below
from lvp_workstation.inference.grid import CANAL, CLASS_NAMES, DISC, SACRUM, VERTEBRA
from lvp_workstation.inference.levels import lumbar
from lvp_workstation.inference.postprocess import Instances, find_instances, instance_confidence
from lvp_workstation.inference.preprocess import (
    GridRecord,
    NetworkInput,
    box_of,
    prepare,
    restore_labels,
    winners,
)
from lvp_workstation.inference.session import Float32, Network

LOW_CONFIDENCE = 0.5
"""At or below this numbering confidence a warning is given (issue, section 4)."""
_FILL = 5
_REACH = _FILL // 2 + 1
"""Voxels of the network grid further than this from every instance get no label."""

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What the network and the fit of the column say about a volume.

    Attributes
    ----------
    labels
        Instance codes on the voxel grid of the volume, with a confidence per instance.
    levels
        Proposed names, not confirmed.
    lumbar
        Whether a lumbar column was found; without one nothing is graded.
    timings_s
        ``preprocess``, ``inference``, ``postprocess`` in seconds.
    warnings
        Sentences for the reader, with stable codes.
    provider, threads
        Where the network ran.
    poor_chances
        Vertebra or disc to the chance that its Dice is below 0.8, see `inference.doubt`; none for what the
        upper edge of the image cuts.
    """

    labels: LabelMap
    levels: LevelMap
    lumbar: bool
    timings_s: Mapping[str, float]
    warnings: tuple[Problem, ...]
    provider: str
    threads: int
    poor_chances: Mapping[InstanceId, float] = field(default_factory=dict)


class Segmenter:
    """Segments volumes with one network; holds no state between calls.

    Parameters
    ----------
    bundle
        The verified model, for its class order.
    network
        Runs it: an `OnnxSession`, or a stand-in in tests.
    """

    def __init__(self, bundle: ModelBundle, network: Network) -> None:
        self._bundle = bundle
        self._network = network

    @property
    def bundle(self) -> ModelBundle:
        """The model in use."""
        return self._bundle

    @property
    def network(self) -> Network:
        """The session in use."""
        return self._network

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Segmentation:
        """Return the segmentation of a volume; the volume is not changed.

        Raises
        ------
        Cancelled
            When `cancel` was raised.
        ModelProblem
            When the network cannot be run.
        """
        token = cancel or CancelToken()
        clock = [time.perf_counter()]
        progress(Progress(0.0, "Preparing the volume"))
        ready = prepare(volume)
        clock.append(time.perf_counter())
        token.raise_if_cancelled()
        progress(Progress(0.05, f"Segmenting on the {self._network.provider}"))
        background = self._bundle.classes.index("background")
        probabilities = _none_where_flat(self._network.run(ready.array, token), ready, background)
        clock.append(time.perf_counter())
        token.raise_if_cancelled()
        progress(Progress(0.9, "Finding vertebrae and discs"))
        labels, found = self._label(volume, probabilities, ready.record)
        is_lumbar = lumbar(labels)
        chances = poor_chances(labels.confidence, cut_above(found.codes))
        clock.append(time.perf_counter())
        progress(Progress(1.0, "Segmented"))
        return Segmentation(
            labels=labels,
            levels=found.levels,
            lumbar=is_lumbar,
            timings_s=_timings(clock),
            warnings=_warnings(volume, found, is_lumbar, self._network.note, chances),
            provider=self._network.provider,
            threads=self._network.threads,
            poor_chances=chances,
        )

    def _label(
        self, volume: Volume, probabilities: Float32, record: GridRecord
    ) -> tuple[LabelMap, Instances]:
        """Find the instances on the network grid and bring them onto the voxels of the volume."""
        channels = np.array([CLASS_NAMES.index(name) for name in self._bundle.classes], dtype=np.uint8)
        slices, rows, columns = record.network.shape
        inside = probabilities.reshape(probabilities.shape[-4:])[:, :slices, :rows, :columns]
        classes = channels[winners(inside)]
        found = find_instances(classes, record.network.spacing)
        box = box_of(found.codes > 0, _REACH)
        if box is None:
            return LabelMap(np.zeros(volume.shape, dtype=np.uint8), volume.geometry), found
        native = channels[restore_labels(probabilities, record, box)]
        array = transfer(found.codes, native, record)
        part = inside[:, *box]
        confidence = instance_confidence(found.codes[box], np.maximum.reduce(part))
        return LabelMap(array, volume.geometry, confidence), found


def _none_where_flat(probabilities: Float32, shown: NetworkInput, background: int) -> Float32:
    """Return probabilities that call slices of one grey value background: a network dreams up a spine there.

    Parameters
    ----------
    probabilities
        (1, classes, slices, rows, columns) or without the first axis.
    shown
        What the network was shown; its padding is no image.
    background
        The class of nothing.
    """
    _, rows, columns = shown.record.network.shape
    flat = np.ptp(shown.array[0, 0, :, :rows, :columns], axis=(1, 2)) == 0
    if not flat.any():
        return probabilities
    kept = probabilities.reshape(probabilities.shape[-4:]).copy()
    kept[:, flat] = 0.0
    kept[background, flat] = 1.0
    return kept


def _timings(clock: list[float]) -> Mapping[str, float]:
    steps = [round(float(step), 4) for step in np.diff(clock)]
    return MappingProxyType(dict(zip(("preprocess", "inference", "postprocess"), steps, strict=True)))


def transfer(codes: Codes, classes: Codes, record: GridRecord) -> Codes:
    """Return instance codes on the voxels of a volume.

    Parameters
    ----------
    codes
        Instance codes on the (unpadded) network grid.
    classes
        Voxel classes of the volume, in its own axis order.
    record
        The way from one to the other.

    Returns
    -------
    codes
        uint8, shape of the volume: each voxel takes the nearest instance of its class; where the
        class has none nearby, the instance that the network grid has there, so that what was judged
        false stays away.
    """
    order, flips = canonical_order(record.source)
    view = classes.transpose(order)
    for axis, flip in enumerate(flips):
        view = np.flip(view, axis) if flip else view
    view = np.ascontiguousarray(view)
    filled = np.flatnonzero(view)
    kinds = view.reshape(-1)[filled]
    near = _nearest_flat(record, filled)
    found = codes.reshape(-1)[near]
    box = box_of(codes > 0, _REACH)
    for kind, (low, high) in _RANGES.items() if box else ():
        part = codes[box]
        own = np.where((part >= low) & (part <= high), part, 0).astype(np.uint8)
        spread = np.zeros_like(codes)
        spread[box] = np.where(own > 0, own, ndimage.maximum_filter(own, size=(1, _FILL, _FILL)))
        mine = np.flatnonzero(kinds == kind)
        value = spread.reshape(-1)[near[mine]]
        found[mine] = np.where(value > 0, value, found[mine])
    result = np.zeros(view.shape, dtype=np.uint8)
    result.reshape(-1)[filled] = found
    for axis, flip in enumerate(flips):
        result = np.flip(result, axis) if flip else result
    return np.ascontiguousarray(result.transpose(np.argsort(order)))


_RANGES = {
    VERTEBRA: (VERTEBRA_BASE, DISC_BASE - 1),
    DISC: (DISC_BASE, 255),
    CANAL: (CANAL_CODE, CANAL_CODE),
    SACRUM: (SACRUM_CODE, SACRUM_CODE),
}


def _nearest_flat(record: GridRecord, flat: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the flat index on the network grid nearest to each flat index in canonical order."""
    shape = record.network.shape
    parts = np.unravel_index(flat, record.canonical.shape)
    steps = (shape[1] * shape[2], shape[2], 1)
    near = np.zeros(flat.size, dtype=np.intp)
    for axis in range(3):
        index = np.zeros((record.canonical.shape[axis], 3))
        index[:, axis] = np.arange(record.canonical.shape[axis])
        place = record.network.world_to_index(record.canonical.index_to_world(index))[:, axis]
        nearest = np.clip(np.rint(place), 0, shape[axis] - 1).astype(np.intp)
        near += (nearest * steps[axis])[parts[axis]]
    return near


def _warnings(
    volume: Volume, found: Instances, is_lumbar: bool, note: str, chances: Mapping[InstanceId, float]
) -> tuple[Problem, ...]:
    """Return what a reader must know about this result."""
    rows: list[Problem] = []
    if note:
        rows.append(Problem("provider_fallback", note))
    if volume.geometry.image_plane is not ImagePlane.SAGITTAL:
        rows.append(Problem("not_sagittal", "The model was trained on sagittal series; this one is not."))
    if not is_lumbar:
        rows.append(
            Problem("not_lumbar", "Fewer than three discs with three vertebrae in a column were found.")
        )
        return tuple(rows)
    if found.levels.confidence <= LOW_CONFIDENCE:
        reasons = "; ".join(found.levels.alternatives)
        rows.append(Problem("numbering_uncertain", f"The numbering of the levels is uncertain: {reasons}."))
    if found.column.notes.inferred_discs:
        rows.append(
            Problem(
                "disc_inferred", "A disc was not segmented; its place was inferred from the bodies around it."
            )
        )
    if found.end.below in (Below.CUT_VERTEBRA, Below.EDGE):
        rows.append(Problem("sacrum_not_in_view", "The sacrum is not in view; the names are an estimate."))
    doubtful = [mention(i) for i, chance in chances.items() if chance >= DOUBTFUL]
    if doubtful:
        names = ", ".join(doubtful)
        rows.append(Problem("outline_doubtful", f"The outline of these is probably poor: {names}."))
    return tuple(rows)
