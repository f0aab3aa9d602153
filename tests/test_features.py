"""``docs/features.md`` says what its rows say, and names only checks and tests that exist."""

from __future__ import annotations

from pathlib import Path

from tests.tools.feature_reading_checks import CHECKS
from tests.tools.feature_row import FEATURES, OTHERS
from tests.tools.feature_rows import ROWS
from tests.tools.feature_words import document

TESTS = Path(__file__).parent


def test_the_page_is_what_the_rows_say() -> None:
    assert (TESTS.parent / "docs" / "features.md").read_text(encoding="utf-8") == document()


def test_what_is_claimed_names_what_shows_it() -> None:
    unshown = [row.name for row in ROWS if row.ours != "no" and not row.check and not row.tests]
    assert unshown == []
    assert {row.ours for row in ROWS} == {"yes", "partly", "no"}


def test_every_named_check_and_test_exists() -> None:
    assert {row.check for row in ROWS if row.check} <= set(CHECKS)
    missing = []
    for test in (test for row in ROWS for test in row.tests):
        path, _, name = test.partition("::")
        source = (TESTS / path).read_text(encoding="utf-8") if (TESTS / path).is_file() else ""
        if not source or (name and f"def {name}(" not in source):
            missing.append(test)
    assert missing == []


def test_every_feature_stands_beside_every_other_program() -> None:
    assert [row.name for row in ROWS if row.part == FEATURES and len(row.others) != len(OTHERS)] == []
