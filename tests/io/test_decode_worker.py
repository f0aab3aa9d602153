"""Codecs in worker processes: same values, and a crash costs one slice."""

from __future__ import annotations

import multiprocessing.context
import os
import signal
import subprocess
import sys
import threading
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


def test_without_room_for_processes_images_are_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    (path,) = factory.write(tmp_path, [factory.image()], syntax=uid.RLELossless)
    decoder = WorkerDecoder()
    monkeypatch.setattr(multiprocessing.context.SpawnProcess, "start", refuse)
    decoder.start()
    (frame,) = decoder.decode(FrameRequest(str(path), (0,), (40, 36), uid.RLELossless))
    decoder.close()
    assert np.array_equal(frame, factory.pattern(1))
    assert "no decoding process could be started" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")
def test_a_hanging_codec_does_not_hold_up_the_end_of_the_program(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(3), ["bad1", "bad2", "bad3"], syntax=uid.RLELossless)
    (series,) = build_studies(scan_paths([tmp_path]).headers)[0].series
    decoder = WorkerDecoder(processes=1, task=hang_on_bad)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(1.0, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        load_volume(series, decoder=decoder)
    decoder.close()
    timer.join()
    assert time.monotonic() - began < 20
    (told,) = decoder.decode(FrameRequest(series.frames[0].path, (0,), (40, 36), uid.RLELossless))
    assert told == "the program is ending"
    assert not multiprocessing.active_children()


HOLDER = """
import sys, time
from lvp_workstation.io.decode_worker import WorkerDecoder
decoder = WorkerDecoder(processes=1)
decoder.start()
print(*(worker.pid for worker in decoder.workers), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")
def test_workers_end_with_a_killed_program() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        (worker,) = (int(pid) for pid in program.stdout.readline().split())
        assert _alive(worker)
        time.sleep(0.5)  # killed while the worker starts, or later: both must end it
        program.kill()
        deadline = time.monotonic() + 20
        while _alive(worker) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # nobody may reap it in a container: a zombie has ended
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_worker_is_ended_while_it_hands_over_an_image(tmp_path: Path) -> None:
    large = factory.image(pixels=np.zeros((1500, 1500), np.uint16))  # fills the pipe many times over
    (path,) = factory.write(tmp_path, [large], syntax=uid.RLELossless)
    request = FrameRequest(str(path), (0,), (1500, 1500), uid.RLELossless)
    decoder = WorkerDecoder(processes=1)
    assert isinstance(decoder.decode(request)[0], np.ndarray)
    (worker,) = decoder.workers
    worker._pipe.send(request)
    assert worker._pipe.poll(30)
    began = time.monotonic()
    decoder.close()
    with pytest.raises((EOFError, OSError)):  # OSError: it was ended between two parts of the message
        worker._pipe.recv()
    assert time.monotonic() - began < 20


def test_a_worker_that_ended_unasked_blames_no_file(tmp_path: Path, decoder: WorkerDecoder) -> None:
    (path,) = factory.write(tmp_path, [factory.image()], syntax=uid.RLELossless)
    request = FrameRequest(str(path), (0,), (40, 36), uid.RLELossless)
    decoder.decode(request)
    (worker,) = decoder.workers
    worker._process.kill()
    worker._process.join()
    (frame,) = decoder.decode(request)
    assert np.array_equal(frame, factory.pattern(1))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only POSIX systems have alarms")
def test_an_alarm_ends_a_worker_that_hangs() -> None:
    script = (
        "import time; from lvp_workstation.io.decode_worker import set_alarm; set_alarm(0.2); time.sleep(600)"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert ended.returncode == -signal.SIGALRM
