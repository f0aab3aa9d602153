"""Addenda, joint readings and AI versions in the database; what is refused leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.label_delta import LabelDelta, labels_sha256
from lvp_workstation.domain.reading import ReadingMode, ReadingState, RevealBy, Role
from lvp_workstation.domain.result_sets import Kind
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.reading_state import state_at
from lvp_workstation.services.side_by_side import (
    open_addendum,
    open_joint_reading,
    result_sets,
    signed_readings,
)
from lvp_workstation.services.sign import (
    note_superseded,
    release_preliminary,
    sign_reading,
    stored_form_intact,
)
from lvp_workstation.store.database import Database
from tests.services.reading_samples import AI, LEVELS, STUDY, TIME, clock, label_map, proposal

KEY = FindingKey("D1", "central_canal")
WHO = Author("reader A", TIME)


def begun(
    room: ReadingRoom, reader: str, mode: ReadingMode = ReadingMode.CONCURRENT, version: str = "1.0.0"
) -> ReadingSession:
    """A reading with an analysis by one version of an AI."""
    session = room.open(STUDY, reader, mode)
    made = label_map()
    proposed = replace(proposal("central_canal", "moderate"), provenance=replace(AI, version=version))
    edit = edits.attach_analysis(
        session.reading, LEVELS, {}, [proposed], {}, labels_sha256(made.array), session.author()
    )
    session.run(edit, made)
    return session


def graded(session: ReadingSession, grade: str) -> ReadingSession:
    session.run(edits.set_grade(session.reading, KEY, grade, session.author()))
    return session


def signed(room: ReadingRoom, session: ReadingSession) -> ReadingSession:
    session.run(edits.confirm_numbering(session.reading, session.author()))
    sign_reading(session, session.reader, TIME, TIME, {}, room)
    return session


def test_an_addendum_begins_with_what_was_signed_and_the_signed_one_stays(database: Database) -> None:
    room = ReadingRoom(database, clock)
    first = signed(room, graded(begun(room, "reader A"), "mild"))
    addendum = open_addendum(room, first, "wrong side", WHO)
    assert addendum.reading.findings == first.reading.findings
    assert addendum.labels is not None
    assert first.labels is not None
    assert (addendum.labels.array == first.labels.array).all()
    after = np.array(addendum.labels.array)
    after[1, 30, 3:8] = 101
    delta = LabelDelta.between(addendum.labels.array, after)
    stroke = edits.edit_labels(addendum.reading, delta, labels_sha256(after), {}, [], WHO, "paint")
    addendum.run(stroke)
    graded(addendum, "severe")
    again = room.open(STUDY, "reader A", ReadingMode.MANUAL)
    assert again.reading == addendum.reading
    assert again.labels is not None
    assert (again.labels.array == after).all()
    sign_reading(addendum, "reader A", TIME, TIME, {}, room)
    superseded = room.session(first.reading.reading_id).reading
    assert superseded.state is ReadingState.ADDENDED
    assert superseded.superseded_by == (addendum.reading.reading_id,)
    assert superseded.finding(KEY).grade == "mild"
    assert stored_form_intact(room.readings, superseded)
    assert stored_form_intact(room.readings, addendum.reading)
    states = [(s.state, s.supersedes) for s in room.readings.summaries(STUDY.study_instance_uid)]
    assert states == [(ReadingState.ADDENDED, ""), (ReadingState.SIGNED, first.reading.reading_id)]
    with pytest.raises(ReadingStateError, match="amend that one"):
        open_addendum(room, room.session(first.reading.reading_id), "again", WHO)


def test_a_crash_between_the_two_signatures_is_made_good_at_the_next_opening(database: Database) -> None:
    room = ReadingRoom(database, clock)
    first = signed(room, graded(begun(room, "reader A"), "mild"))
    addendum = open_addendum(room, first, "wrong side", WHO)
    sign_reading(addendum, "reader A", TIME, TIME, {})  # without the room: as if killed before the note
    assert room.session(first.reading.reading_id).reading.state is ReadingState.SIGNED
    for _ in range(2):
        note_superseded(room, addendum.reading, WHO)
        assert room.session(first.reading.reading_id).reading.state is ReadingState.ADDENDED


def test_length_and_head_of_the_audit_trail_are_signed(database: Database) -> None:
    room = ReadingRoom(database, clock)
    session = begun(room, "reader A")
    session.run(edits.confirm_numbering(session.reading, session.author()))
    head = room.audit.head()
    assert head is not None
    reading = sign_reading(session, "reader A", TIME, TIME, {}, room).reading
    assert reading.facts["audit"] == {"chain": head.chain, "records": head.records, "head": head.mac}
    assert room.audit.records()[-1].event == "sign"
    assert room.audit.problem() == ""


def test_a_preliminary_reading_is_told_as_such_and_can_be_changed(database: Database) -> None:
    room = ReadingRoom(database, clock)
    session = graded(begun(room, "reader A"), "mild")
    with pytest.raises(ReadingStateError, match="numbering"):
        release_preliminary(session, "reader A", TIME, {"coverage": []})
    session.run(edits.confirm_numbering(session.reading, session.author()))
    released = release_preliminary(session, "reader A", TIME, {"coverage": [1]})
    assert released.reading.state is ReadingState.PRELIMINARY
    assert released.history.undo_text == ""
    assert graded(session, "severe").reading.state is ReadingState.PRELIMINARY
    (summary,) = room.readings.summaries(STUDY.study_instance_uid)
    assert summary.state is ReadingState.PRELIMINARY


def test_two_readers_a_trainee_and_an_arbiter_stand_side_by_side(database: Database) -> None:
    room = ReadingRoom(database, clock)
    a = signed(room, graded(begun(room, "reader A"), "mild"))
    b = signed(room, graded(begun(room, "reader B"), "severe"))
    trainee = room.open(STUDY, "trainee", ReadingMode.INDEPENDENT_FIRST, Role.TRAINEE, RevealBy.STUDY)
    assert (trainee.reading.role, trainee.reading.reveal_by) == (Role.TRAINEE, RevealBy.STUDY)
    assert len(result_sets(room, trainee.reading)) == 1  # it is not finished
    ids = (a.reading.reading_id, b.reading.reading_id)
    joint = open_joint_reading(room, *ids, "arbiter", Role.ARBITER, WHO)
    assert joint.reading.undecided == (KEY,)
    kinds = [each.kind for each in result_sets(room, joint.reading)]
    assert kinds == [Kind.ARBITER, Kind.READER, Kind.READER]
    joint.run(edits.set_grade(joint.reading, KEY, "moderate", joint.author()))
    signed(room, joint)
    grades = [each.grades[KEY] for each in result_sets(room, joint.reading)]
    assert grades == ["moderate", "mild", "severe"]
    summaries = room.readings.summaries(STUDY.study_instance_uid)
    assert {s.role for s in summaries} == {Role.READER, Role.TRAINEE, Role.ARBITER}


def test_readings_are_called_by_who_signed_them_not_by_login_names(database: Database) -> None:
    room = ReadingRoom(database, clock)
    other = graded(begun(room, "anna"), "severe")
    other.run(edits.confirm_numbering(other.reading, other.author()))
    sign_reading(other, "Dr. Anna", TIME, TIME, {}, room)
    own = signed(room, graded(begun(room, "reader A"), "mild"))
    assert "Dr. Anna" in [each.title for each in result_sets(room, own.reading)]
    assert [name for _, name in signed_readings(room, own.reading)] == ["Dr. Anna", "reader A"]
    again = graded(begun(room, "old login of anna"), "mild")
    again.run(edits.confirm_numbering(again.reading, again.author()))
    sign_reading(again, "Dr. Anna", TIME, TIME, {}, room)
    names = [name for _, name in signed_readings(room, own.reading)]
    assert names == ["Dr. Anna (anna 1)", "Dr. Anna (old login of anna 1)", "reader A"]


def test_every_version_of_an_ai_is_kept_and_shown_only_after_the_reveal(database: Database) -> None:
    room = ReadingRoom(database, clock)
    session = begun(room, "reader A", ReadingMode.INDEPENDENT_FIRST, "1.0.0")
    begun(room, "reader A", ReadingMode.INDEPENDENT_FIRST, "2.0.0")
    begun(room, "reader A", ReadingMode.INDEPENDENT_FIRST, "2.0.0")
    session.reload()
    assert [each.kind for each in result_sets(room, session.reading)] == [Kind.READER]
    session.run(protocol.lock_study(session.reading, session.author()))
    titles = [each.title for each in result_sets(room, session.reading)]
    assert titles == ["this reading", "lumbar_vnet 1.0.0", "lumbar_vnet 2.0.0"]


def test_a_reading_is_found_as_it_was_after_any_step(database: Database) -> None:
    room = ReadingRoom(database, clock)
    session = room.open(STUDY, "reader A", ReadingMode.CONCURRENT)
    states = [session.snapshot().reading]
    for number in range(3):
        states.append(session.run(edits.set_text(session.reading, "other", f"{number}", WHO)).reading)
    states.append(session.undo().reading)
    for revision, reading in enumerate(states):
        assert state_at(room.readings, reading.reading_id, revision).reading == reading


def test_a_clock_that_is_behind_the_record_is_told(database: Database) -> None:
    ReadingRoom(database, lambda: "2026-01-02T00:00:00Z").open(STUDY, "reader A", ReadingMode.MANUAL)
    behind = ReadingRoom(database, lambda: "2026-01-01T00:00:00Z")
    (remark,) = behind.remarks()
    assert "set the clock" in remark
    session = behind.open(STUDY, "reader A", ReadingMode.MANUAL)
    session.run(edits.set_text(session.reading, "other", "kept", session.author()))
    assert behind.session(session.reading.reading_id).reading.texts["other"].text == "kept"
    assert behind.audit.problem() == ""
    assert ReadingRoom(database, lambda: "2026-01-02T00:00:30Z").remarks() == ()
