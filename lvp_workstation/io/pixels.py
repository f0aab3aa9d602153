"""Read the pixels of a DICOM stack: middle slice first, several at a time, stored values kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Problem, Series
from lvp_workstation.domain.volume import SLICE, Volume, VolumeGeometry
from lvp_workstation.io.decode import FrameDecoder, FrameRequest, FrameResult, InProcessDecoder
from lvp_workstation.io.limits import MAX_SERIES_BYTES

SliceCallback = Callable[[int, NDArray[Any]], None]
FRAMES_PER_REQUEST = 16
"""Frames of one multi-frame file that are decoded with one pass over it (our choice)."""

MAX_WORKERS = 8
LOSSY_SYNTAXES = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81")
"""JPEG baseline, JPEG extended and near-lossless JPEG-LS: never lossless (PS3.5 A.4)."""

YES_LOSSY = "01"
"""LossyImageCompression (0028,2110), PS3.3 C.7.6.1.1.5."""


@dataclass(frozen=True, eq=False)
class LoadedVolume:
    """A volume and what went wrong on the way.

    Attributes
    ----------
    series
        The stack as loaded: frames and geometry are those of the volume, which is shorter than the
        series when slices at its ends could not be decoded.
    """

    volume: Volume
    series: Series
    problems: tuple[Problem, ...] = ()


def ignore_slice(_: int, __: NDArray[Any]) -> None:
    """Take a decoded slice and do nothing with it."""


def middle_outward(count: int) -> list[int]:
    """Return slice numbers from the middle outward."""
    middle = count // 2
    return sorted(range(count), key=lambda n: (abs(n - middle), n))


def requests_of(series: Series) -> list[tuple[FrameRequest, tuple[int, ...]]]:
    """Return what to decode, middle first, each with the slice numbers it fills."""
    rows, columns = _matrix(series)
    syntax = str(series.attributes.get("TransferSyntaxUID", ""))
    waiting: dict[str, list[int]] = {}
    requests: list[tuple[FrameRequest, tuple[int, ...]]] = []
    for number in middle_outward(len(series.frames)):
        if series.frames[number].path:
            waiting.setdefault(series.frames[number].path, []).append(number)
    for path, numbers in waiting.items():
        for start in range(0, len(numbers), FRAMES_PER_REQUEST):
            part = tuple(numbers[start : start + FRAMES_PER_REQUEST])
            indices = tuple(series.frames[n].frame_index for n in part)
            stored = tuple(place for n in part if (place := series.frames[n].stored) is not None)
            whole = stored if len(stored) == len(part) else ()
            requests.append((FrameRequest(path, indices, (rows, columns), syntax, whole), part))
    return requests


def is_compressed(series: Series) -> bool:
    """Return whether a codec has to run to read a series."""
    return any(request.compressed for request, _ in requests_of(series)[:1])


def _matrix(series: Series) -> tuple[int, int]:
    if series.geometry is not None:
        return series.geometry.shape[1], series.geometry.shape[2]
    return int(series.attributes["Rows"]), int(series.attributes["Columns"])


def iter_slices(
    series: Series,
    cancel: CancelToken | None = None,
    decoder: FrameDecoder | None = None,
    workers: int | None = None,
) -> Iterator[tuple[int, FrameResult]]:
    """Yield (slice number, stored values or reason of failure), the middle slices first.

    Raises
    ------
    Cancelled
        When ``cancel`` was raised; what is running is awaited, the rest is dropped.
    """
    used = decoder or InProcessDecoder()
    waiting = requests_of(series)
    if all(request.stored for request, _ in waiting):  # reading takes less than a pool of threads
        for request, numbers in waiting:
            yield from zip(numbers, used.decode(request), strict=True)
            if cancel is not None:
                cancel.raise_if_cancelled()
        return
    count = max(1, min(workers or os.cpu_count() or 1, MAX_WORKERS))
    pool = ThreadPoolExecutor(count, thread_name_prefix="lvp-decode")
    running: dict[Future[Any], tuple[int, ...]] = {}
    awaited = True
    try:
        while waiting or running:
            while waiting and len(running) < count + 1:
                request, numbers = waiting.pop(0)
                running[pool.submit(used.decode, request)] = numbers
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda f: running[f]):
                yield from zip(running.pop(future), future.result(), strict=True)
            if cancel is not None:
                cancel.raise_if_cancelled()
    except KeyboardInterrupt:
        awaited = False  # the program ends; a codec that hangs must not hold it up
        raise
    finally:
        pool.shutdown(wait=awaited, cancel_futures=True)


def load_volume(
    series: Series,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
    on_slice: SliceCallback = ignore_slice,
    decoder: FrameDecoder | None = None,
    workers: int | None = None,
) -> LoadedVolume:
    """Decode a DICOM stack into a volume.

    Slices that cannot be decoded are left out: at the ends the volume becomes shorter, inside they
    stay blank so that every other slice keeps its place; a problem names them.

    Parameters
    ----------
    on_slice
        Called with (slice number, stored values) as slices arrive, the middle one first.

    Raises
    ------
    UnreadableInput
        When no slice could be decoded, or the stack is absurdly large.
    Cancelled
        When ``cancel`` was raised.
    """
    _refuse_absurd(series)
    total = len(series.frames)
    slices: dict[int, NDArray[Any]] = {}
    failed: dict[int, str] = {}
    for done, (number, result) in enumerate(iter_slices(series, cancel, decoder, workers)):
        if isinstance(result, str):
            failed[number] = result
        else:
            slices[number] = result
            on_slice(number, result)
        progress(Progress((done + 1) / total, f"Reading images: {done + 1} of {total}"))
    if not slices:
        reason = next(iter(failed.values()), "no image data")
        raise UnreadableInput(f"{_name(series)}: no image could be decoded; {reason}.")
    return _assembled(series, slices, failed)


def _name(series: Series) -> str:
    return (
        f"Series {series.number if series.number is not None else '(no number)'} {series.description}".strip()
    )


def _refuse_absurd(series: Series) -> None:
    rows, columns = _matrix(series)
    size = rows * columns * len(series.frames) * (int(series.attributes.get("BitsAllocated", 16)) // 8)
    if size > MAX_SERIES_BYTES:
        raise UnreadableInput(f"{_name(series)} would need {size} bytes, more than any MR series; not read.")


def _assembled(series: Series, slices: dict[int, NDArray[Any]], failed: dict[int, str]) -> LoadedVolume:
    first, last = min(slices), max(slices)
    dtype = np.result_type(*{a.dtype for a in slices.values()})
    rows, columns = _matrix(series)
    array = np.zeros((last - first + 1, rows, columns), dtype)
    for number, values in slices.items():
        array[number - first] = values
    frames = series.frames[first : last + 1]
    attributes = dict(series.attributes)
    blank = sorted(set(range(first, last + 1)) - set(slices))
    if blank:
        attributes["MissingSlices"] = [number - first for number in blank]
    if series.geometry is None:
        attributes["GeometryUnknown"] = True
    volume = Volume(
        array=array,
        geometry=_shortened(series, first, array.shape),
        source_sop_uids=tuple(frame.sop_instance_uid for frame in frames),
        window=stored_window(attributes),
        synthetic=series.synthetic,
        lossy=_lossy(attributes),
        attributes=attributes,
    )
    loaded = replace(series, frames=frames, geometry=volume.geometry if series.geometry else None)
    return LoadedVolume(
        _monochrome2(volume), loaded, _decode_problems(series, failed, blank) + _inversion_problem(series)
    )


def _shortened(series: Series, first: int, shape: tuple[int, ...]) -> VolumeGeometry:
    """Return the grid without the slices that are missing at its ends; a made-up one without geometry."""
    size = (shape[0], shape[1], shape[2])
    if series.geometry is None:
        return VolumeGeometry.from_axes((0, 0, 0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (1, 1, 1), size)
    affine = series.geometry.affine.copy()
    affine[:3, 3] += affine[:3, SLICE] * first
    return VolumeGeometry(affine, size, series.geometry.frame_of_reference_uid)


def _decode_problems(series: Series, failed: dict[int, str], blank: list[int]) -> tuple[Problem, ...]:
    if not failed:
        return ()
    numbers = ", ".join(str(n + 1) for n in sorted(failed))
    inner = [n + 1 for n in sorted(failed) if n in blank]
    tail = f"; {'they are' if len(inner) > 1 else 'it is'} shown blank" if inner else ""
    reason = failed[min(failed)]
    word = "slices" if len(failed) > 1 else "slice"
    which = f"{word} {numbers} of {len(series.frames)}"
    text = f"{_name(series)}: {which} could not be decoded and left out{tail} ({reason})."
    return (Problem("undecodable_slices", text, series.frames[min(failed)].path),)


def stored_window(attributes: dict[str, Any]) -> tuple[float, float] | None:
    """Return (centre, width) of the default window in stored values, None when not usable.

    Single-frame MR has no modality LUT, so RescaleSlope does not count for the window (PS3.3
    C.8.3.1, IHE BIR RAD TF-2 4.16.4.2.2.5.4); enhanced MR states the window after its pixel value
    transformation (PS3.3 C.7.6.16.2.10).
    """
    centre, width = _first(attributes, "WindowCenter"), _first(attributes, "WindowWidth")
    if centre is None or width is None or width <= 0:
        return None
    if attributes.get("Enhanced"):
        slope = _first(attributes, "RescaleSlope") or 1.0
        intercept = _first(attributes, "RescaleIntercept") or 0.0
        return (centre - intercept) / slope, width / abs(slope)
    return centre, width


def _first(attributes: dict[str, Any], key: str) -> float | None:
    found = attributes.get(key)
    if isinstance(found, list):
        found = found[0] if found else None
    return float(found) if isinstance(found, (int, float)) else None


def _lossy(attributes: dict[str, Any]) -> str:
    """Return what is known of a lossy compression, empty when there was none."""
    stated = str(attributes.get("LossyImageCompression", "")) == YES_LOSSY
    if not stated and attributes.get("TransferSyntaxUID") not in LOSSY_SYNTAXES:
        return ""
    ratio, method = (
        attributes.get("LossyImageCompressionRatio"),
        attributes.get("LossyImageCompressionMethod"),
    )
    parts = ["lossy compression", f"ratio {ratio}" if ratio else "", str(method or "")]
    return ", ".join(part for part in parts if part)


def _inverted(attributes: dict[str, Any]) -> bool:
    return attributes.get("PhotometricInterpretation") == "MONOCHROME1"


def _monochrome2(volume: Volume) -> Volume:
    """Turn MONOCHROME1 (PS3.3 C.7.6.3.1.2) values round so that high values are bright.

    No element says which stored value is no signal. The highest of the series is taken for it (our choice:
    there is air in every MR series); with that of BitsStored all ratios of signals would come out near 1.
    """
    facts = volume.attributes
    if not _inverted(facts):
        return volume
    missing = list(facts.get("MissingSlices", ()))
    dark = int(np.delete(volume.array, missing, axis=SLICE).max())
    array = (dark - volume.array.astype(np.int64)).astype(f"u{volume.array.itemsize}")
    array[missing] = 0
    window = (dark - volume.window[0], volume.window[1]) if volume.window else None
    return replace(volume, array=array, window=window)


def _inversion_problem(series: Series) -> tuple[Problem, ...]:
    if not _inverted(series.attributes):
        return ()
    text = f"{_name(series)} is stored with white as zero (MONOCHROME1); its values were turned round."
    return (Problem("monochrome1", text),)
