"""An answer about a study that is no longer on screen changes nothing: patients are never mixed."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.segmentation_editor import KNOW
from tests.app.conftest import PATIENCE_MS, Opener


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.runner.running(KNOW), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.report_pending, timeout=PATIENCE_MS)


def test_a_reading_that_opens_too_late_is_not_taken(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    at_rest(window, qtbot)
    study = window.studies.study
    assert study is not None
    opened: list[object] = []
    window.readings.opened.connect(opened.append)
    ended: list[str] = []
    window.runner.task_ended.connect(ended.append)
    window.readings.open(study)
    window.readings.leave()
    qtbot.waitUntil(lambda: bool(ended), timeout=PATIENCE_MS)
    qtbot.wait(50)
    assert not opened
    assert window.readings.reading is None
    window.readings.open(study)
    qtbot.waitUntil(lambda: bool(opened), timeout=PATIENCE_MS)
    assert window.readings.reading is not None


def test_an_analysis_that_was_left_is_not_taken(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    at_rest(window, qtbot)
    editor = window.segmentation
    assert editor._analysis is not None
    editor.know(editor._analysis)
    editor._forget()
    at_rest(window, qtbot)
    assert editor._analysis is None
    assert not editor._known
