"""Signing in: argon2 hashes, one sentence for every refusal, patience after failures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import NotPermitted, UsageProblem
from lvp_workstation.domain.people import Person, PersonRole
from lvp_workstation.domain.reading import ReadingMode, Role
from lvp_workstation.services import people as module
from lvp_workstation.services.people import People
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.sign import sign_reading
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database
from tests.services.reading_samples import STUDY, TIME, clock

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work, so that the tests are quick."""
    from argon2 import PasswordHasher

    from lvp_workstation.store import passwords

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = TIME

    def __call__(self) -> str:
        return self.now


def staffed(database: Database) -> tuple[People, Person, Person]:
    people = People(database, clock)
    admin = people.begin("admin", "A. Admin", PASSWORD)
    return people, admin, people.add(admin, "Reader.R", "R. Reader", PASSWORD, PersonRole.RADIOLOGIST)


def test_nobody_has_to_sign_in_until_there_is_an_account(database: Database) -> None:
    people = People(database, clock)
    assert not people.needed()
    admin = people.begin("admin", "A. Admin", PASSWORD)
    assert people.needed()
    assert admin.role is PersonRole.ADMINISTRATOR
    with pytest.raises(NotPermitted, match="accounts already"):
        people.begin("other", "O. Other", PASSWORD)


def test_the_database_holds_an_argon2_hash_and_no_password(database: Database) -> None:
    staffed(database)
    with database.reading() as connection:
        rows = connection.execute(text("SELECT login, password_hash FROM account")).all()
    assert [row.login for row in rows] == ["admin", "reader.r"]
    assert all(row.password_hash.startswith("$argon2id$") for row in rows)
    assert PASSWORD not in str(rows)


def test_signing_in_gives_the_person_and_the_audit_trail_tells_of_every_attempt(database: Database) -> None:
    people, _, reader = staffed(database)
    assert people.sign_in(" READER.r ", PASSWORD) == reader
    refusals = []
    for login, password in (("reader.r", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(NotPermitted) as told:
            people.sign_in(login, password)
        refusals.append(str(told.value))
    assert refusals == [module.REFUSED, module.REFUSED]
    trail = AuditTrail(database)
    events = [record.event for record in trail.records()]
    assert events[-3:] == ["login", "login_failed", "login_failed"]
    assert trail.problem() == ""


def test_a_disabled_account_cannot_sign_in_and_one_administrator_stays(database: Database) -> None:
    people, admin, reader = staffed(database)
    people.change(admin, replace(reader, disabled=True))
    with pytest.raises(NotPermitted):
        people.sign_in("reader.r", PASSWORD)
    with pytest.raises(UsageProblem, match="One administrator has to stay"):
        people.change(admin, replace(admin, role=PersonRole.RADIOLOGIST))
    assert people.sign_in("admin", PASSWORD).role is PersonRole.ADMINISTRATOR


def test_after_many_failures_even_the_right_password_has_to_wait(database: Database) -> None:
    watch = Watch()
    people = People(database, watch)
    people.begin("admin", "A. Admin", PASSWORD)
    for _ in range(module.FREE_FAILURES + 3):
        watch.now = watch.now.replace("00:00:0", "00:00:0")
        with pytest.raises(NotPermitted):
            people.sign_in("admin", "wrong password")
    with pytest.raises(NotPermitted, match="try again in"):
        people.sign_in("admin", PASSWORD)
    watch.now = "2026-01-01T01:00:00Z"
    assert people.sign_in("admin", PASSWORD).login == "admin"


def test_only_administrators_make_accounts_and_everybody_changes_the_own_password(database: Database) -> None:
    people, _, reader = staffed(database)
    with pytest.raises(NotPermitted, match="does not allow"):
        people.add(reader, "x", "X", PASSWORD, PersonRole.RADIOLOGIST)
    with pytest.raises(NotPermitted, match="does not allow"):
        people.change(reader, replace(reader, role=PersonRole.ADMINISTRATOR))
    people.change(reader, reader, "another password")
    assert people.sign_in("reader.r", "another password") == reader


def test_a_surgeon_looks_at_what_was_signed_and_changes_nothing(database: Database) -> None:
    _, _, reader = staffed(database)
    surgeon = Person("surgeon", "S. Surgeon", PersonRole.SURGEON)
    theirs = ReadingRoom(database, clock, surgeon)
    with pytest.raises(NotPermitted, match="does not allow to change a reading"):
        theirs.open(STUDY, "surgeon", ReadingMode.MANUAL)
    assert theirs.signed(STUDY) is None
    room = ReadingRoom(database, clock, reader)
    session = room.open(STUDY, reader.login, ReadingMode.MANUAL)
    session.run(edits.set_text(session.reading, "other", "nothing else", session.author()))
    sign_reading(session, reader.name, TIME, TIME, {}, room)
    shown = theirs.signed(STUDY)
    assert shown is not None
    assert shown.reading.texts["other"].text == "nothing else"
    with pytest.raises(NotPermitted):
        shown.undo()


def test_nobody_edits_the_reading_of_somebody_else(database: Database) -> None:
    _, _, reader = staffed(database)
    session = ReadingRoom(database, clock, reader).open(STUDY, reader.login, ReadingMode.MANUAL)
    other = Person("other", "O. Other", PersonRole.RADIOLOGIST)
    beside = ReadingRoom(database, clock, other).session(session.reading.reading_id)
    with pytest.raises(NotPermitted, match="somebody else's"):
        beside.run(edits.set_text(beside.reading, "other", "mine", beside.author()))
    assert session.reload().revision == 0


def test_a_trainee_accepts_nothing_in_bulk(database: Database) -> None:
    trainee = Person("t", "T. Trainee", PersonRole.TRAINEE)
    session = ReadingRoom(database, clock, trainee).open(STUDY, "t", ReadingMode.MANUAL, Role.TRAINEE)
    bulk = replace(edits.set_text(session.reading, "other", "all", session.author()), kind="accept_normal")
    with pytest.raises(NotPermitted, match="accept normal levels in bulk"):
        session.run(bulk)
