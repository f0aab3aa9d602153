"""A reading at work: edits are journalled durably before anything is told to have changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from lvp_workstation.domain.edits import Edit, History
from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import Reading, ReadingMode
from lvp_workstation.domain.study import Study
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database
from lvp_workstation.store.repositories import JournalRecord, Readings, Step

Clock = Callable[[], str]


@dataclass(frozen=True, eq=False)
class ReadingSnapshot:
    """The state of a reading after a change, for screens.

    ``fields`` names what changed; ``labels`` is the label map as edited.
    """

    reading: Reading
    labels: LabelMap | None
    history: History
    fields: frozenset[str]


class ReadingSession:
    """One reader's reading of one study, backed by the journal.

    Not thread-safe: every call belongs on the database worker.
    """

    def __init__(self, readings: Readings, reading_id: str, clock: Clock) -> None:
        self._readings = readings
        self._clock = clock
        stored = readings.load(reading_id)
        self._revision = 0
        self._reading = stored.base
        self._history = History()
        self._labels: LabelMap | None = None
        snapshot = readings.label_snapshot(reading_id)
        for record in stored.records:
            self._take(record.step, record.edit)
            self._revision = record.revision
            if snapshot is not None and record.revision == snapshot[0]:
                self._labels = snapshot[1]
            elif self._labels is not None:
                self._labels = self._labels_after(_effect(record))

    @property
    def reading(self) -> Reading:
        """The reading as it stands."""
        return self._reading

    @property
    def labels(self) -> LabelMap | None:
        """The label map as it stands, None before an analysis."""
        return self._labels

    @property
    def history(self) -> History:
        """What can be undone and redone."""
        return self._history

    def snapshot(self, fields: frozenset[str] = frozenset()) -> ReadingSnapshot:
        """Return the present state."""
        return ReadingSnapshot(self._reading, self._labels, self._history, fields)

    def run(self, edit: Edit, labels: LabelMap | None = None, signed: str = "") -> ReadingSnapshot:
        """Apply an edit: checked first, then written durably, then returned.

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
        StorageProblem
            When it could not be written; the reading is as before.
        """
        edit.applied(self._reading)
        changed = self._labels_after(edit) if labels is None else labels
        self._write(Step.DO, edit, labels, signed)
        self._take(Step.DO, edit)
        self._labels = changed
        return self.snapshot(_fields(edit))

    def undo(self) -> ReadingSnapshot:
        """Take the last edit back."""
        inverse, _ = self._history.undo()
        return self._step(Step.UNDO, inverse, self._history.done[-1])

    def redo(self) -> ReadingSnapshot:
        """Make the edit again that was undone last."""
        edit, _ = self._history.redo()
        return self._step(Step.REDO, edit, edit)

    def _step(self, step: Step, effect: Edit, edit: Edit) -> ReadingSnapshot:
        effect.applied(self._reading)
        changed = self._labels_after(effect)
        self._write(step, edit, None, "")
        self._take(step, edit)
        self._labels = changed
        return self.snapshot(_fields(edit))

    def _write(self, step: Step, edit: Edit, labels: LabelMap | None, signed: str) -> None:
        record = JournalRecord(self._revision + 1, step, edit, self._clock())
        self._readings.append(self._reading.reading_id, record, labels, signed)
        self._revision = record.revision

    def _take(self, step: Step, edit: Edit) -> None:
        if step is Step.DO:
            self._reading = edit.applied(self._reading)
            self._history = self._history.pushed(edit)
            return
        effect, history = self._history.undo() if step is Step.UNDO else self._history.redo()
        self._reading = effect.applied(self._reading)
        self._history = history

    def _labels_after(self, effect: Edit) -> LabelMap | None:
        if effect.labels is None:
            return self._labels
        if self._labels is None:
            raise ReadingStateError("There is no segmentation to edit yet.")
        return self._labels.with_array(effect.labels.applied(self._labels.array))


def _effect(record: JournalRecord) -> Edit:
    return record.edit.inverted() if record.step is Step.UNDO else record.edit


def _fields(edit: Edit) -> frozenset[str]:
    fields = {change.field for change in edit.changes}
    return frozenset(fields | ({"labels"} if edit.labels else set()))


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

    def open(self, study: Study, reader: str, mode: ReadingMode) -> ReadingSession:
        """Return the newest reading of a study by a reader, or a new one.

        Raises
        ------
        IdentityConflict
            When the reading kept for the study belongs to another patient.
        """
        now = self._clock()
        uid = study.study_instance_uid
        self._readings.remember_study(uid, study.patient, now)
        found = [s for s in self._readings.summaries(uid) if s.reader == reader]
        for summary in reversed(found):
            session = ReadingSession(self._readings, summary.reading_id, self._clock)
            if session.reading.patient.identity == study.patient.identity:
                self._audit.append(now, reader, "open", {"study": uid, "reading": summary.reading_id})
                return session
        reading = Reading(uuid.uuid4().hex, uid, study.patient, mode)
        self._readings.create(reading, reader, now)
        self._audit.append(now, reader, "create", {"study": uid, "reading": reading.reading_id})
        return ReadingSession(self._readings, reading.reading_id, self._clock)

    def record(self, reader: str, event: str, session: ReadingSession) -> None:
        """Put an event about a reading into the audit trail."""
        reading = session.reading
        detail = {"study": reading.study_instance_uid, "reading": reading.reading_id}
        self._audit.append(self._clock(), reader, event, detail)
