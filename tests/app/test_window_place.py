"""The window opens inside a screen that exists; its panels leave room to the images."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lvp_workstation.app.settings import load_settings
from lvp_workstation.app.window_place import FRAME, opening_place, opens_maximised
from tests.app.conftest import Opener
from tests.app.test_keys import press

LAPTOP, DESK = QRect(0, 0, 1280, 720), QRect(1280, 0, 1920, 1080)


@pytest.mark.parametrize("screen", [LAPTOP, QRect(0, 0, 1366, 768), QRect(0, 0, 1920, 1080)])
def test_a_first_start_fits_the_screen(screen: QRect) -> None:
    place = opening_place((), [screen])
    assert screen.contains(place)
    assert place.width() >= min(1640, screen.width())
    assert opens_maximised(())


def test_the_title_bar_stays_on_the_screen() -> None:
    for left in ((), (0, 0, 900, 600, 0), (20, -40, 900, 600, 1)):
        assert opening_place(left, [LAPTOP]).top() >= FRAME


def test_a_window_left_maximised_comes_back_so() -> None:
    assert opens_maximised((1, 40, 900, 600, 1))
    assert not opens_maximised((1, 40, 900, 600, 0))


def test_the_window_comes_back_where_it_was_left() -> None:
    left = (1400, 60, 1500, 900)
    assert opening_place(left, [LAPTOP, DESK]) == QRect(*left)


@pytest.mark.parametrize("left", [(1400, 60, 1800, 1000), (-5000, 20, 900, 700), (1270, 710, 900, 700)])
def test_a_window_left_on_a_screen_that_is_gone_comes_back_to_one_there_is(
    left: tuple[int, int, int, int],
) -> None:
    assert LAPTOP.contains(opening_place(left, [LAPTOP]))


def test_panels_are_no_wider_than_they_need_and_can_be_put_away(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    window.resize(1280, 684)
    QApplication.processEvents()
    assert window.body.findings.width() <= 0.4 * window.width()
    assert all(window.grid.columnWidth(n) >= 40 for n in range(window.grid.model().columnCount()))
    narrow = window.viewports.width()
    press(window, Qt.Key.Key_F)
    assert window.body.findings.isHidden()
    QApplication.processEvents()
    assert window.viewports.width() > narrow + 400
    press(window, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert window.body.series.isHidden()
    press(window, Qt.Key.Key_G)
    assert window.grid.isVisible()
    window.resize(1640, 900)
    QApplication.processEvents()
    assert window.body.findings.width() <= 620
    window.close()
    assert load_settings(window.context._settings_path).window[2:] == [1640, 900, 0]


def test_a_low_window_keeps_every_panel_and_scrolls_the_levels(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    window.resize(1280, 520)
    QApplication.processEvents()
    assert window.minimumSizeHint().height() <= 520
    assert window.height() == 520
    assert window.evidence.isVisible()
    assert window.report.isVisible()

    def seen(target: str) -> bool:
        row = next(n for n, each in enumerate(window.rail.rows) if each.target == target)
        middle = window.grid.visualRect(window.grid.model().index(row, 0)).center()
        return window.grid.viewport().visibleRegion().contains(middle)

    targets = [row.target for row in window.rail.rows]
    for target in (targets[-1], targets[0], targets[-2]):
        window.go_to_level(target)
        QApplication.processEvents()
        assert seen(target)
