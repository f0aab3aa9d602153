"""`make prove-postgres`: two workstations on one study of a PostgreSQL server of its own."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import ReadingConflict, StorageProblem
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database
from tests.prove import postgres_server
from tests.prove.workstation import READER
from tests.services.reading_samples import STUDY, clock

NAMES = ("A", "B")


@dataclass
class Figures:
    """What was counted; every figure but the first two must be nought."""

    stored: dict[int, str] = field(default_factory=dict)
    conflicts: int = 0
    lost: int = 0
    overwritten: int = 0
    unseen: int = 0
    audit_problems: int = 0

    @property
    def wrong(self) -> bool:
        """Whether anything is as it must not be."""
        return bool(self.lost or self.overwritten or self.unseen or self.audit_problems or not self.conflicts)


def race(url: str, folder: Path, count: int, figures: Figures) -> None:
    """Let the workstations write at once, each in a process of its own."""
    stations = [_start(url, name, folder, count) for name in NAMES]
    for station in stations:
        assert station.stdout is not None
        assert station.stdout.readline() == "ready\n"
    for station in stations:
        assert station.stdin is not None
        station.stdin.write("go\n")
        station.stdin.flush()
    for name, station in zip(NAMES, stations, strict=True):
        out, _ = station.communicate(timeout=300)
        if station.returncode:
            raise RuntimeError(f"workstation {name} ended with {station.returncode}")
        for line in out.splitlines():
            _count(line.split(" ", 2), figures)


def _start(url: str, name: str, folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.prove.workstation", url, name, str(folder / name), str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _count(words: Sequence[str], figures: Figures) -> None:
    if words[0] == "conflicts":
        figures.conflicts += int(words[1])
    else:
        revision = int(words[1])
        figures.overwritten += revision in figures.stored
        figures.stored[revision] = words[2]


def check(url: str, folder: Path, figures: Figures) -> None:
    """Compare what was confirmed with what is stored, and let the workstations see each other."""
    with (
        closing(Database(url, folder / "A")) as first,
        closing(Database(url, folder / "B")) as second,
    ):
        here = ReadingRoom(first, clock).open(STUDY, READER, ReadingMode.MANUAL)
        there = ReadingRoom(second, clock).open(STUDY, READER, ReadingMode.MANUAL)
        journal = ReadingRoom(first, clock).readings.load(here.reading.reading_id).records
        written = {record.revision: record.edit.changes[0].after.text for record in journal}
        figures.lost += sum(written.get(revision) != text for revision, text in figures.stored.items())
        figures.overwritten += len(written) != here.revision
        here.run(edits.set_text(here.reading, "conus", "seen from A", here.author()))
        readings = ReadingRoom(second, clock).readings
        figures.unseen += readings.revision(there.reading.reading_id) != here.revision
        try:
            there.run(edits.set_text(there.reading, "conus", "over it", there.author()))
            figures.overwritten += 1
        except ReadingConflict:
            figures.unseen += there.reload().reading.texts["conus"].text != "seen from A"
        figures.audit_problems += sum(bool(AuditTrail(each).problem()) for each in (first, second))


def crash(server: postgres_server.Server, folder: Path, figures: Figures) -> None:
    """Kill the server between two edits: the first is there afterwards, the second is refused in words."""
    with closing(Database(server.url, folder / "A")) as database:
        session = ReadingRoom(database, clock).open(STUDY, READER, ReadingMode.MANUAL)
        session.run(edits.set_text(session.reading, "marrow", "before the crash", session.author()))
        server.kill()
        try:
            session.run(edits.set_text(session.reading, "marrow", "during it", session.author()))
            figures.lost += 1
        except StorageProblem as problem:
            print(f"  server killed: {problem}")
        server.start()
        session.reload()
        figures.lost += session.reading.texts["marrow"].text != "before the crash"
        session.run(edits.set_text(session.reading, "marrow", "after it", session.author()))
        figures.audit_problems += bool(AuditTrail(database).problem())


def main() -> int:
    """Start a server, prove, print one line of figures; 1 when one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200, help="edits of each workstation")
    options = parser.parse_args()
    if postgres_server.programs() is None:
        postgres_server.install()
    figures = Figures()
    with postgres_server.running() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        race(server.url, folder, options.edits, figures)
        check(server.url, folder, figures)
        crash(server, folder, figures)
        version = server.version
    print(
        f"postgres={version} workstations={len(NAMES)} edits={len(figures.stored)} "
        f"conflicts_refused={figures.conflicts} lost={figures.lost} overwritten={figures.overwritten} "
        f"unseen={figures.unseen} audit_problems={figures.audit_problems}"
    )
    return int(figures.wrong or len(figures.stored) != len(NAMES) * options.edits)


if __name__ == "__main__":
    sys.exit(main())
