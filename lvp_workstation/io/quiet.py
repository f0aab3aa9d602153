"""Catch library warnings on odd files, from several threads, so that they can become sentences.

`warnings.catch_warnings` changes process-wide state and must not overlap between threads.
`collected_warnings` may: the first one in installs a collector, the last one out removes it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Collector:
    """Sends each warning to the list of the thread that raised it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._local = threading.local()
        self._active = 0
        self._catcher: warnings.catch_warnings[Any] | None = None
        self._previous: Any = None

    def enter(self) -> list[str]:
        messages: list[str] = []
        stack = self._stack()
        with self._lock:
            if self._active == 0:
                self._install()
            self._active += 1
        stack.append(messages)
        return messages

    def leave(self) -> None:
        self._stack().pop()
        with self._lock:
            self._active -= 1
            if self._active == 0 and self._catcher is not None:
                self._catcher.__exit__(None, None, None)
                self._catcher = None

    def _stack(self) -> list[list[str]]:
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        found: list[list[str]] = self._local.stack
        return found

    def _install(self) -> None:
        self._catcher = warnings.catch_warnings()
        self._catcher.__enter__()
        warnings.simplefilter("always")
        self._previous = warnings.showwarning
        warnings.showwarning = self._receive

    def _receive(self, message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
        stack = self._stack()
        if stack:
            stack[-1].append(str(message))
        else:
            self._previous(message, category, *rest, **named)


_COLLECTOR = _Collector()


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Collect the warnings of this thread in a list instead of showing or raising them."""
    messages = _COLLECTOR.enter()
    try:
        yield messages
    finally:
        _COLLECTOR.leave()
