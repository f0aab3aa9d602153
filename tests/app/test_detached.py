"""Parts of the window in windows of their own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lvp_workstation.app.settings import load_settings
from lvp_workstation.app.window_place import place_of
from tests.app.conftest import Opener, reading_of


def test_images_go_to_a_window_of_their_own_with_their_keys_and_come_back(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("concurrent")
    place, whole = window.body._splitter.indexOf(window.viewports), window.body._splitter.count()
    window._actions["view.detach_images"].trigger()
    apart = window._detached["images"]
    qtbot.waitExposed(apart)
    assert window.viewports.window() is apart
    assert window.viewports.isVisible()
    levels = reading_of(window).levels
    window.go_to_level(levels[2])
    QTest.keyClick(window.viewports, Qt.Key.Key_BracketLeft)
    assert window.rail.current == levels[1]
    default = window.viewports.viewports[0].grey_window
    QTest.keyClick(window.viewports.viewports[0], Qt.Key.Key_4)
    assert window.viewports.viewports[0].grey_window != default
    apart.close()
    QApplication.processEvents()
    assert window.viewports.window() is window
    assert window.body._splitter.indexOf(window.viewports) == place
    assert window.body._splitter.count() == whole
    assert window.viewports.isVisible()
    assert window.context.settings.detached == {}


def test_windows_left_open_are_kept_for_the_next_start(open_window: Opener) -> None:
    window = open_window("concurrent")
    window._actions["view.detach_findings"].trigger()
    assert window.body.findings.window() is window._detached["findings"]
    left = place_of(window._detached["findings"])
    window.close()
    kept = load_settings(window.context._settings_path).detached
    assert list(kept["findings"]) == left
    assert window.body.findings.window() is window
