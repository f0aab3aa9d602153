"""Power loss: the write-ahead log is cut at every byte of its last record, and the record before is found."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.database import Database, sqlite_url
from tests.services.reading_samples import STUDY, clock

EDITS = 3
MEMORY = Path("/dev/shm")
"""Files there cost no waiting for a disk, of which the cuts take tens of thousands."""


@dataclass(frozen=True)
class Cut:
    """At how many lengths the log was cut, and after how many of them something else was found."""

    lengths: int
    wrong: int


def truncations(every: int = 1, whole_every: int = 1000) -> Cut:
    """Cut the log at every byte of its last record; every ``whole_every`` bytes the program itself looks."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        return _truncations(Path(name) / "cut", every, whole_every)


def _truncations(folder: Path, every: int, whole_every: int) -> Cut:
    folder.mkdir()
    path, before, after = _journal(folder)
    database, log = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    assert len(log) == after
    shutil.rmtree(folder)
    folder.mkdir()
    wrong = 0
    lengths = range(before, after, every)
    for length in lengths:
        path.write_bytes(database)
        path.with_name(path.name + "-wal").write_bytes(log[:length])
        path.with_name(path.name + "-shm").unlink(missing_ok=True)
        wrong += _last_step(path) != EDITS - 1
        if (length - before) % whole_every < every:
            wrong += not _whole(path)
    return Cut(len(lengths), wrong)


def _journal(folder: Path) -> tuple[Path, int, int]:
    """Write edits; return the database as a crash leaves it, and where the last record lies in the log."""
    live, path = folder / "live.sqlite", folder / "cut.sqlite"
    with closing(Database(sqlite_url(live))) as database:
        session = ReadingRoom(database, clock).open(STUDY, "reader A", ReadingMode.MANUAL)
        log = live.with_name(live.name + "-wal")
        before = 0
        for number in range(EDITS):
            before = log.stat().st_size
            session.run(edits.set_text(session.reading, "other", f"words {number}", session.author()))
        after = log.stat().st_size
        shutil.copy(live, path)
        shutil.copy(log, path.with_name(path.name + "-wal"))
    return path, before, after


def _last_step(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        step: int = connection.execute("SELECT max(revision) FROM journal").fetchone()[0]
        if connection.execute("SELECT revision FROM reading").fetchone()[0] != step:
            return -1
        return step


def _whole(path: Path) -> bool:
    """Open it as the program does: the words before are there, and the next edit can be made."""
    try:
        with closing(Database(sqlite_url(path))) as database:
            room = ReadingRoom(database, clock)
            session = room.open(STUDY, "reader A", ReadingMode.MANUAL)
            found = session.reading.texts["other"].text == f"words {EDITS - 2}"
            session.run(edits.set_text(session.reading, "other", "again", session.author()))
            return found and session.revision == EDITS
    except LvpError:
        return False
