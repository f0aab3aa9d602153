"""The reading on screen: edits go to the database worker, what changed comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from lvp_workstation.app.context import AppContext, local_now, utc_now
from lvp_workstation.app.reading_opening import Opened, opening
from lvp_workstation.app.stroke_steps import awaits_measures, redo_step, undo_step
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain import codec
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.errors import (
    LvpError,
    ReadingConflict,
    ReadingStateError,
    StorageProblem,
)
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.reading import Reading, Role
from lvp_workstation.domain.reading_edits import attach_analysis
from lvp_workstation.domain.reading_shown import as_shown
from lvp_workstation.domain.result_sets import ResultSet
from lvp_workstation.domain.study import Study
from lvp_workstation.report.facts import CoverageFact, PriorFact, prior_facts
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.read import ReadingSession
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.services.side_by_side import (
    open_addendum,
    open_joint_reading,
    result_sets,
    signed_readings,
)
from lvp_workstation.services.sign import release_preliminary, sign_reading
from lvp_workstation.services.study_facts import study_facts
from lvp_workstation.store.repositories import ReadingSummary
from lvp_workstation.viewer.language import told, tr

log = logging.getLogger(__name__)
EditBuilder = Callable[[Reading, Author], Edit]
SessionStep = Callable[[ReadingSession], ReadingSnapshot]
"""What is done to a session, on the database worker."""
T = TypeVar("T")

OPEN, LOOK = "open reading", "look for edits made elsewhere"
ELSEWHERE = "The reading was changed elsewhere; what is stored is shown now."
RELOADED = "The reading was changed elsewhere; your last change was not made. What was stored is shown now."
MEASURING = "The measurements after your last stroke are still being made; try again in a moment."
LOOK_MS = 2000
"""How often another window's or workstation's edits are looked for (our choice)."""


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
    remarked = Signal(str)
    """Something to know about how the reading is kept, such as a clock that is wrong."""
    saving = Signal()
    """An edit is on its way to the disk."""

    def __init__(self, context: AppContext, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._session: ReadingSession | None = None
        self._snapshot: ReadingSnapshot | None = None
        self._layout: dict[str, Any] = {}
        self._told = ""
        self._priors: tuple[PriorFact, ...] = ()
        self._stated: dict[str, Any] = {}  # by the headers, for a reading that no analysis told more
        self._number = self._visit = 0
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._look_for_others)

    @property
    def snapshot(self) -> ReadingSnapshot | None:
        """The last confirmed state, None before a reading is open.

        What the AI says and was not revealed is not in it, see `reading_shown`.
        """
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
        return self._context.reader_name or "unnamed reader"

    def leave(self) -> None:
        """Have no reading any more: another study is shown, whose reading is not open yet."""
        self._session = self._snapshot = None
        self._visit += 1

    def open(self, study: Study) -> None:
        """Open the reading of a study, or begin one."""
        self.leave()
        self._layout, self._told, self._priors = {}, "", prior_facts(study)
        self._stated = study_facts(study).to_plain()
        work = opening(self._context, study)
        done, failed = self._here(self._opened_now), self._here(self._open_failed)
        self._runner.start(Lane.DATABASE, OPEN, lambda _, __: work(), done, failed)

    def _here(self, take: Callable[[T], None]) -> Callable[[T], None]:
        """Return what takes an answer only while the study that it was asked for is on screen."""
        visit = self._visit
        return lambda answer: take(answer) if visit == self._visit else None

    def _opened_now(self, answer: Opened) -> None:
        self._session, self._layout, remarks = answer
        self._take(self._session.snapshot(), self.opened.emit)
        self._look.start()
        for remark in remarks:
            self.remarked.emit(remark)

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
            self.change(undo_step, tr("undone: {what}", what=told(self._snapshot.history.undo_text)))

    def redo(self) -> None:
        """Make the step again that was undone last."""
        if self._snapshot is not None:
            self.change(redo_step, tr("done again: {what}", what=told(self._snapshot.history.redo_text)))

    def attach(self, analysis: Analysis) -> None:
        """Put an analysis into the reading; what the axial model says only where the settings ask for it."""
        analysis = self._context.for_readings(analysis)
        author = Author(analysis.model.name, utc_now())

        def work(session: ReadingSession) -> ReadingSnapshot:
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

    def sign(
        self, reader: str, coverage: tuple[CoverageFact, ...], seconds: dict[str, float] | None = None
    ) -> None:
        """Sign the reading as it stands; ``seconds`` tells the time spent at each level."""
        facts = self._last_facts(coverage, seconds)

        def work(session: ReadingSession) -> ReadingSnapshot:
            if awaits_measures(session.history):
                raise ReadingStateError(MEASURING)
            room, told = self._context.reading_room(), self._completed(session.reading, facts)
            return sign_reading(session, reader, utc_now(), local_now(), told, room)

        self.change(work)

    def release_preliminary(
        self, coverage: tuple[CoverageFact, ...], seconds: dict[str, float] | None = None
    ) -> None:
        """Release the reading as preliminary."""
        facts, reader = self._last_facts(coverage, seconds), self.reader

        def work(session: ReadingSession) -> ReadingSnapshot:
            return release_preliminary(session, reader, utc_now(), self._completed(session.reading, facts))

        self.change(work, "preliminary")

    def _last_facts(
        self, coverage: tuple[CoverageFact, ...], seconds: dict[str, float] | None
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {"coverage": codec.to_plain(coverage)}
        if self._priors:  # else those that were open when it was analysed stay
            facts["priors"] = [fact.__dict__ for fact in self._priors]
        return facts if not seconds else {**facts, "seconds_per_level": seconds}

    def _completed(self, reading: Reading, facts: dict[str, Any]) -> dict[str, Any]:
        """Return facts with what the headers state and the reading does not know: nothing was analysed."""
        return {name: fact for name, fact in self._stated.items() if name not in reading.facts} | facts

    def begin_addendum(self, reason: str) -> None:
        """Begin an addendum to the signed reading on screen and show it in its place."""
        signed, author = self._session, Author(self.reader, utc_now())
        if signed is None:
            return

        def work() -> Opened:
            return open_addendum(self._context.reading_room(), signed, reason, author), self._layout, ()

        self._in_order("addendum", work, self._here(self._opened_now))

    def list_signed(self, show: Callable[[tuple[tuple[ReadingSummary, str], ...]], None]) -> None:
        """Hand the signed readings of the study on screen, and who signed each, to ``show``."""
        session = self._session
        if session is None:
            return
        reading = session.reading
        self._in_order("list readings", lambda: signed_readings(self._context.reading_room(), reading), show)

    def join(self, first_id: str, second_id: str, role: Role) -> None:
        """Begin the consensus or arbitration of two signed readings and show it in place of this one."""
        whose = self._context.owner if self._context.person is not None else self.reader
        author, owner = Author(self.reader, utc_now()), f"{role.value}: {whose}"

        def work() -> Opened:
            room = self._context.reading_room()
            session = open_joint_reading(room, first_id, second_id, owner, role, author)
            return session, self._layout, ()

        self._in_order("join readings", work, self._here(self._opened_now))

    def compare(self, show: Callable[[tuple[ResultSet, ...]], None]) -> None:
        """Hand the result sets that may be shown beside the reading to ``show``."""
        session = self._session
        if session is None:
            return

        def work() -> tuple[ResultSet, ...]:
            room = self._context.reading_room()
            sets = result_sets(room, session.reading)
            room.record(self.reader, "compare", session.reading, sets=str(len(sets)))
            return sets

        self._in_order("compare", work, show)

    def record(self, event: str, **more: str) -> None:
        """Put something that was done with the reading, such as an export, into the audit trail."""
        session, reader = self._session, self.reader
        if session is not None:
            self._in_order(
                "record",
                lambda: self._context.reading_room().record(reader, event, session.reading, **more),
                _nothing,
            )

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

        self.saving.emit()
        self._in_order("edit", lambda: work(session), done)

    def _take(self, snapshot: ReadingSnapshot, tell: Callable[[ReadingSnapshot], object]) -> None:
        reading = as_shown(snapshot.reading)
        if reading.signature is None:
            reading = replace(reading, facts=self._completed(reading, dict(reading.facts)))
        self._snapshot = replace(snapshot, reading=reading)
        tell(self._snapshot)

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
        if self._snapshot is not None:
            self.changed.emit(self._snapshot)  # before the reason, which must stay on screen
        self.refused.emit(f"{error}{lost}")
        if isinstance(error, ReadingConflict):
            self._reload()

    def rest(self) -> None:
        """Look no more for edits made elsewhere: the window closes."""
        self._look.stop()

    def _look_for_others(self) -> None:
        """Show what another window or workstation wrote to the reading since."""
        session = self._session
        if session is None or self._runner.running(LOOK):
            return

        def work(_: ProgressCallback, cancel: CancelToken) -> ReadingSnapshot | None:
            stored = self._context.reading_room().readings.revision(session.reading.reading_id)
            return session.reload() if stored > session.revision else None

        def done(snapshot: ReadingSnapshot | None) -> None:
            if snapshot is not None and self._session is session:
                self._told = ELSEWHERE
                self._take(snapshot, self.changed.emit)

        self._runner.start(Lane.DATABASE, LOOK, work, done, _log_look)

    def _reload(self) -> None:
        """Take over what was written elsewhere; the edit that was refused stays refused."""
        session = self._session
        if session is None:
            return

        def done(snapshot: ReadingSnapshot) -> None:
            self._take(snapshot, self.changed.emit)
            self.refused.emit(RELOADED)

        self._in_order("reload", session.reload, self._here(done))


def _nothing(_: None) -> None:
    """Nothing to do with an answer."""


def _log_layout(error: Exception) -> None:
    """A layout that could not be kept costs the reader a few clicks; never a message while reading."""
    log.warning("the layout was not kept: %s", error)


def _log_look(error: Exception) -> None:
    """The next edit will tell in words what is wrong with the database."""
    log.warning("edits made elsewhere could not be looked for: %s", error)
