"""Progress and cancellation of long tasks, without threads or toolkits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from lvp_workstation.domain.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """A state of a long task: ``fraction`` in 0-1 and a short sentence for the reader."""

    fraction: float
    message: str = ""


ProgressCallback = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Take a progress report and do nothing with it."""


class CancelToken:
    """A flag that one thread raises and another one polls; callbacks run when it is raised."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """Whether cancelling was asked for."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the task to stop and run each registered callback once."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` when cancelling is asked for, at once if it already was."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` when cancelling was asked for."""
        if self._event.is_set():
            raise Cancelled("stopped on request")
