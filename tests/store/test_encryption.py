"""The database under a passphrase: nothing readable at rest, nothing lost wherever it is stopped."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from lvp_workstation.domain.errors import PassphraseNeeded, StorageProblem, UsageProblem
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient
from lvp_workstation.store import cipher, vault
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.repositories import Readings
from tests.store.test_database import older

TIME = "2026-01-01T00:00:00Z"
NAME = "QUAGGA^ZEBRA"
KEY = "ab" * 32
PASSPHRASE = "correct horse"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A plain database with a reading."""
    file = tmp_path / "lvp.sqlite"
    with closing(Database(sqlite_url(file))) as database:
        Readings(database).create(Reading("r1", "1.2.3", Patient("P", name=NAME)), "reader A", TIME)
    return file


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases with the least work."""
    least = {"kdf": "argon2id", "time_cost": 1, "memory_kib": 8, "lanes": 1}
    monkeypatch.setattr(vault, "_SETTINGS", least)


def kept(path: Path, key: str = KEY) -> str:
    """Return the name in the reading of an encrypted database."""
    with closing(Database(sqlite_url(path), None, key)) as database:
        assert AuditTrail(database).problem() == ""
        return Readings(database).load("r1").base.patient.name


def readable(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and b"QUAGGA" in p.read_bytes()]


def test_a_plain_database_is_encrypted_when_it_is_opened_with_a_key(path: Path) -> None:
    assert readable(path.parent) == ["lvp.sqlite"]
    assert kept(path) == NAME
    assert kept(path) == NAME
    assert readable(path.parent) == []
    assert not list(path.parent.glob("*.plain")) + list(path.parent.glob("*.encrypting"))
    assert path.stat().st_mode & 0o077 == 0


def test_edits_after_that_and_the_log_beside_the_file_are_encrypted_too(path: Path) -> None:
    with closing(Database(sqlite_url(path), None, KEY)) as database:
        Readings(database).create(Reading("r2", "1.2.4", Patient("P", name=NAME)), "reader A", TIME)
        assert (path.parent / "lvp.sqlite-wal").stat().st_size > 0
        assert readable(path.parent) == []
        with database.reading() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_backups_are_encrypted_and_those_of_a_migration_as_well(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    older(file)
    with closing(sqlite3.connect(file)) as plain, closing(sqlite3.connect(f"{file}.backup-0001-x")) as backup:
        plain.backup(backup)
    with closing(Database(sqlite_url(file), None, KEY)) as database:
        assert len(Readings(database).summaries("1.2.3")) == 3
    backups = sorted(tmp_path.glob("*.backup-*"))
    assert len(backups) == 2
    for each in backups:
        assert cipher.is_encrypted(each)
        with closing(cipher.opened(each, KEY)) as connection:
            assert connection.execute("SELECT count(*) FROM reading").fetchone() == (3,)


def test_another_key_or_none_is_refused_in_words(path: Path) -> None:
    kept(path)
    with pytest.raises(StorageProblem, match="damaged or no database"):
        Database(sqlite_url(path), None, "cd" * 32)
    with pytest.raises(StorageProblem, match="key file is missing"):
        Database(sqlite_url(path))
    assert kept(path) == NAME


def test_a_database_in_use_elsewhere_stays_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher, "BUSY_MS", 10)
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(StorageProblem, match="in use by another program"):
            Database(sqlite_url(path), None, KEY)
        assert cipher.is_plain(path)
        other.communicate(b"")
    assert kept(path) == NAME


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


class Stopped(BaseException):
    """The program ends here."""


STEPS = ("present_file", "_compare", "sync", "_check", "_second_name", "destroy", "replace")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_program_that_is_stopped_at_any_step_goes_on_at_its_next_start(
    path: Path, step: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os if step == "replace" else cipher
    real: Callable[..., object] = getattr(owner, step)

    def stop(*arguments: object) -> None:
        if after:
            real(*arguments)
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, stop)
        with pytest.raises(Stopped):
            cipher.finish(path, KEY)
    assert path.exists()
    assert kept(path) == NAME
    assert readable(path.parent) == []
    assert not list(path.parent.glob("*.plain")) + list(path.parent.glob("*.encrypting"))


def test_a_vault_opens_with_its_passphrase_only_and_takes_another(tmp_path: Path) -> None:
    folders = (tmp_path / "data", tmp_path / "settings")
    made = vault.make_vault(folders, PASSPHRASE)
    assert vault.open_vault(folders, PASSPHRASE) == made
    with pytest.raises(PassphraseNeeded, match="does not fit"):
        vault.open_vault(folders, "wrong horse")
    vault.wrap(folders, made, "another horse")
    (folders[0] / vault.VAULT_NAME).unlink()
    assert vault.open_vault(folders, "another horse") == made
    with pytest.raises(PassphraseNeeded):
        vault.open_vault(folders, PASSPHRASE)
    assert made.unseal(made.seal(b"session")) == b"session"
    with pytest.raises(ValueError, match="not sealed"):
        made.unseal(b"0" * 40)
    assert (folders[1] / vault.VAULT_NAME).stat().st_mode & 0o077 == 0


def test_a_short_passphrase_a_second_vault_and_a_damaged_key_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="At least"):
        vault.make_vault((tmp_path,), "short")
    vault.make_vault((tmp_path,), PASSPHRASE)
    with pytest.raises(StorageProblem, match="encrypted already"):
        vault.make_vault((tmp_path,), PASSPHRASE)
    (tmp_path / vault.VAULT_NAME).write_text("{}", encoding="ascii")
    with pytest.raises(StorageProblem, match="damaged"):
        vault.open_vault((tmp_path,), PASSPHRASE)
