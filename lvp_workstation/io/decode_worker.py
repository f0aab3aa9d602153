"""Decode compressed frames in worker processes with capped memory.

Image codecs are native code, and a hostile file can crash them or make them ask for any amount of
memory. In a worker that costs one slice and a new worker, never the reading session. Uncompressed
frames need no codec and are read in the calling thread.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool

from lvp_workstation.io.decode import FrameRequest, FrameResult, decode_frames
from lvp_workstation.io.header import file_name
from lvp_workstation.io.limits import DECODER_MEMORY_BYTES, DECODER_SECONDS

MAX_PROCESSES = 4
Task = Callable[[FrameRequest], list[FrameResult]]


def cap_memory(limit_bytes: int) -> None:
    """Cap the address space of this process where the system can (POSIX ``RLIMIT_AS``)."""
    try:
        import resource
    except ImportError:  # Windows has no such limit: a crash still ends only the worker
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


class WorkerDecoder:
    """A `FrameDecoder` whose codecs run in other processes.

    Parameters
    ----------
    processes
        Number of workers; by default one a CPU core, four at most.
    memory_bytes, seconds
        What one worker may use, and how long one request may take.
    task
        What the workers run; other functions serve tests.
    """

    def __init__(
        self,
        processes: int | None = None,
        memory_bytes: int = DECODER_MEMORY_BYTES,
        seconds: float = DECODER_SECONDS,
        task: Task = decode_frames,
    ) -> None:
        self._processes = processes or min(os.cpu_count() or 1, MAX_PROCESSES)
        self._memory = memory_bytes
        self._seconds = seconds
        self._task = task
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start the workers now, so that the first image does not wait for them."""
        for _ in range(self._processes):
            self._running().submit(os.getpid)

    def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
        """Return one result for each index of the request, in its order."""
        if not request.compressed:
            return decode_frames(request)
        pool = self._running()
        try:
            return pool.submit(self._task, request).result(self._seconds)
        except (BrokenProcessPool, FutureTimeout, RuntimeError):
            self._drop(pool)
        return [self._decode_alone(request, index) for index in request.indices]

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = self._new_pool(self._processes)
            return self._pool

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=cap_memory,
            initargs=(self._memory,),
        )

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        """Give up a pool of which a worker died or hangs; whoever comes next gets a new one."""
        with self._lock:
            if self._pool is pool:
                self._pool = None
        _end(pool)

    def _decode_alone(self, request: FrameRequest, index: int) -> FrameResult:
        """Decode one frame with a worker of its own: a crash tells which file is to blame."""
        single = FrameRequest(request.path, (index,), request.shape, request.transfer_syntax)
        with self._alone:
            pool = self._new_pool(1)
            waiting: Future[list[FrameResult]] = pool.submit(self._task, single)
            try:
                return waiting.result(self._seconds)[0]
            except BrokenProcessPool:
                return f"{file_name(request.path)} crashed the image decoder"
            except FutureTimeout:
                return f"{file_name(request.path)} kept the image decoder busy for too long"
            finally:
                _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once, hanging ones included."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
