"""Codecs in worker processes: same values, and a crash costs one slice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import uid

from lvp_workstation.io.decode import FrameRequest, FrameResult, decode_frames
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.studies import build_studies
from tests import dicom_factory as factory


def crash_on_bad(request: FrameRequest) -> list[FrameResult]:
    """Stand in for a codec that a hostile file kills."""
    if "bad" in request.path:
        os.abort()
    return decode_frames(request)


def hang_on_bad(request: FrameRequest) -> list[FrameResult]:
    """Stand in for a codec that a hostile file keeps busy."""
    if "bad" in request.path:
        time.sleep(600)
    return decode_frames(request)


def take_memory(request: FrameRequest) -> list[FrameResult]:
    """Stand in for a codec that asks for more memory than it may have."""
    try:
        return [np.ones(4 << 30, np.uint8)]
    except MemoryError:
        return ["out of memory"] * len(request.indices)


@pytest.fixture
def decoder() -> Iterator[WorkerDecoder]:
    made = WorkerDecoder(processes=1)
    yield made
    made.close()


def test_workers_give_the_same_values(tmp_path: Path, decoder: WorkerDecoder) -> None:
    images = factory.stack(4)
    wanted = np.stack([d.pixel_array for d in images])
    factory.write(tmp_path, images, syntax=uid.JPEG2000Lossless)
    (series,) = build_studies(scan_paths([tmp_path]).headers)[0].series
    decoder.start()
    loaded = load_volume(series, decoder=decoder)
    assert loaded.problems == ()
    assert np.array_equal(loaded.volume.array, wanted)


@pytest.mark.parametrize(("task", "words"), [(crash_on_bad, "crashed"), (hang_on_bad, "busy for too long")])
def test_a_crash_or_a_hang_costs_one_slice(tmp_path: Path, task: object, words: str) -> None:
    names = ["a", "bad", "c", "d"]
    factory.write(tmp_path, factory.stack(4), names, syntax=uid.RLELossless)
    (series,) = build_studies(scan_paths([tmp_path]).headers)[0].series
    decoder = WorkerDecoder(processes=1, seconds=12, task=task)  # type: ignore[arg-type]
    try:
        loaded = load_volume(series, decoder=decoder)
    finally:
        decoder.close()
    assert loaded.volume.array.any(axis=(1, 2)).tolist() == [True, False, True, True]
    (problem,) = loaded.problems
    assert words in problem.text
    assert "slice 2 of 4" in problem.text


def test_memory_is_capped(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("only POSIX systems cap the memory of a process")
    (path,) = factory.write(tmp_path, [factory.image()], syntax=uid.RLELossless)
    decoder = WorkerDecoder(processes=1, task=take_memory)
    request = FrameRequest(str(path), (0,), (40, 36), uid.RLELossless)
    try:
        assert list(decoder.decode(request)) == ["out of memory"]
    finally:
        decoder.close()


def test_uncompressed_frames_need_no_worker(tmp_path: Path) -> None:
    (path,) = factory.write(tmp_path, [factory.image()])
    decoder = WorkerDecoder(task=crash_on_bad)
    (frame,) = decoder.decode(FrameRequest(str(path), (0,), (40, 36), uid.ExplicitVRLittleEndian))
    assert np.array_equal(frame, factory.pattern(1))
