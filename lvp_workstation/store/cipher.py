"""SQLite files encrypted with SQLCipher: how they are opened, copied, and made of plain ones.

Making an encrypted file of a plain one can be interrupted at any instant: the plain file stays in place until
the encrypted one is whole, checked and on disk; then it is kept beside it until that one has been opened, and
destroyed. `finish` goes on where a killed program stopped.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.store.database_words import reason
from lvp_workstation.store.private_files import destroy, present_file, sync

PLAIN_HEADER = b"SQLite format 3\x00"
STAGED, BEFORE = ".encrypting", ".plain"
BUSY_MS = 5000


def is_plain(path: Path) -> bool:
    """Return whether a file is a plain SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(PLAIN_HEADER)) == PLAIN_HEADER
    except FileNotFoundError:
        return False


def is_encrypted(path: Path) -> bool:
    """Return whether a file holds something that is no plain database."""
    return path.exists() and path.stat().st_size > 0 and not is_plain(path)


def library() -> Any:
    """Return the database library of encrypted files; loaded only where there are any."""
    from sqlcipher3 import dbapi2

    return dbapi2


def opened(path: Path, key: str) -> Any:
    """Return a connection to an encrypted file; that a key does not fit shows with the first query."""
    connection = library().connect(str(path), check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{_hex(key)}'\"")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def copy(source: Path, target: Path, key: str) -> None:
    """Copy an encrypted file as it is committed, under the same key."""
    with _problems(source), closing(opened(source, key)) as this, closing(opened(target, key)) as other:
        this.backup(other)


def finish(path: Path, key: str) -> None:
    """Encrypt a database and its backups where they are plain, and clear up what a killed program left.

    Raises
    ------
    StorageProblem
        When a file is in use by another program, or the disk refuses; nothing is lost then.
    """
    for each in (path, *sorted(path.parent.glob(f"{path.name}.backup-*"))):
        if not each.name.endswith((STAGED, BEFORE)):
            _finish(each, key)


def _finish(path: Path, key: str) -> None:
    before = path.with_name(path.name + BEFORE)
    path.with_name(path.name + STAGED).unlink(missing_ok=True)
    if before.exists() and path.exists() and before.samefile(path):
        before.unlink()  # a second name of the plain file, which is encrypted below
    if is_plain(path):
        _encrypt(path, key)
    if before.exists() and is_encrypted(path):
        _check(path, key)
        destroy(before)


def _encrypt(path: Path, key: str) -> None:
    staged, before = path.with_name(path.name + STAGED), path.with_name(path.name + BEFORE)
    present_file(staged)
    with _problems(path), closing(library().connect(str(path), isolation_level=None)) as plain:
        _take_alone(plain)
        plain.execute(f"ATTACH DATABASE ? AS encrypted KEY \"x'{_hex(key)}'\"", (str(staged),))
        plain.execute("SELECT sqlcipher_export('encrypted')")
        _compare(plain)
        plain.execute("DETACH DATABASE encrypted")
    sync(staged)
    _check(staged, key)
    _second_name(path, before)
    os.replace(staged, path)
    sync(path)


def _take_alone(plain: Any) -> None:
    """Write back the log and keep every other program out."""
    plain.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.execute("PRAGMA journal_mode = DELETE")
    plain.execute("PRAGMA locking_mode = EXCLUSIVE")
    plain.execute("BEGIN EXCLUSIVE")
    plain.execute("COMMIT")


def _compare(plain: Any) -> None:
    """Raise `StorageProblem` when a table of the copy has not as many rows."""
    names = [row[0] for row in plain.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    for name in names:
        counts = [
            plain.execute(f'SELECT count(*) FROM {place}."{name}"').fetchone()[0]
            for place in ("main", "encrypted")
        ]
        if counts[0] != counts[1]:
            raise StorageProblem("The encrypted copy is not complete; the readings stay as they were.")


def _check(path: Path, key: str) -> None:
    with _problems(path), closing(opened(path, key)) as connection:
        broken = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        whole = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if broken or whole != "ok":
            raise StorageProblem(f"The encrypted copy {path} is damaged; the readings stay as they were.")


def _second_name(path: Path, name: Path) -> None:
    """Let the plain file keep a name until the encrypted one stands in its place."""
    name.unlink(missing_ok=True)
    try:
        os.link(path, name)
    except OSError:  # a file system without links: a copy serves as well
        present_file(name)
        name.write_bytes(path.read_bytes())
        sync(name)


@contextmanager
def _problems(path: Path) -> Iterator[None]:
    try:
        yield
    except (library().Error, sqlite3.Error) as error:
        raise StorageProblem(f"The database {path} {reason(error)}.") from error
    except OSError as error:
        raise StorageProblem(f"The database {path} cannot be used: {error.strerror}.") from error


def _hex(key: str) -> str:
    """Return a key that may stand in a statement: hex digits only."""
    return bytes.fromhex(key).hex()
