"""Decode compressed frames in worker processes with capped memory.

Image codecs are native code, and a hostile file can crash them or make them ask for any amount of
memory. In a worker that costs one slice and a new worker, never the reading session. Uncompressed
frames need no codec and are read in the calling thread. Where the system refuses processes, frames
are decoded in this one, and the log says so.

Workers end with the program however it ends: they leave Ctrl-C to it, and a thread in each of them
waits for its death.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.process import BaseProcess

from lvp_workstation.io.decode import FrameRequest, FrameResult, decode_frames
from lvp_workstation.io.header import file_name
from lvp_workstation.io.limits import DECODER_MEMORY_BYTES, DECODER_SECONDS

log = logging.getLogger(__name__)

MAX_PROCESSES = 4
GRACE_SECONDS = 5.0
"""How much later than the program a worker gives up a request by itself (our choice)."""

NO_PROCESSES = (OSError, ImportError, NotImplementedError)
"""What a system raises that has no room for a process, or no semaphores to talk to it."""

Task = Callable[[FrameRequest], list[FrameResult]]
Waiting = Future[list[FrameResult]]


def cap_memory(limit_bytes: int) -> None:
    """Cap the address space of this process where the system can (POSIX ``RLIMIT_AS``)."""
    try:
        import resource
    except ImportError:  # Windows has no such limit: a crash still ends only the worker
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def begin_worker(limit_bytes: int) -> None:
    """Prepare a worker: capped memory, deaf to Ctrl-C, gone when the program is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    cap_memory(limit_bytes)


def _timed(task: Task, seconds: float, request: FrameRequest) -> list[FrameResult]:
    """Run a task under an alarm that ends a hanging worker even when nobody is left to end it."""
    if not hasattr(signal, "setitimer"):  # Windows
        return task(request)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return task(request)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)


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
        self._work = partial(_timed, task, seconds + GRACE_SECONDS)
        self._closed = False
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start the workers now, so that the first image does not wait for them."""
        try:
            for _ in range(self._processes):
                self._running().submit(os.getpid)
        except NO_PROCESSES as error:
            self._refused(error)

    def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
        """Return one result for each index of the request, in its order."""
        if not request.compressed:
            return decode_frames(request)
        try:
            waiting = self._submitted(request)
        except NO_PROCESSES as error:
            self._refused(error)
            return decode_frames(request)
        if waiting is not None:
            pool, future = waiting
            try:
                return future.result(self._seconds)
            except (BrokenProcessPool, FutureTimeout, CancelledError):
                self._drop(pool)
        return [self._decode_alone(request, index) for index in request.indices]

    def close(self) -> None:
        """End the workers, hanging ones included; what was asked of them is given up."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool, wait=True)

    def _submitted(self, request: FrameRequest) -> tuple[ProcessPoolExecutor, Waiting] | None:
        """Hand a request to a worker; None when the pool just broke or was closed."""
        if self._closed:
            return None
        pool = self._running()
        try:
            return pool, pool.submit(self._work, request)
        except RuntimeError:
            self._drop(pool)
            return None

    def _refused(self, error: Exception) -> None:
        """Give up a pool that the system has no room for."""
        log.warning("no decoding process could be started (%s); images are decoded in this one", error)
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = self._new_pool(self._processes)
            return self._pool

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=begin_worker,
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
        name = file_name(request.path)
        with self._alone:
            if self._closed:
                return f"{name} was not decoded: the program is ending"
            pool: ProcessPoolExecutor | None = None
            try:
                pool = self._new_pool(1)
                waiting: Waiting = pool.submit(self._work, single)
                return waiting.result(self._seconds)[0]
            except BrokenProcessPool:
                return f"{name} crashed the image decoder"
            except FutureTimeout:
                return f"{name} kept the image decoder busy for too long"
            except NO_PROCESSES as error:  # not in this process: the worker before may have died of it
                return f"{name} cannot be decoded: no process could be started for it ({error})"
            finally:
                if pool is not None:
                    _end(pool)


def _end(pool: ProcessPoolExecutor, wait: bool = False) -> None:
    """End the processes of a pool at once, hanging ones included."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    for process in processes:
        process.kill()
    pool.shutdown(wait=wait, cancel_futures=True)
    if wait:
        for process in processes:
            process.join()
