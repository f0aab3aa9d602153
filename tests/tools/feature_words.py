"""The rows as ``docs/features.md``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.tools.feature_row import FEATURES, NOWHERE, OTHERS, REQUESTS, Row
from tests.tools.feature_rows import ROWS

HEAD = """# What a reader gets here, and elsewhere

Every row of what reading workstations do, what their users ask for, and what none of those looked at does.
"Yes" and "partly" are shown by driving the real window with keys and mouse on the demo study (`python -m
tests.tools.feature_matrix`, the name is that of the check) or by the tests that are named; "no" is no. This
page is written by the same tool (`--write-docs`) and a test keeps both the same.

{counts}

## Beside other programs

SL 3D Slicer · WE Weasis 4.7.2 · OH OHIF 3.13 · HO Horos · VV VolView · ST Starviewer 1.1.1 · IN InVesalius
3 · SN Stone 3.0 · DW dwv · MD MedDream · MI MITK · IS ITK-SNAP · RA RadiAnt. ● has it · ◐ in part · ○
looked for in source and documents and not found (no proof of absence) · k said to have it, not verified · n
said not to have it, not verified · v by its server · "·" not looked for. As of 2026; they were not compared
side by side in use.
"""
ASKED = """
## What users of viewers ask for

Grouped from public issues and pull requests of the programs above.
"""
NONE = """
## What none of the programs looked at has
"""


def document() -> str:
    """Return the whole page."""
    parts = [HEAD.format(counts=_counts()), _beside(_of(FEATURES)), ASKED, _table(_of(REQUESTS))]
    return "\n".join([*parts, NONE, _table(_of(NOWHERE)), ""])


def _of(part: str) -> list[Row]:
    return [row for row in ROWS if row.part == part]


def _counts() -> str:
    lines = []
    for part, title in ((FEATURES, "features"), (REQUESTS, "requests"), (NOWHERE, "found nowhere else")):
        found = Counter(row.ours for row in _of(part))
        lines.append(f"{title}: {found['yes']} yes, {found['partly']} partly, {found['no']} no")
    return " · ".join(lines) + "."


def _beside(rows: Iterable[Row]) -> str:
    lines = [
        f"| feature | here | {' | '.join(OTHERS)} | what it is here | shown by |",
        "|---" * (4 + len(OTHERS)) + "|",
    ]
    for row in rows:
        signs = " | ".join(row.others)
        lines.append(f"| {row.name} | {row.ours} | {signs} | {row.words} | {_shown_by(row)} |")
    return "\n".join(lines)


def _table(rows: Iterable[Row]) -> str:
    lines = ["| | here | what it is here | shown by |", "|---|---|---|---|"]
    lines += [f"| {row.name} | {row.ours} | {row.words} | {_shown_by(row)} |" for row in rows]
    return "\n".join(lines)


def _shown_by(row: Row) -> str:
    named = [f"`{test.split('::')[0]}`" for test in row.tests]
    return ", ".join(([row.check.replace("_", " ")] if row.check else []) + list(dict.fromkeys(named)))
