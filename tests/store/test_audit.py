"""The audit chain: whatever is done to the records behind the program's back is found."""

from __future__ import annotations

import os
import random
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.store import database as module
from lvp_workstation.store.audit import BEGIN, START, AuditRecord, AuditTrail, problem_of
from lvp_workstation.store.audit_key import HEAD_NAME, KEY_NAME, AuditKey, load_or_make_key
from lvp_workstation.store.audit_lines import check_lines, to_lines
from lvp_workstation.store.database import Database, sqlite_url
from tests.prove.tampering import KINDS, tail_cut

Trail = tuple[bytes, AuditKey]


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    """Twenty records as JSON lines, and their key."""
    folder = tmp_path_factory.mktemp("audit")
    with closing(Database(sqlite_url(folder / "lvp.sqlite"), folder / "keys")) as database:
        audit = AuditTrail(database)
        for number in range(19):
            audit.append(f"2026-01-01T00:00:{number:02}Z", "reader Ä", "seen", {"slice": str(number)})
        yield to_lines(audit.records()), database.audit_key


def test_the_chain_starts_somewhere_and_is_whole(trail: Trail) -> None:
    data, key = trail
    assert check_lines(data, key, key.head()).records == 20
    assert check_lines(data, key, key.head()).problem == ""
    assert check_lines(b"", key).problem == ""
    first = data.splitlines()[0].decode()
    assert f'"event":"{BEGIN}"' in first
    assert START in first


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found(trail: Trail, kind: str) -> None:
    data, key = trail
    chance, head = random.Random(7), key.head()
    for _ in range(60):
        changed = KINDS[kind](data, chance)
        assert changed != data
        assert check_lines(changed, key, head).problem


def test_without_the_head_a_cut_at_the_end_of_a_record_is_not_seen(trail: Trail) -> None:
    data, key = trail
    shorter = b"".join(data.splitlines(keepends=True)[:-3])
    assert check_lines(shorter, key).problem == ""
    assert "ends too early" in check_lines(shorter, key, key.head()).problem
    assert check_lines(tail_cut(data, random.Random(1)), key, key.head()).problem


def test_a_longer_trail_than_the_head_is_whole_and_another_one_is_not(trail: Trail) -> None:
    data, key = trail
    head = key.head()
    assert head is not None
    line = data.splitlines(keepends=True)[9]
    mac = line.split(b'"mac":"')[1][:64].decode()
    assert check_lines(data, key, replace(head, records=10, mac=mac)).problem == ""
    assert "its head was kept" in check_lines(data, key, replace(head, records=11, mac=mac)).problem


def test_key_and_head_are_for_this_user_only_and_no_part_of_the_database(tmp_path: Path) -> None:
    keys = tmp_path / "config"
    with closing(Database(sqlite_url(tmp_path / "data" / "lvp.sqlite"), keys)) as database:
        AuditTrail(database).append("2026-01-01T00:00:00Z", "reader A", "open", {})
        secret = database.audit_key.secret.hex().encode()
    assert {path.name for path in keys.iterdir()} == {KEY_NAME, HEAD_NAME}
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    for path in (tmp_path / "data").iterdir():
        assert secret not in path.read_bytes()


def test_a_database_restored_from_an_older_copy_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "lvp.sqlite"
    with closing(Database(sqlite_url(path))) as database:
        AuditTrail(database).append("2026-01-01T00:00:00Z", "reader A", "open", {})
    older = path.read_bytes()
    with closing(Database(sqlite_url(path))) as database:
        AuditTrail(database).append("2026-01-01T00:00:01Z", "reader A", "open", {})
        assert AuditTrail(database).problem() == ""
    path.write_bytes(older)
    with closing(Database(sqlite_url(path))) as database:
        assert "ends too early: 3 records" in AuditTrail(database).problem()


def test_a_lost_key_begins_a_new_chain_that_names_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "lvp.sqlite"
    with closing(Database(sqlite_url(path))) as database:
        AuditTrail(database).append("t", "reader A", "open", {})
        chain = database.audit_key.chain
    (tmp_path / KEY_NAME).unlink()
    with closing(Database(sqlite_url(path))) as database:
        AuditTrail(database).append("t", "reader A", "open", {})
        trail = AuditTrail(database)
        assert trail.problem() == ""
        assert [r.number for r in trail.records()] == [1, 2]
        assert f'"chain_{chain}": "2"' in trail.records()[0].detail
        assert len(trail.records(every_chain=True)) == 4


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    (tmp_path / KEY_NAME).write_text("no key")
    with pytest.raises(StorageProblem, match="is damaged"):
        load_or_make_key(tmp_path)


def test_a_head_that_cannot_be_written_costs_no_edit(tmp_path: Path) -> None:
    with closing(Database(sqlite_url(tmp_path / "lvp.sqlite"))) as database:
        audit = AuditTrail(database)
        (tmp_path / f"{HEAD_NAME}.{os.getpid()}").mkdir()
        audit.append("t", "reader A", "open", {})
        assert len(audit.records()) == 2
        (tmp_path / f"{HEAD_NAME}.{os.getpid()}").rmdir()
        audit.append("t", "reader A", "open", {})
        head = database.audit_key.head()
        assert head is not None
        assert head.records == 3


def test_records_from_before_the_key_are_sealed_by_the_first_one_under_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "lvp.sqlite")
    with closing(Database(url)) as database:
        config = module._config()
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0002")
            before = AuditRecord("", 1, "t", "reader A", "open", "{}", START, "")
            values = {"sha": before.expected(None), "previous": START}
            connection.execute(
                text("INSERT INTO audit VALUES (1, 't', 'reader A', 'open', '{}', :previous, :sha)"), values
            )
    with closing(Database(url)) as database:
        AuditTrail(database).append("t", "reader A", "open", {})
        trail, key = AuditTrail(database), database.audit_key
        records = trail.records()
        assert [(r.chain == "", r.number) for r in records] == [(True, 1), (False, 1), (False, 2)]
        assert trail.problem() == ""
    assert "from before the key" in problem_of(records[1:], key)
    forged = replace(records[0], who="somebody else")
    forged = replace(forged, mac=forged.expected(None))
    assert "from before the key" in problem_of((forged, *records[1:]), key)


def test_a_clock_that_was_set_back_is_noted_and_nothing_is_lost(tmp_path: Path) -> None:
    with closing(Database(sqlite_url(tmp_path / "lvp.sqlite"))) as database:
        audit = AuditTrail(database)
        audit.append("2026-01-01T10:00:00Z", "reader A", "open", {})
        record = audit.append("2026-01-01T09:00:00Z", "reader A", "open", {"study": "1.2"})
        assert '"clock_set_back_from": "2026-01-01T10:00:00Z"' in record.detail
        after = audit.append("2026-01-01T09:00:01Z", "reader A", "open", {})
        assert "clock" not in after.detail
        assert audit.problem() == ""


def test_two_programs_that_write_at_once_keep_one_chain(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "lvp.sqlite")
    with closing(Database(url)) as one, closing(Database(url)) as other:
        for _ in range(5):
            AuditTrail(one).append("t", "reader A", "open", {})
            AuditTrail(other).append("t", "reader B", "open", {})
        assert AuditTrail(one).problem() == ""
        assert len(AuditTrail(one).records()) == 11
