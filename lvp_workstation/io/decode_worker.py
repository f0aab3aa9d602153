"""Decode compressed frames in worker processes with capped memory.

Image codecs are native code, and a hostile file can crash them or make them ask for any amount of
memory. In a worker that costs one slice and a new worker, never the reading session. Uncompressed
frames need no codec and are read in the calling thread. Where the system refuses processes, frames
are decoded in this one, and the log says so.

A worker is a process and a pipe, used by one thread at a time. It ends with the program however that
ends: its pipe breaks, it leaves Ctrl-C to the program, and an alarm ends it inside a hanging codec.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from lvp_workstation.io.decode import FrameRequest, FrameResult, decode_frames
from lvp_workstation.io.header import file_name
from lvp_workstation.io.limits import DECODER_MEMORY_BYTES, DECODER_SECONDS
from lvp_workstation.io.process_start import start_deaf

log = logging.getLogger(__name__)

MAX_PROCESSES = 4
GRACE_SECONDS = 5.0
"""How much later than the program a worker gives up a request by itself (our choice)."""

NICENESS = 5
"""How far decoding stands back for the window where both want a processor (our choice)."""

ENDING = "the program is ending"
READY = "ready"
"""What a worker says once it can work."""

Task = Callable[[FrameRequest], list[FrameResult]]


class NoWorker(Exception):
    """The system has no room for a process, or the process ended before it could work."""


class WorkerCrashed(Exception):
    """The process died over a request."""


class WorkerHangs(Exception):
    """The process did not answer in time."""


def cap_memory(limit_bytes: int) -> None:
    """Cap the address space of this process where the system can (POSIX ``RLIMIT_AS``)."""
    try:
        import resource
    except ImportError:  # Windows has no such limit: a crash still ends only the worker
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limit_bytes if hard == resource.RLIM_INFINITY else min(limit_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def serve(pipe: Connection, task: Task, memory_bytes: int, seconds: float) -> None:
    """Answer requests until the pipe breaks: the whole life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    cap_memory(memory_bytes)
    with suppress(EOFError, OSError):
        pipe.send(READY)
        while True:
            request = pipe.recv()
            set_alarm(seconds)
            answer = task(request)
            set_alarm(0)
            pipe.send(answer)


def set_alarm(seconds: float) -> None:
    """Let the system end this process after so many seconds, whatever native code does; 0 calls it off."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


class Worker:
    """One decoding process.

    Raises
    ------
    NoWorker
        When it cannot be started.
    """

    def __init__(self, task: Task, memory_bytes: int, seconds: float) -> None:
        self._seconds = seconds
        self._ready = False
        context = multiprocessing.get_context("spawn")
        try:
            self._pipe, theirs = context.Pipe()
            arguments = (theirs, task, memory_bytes, seconds + GRACE_SECONDS)
            self._process = context.Process(target=serve, args=arguments, daemon=True)
            start_deaf(self._process)
        except (OSError, ImportError, NotImplementedError) as error:
            raise NoWorker(str(error)) from error
        theirs.close()  # so that the death of the process breaks the pipe

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self._process.pid

    def run(self, request: FrameRequest) -> list[FrameResult]:
        """Return the answer to a request; raise `NoWorker`, `WorkerCrashed` or `WorkerHangs`."""
        if not self._ready:
            try:
                self._answer()
            except (WorkerCrashed, WorkerHangs) as error:
                raise NoWorker("the process was not ready for work") from error
            self._ready = True
        try:
            self._pipe.send(request)
        except OSError as error:
            raise WorkerCrashed from error
        answer: list[FrameResult] = self._answer()
        return answer

    def _answer(self) -> Any:
        try:
            if not self._pipe.poll(self._seconds):
                raise WorkerHangs
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerCrashed from error

    def end(self) -> None:
        """End the process at once, hanging or not; whoever waits for an answer learns of it."""
        self._process.kill()
        self._process.join()


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
        self._make = partial(Worker, task, memory_bytes, seconds)
        self._places = threading.Semaphore(self._processes)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._alive: list[Worker] = []
        self._closed = False

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers there are now."""
        with self._lock:
            return tuple(self._alive)

    def start(self) -> None:
        """Start the workers now, so that the first image does not wait for them."""
        try:
            for _ in range(self._processes - len(self.workers)):
                worker = self._new()
                self._idle.append(worker)
        except NoWorker as error:
            log.warning("no decoding process could be started (%s)", error)

    def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
        """Return one result for each index of the request, in its order."""
        if not request.compressed:
            return decode_frames(request)
        with self._places:
            try:
                return self._decode_apart(request)
            except NoWorker as error:
                if self._closed:
                    return [ENDING] * len(request.indices)
                log.warning("no decoding process could be started (%s); images are decoded here", error)
                return decode_frames(request)

    def close(self) -> None:
        """End the workers, hanging ones included; what was asked of them is given up."""
        with self._lock:
            self._closed = True
            ended, self._alive, self._idle = self._alive, [], []
        for worker in ended:
            worker.end()

    def _decode_apart(self, request: FrameRequest) -> list[FrameResult]:
        """Decode in a worker; of several frames, those that break a worker are found one by one."""
        worker = self._take()
        try:
            answer = worker.run(request)
        except WorkerCrashed:
            reason = f"{file_name(request.path)} crashed the image decoder"
        except WorkerHangs:
            reason = f"{file_name(request.path)} kept the image decoder busy for too long"
        except BaseException:
            self._end(worker)
            raise
        else:
            self._idle.append(worker)
            return answer
        self._end(worker)
        if len(request.indices) == 1:
            return [reason]
        return [self._decode_one(replace(request, indices=(index,))) for index in request.indices]

    def _decode_one(self, request: FrameRequest) -> FrameResult:
        """Decode a frame of a file that broke a worker, therefore never in this process."""
        try:
            return self._decode_apart(request)[0]
        except NoWorker as error:
            return f"{file_name(request.path)} cannot be decoded: {error}"

    def _take(self) -> Worker:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and worker.alive:
            return worker
        if worker is not None:  # it ended while nobody asked it anything, so no file is to blame
            self._end(worker)
        return self._new()

    def _new(self) -> Worker:
        worker = self._make()
        with self._lock:
            closed = self._closed
            if not closed:
                self._alive.append(worker)
        if closed:
            worker.end()
            raise NoWorker(ENDING)
        return worker

    def _end(self, worker: Worker) -> None:
        with self._lock:
            if worker in self._alive:
                self._alive.remove(worker)
        worker.end()
