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
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey
from lvp_workstation.domain.reading import Reading
from lvp_workstation.services.open_study import open_paths
from lvp_workstation.services.shown_columns import columns_without_images
from tests.tools.program import Program

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
        program = Program(Path(folder), Settings(reader="keyboard"))
        try:
            program.start("open", str(args.study))
            ready = program.analysed()
            hands = Hands(program.window, args.pause, args.screens)
            levels = [ready.level_map.name(t) for t in ready.levels] if ready.level_map else []
            read(hands, levels, plan, columns_without_images(open_paths([args.study]).studies[0]))
            signed = program.signed()
        finally:
            program.terminate()
    for name, keys, seconds in hands.taken:
        print(f"| {name} | {keys} | {seconds:.1f} |")
    print(f"| all | {hands.keys} | {sum(t for _, _, t in hands.taken):.1f} |")
    wrong = differences(signed, plan)
    print("\n".join(wrong) or "The signed reading is the plan.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
