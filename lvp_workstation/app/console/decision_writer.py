"""Writes decisions on the worker of the database, in the order in which they were made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.services.acquisition.decisions import DecisionLog

OpenLog = Callable[[], DecisionLog]
"""Opens the log; called on the worker of the database."""


class DecisionWriter:
    """Logs what one person decides.

    Parameters
    ----------
    who
        Who decides.
    failed
        Told of records that could not be kept.
    """

    def __init__(
        self, runner: TaskRunner, open_log: OpenLog, who: str, failed: Callable[[Exception], None]
    ) -> None:
        self._runner, self._open, self._who, self._failed = runner, open_log, who, failed
        self._numbers = itertools.count(1)

    def write(
        self,
        records: Sequence[dict[str, str]],
        done: Callable[[], None] = lambda: None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Write records; ``done`` or ``failed`` is called afterwards."""

        def work(*_: Any) -> None:
            self._open().write(self._who, records)

        if records:
            key = f"log {next(self._numbers)}"
            self._runner.start(Lane.DATABASE, key, work, lambda _: done(), failed or self._failed)
