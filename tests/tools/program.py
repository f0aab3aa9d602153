"""The real program in a process of its own with an empty data folder, and what it has stored."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lvp_workstation.app.context import DATABASE_NAME, utc_now
from lvp_workstation.app.settings import Settings, save_settings
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.reading import Reading
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.schema import readings

T = TypeVar("T")
TITLE = "LVP Workstation"
PATIENCE_S = 180.0


def asked_again(found: Callable[[], T | None], patience_s: float, pause_s: float) -> T | None:
    """Return what a function finds, asked again until it finds something; None when it never does."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(pause_s)
    return None


def wait_for(what: str, found: Callable[[], T | None]) -> T:
    """Return what a function finds; ends the tool when that takes too long."""
    answer = asked_again(found, PATIENCE_S, 0.5)
    if answer is None:
        raise SystemExit(f"{what} did not happen within {PATIENCE_S:.0f} s")
    return answer


class Program:
    """Runs ``lvp`` with settings and data below ``home``."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home, self.data = home, home / "data" / "lvp_workstation"
        self._environment = {
            **os.environ,
            "XDG_CONFIG_HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.window = ""
        """Number of the window, once a study is on it."""
        save_settings(settings, home / "lvp_workstation" / "settings.json")

    def start(self, *arguments: str) -> None:
        """Start the program and wait for its window."""
        command = [sys.executable, "-m", "lvp_workstation.app.cli", *arguments]
        self._process = subprocess.Popen(command, env=self._environment)
        self.window = wait_for("the window", self._window)

    def terminate(self) -> None:
        """Ask the program to end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def kill(self) -> None:
        """End the program without a word of warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def stored(self) -> Reading | None:
        """Return the only reading of the data folder, None while there is none."""
        if not (self.data / DATABASE_NAME).is_file():
            return None
        try:
            with closing(Database(sqlite_url(self.data / DATABASE_NAME), self.data)) as database:
                with database.engine.connect() as connection:
                    found = connection.execute(select(readings.c.reading_id)).scalars().all()
                return ReadingRoom(database, utc_now).session(found[0]).reading if found else None
        except (OperationalError, LvpError):  # it is being made
            return None

    def analysed(self) -> Reading:
        """Wait for the analysis, and a little longer until it is on screen; return the reading then."""
        reading = wait_for("the analysis", lambda: self._stored_when(lambda r: bool(r.labels_sha256)))
        time.sleep(3.0)
        return reading

    def signed(self) -> Reading:
        """Wait for the signature and return the reading."""
        return wait_for("the signature", lambda: self._stored_when(lambda r: r.state.signed))

    def _stored_when(self, holds: Callable[[Reading], bool]) -> Reading | None:
        reading = self.stored()
        return reading if reading is not None and holds(reading) else None

    def _window(self) -> str:
        search = ["xdotool", "search", "--onlyvisible", "--name", f".+ · {TITLE}"]
        found = subprocess.run(search, env=self._environment, capture_output=True, text=True, check=False)
        return (found.stdout.split() or [""])[-1]
