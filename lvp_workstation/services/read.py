"""A reading at work: edits are journalled durably before anything is told to have changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit, History
from lvp_workstation.domain.errors import NotPermitted
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.people import (
    Permission,
    Person,
    ReadingRules,
    permission_for,
    require,
    rules_for,
)
from lvp_workstation.domain.reading import (
    Reading,
    ReadingMode,
    ReadingState,
    RevealBy,
    Role,
)
from lvp_workstation.domain.result_sets import AiResult
from lvp_workstation.domain.study import Study
from lvp_workstation.domain.worklist import StudyKey
from lvp_workstation.services.reading_state import ReadingSnapshot, after, loaded, require_own_labels
from lvp_workstation.store.audit import AuditTrail, seconds_behind
from lvp_workstation.store.database import Database
from lvp_workstation.store.journal import JournalRecord, Step, edit_of_text, edit_text
from lvp_workstation.store.pre_readings import PreReadings
from lvp_workstation.store.repositories import Readings
from lvp_workstation.store.worklists import rules_of_list

CLOCK_REMARK_S = 60.0
"""A clock this far behind the record is told to the reader (our choice)."""

ANALYSIS = "attach_analysis"
"""Kind of the edit that brings the result of an AI."""
_BY_PROGRAM = frozenset({ANALYSIS, "addendum"})
"""Edits by which nobody reads: an analysis arrives, a reading is noted to be superseded."""

Clock = Callable[[], str]
"""The current time in UTC, ISO 8601."""


def author(reader: str, clock: Clock) -> Author:
    """Return who edits, at this moment."""
    return Author(reader, clock())


class ReadingSession:
    """One reader's reading of one study, backed by the journal.

    Every call belongs on the database worker. The state is one immutable value that is replaced only
    after it was written, so another thread may read it at any time.
    """

    def __init__(
        self, readings: Readings, reading_id: str, clock: Clock, person: Person | None = None
    ) -> None:
        self._readings = readings
        self._reading_id = reading_id
        self._clock = clock
        self._person = person
        self._reader, self._state = loaded(readings, reading_id)

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
        self._reader, self._state = loaded(self._readings, self._reading_id)
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
        NotPermitted
            When who signed in may not make it, or the reading is somebody else's.
        ReadingConflict
            When the reading was changed elsewhere meanwhile; see `reload`.
        StorageProblem
            When it could not be written; the reading is as before.
        """
        if edit.kind not in _BY_PROGRAM:
            self._require(permission_for(edit.kind))
        return self._step(Step.DO, edit_of_text(edit_text(edit)), edit.who, labels, signed)

    def undo(self) -> ReadingSnapshot:
        """Take the last edit back."""
        self._require(Permission.READ)
        self._state.history.undo()
        return self._step(Step.UNDO, self._state.history.done[-1], self._reader)

    def redo(self) -> ReadingSnapshot:
        """Make the edit again that was undone last."""
        self._require(Permission.READ)
        self._state.history.redo()
        return self._step(Step.REDO, self._state.history.undone[-1], self._reader)

    def _require(self, permission: Permission) -> None:
        require(self._person, permission)
        if self._person is not None and not _owned_by(self._reader, self._person):
            raise NotPermitted("This reading is somebody else's; it can be looked at. Nothing was changed.")

    def _step(
        self, step: Step, edit: Edit, who: str, labels: LabelMap | None = None, signed: str = ""
    ) -> ReadingSnapshot:
        record = JournalRecord(self.revision + 1, step, edit, self._clock())
        then = after(self._state, record, labels)
        require_own_labels(self._state, then)
        result = None
        if step is Step.DO and edit.kind == ANALYSIS:
            result = AiResult.of(then.reading, edit.edit_id, record.time_utc)
        self._readings.append(self._reading_id, record, who, then.reading, labels, signed, result)
        self._state = then
        return then


def _owned_by(owner: str, person: Person) -> bool:
    """Whether a reading is a person's own, or one that the person decides as consensus or arbiter."""
    return owner == person.login or owner.endswith(f": {person.login}")


class ReadingRoom:
    """Opens and creates readings in one database."""

    def __init__(self, database: Database, clock: Clock, person: Person | None = None) -> None:
        self._database = database
        self._readings = Readings(database)
        self._audit = AuditTrail(database)
        self._clock = clock
        self._person = person

    @property
    def clock(self) -> Clock:
        """The clock that edits are dated by."""
        return self._clock

    @property
    def person(self) -> Person | None:
        """Who signed in, None without accounts."""
        return self._person

    @property
    def pre_readings(self) -> PreReadings:
        """Analyses that were made before anybody read."""
        return PreReadings(self._database)

    def rules(self, study: Study, here: ReadingRules) -> ReadingRules:
        """Return how a new reading of a study begins; ``here`` is what this workstation says."""
        with self._database.reading() as connection:
            of_list = rules_of_list(connection, StudyKey.of(study))
        return rules_for(self._person, of_list, here)

    def signed(self, study: Study) -> ReadingSession | None:
        """Return the newest signed reading of a study by anybody, None when there is none; to look at."""
        found = self._readings.summaries(study.study_instance_uid)
        signed = [
            s
            for s in found
            if s.patient_id == study.patient.patient_id and s.state.signed and s.role is not Role.TRAINEE
        ]
        if not signed:
            return None
        newest = max(signed, key=lambda s: (s.state is ReadingState.SIGNED, s.created_utc, s.number))
        return self.open_reading(newest.reading_id, study)

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
        return ReadingSession(self._readings, reading_id, self._clock, self._person)

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
        require(self._person, Permission.READ)
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
        session = ReadingSession(self._readings, reading_id, self._clock, self._person)
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
