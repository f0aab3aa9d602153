"""Run pure callables off the UI thread and bring their answers back to it.

One single-worker executor each for the database, for inference, for what waits for a quiet moment and
for everything that must stay in order, and a small pool for reading files. A newer request under the
same key makes an older one stale: its answer is dropped.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from lvp_workstation.domain.errors import Cancelled
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback

PROGRESS_GAP_S = 0.1
"""Least time between two words of progress of a task, and before its first (our choice)."""

TURN_S = 0.008
"""After this long in one turn of the event loop the next answer waits for another one (our choice)."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Lane(StrEnum):
    """Which executor a task runs on."""

    FILES = "files"
    INFERENCE = "inference"
    DATABASE = "database"
    BACKGROUND = "background"


@dataclass(frozen=True)
class Handle:
    """A task that was started; `cancel` asks it to stop."""

    number: int
    key: str
    token: CancelToken
    lane: Lane

    def cancel(self) -> None:
        """Ask the task to stop."""
        self.token.cancel()


class TaskRunner(QObject):
    """Starts tasks and delivers their progress and answers on the thread it lives in."""

    task_started = Signal(str)
    task_progressed = Signal(str, object)
    task_ended = Signal(str)
    _back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, Executor] = {
            Lane.FILES: ThreadPoolExecutor(2, "lvp-files"),
            Lane.INFERENCE: ThreadPoolExecutor(1, "lvp-inference"),
            Lane.DATABASE: ThreadPoolExecutor(1, "lvp-database"),
            Lane.BACKGROUND: ThreadPoolExecutor(1, "lvp-background"),
        }
        self._numbers = itertools.count(1)
        self._current: dict[str, Handle] = {}
        self._closed = False
        self._answers: deque[Callable[[], None]] = deque()
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._serve)
        self._back.connect(self._call_back)

    def start(
        self,
        lane: Lane,
        key: str,
        work: Callable[[ProgressCallback, CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        cancelled: Callable[[], None] = lambda: None,
    ) -> Handle:
        """Run ``work(progress, cancel)`` on a lane; ``done`` or ``failed`` is called on this thread.

        ``cancelled`` is called when it stopped on request, unless a newer task of the key took its place.

        A task with the same key that still runs becomes stale and is asked to stop. Progress is told now
        and then: every word of it would cost the UI thread more than the work itself.
        """
        previous = self._current.get(key)
        if previous is not None:
            previous.cancel()
        handle = Handle(next(self._numbers), key, CancelToken(), lane)
        self._current[key] = handle
        self.task_started.emit(key)

        due = time.monotonic() + PROGRESS_GAP_S

        def progress(state: Progress) -> None:
            nonlocal due
            if time.monotonic() >= due:
                due = time.monotonic() + PROGRESS_GAP_S
                self._post(lambda: self._progress(handle, state))

        future: Future[T] = self._lanes[lane].submit(work, progress, handle.token)
        future.add_done_callback(
            lambda f: self._post(lambda: self._finish(handle, f, done, failed, cancelled))
        )
        return handle

    def cancel(self, key: str) -> None:
        """Ask the task under a key to stop, if one runs."""
        handle = self._current.get(key)
        if handle is not None:
            handle.cancel()

    def busy(self, *lanes: Lane) -> bool:
        """Whether anything runs or waits on these lanes."""
        return any(handle.lane in lanes for handle in self._current.values())

    def running(self, key: str) -> bool:
        """Whether a task under the key still runs."""
        return key in self._current

    def close(self) -> None:
        """Stop every task and wait for all threads but the one in the background; nothing is delivered.

        What waits for the database is still written: an edit that was made is never dropped.
        """
        self._closed = True
        for handle in self._current.values():
            if handle.lane is not Lane.DATABASE:
                handle.cancel()
        for lane, executor in self._lanes.items():
            waits = lane is not Lane.BACKGROUND  # nobody waits for what it does
            executor.shutdown(wait=waits, cancel_futures=lane is not Lane.DATABASE)

    def _post(self, call: Callable[[], None]) -> None:
        if not self._closed:
            self._back.emit(call)

    def _call_back(self, call: Callable[[], None]) -> None:
        self._answers.append(call)
        if not self._turn.isActive():
            self._turn.start(0)

    def _serve(self) -> None:
        """Deliver what came back, in its order; what is more than a turn takes lets the loop run first."""
        end = time.perf_counter() + TURN_S
        while self._answers and not self._closed:
            call = self._answers.popleft()
            if self._answers:
                self._turn.start(0)
            call()
            if time.perf_counter() > end:
                break

    def _progress(self, handle: Handle, state: Progress) -> None:
        if self._current.get(handle.key) is handle:
            self.task_progressed.emit(handle.key, state)

    def _finish(
        self,
        handle: Handle,
        future: Future[Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        cancelled: Callable[[], None],
    ) -> None:
        if self._current.get(handle.key) is not handle:
            return
        del self._current[handle.key]
        self.task_ended.emit(handle.key)
        if future.cancelled() or isinstance(future.exception(), Cancelled):
            cancelled()
            return
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, Exception):
            failed(error)
        else:
            raise error
