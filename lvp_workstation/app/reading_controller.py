"""The reading on screen: edits go to the database worker, what changed comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from lvp_workstation.app.context import AppContext, local_now, utc_now
from lvp_workstation.app.stroke_steps import awaits_measures, redo_step, undo_step
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.errors import LvpError, ReadingConflict, ReadingStateError, StorageProblem
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.reading_edits import attach_analysis
from lvp_workstation.domain.study import Study
from lvp_workstation.report.facts import CoverageFact, PriorFact, prior_facts
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.read import ReadingSession, ReadingSnapshot
from lvp_workstation.services.sign import sign_reading

log = logging.getLogger(__name__)
EditBuilder = Callable[[Reading, Author], Edit]
SessionStep = Callable[[ReadingSession], ReadingSnapshot]
"""What is done to a session, on the database worker."""
T = TypeVar("T")

OPEN = "open reading"
RELOADED = "The reading was changed elsewhere; your last change was not made. What was stored is shown now."
MEASURING = "The measurements after your last stroke are still being made; try again in a moment."
LOCAL_READER = "local"
"""Owner of the readings of this workstation; who decided what stands in each edit."""


class ReadingController(QObject):
    """Runs every edit of the reading on the database worker, one after the other."""

    changed = Signal(object)
    """`ReadingSnapshot` after a confirmed change."""
    opened = Signal(object)
    """`ReadingSnapshot` of a reading that was opened."""
    refused = Signal(str)
    """Why an edit was not made; nothing changed."""
    not_opened = Signal(str)
    """Why the reading of the study could not be opened: nothing can be kept."""

    def __init__(self, context: AppContext, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._session: ReadingSession | None = None
        self._snapshot: ReadingSnapshot | None = None
        self._layout: dict[str, Any] = {}
        self._told = ""
        self._priors: tuple[PriorFact, ...] = ()
        self._number = 0

    @property
    def snapshot(self) -> ReadingSnapshot | None:
        """The last confirmed state, None before a reading is open."""
        return self._snapshot

    @property
    def reading(self) -> Reading | None:
        """The reading as last confirmed."""
        return self._snapshot.reading if self._snapshot else None

    @property
    def layout(self) -> dict[str, Any]:
        """What was on screen when the reading was last left; empty for a new one."""
        return self._layout

    @property
    def reader(self) -> str:
        """Who reads; a name for the record even when none was given."""
        return self._context.settings.reader or "unnamed reader"

    def open(self, study: Study) -> None:
        """Open the reading of a study, or begin one."""
        self._session = self._snapshot = None
        self._layout, self._told, self._priors = {}, "", prior_facts(study)
        mode = self._context.settings.reading_mode

        def work() -> tuple[ReadingSession, dict[str, Any]]:
            room = self._context.reading_room()
            session = room.open(study, LOCAL_READER, mode)
            return session, room.readings.layout(session.reading.reading_id)

        def done(answer: tuple[ReadingSession, dict[str, Any]]) -> None:
            self._session, self._layout = answer
            self._take(self._session.snapshot(), self.opened.emit)

        self._runner.start(Lane.DATABASE, OPEN, lambda _, __: work(), done, self._open_failed)

    def save_layout(self, state: dict[str, Any]) -> None:
        """Keep what is on screen; a newer state makes one that still waits stale."""
        reading = self.reading
        if reading is None or state == self._layout:
            return
        self._layout = state

        def work(_: ProgressCallback, cancel: CancelToken) -> None:
            cancel.raise_if_cancelled()
            self._context.reading_room().readings.save_layout(reading.reading_id, state)

        self._runner.start(Lane.DATABASE, f"layout {reading.reading_id}", work, _nothing, _log_layout)

    def run(self, build: EditBuilder) -> None:
        """Build an edit from the newest reading and run it."""
        author = Author(self.reader, utc_now())
        self.change(lambda session: session.run(build(session.reading, author)))

    def undo(self) -> None:
        """Take the last step back."""
        if self._snapshot is not None:
            self.change(undo_step, f"undone: {self._snapshot.history.undo_text}")

    def redo(self) -> None:
        """Make the step again that was undone last."""
        if self._snapshot is not None:
            self.change(redo_step, f"done again: {self._snapshot.history.redo_text}")

    def attach(self, analysis: Analysis) -> None:
        """Put an analysis into the reading."""
        author = Author(analysis.model.name, utc_now())

        def work(session: ReadingSession) -> ReadingSnapshot:
            from lvp_workstation.services.report_out import study_facts  # heavy, see `export_reading`

            session.reading.require_study(analysis.study, "analysis")
            facts = study_facts(analysis.study, analysis).to_plain()
            edit = attach_analysis(
                session.reading,
                analysis.levels,
                analysis.measurements,
                analysis.proposals,
                facts,
                labels_sha256(analysis.labels.array),
                author,
            )
            return session.run(edit, analysis.labels)

        self.change(work)

    def sign(self, reader: str, coverage: tuple[CoverageFact, ...]) -> None:
        """Sign the reading as it stands."""
        facts = {"coverage": [fact.__dict__ for fact in coverage]}
        if self._priors:  # else those that were open when it was analysed stay
            facts["priors"] = [fact.__dict__ for fact in self._priors]

        def work(session: ReadingSession) -> ReadingSnapshot:
            if awaits_measures(session.history):
                raise ReadingStateError(MEASURING)
            return sign_reading(session, reader, utc_now(), local_now(), facts)

        self.change(work)

    @property
    def told(self) -> str:
        """What the last change was in words, where the reading itself does not tell."""
        return self._told

    def change(self, work: SessionStep, told: str = "") -> None:
        """Run a step on the session of the study on screen; ``told`` says it in words."""
        session = self._session
        if session is None:
            return

        def done(snapshot: ReadingSnapshot) -> None:
            self._told = told
            if self._session is session:  # else another study is on screen; the edit is kept all the same
                self._take(snapshot, self.changed.emit)

        self._in_order("edit", lambda: work(session), done)

    def _take(self, snapshot: ReadingSnapshot, tell: Callable[[ReadingSnapshot], object]) -> None:
        self._snapshot = snapshot
        tell(snapshot)

    def _in_order(self, name: str, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Run on the database worker; unlike other tasks, one never makes an earlier one stale."""
        self._runner.start(Lane.DATABASE, self._key(name), lambda _, __: work(), done, self._failed)

    def _key(self, name: str) -> str:
        self._number += 1
        return f"{name} {self._number}"

    def _open_failed(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        self.not_opened.emit(str(error))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        lost = " Your last change was not made." if isinstance(error, StorageProblem) else ""
        if isinstance(error, ReadingStateError) and self._snapshot is not None:
            self.changed.emit(self._snapshot)  # before the reason, which must stay on screen
        self.refused.emit(f"{error}{lost}")
        if isinstance(error, ReadingConflict):
            self._reload()

    def _reload(self) -> None:
        """Take over what was written elsewhere; the edit that was refused stays refused."""
        session = self._session
        if session is None:
            return

        def done(snapshot: ReadingSnapshot) -> None:
            self._take(snapshot, self.changed.emit)
            self.refused.emit(RELOADED)

        self._in_order("reload", session.reload, done)


def _nothing(_: None) -> None:
    """Nothing to do with an answer."""


def _log_layout(error: Exception) -> None:
    """A layout that could not be kept costs the reader a few clicks; never a message while reading."""
    log.warning("the layout was not kept: %s", error)
