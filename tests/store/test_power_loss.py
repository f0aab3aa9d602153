"""Power loss and kills: what was confirmed is there, and the proof would notice if it were not."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lvp_workstation.app.context import DATABASE_NAME
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.audit_key import KEY_NAME
from lvp_workstation.store.database import Database, sqlite_url
from tests.prove.kill_check import check
from tests.prove.kill_process import Mark
from tests.prove.kill_state import digest
from tests.prove.kill_truncate import truncations
from tests.services.reading_samples import STUDY, clock


def test_a_journal_cut_within_its_last_record_leads_to_the_record_before() -> None:
    """`make prove-kill` cuts at every byte; here at every 61st."""
    cut = truncations(every=61, whole_every=4000)
    assert cut.lengths > 100
    assert cut.wrong == 0


@pytest.fixture
def confirmed(tmp_path: Path) -> list[Mark]:
    """A reading with three steps, each as a screen would have confirmed it."""
    with closing(Database(sqlite_url(tmp_path / DATABASE_NAME), tmp_path)) as database:
        session = ReadingRoom(database, clock).open(STUDY, "reader A", ReadingMode.MANUAL)
        marks = []
        for number in range(3):
            text = edits.set_text(session.reading, "other", f"words {number}", session.author())
            snapshot = session.run(text)
            marks.append(Mark(snapshot.reading.reading_id, snapshot.revision, digest(snapshot)))
        return marks


def test_the_proof_finds_what_was_confirmed(tmp_path: Path, confirmed: list[Mark]) -> None:
    checked = check(tmp_path, confirmed)
    assert (checked.lost, checked.corrupt, checked.steps) == (0, "", 3)


def test_the_proof_counts_a_step_that_is_not_there_and_one_that_says_something_else(
    tmp_path: Path, confirmed: list[Mark]
) -> None:
    last = confirmed[-1]
    assert check(tmp_path, [*confirmed, replace(last, steps=4)]).lost == 1
    assert check(tmp_path, [replace(last, digest="0" * 64)]).lost == 1


def test_the_proof_counts_a_damaged_database_and_a_broken_audit_trail(
    tmp_path: Path, confirmed: list[Mark]
) -> None:
    secret = tmp_path / KEY_NAME
    chain = secret.read_text().split()[0]
    secret.write_text(f"{chain} {'00' * 32}\n")
    assert "without the key" in check(tmp_path, confirmed).corrupt
    path = tmp_path / DATABASE_NAME
    path.write_bytes(path.read_bytes()[:5000])
    damaged = check(tmp_path, confirmed)
    assert "damaged" in damaged.corrupt
    assert damaged.lost == 3
