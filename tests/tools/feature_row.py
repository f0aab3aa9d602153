"""One row of ``docs/features.md``: what a reader may expect of a reading workstation, and what this one does.

``check`` names the check of `tests.tools.feature_checks` that shows a row in the real window, ``tests`` the
tests that show the rest of it, as ``path::function`` below ``tests``. What nothing shows is not claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

FEATURES, REQUESTS, NOWHERE = "features", "requests", "nowhere else"


@dataclass(frozen=True)
class Row:
    """One row: ``ours`` is yes, partly or no; ``others`` one sign for each program of `OTHERS`."""

    part: str
    name: str
    ours: str
    words: str
    check: str = ""
    tests: tuple[str, ...] = ()
    others: str = ""


OTHERS = ("SL", "WE", "OH", "HO", "VV", "ST", "IN", "SN", "DW", "MD", "MI", "IS", "RA")


def feature(name: str, others: str, ours: str, words: str, check: str = "", *tests: str) -> Row:
    """Return a row that stands beside the other programs."""
    return Row(FEATURES, name, ours, words, check, tests, others)


def request(name: str, ours: str, words: str, check: str = "", *tests: str) -> Row:
    """Return a row on what users ask for."""
    return Row(REQUESTS, name, ours, words, check, tests)


def nowhere(name: str, ours: str, words: str, check: str = "", *tests: str) -> Row:
    """Return a row on what no other program looked at has."""
    return Row(NOWHERE, name, ours, words, check, tests)
