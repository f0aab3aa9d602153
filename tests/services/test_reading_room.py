"""Readings survive: reopening gives the same reading, segmentation and undo stack."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import IdentityConflict, ReadingStateError, StorageProblem
from lvp_workstation.domain.findings import FindingKey, FindingStatus
from lvp_workstation.domain.label_delta import LabelDelta, labels_sha256
from lvp_workstation.domain.reading import ReadingMode, ReadingState
from lvp_workstation.domain.reading_edits import (
    accept,
    attach_analysis,
    confirm_numbering,
    edit_labels,
    set_grade,
    set_text,
)
from lvp_workstation.domain.reading_protocol import lock_and_reveal
from lvp_workstation.report.seal import sha256_of_text
from lvp_workstation.services.edit_segmentation import deleted
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.sign import sign_reading
from lvp_workstation.store.database import Database, sqlite_url
from tests.services.reading_samples import (
    LEVELS,
    PATIENT,
    STUDY,
    TIME,
    clock,
    label_map,
    measurement,
    proposal,
)

READER = Author("reader A", TIME)
KEY = FindingKey("D1", "central_canal")


def begin(database: Database, mode: ReadingMode = ReadingMode.CONCURRENT) -> ReadingSession:
    session = ReadingRoom(database, clock).open(STUDY, "reader A", mode)
    labels = label_map()
    edit = attach_analysis(
        session.reading,
        LEVELS,
        {("D1", "sac_ap"): measurement()},
        [proposal("central_canal", "moderate")],
        {"synthetic": True},
        labels_sha256(labels.array),
        READER,
    )
    session.run(edit, labels)
    return session


def delete_disc(session: ReadingSession) -> None:
    assert session.labels is not None
    after = deleted(session.labels, "D1")
    delta = LabelDelta.between(session.labels.array, after)
    session.run(edit_labels(session.reading, delta, labels_sha256(after), {}, [], READER, "delete D1"))


def test_reopening_gives_the_same_reading_segmentation_and_undo_stack(path: Path, database: Database) -> None:
    session = begin(database)
    session.run(accept(session.reading, KEY, READER))
    delete_disc(session)
    session.run(set_text(session.reading, "conus", "Conus at L1.", READER))
    session.undo()
    database.close()

    again = Database(sqlite_url(path))
    reopened = ReadingRoom(again, clock).open(STUDY, "reader A", ReadingMode.MANUAL)
    assert reopened.reading == session.reading
    assert reopened.history == session.history
    assert reopened.labels is not None
    assert session.labels is not None
    assert (reopened.labels.array == session.labels.array).all()
    assert reopened.labels.geometry.same_grid(session.labels.geometry)
    reopened.redo()
    assert reopened.reading.texts["conus"].text == "Conus at L1."
    reopened.undo()
    reopened.undo()
    assert reopened.labels is not None
    assert (reopened.labels.array == label_map().array).all()
    assert labels_sha256(reopened.labels.array) == reopened.reading.labels_sha256
    again.close()


def test_undo_takes_back_grade_measurement_and_segmentation_alike(database: Database) -> None:
    session = begin(database)
    before = session.reading
    session.run(accept(session.reading, KEY, READER))
    delete_disc(session)
    assert session.reading.measurements == {}
    session.undo()
    session.undo()
    assert session.reading == before
    with pytest.raises(ReadingStateError):
        session.undo()


def test_an_edit_that_could_not_be_written_changes_nothing(database: Database) -> None:
    session = begin(database)
    other = ReadingRoom(database, clock).open(STUDY, "reader A", ReadingMode.CONCURRENT)
    session.run(accept(session.reading, KEY, READER))
    before = other.reading
    with pytest.raises(StorageProblem, match="another window"):
        other.run(set_grade(other.reading, KEY, "severe", READER))
    assert other.reading == before
    assert session.reading.finding(KEY).status is FindingStatus.ACCEPTED


def test_a_lock_is_not_undone_nor_what_lies_behind_it(database: Database) -> None:
    session = begin(database, ReadingMode.INDEPENDENT_FIRST)
    session.run(set_grade(session.reading, KEY, "mild", READER))
    session.run(lock_and_reveal(session.reading, "D1", READER))
    with pytest.raises(ReadingStateError):
        session.undo()
    session.run(accept(session.reading, KEY, READER))
    finding = session.reading.finding(KEY)
    assert finding.before_reveal is not None
    assert (finding.before_reveal.grade, finding.grade) == ("mild", "moderate")
    session.undo()
    assert session.reading.finding(KEY).grade == "mild"


def test_signing_freezes_the_reading_and_stores_what_was_signed(database: Database) -> None:
    session = begin(database)
    with pytest.raises(ReadingStateError, match="numbering"):
        sign_reading(session, "reader A", TIME, TIME, {})
    session.run(confirm_numbering(session.reading, READER))
    sign_reading(session, "reader A", TIME, TIME, {"coverage": []})
    assert session.reading.state is ReadingState.SIGNED
    signature = session.reading.signature
    assert signature is not None
    with database.transaction() as connection:
        row = connection.execute(text("SELECT sha256, canonical FROM signed_form")).one()
    assert row.sha256 == signature.sha256 == sha256_of_text(row.canonical)
    with pytest.raises(ReadingStateError, match="signed"):
        session.run(accept(session.reading, KEY, READER))
    with pytest.raises(ReadingStateError):
        session.undo()


def test_another_patient_under_the_same_study_is_refused(database: Database) -> None:
    begin(database)
    stranger = replace(STUDY, patient=replace(PATIENT, birth_date="19990101"))
    with pytest.raises(IdentityConflict, match=r"19990101|20000101"):
        ReadingRoom(database, clock).open(stranger, "reader A", ReadingMode.CONCURRENT)


def test_two_readers_have_readings_of_their_own(database: Database) -> None:
    begin(database)
    other = ReadingRoom(database, clock).open(STUDY, "reader B", ReadingMode.MANUAL)
    assert other.reading.findings == {}
    assert other.reading.mode is ReadingMode.MANUAL


def test_a_newer_schema_is_refused_and_left_alone(path: Path, database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    before = path.read_bytes()
    with pytest.raises(StorageProblem, match="newer version"):
        Database(sqlite_url(path))
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_in_a_sentence(path: Path) -> None:
    path.write_bytes(b"no database at all, and long enough to be read as a page of one" * 20)
    with pytest.raises(StorageProblem, match=path.name):
        Database(sqlite_url(path))


def test_a_locked_database_is_named_in_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lvp_workstation.store.database.BUSY_MS", 50)
    database = Database(sqlite_url(path))
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StorageProblem, match="in use by another program"):
            ReadingRoom(database, clock).open(STUDY, "reader A", ReadingMode.MANUAL)
    finally:
        holder.rollback()
        holder.close()
        database.close()
