"""Works on the queue of analyses while nobody needs the computer, and stands back at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.idle_watch import IdleWatch
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.worklist import WorklistItem
from lvp_workstation.services.pre_read import PreReader
from lvp_workstation.store.pre_readings import PreReading

LOOK_MS = 3000
CLAIM, WORK, KEEP = "claim a study", "pre-read", "keep a pre-reading"
IDLE_S = 120.0
"""Seconds without a touch after which nobody is thought to need the computer (our choice)."""
T = TypeVar("T")
OFF, IDLE, NIGHT, ALWAYS = "off", "idle", "night", "always"


def at_night(hour: int, night: tuple[int, int]) -> bool:
    """Whether an hour (0-23) lies in the night, which may go over midnight."""
    begin, end = night
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


class PreReads(QObject):
    """One study after the other; a task of the reader's cancels the one at work, which is put back."""

    changed = Signal()
    """A study was begun, ended or put back."""
    told = Signal(str)
    """Why the queue does not go on, such as a database that cannot be used."""

    def __init__(
        self,
        context: AppContext,
        runner: TaskRunner,
        watch: IdleWatch,
        hour: Callable[[], int] = lambda: datetime.now().hour,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._watch = watch
        self._hour = hour
        self._item: WorklistItem | None = None
        self.paused = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        runner.task_started.connect(self._task_started)

    def start(self) -> None:
        """Begin to look for studies."""
        self._timer.start()

    def stop(self) -> None:
        """Put back what is at work: the window closes."""
        self._timer.stop()
        if self._item is not None:
            self._runner.cancel(WORK)
            self._put_back(self._item)
            self._item = None

    @property
    def at_work(self) -> WorklistItem | None:
        """The study at work, None when there is none."""
        return self._item

    def set_paused(self, paused: bool) -> None:
        """Let the queue rest, or go on."""
        self.paused = paused
        if paused:
            self._runner.cancel(WORK)
        self.changed.emit()

    def may_work(self) -> bool:
        """Whether the queue may go on now."""
        when, quiet = self._context.settings.pre_read, self._watch.seconds > IDLE_S
        if self.paused or self._runner.busy(Lane.FILES, Lane.INFERENCE):
            return False
        if when == NIGHT:
            first, last = (*self._context.settings.night, 0, 0)[:2]
            return quiet and at_night(self._hour(), (first, last))
        return when == ALWAYS or (when == IDLE and quiet)

    def look(self) -> None:
        """Take the next study where the queue may go on; stop one where it may not any more."""
        if self._item is not None:
            if not self.may_work():
                self._runner.cancel(WORK)
            return
        if self.may_work() and not self._runner.running(CLAIM):
            self._database(CLAIM, lambda reader: (reader, reader.claim()), self._claimed)

    def _claimed(self, claimed: tuple[PreReader, WorklistItem | None]) -> None:
        reader, item = claimed
        if item is None:
            return
        self._item = item
        self.changed.emit()
        if not self.may_work():
            self._ended_with(item, None)
            return
        context = self._context

        def work(progress: ProgressCallback, cancel: CancelToken) -> PreReading:
            return reader.work(item, context.analyser(), context.load_beside, progress, cancel)

        self._runner.start(
            Lane.BACKGROUND,
            WORK,
            work,
            lambda made: self._keep(item, made),
            lambda error: self._ended_with(item, error),
            lambda: self._ended_with(item, None),
        )

    def _keep(self, item: WorklistItem, made: PreReading) -> None:
        self._database(KEEP, lambda reader: reader.keep(made), lambda _: self._free(item))

    def _ended_with(self, item: WorklistItem, error: Exception | None) -> None:
        """Put a study back that was not finished, or say why there is no result."""
        self._put_back(item, error)
        if error is not None and not isinstance(error, LvpError):
            raise error

    def _put_back(self, item: WorklistItem, error: Exception | None = None) -> None:
        self._database(
            f"{KEEP} {item.study_instance_uid}",
            lambda reader: reader.failed(item, error),
            lambda _: self._free(item),
        )

    def _free(self, item: WorklistItem) -> None:
        if self._item is item:
            self._item = None
        self.changed.emit()

    def _task_started(self, _: str) -> None:
        """Stand back for the reader: files or an analysis are waited for."""
        if self._item is not None and self._runner.busy(Lane.FILES, Lane.INFERENCE):
            self._runner.cancel(WORK)

    def _database(self, key: str, work: Callable[[PreReader], T], done: Callable[[T], None]) -> None:
        def failed(error: Exception) -> None:
            if not isinstance(error, LvpError):
                raise error
            self._item = None
            self.told.emit(str(error))

        self._runner.start(Lane.DATABASE, key, lambda _, __: work(self._context.pre_reader()), done, failed)
