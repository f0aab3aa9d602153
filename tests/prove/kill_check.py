"""Compare what the screen confirmed with what is on disk, as the next start of the program would find it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lvp_workstation.app.context import DATABASE_NAME, utc_now
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.reading_state import state_at
from lvp_workstation.services.sign import stored_form_intact
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database, sqlite_url
from tests.prove.kill_process import Mark
from tests.prove.kill_state import digest


@dataclass(frozen=True)
class Checked:
    """Confirmed states that are not there, what is damaged, and how long the longest journal is."""

    lost: int
    corrupt: str
    steps: int


def check(folder: Path, marks: Iterable[Mark]) -> Checked:
    """Open the database of a data folder and look for every confirmed state in it."""
    try:
        with closing(Database(sqlite_url(folder / DATABASE_NAME), folder)) as database:
            return _compared(database, list(marks))
    except (LvpError, OSError, ValueError, KeyError, TypeError) as error:
        return Checked(len(list(marks)), f"{type(error).__name__}: {error}", 0)


def _compared(database: Database, marks: list[Mark]) -> Checked:
    room = ReadingRoom(database, utc_now)
    lost, steps = 0, 0
    for mark in marks:
        steps = max(steps, room.readings.revision(mark.reading_id))
        if steps < mark.steps or digest(state_at(room.readings, mark.reading_id, mark.steps)) != mark.digest:
            lost += 1
    problem = AuditTrail(database).problem()
    for reading_id in {mark.reading_id for mark in marks}:
        reading = room.session(reading_id).reading
        if reading.state.signed and not stored_form_intact(room.readings, reading):
            problem = problem or "a signed form does not fit its signature"
    return Checked(lost, problem, steps)
