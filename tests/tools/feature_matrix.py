"""Drive the real window through the rows of ``docs/features.md`` and print which of them it showed.

    python -m tests.tools.feature_matrix [--json FILE] [--screens DIR] [--write-docs FILE]

The program runs in a window of its own with an empty data folder, on the demo study; keys and
mouse are sent by ``xdotool``, so a display of at least 1600 x 900 with a window manager is needed, and
``import`` of ImageMagick takes the pictures. Each check does what a reader would do and looks at what came
of it: pixels that changed where they should (and nowhere else where that matters), the stored reading, a
file, a window. Rows that the window cannot show alone name the tests that show them; those are not run here.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.tools.feature_reading_checks import CHECKS
from tests.tools.feature_row import Row
from tests.tools.feature_rows import ROWS
from tests.tools.feature_words import document
from tests.tools.real_window import NotSeen, RealWindow


def run_checks(window: RealWindow) -> dict[str, tuple[bool, str]]:
    """Return what each check saw, by its name; a check that fails does not end the others."""
    seen: dict[str, tuple[bool, str]] = {}
    for name, check in CHECKS.items():
        window.rest()
        try:
            seen[name] = (True, check(window))
        except NotSeen as problem:
            seen[name] = (False, str(problem))
        window.picture(name)
        print(f"{'pass' if seen[name][0] else 'FAIL'}  {name}: {seen[name][1]}", flush=True)
    return seen


def answer_of(row: Row, seen: dict[str, tuple[bool, str]]) -> str:
    """Return pass or fail of a row that the window shows, else how it is shown."""
    if row.check:
        return "pass" if seen[row.check][0] else "FAIL"
    return "by tests" if row.tests else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every check, print the table, and fail when a row was not shown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--screens", type=Path, help="folder for a picture after each check")
    parser.add_argument("--write-docs", type=Path, help="write the tables as Markdown and run nothing")
    args = parser.parse_args(arguments)
    if args.write_docs is not None:
        args.write_docs.write_text(document(), encoding="utf-8")
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="lvp_rows_") as folder,
        RealWindow(Path(folder), args.screens) as window,
    ):
        seen = run_checks(window)
    table = [(row.part, row.name, row.ours, answer_of(row, seen)) for row in ROWS]
    for part, name, ours, answer in table:
        print(f"| {part} | {name} | {ours} | {answer} |")
    if args.json is not None:
        keys = ("part", "row", "ours", "answer")
        rows = [dict(zip(keys, each, strict=True)) for each in table]
        checks = {name: {"pass": passed, "seen": words} for name, (passed, words) in seen.items()}
        args.json.write_text(json.dumps({"rows": rows, "checks": checks}, indent=1), encoding="utf-8")
    return 0 if all(passed for passed, _ in seen.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
