"""Reading sessions: restart, crash, conflict and damage, with random edits and strokes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import (
    IdentityConflict,
    ReadingConflict,
    ReadingStateError,
    StorageProblem,
    UsageProblem,
)
from lvp_workstation.domain.findings import SCALES, FindingKey
from lvp_workstation.domain.label_delta import LabelDelta, labels_sha256
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom, ReadingSession, author
from lvp_workstation.services.reading_state import ReadingSnapshot
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

KEY = FindingKey("D1", "central_canal")


def opened(database: Database, mode: ReadingMode = ReadingMode.CONCURRENT) -> ReadingSession:
    return ReadingRoom(database, clock).open(STUDY, "reader A", mode)


def analysed(session: ReadingSession, labels: LabelMap | None = None) -> ReadingSnapshot:
    """Attach an analysis whose label map is given."""
    made = labels or label_map()
    proposals = [proposal(scale, SCALES[scale].grades[-1], d) for d in ("D1", "D2") for scale in SCALES]
    edit = edits.attach_analysis(
        session.reading,
        LEVELS,
        {("D1", "sac_ap"): measurement()},
        proposals,
        {"shape": (1, 2), "synthetic": True},
        labels_sha256(made.array),
        session.author(),
    )
    return session.run(edit, made)


def painted(session: ReadingSession, code: int, row: int) -> ReadingSnapshot:
    """Paint a short stroke."""
    assert session.labels is not None
    after = np.array(session.labels.array)
    after[1, row, 3:8] = code
    delta = LabelDelta.between(session.labels.array, after)
    made = edits.edit_labels(
        session.reading, delta, labels_sha256(after), {}, [], session.author(), f"paint {code}"
    )
    return session.run(made)


def test_a_snapshot_says_what_changed(database: Database) -> None:
    session = opened(database)
    first = analysed(session)
    assert first.fields == {"facts", "labels_sha256", "level_map", "measurements", "findings", "labels"}
    assert first.targets == {"D1", "D2"}
    assert first.box == ((0, 0, 0), (3, 40, 30))
    grade = session.run(edits.set_grade(session.reading, KEY, "mild", session.author()))
    assert grade.fields == {"findings", "state"}
    assert grade.targets == {"D1"}
    assert grade.box is None
    stroke = painted(session, 151, 30)
    assert stroke.box == ((1, 30, 3), (2, 31, 8))
    assert "labels" in stroke.fields
    undone = session.undo()
    assert (undone.box, undone.revision) == (stroke.box, 4)
    words = session.run(edits.set_text(session.reading, "D2", "as before", session.author()))
    assert words.fields == {"texts"}
    assert words.targets == {"D2"}
    words = session.run(edits.set_text(session.reading, "other", "as before", session.author()))
    assert words.targets == frozenset()


def test_a_lock_says_which_level_it_revealed(database: Database) -> None:
    session = opened(database, ReadingMode.INDEPENDENT_FIRST)
    analysed(session)
    lock = session.run(protocol.lock_and_reveal(session.reading, "D3", session.author()))
    assert lock.targets == {"D3"}
    assert {"locked", "revealed"} <= lock.fields


def test_what_is_applied_is_what_the_journal_gives_back(database: Database) -> None:
    session = opened(database)
    analysed(session)
    assert session.reading.facts["shape"] == [1, 2]
    points = session.reading.measurements["D1", "sac_ap"].points_lps
    assert all(isinstance(x, float) for point in points for x in point)


def test_the_author_is_the_reader_at_this_moment() -> None:
    assert author("reader A", lambda: "then") == Author("reader A", "then")


def test_readers_numbers_and_patients_keep_their_readings_apart(database: Database) -> None:
    room = ReadingRoom(database, clock)
    first = room.open(STUDY, "reader A", ReadingMode.MANUAL)
    again = room.open(STUDY, "reader A", ReadingMode.CONCURRENT)
    assert again.reading == first.reading
    other_patient = replace(STUDY, patient=replace(PATIENT, patient_id="PHANTOM-2"))
    other = room.open(other_patient, "reader A", ReadingMode.MANUAL)
    room.readings.create(replace(first.reading, reading_id="further"), "reader A", TIME)
    summaries = room.readings.summaries(STUDY.study_instance_uid)
    assert [(s.patient_id, s.reader, s.number) for s in summaries] == [
        ("PHANTOM-1", "reader A", 1),
        ("PHANTOM-2", "reader A", 1),
        ("PHANTOM-1", "reader A", 2),
    ]
    assert room.open(STUDY, "reader A", ReadingMode.MANUAL).reading.reading_id == "further"
    with pytest.raises(IdentityConflict, match="PHANTOM-2"):
        room.open_reading(other.reading.reading_id, STUDY)


def test_an_unreachable_restart_is_refused_in_a_sentence(database: Database) -> None:
    session = opened(database)
    analysed(session)
    with database.transaction() as connection:
        connection.execute(text("DROP TRIGGER journal_no_update"))
        connection.execute(text("UPDATE journal SET edit = replace(edit, 'D1', 'D9') WHERE revision = 1"))
        connection.execute(text("DROP TRIGGER label_map_no_update"))
    with database.transaction() as connection:
        connection.execute(text("UPDATE journal SET step = 'undo' WHERE revision = 1"))
    with pytest.raises(StorageProblem, match="cannot be followed beyond step 1"):
        opened(database)


def test_a_damaged_segmentation_is_refused_in_a_sentence(database: Database) -> None:
    analysed(opened(database))
    with database.transaction() as connection:
        connection.execute(text("DROP TRIGGER label_map_no_update"))
        connection.execute(text("UPDATE label_map SET sha256 = 'x'"))
    with pytest.raises(StorageProblem, match="segmentation"):
        opened(database)


def test_a_hash_that_is_not_that_of_the_segmentation_is_a_bug_and_writes_nothing(database: Database) -> None:
    session = opened(database)
    analysed(session)
    assert session.labels is not None
    delta = LabelDelta.between(session.labels.array, np.zeros_like(session.labels.array))
    wrong = edits.edit_labels(session.reading, delta, "0" * 64, {}, [], session.author(), "wrong")
    with pytest.raises(ValueError, match="labels_sha256"):
        session.run(wrong)
    assert opened(database).revision == session.revision == 1


def test_a_stroke_needs_a_segmentation(database: Database) -> None:
    session = opened(database)
    delta = LabelDelta((1, 1, 1), ((0, 1, 0, 2),))
    stroke = edits.edit_labels(session.reading, delta, "x", {}, [], session.author(), "paint")
    with pytest.raises(ReadingStateError, match="no segmentation"):
        session.run(stroke)


def test_two_windows_cannot_overwrite_each_other_and_nothing_is_lost(database: Database) -> None:
    here, there = opened(database), opened(database)
    analysed(here)
    assert here.reading.reading_id == there.reading.reading_id
    mine = edits.set_text(there.reading, "other", "from there", there.author())
    with pytest.raises(ReadingConflict, match="another window"):
        there.run(mine)
    assert there.reading.texts == {}
    with pytest.raises(ReadingStateError, match="nothing to undo"):
        there.undo()
    there.reload()
    assert there.reading == here.reading
    there.run(mine)
    here.reload()
    assert here.reading.texts["other"].text == "from there"
    here.undo()
    assert opened(database).history == here.history


def test_strokes_before_a_later_analysis_are_kept_but_no_longer_undone(database: Database) -> None:
    session = opened(database)
    analysed(session)
    painted(session, 151, 30)
    empty = label_map().with_array(np.zeros_like(label_map().array))
    analysed(session, empty)
    painted(session, 101, 10)
    again = opened(database)
    assert again.labels is not None
    assert session.labels is not None
    assert (again.labels.array == session.labels.array).all()
    assert again.history == session.history
    again.undo()
    assert not again.labels.array.any()
    with pytest.raises(ReadingStateError, match="nothing to undo"):
        again.undo()


def test_the_layout_is_found_again(database: Database) -> None:
    session, readings = opened(database), ReadingRoom(database, clock).readings
    assert readings.layout(session.reading.reading_id) == {}
    for state in ({"slice": 3}, {"slice": 4, "tool": "window"}):
        readings.save_layout(session.reading.reading_id, state)
    assert readings.layout(session.reading.reading_id) == {"slice": 4, "tool": "window"}


def test_every_step_leaves_an_audit_record(database: Database) -> None:
    room = ReadingRoom(database, clock)
    session = room.open(STUDY, "reader A", ReadingMode.CONCURRENT)
    analysed(session)
    session.run(edits.accept(session.reading, KEY, session.author()))
    session.undo()
    opened(database)
    records = room.audit.records()
    assert [record.event for record in records] == ["chain_begins", "create", "edit", "edit", "edit", "open"]
    assert '"kind": "accept"' in records[3].detail
    assert '"step": "undo"' in records[4].detail
    assert room.audit.problem() == ""
    assert PATIENT.name not in "".join(record.detail for record in records)


def test_a_full_disk_refuses_the_edit_in_words_and_costs_nothing(database: Database) -> None:
    session = opened(database)
    analysed(session)
    before = session.snapshot()
    with database.transaction() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    long = edits.set_text(session.reading, "other", "words " * 20_000, session.author())
    with pytest.raises(StorageProblem, match="disk is full"):
        session.run(long)
    assert (session.reading, session.revision) == (before.reading, before.revision)
    with database.transaction() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    session.run(long)
    again = opened(database)
    assert again.reading == session.reading
    assert ReadingRoom(database, clock).audit.problem() == ""


STEP = st.one_of(
    st.tuples(
        st.just("grade"), st.sampled_from(["D1", "D2"]), st.sampled_from(list(SCALES)), st.integers(0, 3)
    ),
    st.tuples(st.just("accept"), st.sampled_from(["D1", "D2"]), st.sampled_from(list(SCALES)), st.just(0)),
    st.tuples(st.just("paint"), st.just(""), st.just(""), st.integers(0, 39)),
    st.tuples(st.just("text"), st.just("other"), st.text(max_size=5), st.just(0)),
    st.tuples(st.just("lock"), st.sampled_from(["D1", "D2"]), st.just(""), st.just(0)),
    st.tuples(st.just("analysis"), st.just(""), st.just(""), st.just(0)),
    st.tuples(st.sampled_from(["undo", "undo", "redo"]), st.just(""), st.just(""), st.just(0)),
)


def do(session: ReadingSession, kind: str, where: str, what: str, n: int) -> None:
    """Do one random step."""
    who = session.author()
    if kind == "grade":
        grade = SCALES[what].grades[n % len(SCALES[what].grades)]
        session.run(edits.set_grade(session.reading, FindingKey(where, what), grade, who))
    elif kind == "accept":
        session.run(edits.accept(session.reading, FindingKey(where, what), who))
    elif kind == "paint":
        painted(session, 101 + n % 3, n)
    elif kind == "text":
        session.run(edits.set_text(session.reading, where, what, who))
    elif kind == "lock":
        session.run(protocol.lock_and_reveal(session.reading, where, who))
    elif kind == "analysis":
        analysed(session)
    else:
        getattr(session, kind)()


@given(st.sampled_from([ReadingMode.CONCURRENT, ReadingMode.INDEPENDENT_FIRST]), st.lists(STEP, max_size=14))
@settings(max_examples=15, deadline=None)
def test_a_restart_at_any_point_finds_reading_segmentation_and_undo_stack(
    mode: ReadingMode, steps: list[tuple[str, str, str, int]]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(sqlite_url(Path(folder) / "lvp.sqlite"))) as database,
    ):
        session = opened(database, mode)
        analysed(session)
        for step in steps:
            try:
                do(session, *step)
            except (ReadingStateError, UsageProblem):
                continue
            again = opened(database)
            assert again.reading == session.reading
            assert again.history == session.history
            assert again.revision == session.revision
            assert again.labels is not None
            assert session.labels is not None
            assert (again.labels.array == session.labels.array).all()


KILLED = """
import os, signal, sys
from pathlib import Path
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain import reading_protocol as protocol
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.database import Database, sqlite_url
from tests.services.reading_samples import STUDY, clock

database = Database(sqlite_url(Path(sys.argv[1])))
session = ReadingRoom(database, clock).open(STUDY, "reader A", ReadingMode.MANUAL)
append = session._readings.append


def killed(*args):
    append(*args)
    if session.revision == 2:
        os.kill(os.getpid(), signal.SIGKILL)


session._readings.append = killed
for n in range(5):
    session.run(edits.set_text(session.reading, "other", f"words {n}", session.author()))
    print(n, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_process_killed_between_write_and_confirmation_loses_nothing_confirmed(path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr
    confirmed = [int(line) for line in done.stdout.split()]
    assert confirmed == [0, 1]
    with closing(Database(sqlite_url(path))) as database:
        session = opened(database)
        assert session.revision == 3
        assert session.reading.texts["other"].text == "words 2"
        session.undo()
        assert session.reading.texts["other"].text == "words 1"
