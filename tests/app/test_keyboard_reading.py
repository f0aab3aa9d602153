"""A whole reading with the keyboard alone: from the open study to the signature, in the real window."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.dialogs.sign import SignDialog
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey, FindingStatus
from lvp_workstation.domain.reading import ReadingState
from tests.app.conftest import PATIENCE_MS, Opener, reading_of

PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
    """Press a key where the keyboard is."""
    window.activateWindow()
    QTest.keyClick(QApplication.focusWidget() or window, key, held)


def sign_by_keyboard() -> None:
    """Press Return in the dialog that asks for the signature once it is there."""
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, SignDialog) and dialog.isActiveWindow():
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Return)
    else:
        QTimer.singleShot(50, sign_by_keyboard)


def test_a_reading_is_made_and_signed_by_keys(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("independent_first")
    press(window, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.viewports.active)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_K):
        press(window, key)
    assert any(series.key_images for series in window.studies.series.values())
    press(window, Qt.Key.Key_G)
    press(window, Qt.Key.Key_BracketLeft)
    level = window.rail.current
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_4)
    first = FindingKey(level, GRID_SCALES[0].key)
    qtbot.waitUntil(lambda: reading_of(window).finding(first).grade == "4", timeout=PATIENCE_MS)
    press(window, Qt.Key.Key_L, CONTROL)
    assert "Nothing graded" in window.status.message
    press(window, Qt.Key.Key_L, CONTROL)
    qtbot.waitUntil(lambda: reading_of(window).ai_visible(level), timeout=PATIENCE_MS)
    press(window, Qt.Key.Key_Right)
    second = FindingKey(level, GRID_SCALES[1].key)
    press(window, Qt.Key.Key_Return)
    status = FindingStatus.ACCEPTED
    qtbot.waitUntil(lambda: reading_of(window).finding(second).status is status, timeout=PATIENCE_MS)
    press(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: bool(reading_of(window).level_map.confirmed_by), timeout=PATIENCE_MS)  # type: ignore[union-attr]
    QTimer.singleShot(50, sign_by_keyboard)
    press(window, Qt.Key.Key_S, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    _tab_goes_from_left_to_right(window)


def _tab_goes_from_left_to_right(window: MainWindow) -> None:
    order: list[QWidget] = []
    widget = window.series_list.nextInFocusChain()
    while widget is not window.series_list:
        order.append(widget)
        widget = widget.nextInFocusChain()
    stops = [*window.viewports.viewports, window.grid, window.evidence, window.report.page]
    places = [order.index(stop) for stop in stops]
    assert places == sorted(places)
    for stop in (window.series_list, *stops):
        assert stop.accessibleName()
        assert stop.focusPolicy() & Qt.FocusPolicy.TabFocus
