"""The database: SQLite in the user's data folder by default, PostgreSQL by URL.

SQLite runs with a write-ahead log, foreign keys and ``synchronous=FULL``: what was committed is
on disk. The schema is brought up to date with Alembic when the database is opened, after a
backup copy; a schema that this program does not know is refused. On both, one writer at a time works,
so that what it read cannot be outdated when it writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.store.audit_key import AuditKey, Head, load_or_make_key
from lvp_workstation.store.cipher import copy, finish, is_encrypted, library, opened
from lvp_workstation.store.database_words import reason
from lvp_workstation.store.private_files import present_file

BUSY_MS = 5000
"""How long a write waits for another process before it is refused (our choice)."""

MIGRATIONS = Path(__file__).parent / "migrations"
AUDIT_HEAD = "lvp_audit_head"
"""Under this name a connection carries the head of the audit trail until the transaction is committed."""
_WRITERS_LOCK = 0x6C7670
"""Advisory lock of PostgreSQL that a writer holds (our choice of number)."""


def sqlite_url(path: Path) -> str:
    """Return the database URL of an SQLite file."""
    return f"sqlite:///{path}"


class Database:
    """An opened, up-to-date database.

    Parameters
    ----------
    url
        SQLAlchemy URL; see `sqlite_url`.
    keys
        Folder of the audit key and head; None is the folder of an SQLite file.
    cipher
        Key of an encrypted SQLite file, see `vault.Vault.database_key`; empty for a plain one.

    Raises
    ------
    StorageProblem
        With a sentence: locked, read-only, damaged, encrypted, or made by a newer program.
    """

    def __init__(self, url: str, keys: Path | None = None, cipher: str = "") -> None:
        self._url = make_url(url)
        self._name = self._url.database or self._url.render_as_string(hide_password=True)
        sqlite = self._url.get_backend_name() == "sqlite"
        self._file = Path(self._url.database) if sqlite and self._url.database else None
        self._cipher = cipher
        with self._problems():
            self._inode = self._prepared(self._file) if self._file else 0
            self._key = self._audit_key(keys)
            self._engine = _engine(url, self._file, cipher).execution_options(lvp_audit_key=self._key)
            self._reader = self._engine.execution_options(lvp_read_only=True)
            try:
                self._check_integrity()
                self._upgrade()
            except BaseException:
                self._engine.dispose()
                raise

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine."""
        return self._engine

    @property
    def audit_key(self) -> AuditKey:
        """The key under which this program writes the audit trail."""
        return self._key

    def _prepared(self, path: Path) -> int:
        """Return the inode of the file, made where it is missing; encrypted as far as it shall be."""
        if self._cipher:
            finish(path, self._cipher)
        elif is_encrypted(path):
            raise StorageProblem(
                f"The database {path} is encrypted and its key file is missing, or it is damaged; put the "
                "key file or the newest backup back."
            )
        return present_file(path)

    def _audit_key(self, keys: Path | None) -> AuditKey:
        folder = keys or (self._file.parent if self._file else None)
        if folder is None:
            raise StorageProblem(f"The database {self._name} needs a folder for its audit key.")
        return load_or_make_key(folder)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection inside one transaction; committed at the end, rolled back on an error.

        Raises
        ------
        StorageProblem
            When the database refuses; nothing of the transaction is kept then.
        """
        with self._problems():
            with self._engine.begin() as connection:
                connection.info.pop(AUDIT_HEAD, None)
                self._require_same_file()
                yield connection
                self._require_same_file()
                head: Head | None = connection.info.pop(AUDIT_HEAD, None)
            if head is not None:
                self._key.keep(head)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and waits for no writer.

        Raises
        ------
        StorageProblem
            When the database refuses.
        """
        with self._problems(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _require_same_file(self) -> None:
        """Refuse to write to a file that was deleted or replaced: SQLite would go on without a word."""
        if self._file is not None and (not self._file.exists() or self._file.stat().st_ino != self._inode):
            raise StorageProblem(
                f"The database {self._name} was moved, deleted or replaced while the program was running; "
                "put it back or restart the program. The last change was not stored."
            )

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise StorageProblem(f"The database {self._name} {reason(error)}.") from error
        except OSError as error:
            raise StorageProblem(f"The database {self._name} cannot be used: {error.strerror}.") from error
        except UnicodeError as error:
            raise StorageProblem(
                f"The database {self._name} cannot hold a text with broken characters; type it again."
            ) from error

    def _check_integrity(self) -> None:
        if self._url.get_backend_name() != "sqlite":
            return
        with self._reader.connect() as connection:
            answer = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
        if answer != "ok":
            raise StorageProblem(
                f"The database {self._name} is damaged ({answer}); restore the newest backup beside it."
            )

    def _upgrade(self) -> None:
        config = _config()
        script = ScriptDirectory.from_config(config)
        with self._reader.connect() as connection:
            current = _revision(connection)
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise StorageProblem(
                f"The database {self._name} was made by a newer version of the program "
                f"(schema {current}); update the program. Nothing was changed."
            )
        if current == script.get_current_head():
            return
        if current is not None:
            self._backup(current)
        with self._engine.begin() as connection:
            if _revision(connection) == current:  # else another program that started too did it meanwhile
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def _backup(self, revision: str) -> None:
        """Copy the file as it is committed; the copy has its name only once it is whole."""
        if self._file is None:
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        target = self._file.with_name(f"{self._file.name}.backup-{revision}-{stamp}")
        partial = target.with_name(target.name + ".part")
        present_file(partial)
        if self._cipher:
            copy(self._file, partial, self._cipher)
        else:
            with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(partial)) as plain:
                source.backup(plain)
        os.replace(partial, target)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def audit_key_of(connection: Connection) -> AuditKey:
    """Return the key of the database that a connection belongs to."""
    key: AuditKey = connection.get_execution_options()["lvp_audit_key"]
    return key


def _engine(url: str, path: Path | None, cipher: str) -> Engine:
    if cipher and path is not None:
        engine = create_engine(url, module=library(), creator=lambda: opened(path, cipher))
    else:
        engine = create_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    event.listen(engine, "connect", _configure_sqlite if sqlite else _configure_postgres)
    event.listen(engine, "begin", _begin_sqlite if sqlite else _begin_postgres)
    return engine


def _configure_postgres(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET synchronous_commit = on")
    cursor.execute(f"SET lock_timeout = {BUSY_MS}")
    cursor.execute("SET TIME ZONE 'UTC'")
    connection.commit()
    cursor.close()


def _begin_postgres(connection: Connection) -> None:
    """A reader sees one state of the database; a writer waits for the one before."""
    if connection.get_execution_options().get("lvp_read_only"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once, so that what it read cannot be outdated when it writes."""
    only_reads = connection.get_execution_options().get("lvp_read_only")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
