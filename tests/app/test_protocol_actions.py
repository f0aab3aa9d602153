"""Preliminary, signed, amended and compared, as the window does it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QInputDialog, QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.dialogs.result_sets import ResultSetsDialog
from lvp_workstation.app.dialogs.sign import NOTHING, SignDialog
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.reading import ReadingState
from tests.app.conftest import PATIENCE_MS, Opener, reading_of, until_signed

KEY = FindingKey("D2", "pfirrmann")


def test_a_level_without_a_grade_is_locked_only_when_it_is_asked_for_twice(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    window.go_to_level("D2")
    window.lock_level()
    assert "see the AI (L4-L5?)" in window.status.message
    window.go_to_level("D3")
    window.lock_level()
    assert "see the AI (L3-L4?)" in window.status.message
    assert not reading_of(window).locked
    window.lock_level()
    qtbot.waitUntil(lambda: reading_of(window).locked == {"D3"}, timeout=PATIENCE_MS)
    assert "9 cells stay empty" in window.status.message
    window.set_grade(FindingKey("D2", "pfirrmann"), "4")
    qtbot.waitUntil(lambda: reading_of(window).finding(KEY).grade == "4", timeout=PATIENCE_MS)
    window.go_to_level("D2")
    window.lock_level()
    qtbot.waitUntil(lambda: reading_of(window).locked == {"D2", "D3"}, timeout=PATIENCE_MS)
    assert "8 cells stay empty" in window.status.message


def test_from_the_lock_of_the_study_over_preliminary_and_signature_to_an_addendum(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()

    def until_state(state: ReadingState) -> None:
        qtbot.waitUntil(lambda: reading_of(window).state is state, timeout=PATIENCE_MS)

    window.go_to_level("D2")
    window.set_grade(KEY, "1")
    until_state(ReadingState.IN_PROGRESS)
    window.compare_results()
    qtbot.waitUntil(lambda: "nothing to compare" in window.status.message, timeout=PATIENCE_MS)
    window.begin_addendum()
    assert "can still be changed" in window.status.message
    window.lock_study()
    assert window.status.message.startswith("Nothing graded")
    assert "L4-L5" not in window.status.message, "that is graded"
    window.lock_study()
    qtbot.waitUntil(
        lambda: len(reading_of(window).revealed) == len(reading_of(window).levels), timeout=PATIENCE_MS
    )
    window.confirm_numbering()
    window.release_preliminary()
    until_state(ReadingState.PRELIMINARY)
    rows: list[list[str]] = []

    def sign(dialog: SignDialog) -> int:
        table = dialog.findChild(QTableWidget)
        assert isinstance(table, QTableWidget)
        for row in range(table.rowCount()):
            items = (table.item(row, column) for column in range(table.columnCount()))
            rows.append([item.text() if item is not None else "" for item in items])
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(SignDialog, "exec", sign)
    window.sign_reading()
    until_signed(window, qtbot)
    name = reading_of(window).level_map.shown_name("D2")  # type: ignore[union-attr]
    own = next(row for row in rows if row[:2] == [name, "Pfirrmann"])
    assert own[2:4] == ["I", "I"]
    assert reading_of(window).facts["seconds_per_level"]["D2"] >= 0
    assert reading_of(window).facts["audit"]["records"] > 0
    window.compare_results()
    qtbot.waitUntil(lambda: window.findChild(ResultSetsDialog) is not None, timeout=PATIENCE_MS)
    dialog = window.findChild(ResultSetsDialog)
    assert isinstance(dialog, ResultSetsDialog)
    assert dialog.table.columnCount() == 4  # level, scale, the reading, one version of the AI
    dialog.close()
    first = reading_of(window).reading_id
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("wrong side", True))
    window.begin_addendum()
    qtbot.waitUntil(lambda: reading_of(window).reading_id != first, timeout=PATIENCE_MS)
    assert reading_of(window).supersedes is not None
    assert "addendum, " in window.status.mode
    assert "signed reading stays" in window.status.message
    assert reading_of(window).finding(KEY).grade == "1"
    window.set_grade(KEY, "2")
    until_state(ReadingState.IN_PROGRESS)


def test_a_rejection_for_another_reason_asks_for_words(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("concurrent")
    window.go_to_level("D2")
    row = list(reading_of(window).levels).index("D2")
    window.grid.setCurrentIndex(window.grid.model().index(row, 0))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("chemical shift", True))
    window.grid.setFocus()
    window.reject_finding()
    QTest.keyClick(window.grid, Qt.Key.Key_6)

    def told() -> tuple[str, str]:
        value = reading_of(window).finding(KEY).final
        return (value.reason, value.comment) if value is not None else ("", "")

    qtbot.waitUntil(lambda: told() == ("other", "chemical shift"), timeout=PATIENCE_MS)


def test_two_readers_of_one_workstation_and_an_arbiter_between_them(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("manual")
    window.context.settings.separate_readers = True
    study = window.studies.study
    assert study is not None
    window.join_readings()
    qtbot.waitUntil(lambda: "Two signed readings" in window.status.message, timeout=PATIENCE_MS)
    for name, grade in (("reader A", "1"), ("reader B", "4")):
        window.context.settings.reader = name
        with qtbot.waitSignal(window.readings.opened, timeout=PATIENCE_MS):
            window.readings.open(study)
        window.readings.attach(window.screen_state.analysis)
        window.set_grade(KEY, grade)
        window.confirm_numbering()
        window.readings.sign(name, window.coverage())
        qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
        assert reading_of(window).finding(KEY).grade == grade
    chosen: list[str] = []
    monkeypatch.setattr(
        QInputDialog, "getItem", lambda *words: (chosen.extend(words[3]) or words[3][1], True)
    )
    with qtbot.waitSignal(window.readings.opened, timeout=PATIENCE_MS):
        window.join_readings()
    assert chosen == [f"reader A and reader B, by {how}" for how in ("consensus", "an arbiter")]
    assert reading_of(window).role == "arbiter"
    assert reading_of(window).undecided == (KEY,)
    window.sign_reading()
    assert "nobody decided" in window.status.message


def test_signing_a_reading_that_says_nothing_is_remarked_on(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("manual")
    window.confirm_numbering()
    qtbot.waitUntil(lambda: bool(reading_of(window).level_map.confirmed_by), timeout=PATIENCE_MS)  # type: ignore[union-attr]
    said: list[list[str]] = []

    def look(dialog: SignDialog) -> int:
        said.append([label.text() for label in dialog.findChildren(QLabel)])
        return int(QDialog.DialogCode.Rejected)

    monkeypatch.setattr(SignDialog, "exec", look)
    window.sign_reading()
    window.set_grade(KEY, "1")
    qtbot.waitUntil(lambda: reading_of(window).finding(KEY).grade == "1", timeout=PATIENCE_MS)
    window.sign_reading()
    assert [NOTHING in texts for texts in said] == [True, False]
