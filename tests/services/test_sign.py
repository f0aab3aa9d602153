"""What is signed is stored, hashed, and no longer changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lvp_workstation.domain import codec
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import ReadingStateError, StorageProblem
from lvp_workstation.domain.reading import Reading, ReadingMode, ReadingState
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.sign import canonical_form, check, sign_reading, stored_form_intact
from lvp_workstation.store.database import Database, sqlite_url
from tests.services.reading_samples import STUDY, TIME, clock, measurement

LOCAL = "2026-01-01T01:00:00+01:00"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ReadingRoom]:
    with closing(Database(sqlite_url(tmp_path / "lvp.sqlite"))) as database:
        yield ReadingRoom(database, clock)


@pytest.fixture
def session(room: ReadingRoom) -> ReadingSession:
    opened = room.open(STUDY, "reader A", ReadingMode.MANUAL)
    opened.run(edits.set_text(opened.reading, "other", "Nothing – nichts – 无", opened.author()))
    return opened


def test_signing_stores_the_canonical_form_whose_hash_is_printed(
    room: ReadingRoom, session: ReadingSession
) -> None:
    signed = sign_reading(session, "reader A", TIME, LOCAL, {"coverage": [{"seen": 3}]}).reading
    assert signed.state is ReadingState.SIGNED
    assert signed.facts["coverage"] == [{"seen": 3}]
    assert signed.signature is not None
    assert (signed.signature.reader, signed.signature.time_utc) == ("reader A", TIME)
    form = room.readings.signed_form(signed.reading_id)
    assert form is not None
    assert form.canonical == canonical_form(signed)
    assert check(form.canonical, signed.signature.sha256)
    assert not check(form.canonical.replace("nichts", "etwas"), signed.signature.sha256)
    assert stored_form_intact(room.readings, signed)
    text = codec.loads(Reading, form.canonical)
    assert text.texts == signed.texts


def test_after_a_restart_the_signature_still_fits(room: ReadingRoom, session: ReadingSession) -> None:
    edit = edits.attach_analysis(
        session.reading, LevelMap(5), {("D1", "sac_ap"): measurement()}, [], {}, "", session.author()
    )
    session.run(edit)
    session.run(edits.confirm_numbering(session.reading, session.author()))
    sign_reading(session, "reader A", TIME, LOCAL, {})
    again = room.open(STUDY, "reader A", ReadingMode.MANUAL)
    assert again.reading == session.reading
    assert canonical_form(again.reading) == canonical_form(session.reading)
    assert stored_form_intact(room.readings, again.reading)
    assert again.history.undo_text == again.history.redo_text == ""
    with pytest.raises(ReadingStateError):
        again.undo()
    with pytest.raises(ReadingStateError, match="signed"):
        again.run(edits.set_text(again.reading, "other", "x", again.author()))
    with pytest.raises(ReadingStateError, match="signed"):
        sign_reading(again, "reader A", TIME, LOCAL, {})


def test_an_obstacle_leaves_the_reading_as_it_was(room: ReadingRoom, session: ReadingSession) -> None:
    edit = edits.attach_analysis(session.reading, LevelMap(5), {}, [], {}, "", session.author())
    session.run(edit)
    before = session.revision
    with pytest.raises(ReadingStateError, match="numbering"):
        sign_reading(session, "reader A", TIME, LOCAL, {"coverage": []})
    assert session.revision == before
    assert room.readings.signed_form(session.reading.reading_id) is None
    assert not stored_form_intact(room.readings, session.reading)


def test_a_signature_that_cannot_be_stored_is_no_signature(
    room: ReadingRoom, session: ReadingSession
) -> None:
    other = room.open(STUDY, "reader A", ReadingMode.MANUAL)
    other.run(edits.set_text(other.reading, "conus", "later", other.author()))
    with pytest.raises(StorageProblem):
        sign_reading(session, "reader A", TIME, LOCAL, {})
    assert session.reading.state is ReadingState.IN_PROGRESS
    assert room.open(STUDY, "reader A", ReadingMode.MANUAL).reading.state is ReadingState.IN_PROGRESS


def test_the_canonical_form_of_a_draft_is_its_json(session: ReadingSession) -> None:
    assert codec.loads(Reading, canonical_form(session.reading)) == session.reading
