"""A reading at work: edits are journalled durably before anything is told to have changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Change, Edit, History
from lvp_workstation.domain.errors import LvpError, ReadingStateError, StorageProblem
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.label_delta import Box, labels_sha256
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import STUDY_ROWS, Reading, ReadingMode, RevealBy, Role
from lvp_workstation.domain.result_sets import AiResult
from lvp_workstation.domain.study import Study
from lvp_workstation.store.audit import AuditTrail, seconds_behind
from lvp_workstation.store.database import Database
from lvp_workstation.store.journal import JournalRecord, Step, edit_of_text, edit_text
from lvp_workstation.store.repositories import Readings, StoredReading

CLOCK_REMARK_S = 60.0
"""A clock this far behind the record is told to the reader (our choice)."""

ANALYSIS = "attach_analysis"
"""Kind of the edit that brings the result of an AI."""

Clock = Callable[[], str]
"""The current time in UTC, ISO 8601."""


def author(reader: str, clock: Clock) -> Author:
    """Return who edits, at this moment."""
    return Author(reader, clock())


@dataclass(frozen=True, eq=False)
class ReadingSnapshot:
    """The state of a reading after a change, for screens.

    Attributes
    ----------
    labels
        The label map as edited.
    fields
        Names of what changed: fields of `Reading`, and ``labels`` for the segmentation.
    targets
        Instances whose findings, measurements, texts, lock or reveal changed.
    box
        Block of the label array that changed, None when none did.
    """

    reading: Reading
    labels: LabelMap | None
    history: History
    fields: frozenset[str] = frozenset()
    targets: frozenset[InstanceId] = frozenset()
    box: Box | None = None
    revision: int = 0


class ReadingSession:
    """One reader's reading of one study, backed by the journal.

    Every call belongs on the database worker. The state is one immutable value that is replaced only
    after it was written, so another thread may read it at any time.
    """

    def __init__(self, readings: Readings, reading_id: str, clock: Clock) -> None:
        self._readings = readings
        self._reading_id = reading_id
        self._clock = clock
        self._reader, self._state = _loaded(readings, reading_id)

    @property
    def reader(self) -> str:
        """Whose reading it is."""
        return self._reader

    @property
    def reading(self) -> Reading:
        """The reading as it stands."""
        return self._state.reading

    @property
    def labels(self) -> LabelMap | None:
        """The label map as it stands, None before an analysis."""
        return self._state.labels

    @property
    def history(self) -> History:
        """What can be undone and redone."""
        return self._state.history

    @property
    def revision(self) -> int:
        """Number of journal records the state rests on."""
        return self._state.revision

    def snapshot(self, fields: frozenset[str] = frozenset()) -> ReadingSnapshot:
        """Return the present state."""
        return replace(self._state, fields=fields)

    def author(self) -> Author:
        """Return the reader as author of an edit made now."""
        return author(self._reader, self._clock)

    def reload(self) -> ReadingSnapshot:
        """Take over what another window or workstation wrote; what is stored wins."""
        self._reader, self._state = _loaded(self._readings, self._reading_id)
        return self.snapshot()

    def run(self, edit: Edit, labels: LabelMap | None = None, signed: str = "") -> ReadingSnapshot:
        """Apply an edit: checked first, then written durably, then returned.

        What is applied is the edit as the journal gives it back, so that a restart finds the same.

        Parameters
        ----------
        labels
            A whole new label map that comes with the edit, such as an analysis brings.
        signed
            The canonical form, for the edit that signs.

        Raises
        ------
        ReadingStateError
            When the reading does not allow the edit.
        ReadingConflict
            When the reading was changed elsewhere meanwhile; see `reload`.
        StorageProblem
            When it could not be written; the reading is as before.
        """
        return self._step(Step.DO, edit_of_text(edit_text(edit)), edit.who, labels, signed)

    def undo(self) -> ReadingSnapshot:
        """Take the last edit back."""
        self._state.history.undo()
        return self._step(Step.UNDO, self._state.history.done[-1], self._reader)

    def redo(self) -> ReadingSnapshot:
        """Make the edit again that was undone last."""
        self._state.history.redo()
        return self._step(Step.REDO, self._state.history.undone[-1], self._reader)

    def _step(
        self, step: Step, edit: Edit, who: str, labels: LabelMap | None = None, signed: str = ""
    ) -> ReadingSnapshot:
        record = JournalRecord(self.revision + 1, step, edit, self._clock())
        after = _after(self._state, record, labels)
        _require_own_labels(self._state, after)
        result = None
        if step is Step.DO and edit.kind == ANALYSIS:
            result = AiResult.of(after.reading, edit.edit_id, record.time_utc)
        self._readings.append(self._reading_id, record, who, after.reading.state, labels, signed, result)
        self._state = after
        return after


def state_at(readings: Readings, reading_id: str, revision: int) -> ReadingSnapshot:
    """Return a reading as it was after a step of its journal; 0 is before the first one."""
    return _replayed(readings, reading_id, readings.load(reading_id), revision)


def _loaded(readings: Readings, reading_id: str) -> tuple[str, ReadingSnapshot]:
    """Return the reader and the state that the journal leads to."""
    stored = readings.load(reading_id)
    return stored.reader, _replayed(readings, reading_id, stored, len(stored.records))


def _replayed(readings: Readings, reading_id: str, stored: StoredReading, revision: int) -> ReadingSnapshot:
    """Return the state that the first steps of a journal lead to."""
    whole = readings.label_snapshot(reading_id, revision)
    state = ReadingSnapshot(stored.base, whole[1] if whole is not None and whole[0] == 0 else None, History())
    for record in stored.records[:revision]:
        labels = whole[1] if whole is not None and whole[0] == record.revision else None
        too_early = whole is not None and record.revision < whole[0]
        try:
            state = _after(state, _without_labels(record) if too_early else record, labels)
        except (LvpError, KeyError, ValueError, TypeError) as error:
            raise StorageProblem(
                f"The journal of this reading cannot be followed beyond step {record.revision} "
                f"({error}). Nothing was changed; restore the newest backup of the database."
            ) from error
    if state.labels is not None and labels_sha256(state.labels.array) != state.reading.labels_sha256:
        raise StorageProblem(
            "The stored segmentation of this reading does not match its hash. Nothing was changed; "
            "restore the newest backup of the database."
        )
    nothing: frozenset[str] = frozenset()
    return replace(state, fields=nothing, targets=nothing, box=None)


def _without_labels(record: JournalRecord) -> JournalRecord:
    """Return the record of a stroke on a segmentation that a later analysis replaced."""
    return replace(record, edit=replace(record.edit, labels=None))


def _after(state: ReadingSnapshot, record: JournalRecord, labels: LabelMap | None) -> ReadingSnapshot:
    """Return the state after a step; raise and change nothing when it does not fit."""
    effect = record.effect
    return ReadingSnapshot(
        effect.applied(state.reading),
        _labels_after(state.labels, effect) if labels is None else labels,
        _history_after(state.history, record),
        _fields(effect, labels),
        frozenset().union(*(_targets(change) for change in effect.changes)),
        _whole(labels) if labels is not None else effect.labels.box if effect.labels else None,
        record.revision,
    )


def _history_after(history: History, record: JournalRecord) -> History:
    """Return the undo stack after a step; the journal decides which edit was undone or redone."""
    edit = record.edit
    if record.step is Step.DO:
        return history.pushed(edit)
    done = tuple(e for e in history.done if e.edit_id != edit.edit_id)
    undone = tuple(e for e in history.undone if e.edit_id != edit.edit_id)
    return History(done, (*undone, edit)) if record.step is Step.UNDO else History((*done, edit), undone)


def _labels_after(labels: LabelMap | None, effect: Edit) -> LabelMap | None:
    if effect.labels is None or not effect.labels.runs:  # what is the same stays the same object
        return labels
    if labels is None:
        raise ReadingStateError("There is no segmentation to edit yet.")
    return labels.with_array(effect.labels.applied(labels.array))


def _require_own_labels(before: ReadingSnapshot, after: ReadingSnapshot) -> None:
    """Raise `ValueError` when the hash in the reading is not that of its label map: a bug of the caller."""
    if after.labels is None:
        return
    told = after.reading.labels_sha256
    if after.labels is before.labels and told == before.reading.labels_sha256:
        return
    if labels_sha256(after.labels.array) != told:
        raise ValueError("the edit's labels_sha256 is not the hash of the label map it leads to")


def _fields(effect: Edit, labels: LabelMap | None) -> frozenset[str]:
    changed = effect.labels is not None or labels is not None
    return frozenset(change.field for change in effect.changes) | ({"labels"} if changed else set())


def _targets(change: Change) -> frozenset[Any]:
    if isinstance(change.key, FindingKey):
        return frozenset({change.key.target})
    if isinstance(change.key, tuple):
        return frozenset({change.key[0]})
    if change.field == "texts":
        return frozenset({change.key} - STUDY_ROWS.keys())
    if change.field == "reveal_times":
        return frozenset({change.key})
    if change.field in ("locked", "revealed"):
        return frozenset(change.before ^ change.after)
    return frozenset()


def _whole(labels: LabelMap) -> Box:
    shape = np.asarray(labels.array).shape
    return (0, 0, 0), (shape[0], shape[1], shape[2])


class ReadingRoom:
    """Opens and creates readings in one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._readings = Readings(database)
        self._audit = AuditTrail(database)
        self._clock = clock

    @property
    def readings(self) -> Readings:
        """The stored readings."""
        return self._readings

    @property
    def audit(self) -> AuditTrail:
        """The audit trail."""
        return self._audit

    def session(self, reading_id: str) -> ReadingSession:
        """Return a stored reading by its id, where whose study it is was checked before."""
        return ReadingSession(self._readings, reading_id, self._clock)

    def open(
        self,
        study: Study,
        reader: str,
        mode: ReadingMode,
        role: Role = Role.READER,
        reveal_by: RevealBy = RevealBy.LEVEL,
    ) -> ReadingSession:
        """Return the newest reading of a study by a reader, or a new one in this mode and capacity.

        Raises
        ------
        IdentityConflict
            When the reading kept for the study belongs to another patient.
        """
        now = self._clock()
        uid = study.study_instance_uid
        self._readings.remember_study(uid, study.patient, now)
        fresh = Reading(uuid.uuid4().hex, uid, study.patient, mode, role=role, reveal_by=reveal_by)
        return self.open_reading(self._readings.find_or_create(fresh, reader, now), study)

    def open_reading(self, reading_id: str, study: Study) -> ReadingSession:
        """Return a stored reading beside the study it was made of.

        Raises
        ------
        IdentityConflict
            When it belongs to another patient.
        """
        session = ReadingSession(self._readings, reading_id, self._clock)
        study.patient.require_same(session.reading.patient, "stored reading")
        return session

    def record(self, reader: str, event: str, reading: Reading, **more: str) -> None:
        """Put an event about a reading into the audit trail."""
        detail = {"study": reading.study_instance_uid, "reading": reading.reading_id, **more}
        self._audit.append(self._clock(), reader, event, detail)

    def remarks(self) -> tuple[str, ...]:
        """Return what is wrong around the readings, in sentences: the clock, the end of the audit trail."""
        now, last = self._clock(), self._audit.last_time()
        found = []
        if seconds_behind(now, last) > CLOCK_REMARK_S:
            found.append(
                f"The clock of this computer says {now}, but the record goes on to {last}: set the clock. "
                "Nothing is lost; the order of the edits does not depend on it."
            )
        if self._audit.shorter_than_head():
            found.append(
                "The database is older than the audit trail kept beside its key: it was restored from a copy "
                "or its end was cut off."
            )
        return tuple(found)
