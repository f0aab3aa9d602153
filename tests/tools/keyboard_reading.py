"""Read a study in the real program with keys alone, and count them.

    python -m tests.tools.keyboard_reading STUDY --plan PLAN.json [--pause 0.25] [--screens DIR]

The program runs in a window of its own with an empty data folder; keys are sent by ``xdotool``, so a
display is needed. PLAN.json is what a reader decided while looking at the images: level name to the digits
of its cells from the left, such as ``{"L4-L5": "4221"}``; ``-`` leaves a cell open. The mode is the one of a
new installation: each level is graded, locked, and only then compared with the AI. In the end the numbering
is confirmed, the reading is signed, and what the database holds is compared with the plan.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lvp_workstation.app.context import DATABASE_NAME, utc_now
from lvp_workstation.app.settings import Settings, save_settings
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey
from lvp_workstation.domain.reading import Reading
from lvp_workstation.services.open_study import open_paths
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.services.shown_columns import columns_without_images
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.schema import readings

T = TypeVar("T")
TITLE = "LVP Workstation"
PATIENCE_S = 180.0
PAGES = 15
"""Steps through the slices of the first viewport."""


@dataclass
class Hands:
    """Presses keys in the window and counts them."""

    window: str
    pause: float
    screens: Path | None = None
    keys: int = 0
    taken: list[tuple[str, int, float]] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            subprocess.run(["xdotool", "key", "--window", self.window, key], check=True)
            self.keys += 1
            time.sleep(self.pause)

    def picture(self, name: str) -> None:
        """Keep what the screen shows."""
        if self.screens is not None:
            time.sleep(0.8)
            subprocess.run(["import", "-window", "root", str(self.screens / f"{name}.png")], check=True)


def wait_for(what: str, found: Callable[[], T | None]) -> T:
    """Return what a function finds, asked again until it finds something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.5)
    raise SystemExit(f"{what} did not happen within {PATIENCE_S:.0f} s")


def reading_in(data: Path) -> Reading | None:
    """Return the only reading of a data folder, None while there is none."""
    if not (data / DATABASE_NAME).is_file():
        return None
    try:
        with closing(Database(sqlite_url(data / DATABASE_NAME), data)) as database:
            with database.engine.connect() as connection:
                found = connection.execute(select(readings.c.reading_id)).scalars().all()
            return ReadingRoom(database, utc_now).session(found[0]).reading if found else None
    except (OperationalError, LvpError):  # it is being made
        return None


def window_of(environment: Mapping[str, str]) -> str:
    """Return the number of the window once a study is on it."""
    search = ["xdotool", "search", "--onlyvisible", "--name", f".+ · {TITLE}"]
    found = subprocess.run(
        search, env=environment, capture_output=True, text=True, check=False
    ).stdout.split()
    return found[-1] if found else ""


def read(hands: Hands, levels: Sequence[str], plan: Mapping[str, str], passed: frozenset[str]) -> None:
    """Page through all slices, grade and lock every level of the plan, confirm the numbering and sign.

    ``passed`` are the columns that the arrow keys pass over.
    """
    began, before = time.monotonic(), hands.keys

    def note(name: str) -> None:
        nonlocal began, before
        hands.taken.append((name, hands.keys - before, time.monotonic() - began))
        began, before = time.monotonic(), hands.keys

    hands.press("v", "Home", *["Down"] * PAGES)
    hands.picture("paged")
    note("paging through the slices")
    for n, level in enumerate(levels):
        hands.press("bracketright" if n else "g")  # the grid begins at the uppermost level
        if level in plan:
            hands.press("Home")
            for place, (scale, digit) in enumerate(zip(GRID_SCALES, plan[level], strict=False)):
                if scale.key not in passed:
                    hands.press(*(["Right"] if place else []), *([digit] if digit != "-" else []))
            hands.press("l")
            hands.picture(level)
        note(level)
    hands.press("c", "ctrl+shift+s")
    time.sleep(2.0)
    hands.picture("sign")
    subprocess.run(["xdotool", "key", "Return"], check=True)
    hands.keys += 1
    note("numbering and signature")


def differences(reading: Reading, plan: Mapping[str, str]) -> list[str]:
    """Return where the stored reading differs from the plan."""
    assert reading.level_map is not None
    names = {reading.level_map.name(target): target for target in reading.levels}
    wrong = []
    for level, digits in plan.items():
        for scale, digit in zip(GRID_SCALES, digits, strict=False):
            wanted = scale.grade_for_digit(int(digit)) if digit != "-" else None
            held = reading.finding(FindingKey(names[level], scale.key)).grade or None
            if held != wanted:
                wrong.append(f"{level} {scale.caption}: {held}, not {wanted}")
    return wrong if reading.state.signed else [*wrong, "the reading is not signed"]


def main() -> int:
    """Read one study and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", type=Path)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two keys")
    parser.add_argument("--screens", type=Path)
    args = parser.parse_args()
    plan: dict[str, str] = json.loads(args.plan.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="lvp_keys_") as folder:
        home = Path(folder)
        environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
        save_settings(Settings(reader="keyboard"), home / "lvp_workstation" / "settings.json")
        command = [sys.executable, "-m", "lvp_workstation.app.cli", "open", str(args.study)]
        program = subprocess.Popen(command, env=environment)
        data = home / "data" / "lvp_workstation"
        try:
            window = wait_for("the window", lambda: window_of(environment))
            ready = wait_for("the analysis", lambda: _analysed(data))
            time.sleep(3.0)
            hands = Hands(window, args.pause, args.screens)
            levels = [ready.level_map.name(t) for t in ready.levels] if ready.level_map else []
            read(hands, levels, plan, columns_without_images(open_paths([args.study]).studies[0]))
            signed = wait_for("the signature", lambda: _signed(data))
        finally:
            program.terminate()
            program.wait(30)
    for name, keys, seconds in hands.taken:
        print(f"| {name} | {keys} | {seconds:.1f} |")
    print(f"| all | {hands.keys} | {sum(t for _, _, t in hands.taken):.1f} |")
    wrong = differences(signed, plan)
    print("\n".join(wrong) or "The signed reading is the plan.")
    return 1 if wrong else 0


def _analysed(data: Path) -> Reading | None:
    reading = reading_in(data)
    return reading if reading is not None and reading.labels_sha256 else None


def _signed(data: Path) -> Reading | None:
    reading = reading_in(data)
    return reading if reading is not None and reading.state.signed else None


if __name__ == "__main__":
    sys.exit(main())
