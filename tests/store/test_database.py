"""The database file: pragmas, migrations, backups, and a sentence for everything that goes wrong."""

from __future__ import annotations

import json
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from lvp_workstation.domain import codec
from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient
from lvp_workstation.store import database as module
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.repositories import Readings
from lvp_workstation.store.schema import metadata

TIME = "2026-01-01T00:00:00Z"
READING = Reading("r1", "1.2.3", Patient("P"))
HEAD = "0004"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder that is made" / "wirbelsäule 50%.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_url(path))) as opened:
        yield opened


def migrate(database: Database, to: str, way: Any = command.upgrade) -> None:
    """Bring a database to a revision."""
    config = module._config()
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        way(config, to)


def value(connection: Connection, sql: str) -> Any:
    return connection.execute(text(sql)).scalar_one()


def test_what_was_committed_is_on_disk_and_only_for_this_user(database: Database, path: Path) -> None:
    with database.reading() as connection:
        assert value(connection, "PRAGMA journal_mode") == "wal"
        assert value(connection, "PRAGMA synchronous") == 2
        assert value(connection, "PRAGMA foreign_keys") == 1
        assert value(connection, "PRAGMA busy_timeout") == module.BUSY_MS
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_migrations_make_exactly_the_tables_the_program_uses(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert value(connection, "SELECT version_num FROM alembic_version") == HEAD


def test_up_down_and_up_again_gives_the_same_tables(database: Database) -> None:
    def made() -> list[tuple[str, str]]:
        with database.reading() as connection:
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
        return [(row.name, row.sql) for row in rows]

    before = made()
    migrate(database, "base", command.downgrade)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(database, "head")
    assert made() == before


def older(path: Path) -> None:
    """Make a file as the first version of the program left it, with two readings."""
    with closing(Database(sqlite_url(path))) as database:
        migrate(database, "0001", command.downgrade)
        with database.transaction() as connection:
            for number, reader in ((1, "reader A"), (2, "reader A"), (3, "reader B")):
                base = codec.dumps(READING)
                connection.execute(
                    text("INSERT INTO reading VALUES (:id, '1.2.3', :reader, :created, 0, :base)"),
                    {"id": f"r{number}", "reader": reader, "created": f"2026-01-0{number}", "base": base},
                )
    for backup in path.parent.glob("*.backup-*"):
        backup.unlink()


def test_an_older_file_is_brought_up_to_date_after_a_backup(path: Path) -> None:
    older(path)
    with closing(Database(sqlite_url(path))) as database:
        summaries = Readings(database).summaries("1.2.3")
        assert [(s.reading_id, s.patient_id, s.reader, s.number) for s in summaries] == [
            ("r1", "P", "reader A", 1),
            ("r2", "P", "reader A", 2),
            ("r3", "P", "reader B", 1),
        ]
        with database.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    (backup,) = path.parent.glob("*.backup-*")
    assert "backup-0001" in backup.name
    with closing(sqlite3.connect(backup)) as kept:
        assert kept.execute("SELECT count(*) FROM reading").fetchone() == (3,)
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    with closing(Database(sqlite_url(path))):
        assert len(list(path.parent.glob("*.backup-*"))) == 1


def test_a_migration_that_fails_leaves_the_older_file(path: Path) -> None:
    older(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT 1; END")
        connection.commit()
    with pytest.raises(StorageProblem, match="already exists"):
        Database(sqlite_url(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        names = {row[1] for row in connection.execute("PRAGMA table_info(reading)")}
        assert "number" not in names


@pytest.mark.parametrize(
    "table", ["journal", "label_map", "signed_form", "audit", "audit_record", "ai_result"]
)
def test_what_was_journalled_cannot_be_changed_or_deleted(database: Database, table: str) -> None:
    Readings(database).create(READING, "reader A", TIME)
    rows = {
        "journal": "('r1', 1, 'do', '{}', 't')",
        "label_map": "('r1', 1, 'x', '{}', x'00')",
        "signed_form": "('r1', 1, 'x', '{}', 't')",
        "audit": "(99, 't', 'w', 'e', 'd', 'p', 's')",
        "audit_record": "('c', 99, 't', 'w', 'e', 'd', 'p', 's')",
        "ai_result": "('r', '1.2.3', 'P', 'm', '1', 's', 't', '{}')",
    }
    with database.transaction() as connection:
        connection.execute(text(f"INSERT INTO {table} VALUES {rows[table]}"))
    column = {"journal": "edit", "audit": "who", "audit_record": "who"}.get(table, "sha256")
    for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 'y'"):
        with pytest.raises(StorageProblem, match="append-only"), database.transaction() as connection:
            connection.execute(text(sql))
    with pytest.raises(StorageProblem, match="append-only"), database.transaction() as connection:
        connection.execute(text("DELETE FROM reading"))


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    Readings(database).create(READING, "reader A", TIME)
    count = len(AuditTrail(database).records())
    with pytest.raises(StorageProblem):
        Readings(database).create(READING, "reader A", TIME)
    assert len(AuditTrail(database).records()) == count == 2


def test_a_full_disk_is_named_and_nothing_is_lost(database: Database) -> None:
    readings = Readings(database)
    readings.create(READING, "reader A", TIME)
    with database.transaction() as connection:
        pages = value(connection, "PRAGMA page_count")
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StorageProblem, match="disk is full"):
        readings.save_layout("r1", {"big": "x" * 100_000})
    assert readings.layout("r1") == {}
    with database.transaction() as connection:
        connection.execute(text("PRAGMA max_page_count = 100000"))
    readings.save_layout("r1", {"big": "x" * 100_000})
    assert len(readings.layout("r1")["big"]) == 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_a_file_that_may_not_grow_is_named(database: Database) -> None:
    import resource
    import signal

    readings = Readings(database)
    readings.create(READING, "reader A", TIME)
    limit, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, limit[1]))
        with pytest.raises(StorageProblem, match=r"disk is full|disk reports"):
            readings.save_layout("r1", {"big": "x" * 500_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert readings.layout("r1") == {}
    readings.save_layout("r1", {"small": 1})
    assert readings.layout("r1") == {"small": 1}


def test_a_read_only_database_is_named(database: Database) -> None:
    Readings(database).create(READING, "reader A", TIME)
    with database.reading() as connection:
        connection.execute(text("PRAGMA query_only = 1"))
    with pytest.raises(StorageProblem, match="read-only"):
        Readings(database).save_layout("r1", {})


def test_a_locked_database_can_still_be_read(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    Readings(database).create(READING, "reader A", TIME)
    monkeypatch.setattr(module, "BUSY_MS", 20)
    with closing(Database(sqlite_url(path))) as second, closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert len(Readings(second).summaries("1.2.3")) == 1
        with pytest.raises(StorageProblem, match="in use by another program"):
            Readings(second).save_layout("r1", {})
        holder.rollback()
        Readings(second).save_layout("r1", {})


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted")
@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_went_away_takes_no_further_edit(path: Path, database: Database, replaced: bool) -> None:
    Readings(database).create(READING, "reader A", TIME)
    moved = path.rename(path.with_name("elsewhere.sqlite"))
    if replaced:
        path.write_bytes(b"another file")
    with pytest.raises(StorageProblem, match="moved, deleted or replaced"):
        Readings(database).save_layout("r1", {})
    moved.replace(path)
    Readings(database).save_layout("r1", {})


def test_damage_in_the_middle_of_the_file_is_found_at_the_start(path: Path) -> None:
    with closing(Database(sqlite_url(path))) as database:
        Readings(database).create(READING, "reader A", TIME)
        Readings(database).save_layout("r1", {"big": "x" * 50_000})
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\xa5" * (4096 * 3)
    path.write_bytes(data)
    with pytest.raises(StorageProblem, match="damaged"):
        Database(sqlite_url(path))
    assert path.read_bytes() == bytes(data)


def test_a_truncated_file_is_named(path: Path) -> None:
    with closing(Database(sqlite_url(path))) as database:
        Readings(database).create(READING, "reader A", TIME)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(StorageProblem, match="damaged"):
        Database(sqlite_url(path))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageProblem, match=tmp_path.name):
        Database(sqlite_url(tmp_path))


def test_text_that_no_file_can_hold_is_refused(database: Database) -> None:
    with pytest.raises(StorageProblem, match="broken characters"):
        AuditTrail(database).append(TIME, "reader \ud800", "open", {})


def test_the_layout_is_json(database: Database) -> None:
    readings = Readings(database)
    readings.create(READING, "reader A", TIME)
    readings.save_layout("r1", {"umlaut": "ä"})
    with database.reading() as connection:
        assert json.loads(value(connection, "SELECT state FROM layout")) == {"umlaut": "ä"}
