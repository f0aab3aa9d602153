"""Cuts that take longer than a frame: made by a worker, the newest request of each view only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


class CutWorker(QObject):
    """Runs pure callables one after the other and hands their answers back to the thread it lives in.

    A view that asks again before its turn came is served once, with its newest request; an answer to a
    request that is no longer the newest one is dropped.
    """

    _answered = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[object, Callable[[], Any]]] = {}
        self._newest: dict[int, tuple[object, Callable[[Any], None]]] = {}
        self._last: dict[int, Callable[[], Any]] = {}
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def request(self, owner: object, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run ``work`` on the worker, then ``done`` with its answer here."""
        ticket, number = object(), id(owner)
        self._newest[number] = (ticket, done)
        with self._lock:
            queued = number in self._waiting
            self._waiting[number] = (ticket, work)
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, "lvp-cut")
        if not queued:
            served: list[object] = []
            future = self._executor.submit(self._serve, number, served)
            future.add_done_callback(lambda answer: self._answered.emit(number, tuple(served), answer))

    def forget(self, owner: object) -> None:
        """Drop what a view asked for: it goes away, or no longer wants it."""
        self._newest.pop(id(owner), None)
        with self._lock:
            if id(owner) in self._waiting:
                self._waiting[id(owner)] = (object(), _nothing)

    def at_close(self, owner: object, last: Callable[[], Any]) -> None:
        """Run ``last`` on the worker when it is closed, or when `let_go` is called for its owner."""
        self._last[id(owner)] = last

    def let_go(self, owner: object) -> None:
        """Drop what an owner asked for and run what it left for the end."""
        self.forget(owner)
        last = self._last.pop(id(owner), None)
        if last is not None and self._executor is not None:
            self._executor.submit(last)

    def close(self) -> None:
        """Stop the worker; what is under way is waited for and dropped. May be called again."""
        self._newest.clear()
        with self._lock:
            self._waiting = dict.fromkeys(self._waiting, (object(), _nothing))
        if self._executor is not None:
            for last in self._last.values():
                self._executor.submit(last)
            self._executor.shutdown(wait=True)
            self._executor = None
        self._last.clear()

    def _serve(self, number: int, served: list[object]) -> Any:
        """Do the newest work of a view and note which request it was."""
        with self._lock:
            ticket, work = self._waiting.pop(number)
        served.append(ticket)
        return work()

    def _deliver(self, number: int, served: tuple[object, ...], answer: Future[Any]) -> None:
        newest = self._newest.get(number)
        if newest is None or newest[0] not in served:
            return
        del self._newest[number]
        newest[1](answer.result())


def _nothing() -> None:
    """Work that a view no longer wants."""
