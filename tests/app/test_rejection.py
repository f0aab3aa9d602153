"""X rejects at once; the list of reasons stands beside the cell and leaves the keyboard to the grid."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.domain.findings import NO_REASON, FindingKey, FindingStatus, ReaderValue
from tests.app.conftest import PATIENCE_MS, Opener, reading_of

KEY = FindingKey("D2", "pfirrmann")
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(open_window: Opener, qtbot: QtBot) -> MainWindow:
    """A reading in concurrent mode with the keyboard on a cell that has a proposal."""
    opened = open_window("concurrent")
    row = list(reading_of(opened).levels).index(KEY.target)
    opened.activateWindow()
    opened.grid.setFocus()
    opened.grid.setCurrentIndex(opened.grid.model().index(row, 0))
    QApplication.processEvents()
    assert reading_of(opened).finding(KEY).status is FindingStatus.OPEN
    return opened


def value(window: MainWindow) -> ReaderValue | None:
    return reading_of(window).finding(KEY).final


def reason(window: MainWindow) -> str:
    now = value(window)
    return now.reason if now is not None else ""


def reject(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: reason(window) == NO_REASON, timeout=PATIENCE_MS)


def shown(window: MainWindow) -> bool:
    return window._reasons is not None and window._reasons.isVisible()


def test_x_rejects_and_the_arrow_goes_on_to_the_next_cell(window: MainWindow, qtbot: QtBot) -> None:
    reject(window, qtbot)
    assert shown(window)
    assert QApplication.activePopupWidget() is None
    before = window.grid.currentIndex()
    QTest.keyClick(window.grid, Qt.Key.Key_Right)
    after = window.grid.currentIndex()
    assert (after.row(), after.column()) == (before.row(), before.column() + 1)
    assert not shown(window)
    QTest.keyClick(window.grid, Qt.Key.Key_Return)
    other = window.grid.key_of_current()
    assert other is not None
    qtbot.waitUntil(
        lambda: reading_of(window).finding(other).status is FindingStatus.ACCEPTED, timeout=PATIENCE_MS
    )
    assert reason(window) == NO_REASON


def test_a_digit_right_after_it_tells_the_reason_and_x_again_asks_once_more(
    window: MainWindow, qtbot: QtBot
) -> None:
    reject(window, qtbot)
    QTest.keyClick(window.grid, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: reason(window) == "artefact", timeout=PATIENCE_MS)
    assert not shown(window)
    QTest.keyClick(window.grid, Qt.Key.Key_X)
    assert shown(window)
    assert reason(window) == "artefact"
    QTest.keyClick(window.grid, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: reason(window) == "wrong level", timeout=PATIENCE_MS)
    QTest.keyClick(window.grid, Qt.Key.Key_3)  # the list is closed: a digit is a grade again
    qtbot.waitUntil(lambda: reading_of(window).finding(KEY).grade == "3", timeout=PATIENCE_MS)


def test_undo_closes_the_list_and_takes_the_rejection_back(window: MainWindow, qtbot: QtBot) -> None:
    reject(window, qtbot)
    QTest.keyClick(window.grid, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: value(window) is None, timeout=PATIENCE_MS)
    assert not shown(window)


def test_escape_closes_the_list_and_nothing_else(window: MainWindow, qtbot: QtBot) -> None:
    viewport = window.viewports.active
    assert viewport is not None
    viewport.zoom_by(2.0)
    reject(window, qtbot)
    QTest.keyClick(window.grid, Qt.Key.Key_Escape)
    assert not shown(window)
    assert not viewport.state.at_home
    assert reason(window) == NO_REASON


def test_e_offers_the_present_grade_first_so_that_return_changes_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClick(window.grid, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: value(window) is not None, timeout=PATIENCE_MS)
    window.edit_finding()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    chosen = menu.activeAction()
    menu.close()
    assert chosen is not None
    assert "4" in chosen.text()
