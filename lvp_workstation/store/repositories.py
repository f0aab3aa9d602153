"""Readings, their journals, label maps and layouts in the database; nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from lvp_workstation.domain import codec
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import Reading, ReadingState, Role
from lvp_workstation.domain.result_sets import AiResult
from lvp_workstation.domain.study import Patient
from lvp_workstation.store import schema
from lvp_workstation.store.ai_results import insert_result, results_of
from lvp_workstation.store.audit import append_audit
from lvp_workstation.store.database import Database
from lvp_workstation.store.journal import JournalRecord, append_record, read_records
from lvp_workstation.store.label_rows import label_columns, label_map_of


@dataclass(frozen=True, eq=False)
class StoredReading:
    """A reading as it is kept: whose it is, its base and its journal."""

    reader: str
    base: Reading
    records: tuple[JournalRecord, ...]


@dataclass(frozen=True)
class ReadingSummary:
    """One row of the list of readings; ``number`` counts those of one study by one reader."""

    reading_id: str
    study_instance_uid: str
    patient_id: str
    reader: str
    number: int
    created_utc: str
    revision: int
    state: ReadingState
    role: Role
    supersedes: str


@dataclass(frozen=True)
class SignedForm:
    """The canonical form that a signature covers, and its SHA-256."""

    revision: int
    sha256: str
    canonical: str
    time_utc: str


class Readings:
    """Readings and everything that belongs to them.

    Parameters
    ----------
    database
        An opened database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember_study(self, study_uid: str, patient: Patient, time_utc: str) -> None:
        """Keep whose study this is.

        Raises
        ------
        IdentityConflict
            When the study was read before under another issuer or birth date of the same patient.
        """
        table = schema.studies
        with self._database.transaction() as connection:
            row = connection.execute(
                select(table).where(
                    table.c.study_instance_uid == study_uid, table.c.patient_id == patient.patient_id
                )
            ).one_or_none()
            if row is None:
                connection.execute(
                    insert(table).values(
                        study_instance_uid=study_uid,
                        patient_id=patient.patient_id,
                        issuer=patient.issuer,
                        birth_date=patient.birth_date,
                        first_opened_utc=time_utc,
                    )
                )
            elif (row.issuer, row.birth_date) != (patient.issuer, patient.birth_date):
                known = Patient(row.patient_id, row.issuer, birth_date=row.birth_date)
                patient.require_same(known, "reading kept for this study")

    def summaries(self, study_uid: str) -> tuple[ReadingSummary, ...]:
        """Return the readings of a study, oldest first."""
        table = schema.readings
        with self._database.reading() as connection:
            rows = connection.execute(
                select(table)
                .where(table.c.study_instance_uid == study_uid)
                .order_by(table.c.reader, table.c.number)
            ).all()
        return tuple(
            ReadingSummary(
                row.reading_id,
                row.study_instance_uid,
                row.patient_id,
                row.reader,
                row.number,
                row.created_utc,
                row.revision,
                ReadingState(row.state),
                Role(row.role),
                row.supersedes,
            )
            for row in rows
        )

    def find_or_create(self, reading: Reading, reader: str, time_utc: str) -> str:
        """Return the id of the newest reading of the study, patient and reader, else keep the given one.

        Both happen in one transaction: two windows that open a study at once share one reading.
        """
        table = schema.readings
        with self._database.transaction() as connection:
            found = connection.execute(
                select(table.c.reading_id)
                .where(
                    table.c.study_instance_uid == reading.study_instance_uid,
                    table.c.patient_id == reading.patient.patient_id,
                    table.c.reader == reader,
                )
                .order_by(table.c.number.desc())
                .limit(1)
            ).scalar_one_or_none()
            if found is None:
                _insert_reading(connection, reading, reader, time_utc)
            event = "create" if found is None else "open"
            reading_id = reading.reading_id if found is None else str(found)
            detail = {"study": reading.study_instance_uid, "reading": reading_id}
            append_audit(connection, time_utc, reader, event, detail)
        return reading_id

    def ai_results(self, study_uid: str, patient_id: str) -> tuple[AiResult, ...]:
        """Return the newest result of every AI version on a study of a patient, oldest first."""
        return results_of(self._database, study_uid, patient_id)

    def create(self, reading: Reading, reader: str, time_utc: str, labels: LabelMap | None = None) -> None:
        """Keep a further reading of a study as the base of its journal and its first segmentation."""
        with self._database.transaction() as connection:
            _insert_reading(connection, reading, reader, time_utc)
            if labels is not None:
                _insert_labels(connection, reading.reading_id, 0, labels)
            detail = {"study": reading.study_instance_uid, "reading": reading.reading_id}
            append_audit(connection, time_utc, reader, "create", detail)

    def load(self, reading_id: str) -> StoredReading:
        """Return a reading's base and journal."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(schema.readings).where(schema.readings.c.reading_id == reading_id)
            ).one()
            records = read_records(connection, reading_id)
        return StoredReading(row.reader, codec.loads(Reading, row.base), records)

    def append(
        self,
        reading_id: str,
        record: JournalRecord,
        who: str,
        after: Reading,
        labels: LabelMap | None = None,
        signed: str = "",
        ai_result: AiResult | None = None,
    ) -> None:
        """Write one step and its audit record durably, in one transaction.

        Parameters
        ----------
        after
            The reading as the step leaves it.
        labels
            A whole new label map that comes with the step.
        signed
            The canonical form, for the step that signs.
        ai_result
            What an AI said, for the step that brings its analysis.

        Raises
        ------
        ReadingConflict
            When another window or workstation wrote to the reading since it was loaded; nothing is kept.
        StorageProblem
            When the database refuses; nothing is kept.
        """
        with self._database.transaction() as connection:
            append_record(connection, reading_id, record, who, after)
            if ai_result is not None:
                insert_result(connection, ai_result)
            if labels is not None:
                _insert_labels(connection, reading_id, record.revision, labels)
            if signed:
                connection.execute(
                    insert(schema.signed_forms).values(
                        reading_id=reading_id,
                        revision=record.revision,
                        sha256=hashlib.sha256(signed.encode()).hexdigest(),
                        canonical=signed,
                        time_utc=record.time_utc,
                    )
                )

    def revision(self, reading_id: str) -> int:
        """Return how many steps the journal of a reading has, without reading them."""
        table = schema.readings
        with self._database.reading() as connection:
            query = select(table.c.revision).where(table.c.reading_id == reading_id)
            return int(connection.execute(query).scalar_one())

    def label_snapshot(self, reading_id: str, up_to: int | None = None) -> tuple[int, LabelMap] | None:
        """Return the newest whole label map and the revision it came with, None when there is none.

        ``up_to`` leaves out those that came with later revisions.
        """
        row = self._newest(schema.label_maps, reading_id, up_to)
        return None if row is None else (row.revision, label_map_of(row))

    def signed_form(self, reading_id: str) -> SignedForm | None:
        """Return what was signed, None while nobody signed."""
        row = self._newest(schema.signed_forms, reading_id)
        return None if row is None else SignedForm(row.revision, row.sha256, row.canonical, row.time_utc)

    def _newest(self, table: Table, reading_id: str, up_to: int | None = None) -> Any:
        """Return the row of the highest revision of a reading, None when there is none."""
        query = select(table).where(table.c.reading_id == reading_id)
        if up_to is not None:
            query = query.where(table.c.revision <= up_to)
        with self._database.reading() as connection:
            return connection.execute(query.order_by(table.c.revision.desc()).limit(1)).one_or_none()

    def save_layout(self, reading_id: str, state: dict[str, Any]) -> None:
        """Keep what is on screen."""
        table = schema.layouts
        text = json.dumps(state, ensure_ascii=False)
        with self._database.transaction() as connection:
            changed = connection.execute(
                update(table).where(table.c.reading_id == reading_id).values(state=text)
            )
            if changed.rowcount == 0:
                connection.execute(insert(table).values(reading_id=reading_id, state=text))

    def layout(self, reading_id: str) -> dict[str, Any]:
        """Return what was on screen, empty when nothing was kept."""
        table = schema.layouts
        with self._database.reading() as connection:
            row = connection.execute(
                select(table.c.state).where(table.c.reading_id == reading_id)
            ).one_or_none()
        state: dict[str, Any] = json.loads(row.state) if row is not None else {}
        return state


def _insert_reading(connection: Connection, reading: Reading, reader: str, time_utc: str) -> None:
    table = schema.readings
    same = (
        (table.c.study_instance_uid == reading.study_instance_uid)
        & (table.c.patient_id == reading.patient.patient_id)
        & (table.c.reader == reader)
    )
    count = connection.execute(select(func.count()).select_from(table).where(same)).scalar_one()
    connection.execute(
        insert(table).values(
            reading_id=reading.reading_id,
            study_instance_uid=reading.study_instance_uid,
            patient_id=reading.patient.patient_id,
            reader=reader,
            number=count + 1,
            created_utc=time_utc,
            revision=0,
            base=codec.dumps(reading),
            state=reading.state.value,
            role=reading.role.value,
            mode=reading.mode.value,
            supersedes=reading.supersedes.reading_id if reading.supersedes else "",
        )
    )


def _insert_labels(connection: Connection, reading_id: str, revision: int, labels: LabelMap) -> None:
    columns = label_columns(labels)
    connection.execute(insert(schema.label_maps).values(reading_id=reading_id, revision=revision, **columns))
