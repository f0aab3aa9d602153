"""The worklist in the database: rows, priorities, lists, comments, and the queue beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import NotPermitted, UsageProblem
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.people import Person, PersonRole, ReadingRules
from lvp_workstation.domain.reading import Reading, ReadingMode, ReadingState, RevealBy
from lvp_workstation.domain.study import Frame, Patient, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.worklist import AiMark, AiState, Priority, StudyKey, Worklist
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.sign import sign_reading
from lvp_workstation.services.worklist import WorklistRoom, places_of
from lvp_workstation.store.accounts import Accounts
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database
from lvp_workstation.store.jobs import MOST_ATTEMPTS, Jobs
from lvp_workstation.store.pre_readings import PreReading, PreReadings
from tests.services.reading_samples import PATIENT, clock, label_map

FIRST = ReadingRules(ReadingMode.INDEPENDENT_FIRST, RevealBy.LEVEL)
TOGETHER = ReadingRules(ReadingMode.CONCURRENT, RevealBy.LEVEL)
KEY = StudyKey("1.2.3", PATIENT.patient_id)
EARLY, NOW, LATE = "2025-12-31T00:00:00Z", clock(), "2026-01-02T00:00:00Z"


def study(uid: str = "1.2.3", patient: Patient = PATIENT, *paths: str) -> Study:
    frames = tuple(Frame(path, f"{uid}.{n}") for n, path in enumerate(paths or ("/a/1.dcm", "/a/2.dcm")))
    series = Series(uid, 0, frames, None, RoleDecision(SeriesRole.SAG_T2, "made up"))
    return Study(uid, patient, (series,), study_date="20260101", description="lumbar spine")


def room(database: Database, rules: ReadingRules = FIRST, person: Person | None = None) -> WorklistRoom:
    return WorklistRoom(database, clock, person, "reader A", rules)


def test_a_study_is_listed_once_and_keeps_what_was_said_of_it(database: Database) -> None:
    lists = room(database)
    assert lists.register([study(), replace(study("1.2.9"), series=())]) == 1
    lists.set_priority(KEY, Priority.STAT)
    lists.move(KEY, "trial")
    assert lists.register([study("1.2.3", PATIENT, "/b/c/1.dcm")]) == 1
    (row,) = lists.rows("local")
    assert (row.item.priority, row.item.list_name, row.item.paths) == (Priority.STAT, "trial", ("/b/c",))
    assert (row.state, row.ai, row.mark) == (ReadingState.NEW, AiState.NONE, None)
    assert AuditTrail(database).problem() == ""
    lists.take_off(KEY)
    assert lists.rows("local") == ()


def test_rows_tell_how_far_the_own_reading_and_those_of_others_are(database: Database) -> None:
    lists = room(database)
    lists.register([study()])
    session = ReadingRoom(database, clock).open(study(), "local", ReadingMode.MANUAL)
    session.run(edits.set_text(session.reading, "other", "begun", session.author()))
    assert lists.rows("local")[0].state is ReadingState.IN_PROGRESS
    assert lists.rows("somebody")[0].state is ReadingState.NEW
    lists.comment(KEY, "  please look at L4-L5 ")
    assert lists.rows("somebody")[0].comments == 1
    assert [(c.who, c.text) for c in lists.comments(KEY)] == [("reader A", "please look at L4-L5")]
    with pytest.raises(UsageProblem):
        lists.comment(KEY, " ")


def test_who_signed_is_told_by_the_name_of_the_account(database: Database) -> None:
    lists = room(database)
    lists.register([study()])
    Accounts(database).add(Person("anna", "Dr. Anna", PersonRole.RADIOLOGIST), "-", "boss", clock())
    for owner in ("anna", "consensus: anna", "somebody"):
        session = ReadingRoom(database, clock).open(study(), owner, ReadingMode.MANUAL)
        made, author = label_map(), session.author()
        analysed = edits.attach_analysis(
            session.reading, LevelMap(5), {}, [], {}, labels_sha256(made.array), author
        )
        session.run(analysed, made)
        session.run(edits.confirm_numbering(session.reading, author))
        sign_reading(session, owner, clock(), clock(), {}, ReadingRoom(database, clock))
    assert lists.rows("x")[0].signed_by == ("Dr. Anna", "consensus: Dr. Anna", "somebody")


def test_the_list_of_a_study_says_how_it_is_read(database: Database) -> None:
    lists = room(database)
    lists.register([study()], list_name="trial")
    readings = ReadingRoom(database, clock)
    assert readings.rules(study(), TOGETHER) == TOGETHER
    lists.put_list(Worklist("trial", FIRST))
    assert readings.rules(study(), TOGETHER) == FIRST
    lists.put_list(Worklist("trial", None))
    assert readings.rules(study(), TOGETHER) == TOGETHER
    assert [each.name for each in lists.lists()] == ["trial"]


def test_a_row_tells_what_the_ai_found_only_where_the_reader_may_see_it(database: Database) -> None:
    room(database).register([study()], analyse=True)
    kept = PreReading(Reading("r1", "1.2.3", PATIENT), label_map(), NOW)
    PreReadings(database).add(kept, "0")
    Jobs(database).end(KEY, AiState.READY)
    hidden, shown = room(database, FIRST).rows("local")[0], room(database, TOGETHER).rows("local")[0]
    assert (hidden.ai, hidden.mark) == (AiState.READY, None)
    assert shown.mark == AiMark(0, 0)
    session = ReadingRoom(database, clock).open(study(), "local", ReadingMode.INDEPENDENT_FIRST)
    session.run(edits.set_text(session.reading, "other", "begun", session.author()))
    assert room(database, TOGETHER).rows("local")[0].mark is None


def test_an_analysis_made_in_the_window_is_as_ready_as_one_of_the_queue(database: Database) -> None:
    room(database).register([study()])
    session = ReadingRoom(database, clock).open(study(), "local", ReadingMode.CONCURRENT)
    session.run(edits.attach_analysis(session.reading, LevelMap(5), {}, [], {}, "", session.author()))
    assert room(database).rows("local")[0].ai is AiState.READY


def test_the_queue_goes_by_priority_then_by_age_and_gives_each_study_to_one(database: Database) -> None:
    lists, jobs = room(database), Jobs(database)
    lists.register([study(f"1.{n}") for n in range(3)], analyse=True)
    lists.set_priority(StudyKey("1.2", PATIENT.patient_id), Priority.STAT)
    claimed = [jobs.claim("A", NOW, EARLY), jobs.claim("B", NOW, EARLY), jobs.claim("A", NOW, EARLY)]
    assert [key.study_instance_uid for key in claimed if key] == ["1.2", "1.0", "1.1"]
    assert jobs.claim("B", NOW, EARLY) is None
    assert jobs.claim("B", LATE, LATE) == claimed[0]


def test_a_study_that_was_put_back_does_not_lose_an_attempt_and_one_that_crashes_is_given_up(
    database: Database,
) -> None:
    lists, jobs = room(database), Jobs(database)
    lists.register([study()], analyse=True)
    for _ in range(MOST_ATTEMPTS + 1):
        assert jobs.claim("A", NOW, EARLY) == KEY
        jobs.end(KEY, AiState.QUEUED)
    for _ in range(MOST_ATTEMPTS):
        assert jobs.claim("A", NOW, LATE) == KEY
    assert jobs.claim("A", NOW, LATE) is None
    assert lists.rows("local")[0].ai is AiState.FAILED
    lists.analyse(KEY)
    assert jobs.claim("A", NOW, EARLY) == KEY


def test_roles_are_kept_at_the_worklist_too(database: Database) -> None:
    surgeon = room(database, FIRST, Person("s", "S", PersonRole.SURGEON))
    surgeon.register([study()])
    for act in (lambda: surgeon.set_priority(KEY, Priority.STAT), lambda: surgeon.add([study()])):
        with pytest.raises(NotPermitted):
            act()
    surgeon.comment(KEY, "seen")
    admin = room(database, FIRST, Person("a", "A", PersonRole.ADMINISTRATOR))
    with pytest.raises(NotPermitted):
        admin.comment(KEY, "seen")
    with pytest.raises(NotPermitted):
        surgeon.put_list(Worklist("trial"))


def test_the_places_of_a_study_are_folders_archives_and_research_files() -> None:
    paths = ("/a/b/1.dcm", "/a/b/2.dcm", "/x/y.zip!in/1.dcm", "/x/y.zip!in/2.dcm", "/n/v.nii.gz")
    assert places_of(study("1", PATIENT, *paths)) == ("/a/b", "/x/y.zip", "/n/v.nii.gz")
    many = tuple(f"/a/b/{n}/1.dcm" for n in range(100))
    assert places_of(study("1", PATIENT, *many)) == ("/a/b",)
