"""The database: SQLite in the user's data folder by default, PostgreSQL by URL.

SQLite runs with a write-ahead log, foreign keys and ``synchronous=FULL``: what was committed is
on disk. The schema is brought up to date with Alembic when the database is opened, after a
backup copy; a schema that this program does not know is refused.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from lvp_workstation.domain.errors import StorageProblem

BUSY_MS = 5000
"""How long a write waits for another process before it is refused (our choice)."""

MIGRATIONS = Path(__file__).parent / "migrations"
_SENTENCES = (
    ("locked", "is in use by another program; close the other one and try again"),
    ("readonly", "cannot be written (read-only); check the rights of the file and its folder"),
    ("read-only", "cannot be written (read-only); check the rights of the file and its folder"),
    ("full", "cannot grow: the disk is full; free some space and try again"),
    ("malformed", "is damaged; restore the newest backup beside it"),
    ("not a database", "is damaged or no database; restore the newest backup beside it"),
    ("unable to open", "cannot be opened; check the folder and its rights"),
)


def sqlite_url(path: Path) -> str:
    """Return the database URL of an SQLite file."""
    return f"sqlite:///{path}"


class Database:
    """An opened, up-to-date database.

    Parameters
    ----------
    url
        SQLAlchemy URL; see `sqlite_url`.

    Raises
    ------
    StorageProblem
        With a sentence: locked, read-only, damaged, or made by a newer program.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._name = self._url.database or url
        with self._problems():
            self._engine = _engine(url)
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

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection inside one transaction; committed at the end, rolled back on an error.

        Raises
        ------
        StorageProblem
            When the database refuses; nothing of the transaction is kept then.
        """
        with self._problems(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise StorageProblem(f"The database {self._name} {_reason(error)}.") from error
        except OSError as error:
            raise StorageProblem(f"The database {self._name} cannot be used: {error.strerror}.") from error

    def _check_integrity(self) -> None:
        if self._url.get_backend_name() != "sqlite":
            return
        with self._engine.connect() as connection:
            answer = connection.execute(text("PRAGMA quick_check")).scalar_one()
        if answer != "ok":
            raise StorageProblem(
                f"The database {self._name} is damaged ({answer}); restore the newest backup beside it."
            )

    def _upgrade(self) -> None:
        config = _config()
        script = ScriptDirectory.from_config(config)
        with self._engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
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
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _backup(self, revision: str) -> Path | None:
        if self._url.get_backend_name() != "sqlite" or not self._url.database:
            return None
        source = Path(self._url.database)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        target = source.with_name(f"{source.name}.backup-{revision}-{stamp}")
        with self._engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        shutil.copy2(source, target)
        return target


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    told = str(error.orig if isinstance(error, OperationalError | DBAPIError) else error)
    for word, sentence in _SENTENCES:
        if word in told.lower():
            return sentence
    return f"refused: {told}"
