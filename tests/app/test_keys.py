"""The window by real keys: accept-normal and its dialog, redo, series, escape, peek."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, FindingKey, FindingStatus, Proposal
from lvp_workstation.services.analysis import Analysis
from tests.app.conftest import PATIENCE_MS, Opener, reading_of


def all_normal(analysis: Analysis) -> Analysis:
    """Return an analysis that calls everything normal with certainty."""
    return replace(analysis, proposals=tuple(_normal(p) for p in analysis.proposals))


def _normal(proposal: Proposal) -> Proposal:
    grade = SCALES[proposal.scale].normal[0]
    return replace(
        proposal,
        grade=grade,
        probabilities=((grade, 1.0),),
        not_assessable="",
        text="",
        validated_on_patients=True,
    )


def press(
    window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key over the first viewport; a closed dialog leaves the off-screen platform without focus."""
    viewport = window.viewports.viewports[0]
    window.activateWindow()
    viewport.setFocus()
    QApplication.processEvents()
    QTest.keyClick(viewport, key, held)


def answer_dialog(window: MainWindow, key: Qt.Key) -> list[str]:
    """Press a key in the next message box; return the list its text goes to."""
    told: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box.isActiveWindow():  # before that it hears no key
            told.append(box.text())
            QTest.keyClick(box, key)
        else:
            QTimer.singleShot(50, answer)

    QTimer.singleShot(50, answer)
    return told


def accepted(window: MainWindow, target: str) -> bool:
    findings = [reading_of(window).finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    return all(finding.status is FindingStatus.ACCEPTED for finding in findings)


def test_accepting_normal_levels_names_them_asks_and_is_one_step(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent", all_normal)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: "No level qualifies" in window.status.message, timeout=PATIENCE_MS)
    for series in window.studies.series.values():
        series.restore_viewed(frozenset(range(series.count)))

    told = answer_dialog(window, Qt.Key.Key_Escape)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    assert "L4-L5?" in told[0]
    assert not accepted(window, "D2")

    told = answer_dialog(window, Qt.Key.Key_Y)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: accepted(window, "D2"), timeout=PATIENCE_MS)
    levels = [level for level in reading_of(window).levels if accepted(window, level)]
    assert len(levels) > 3

    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not any(accepted(window, level) for level in levels), timeout=PATIENCE_MS)
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: all(accepted(window, level) for level in levels), timeout=PATIENCE_MS)

    _series_escape_and_peek(window, qtbot)


def _series_escape_and_peek(window: MainWindow, qtbot: QtBot) -> None:
    viewport = window.viewports.viewports[0]
    window.viewports.set_active(viewport)
    viewport.setFocus()
    keys = list(window.studies.series)
    window.viewports.viewports[0].set_series(window.studies.series[keys[0]])
    for key, expected in ((Qt.Key.Key_Right, keys[1 % len(keys)]), (Qt.Key.Key_Left, keys[0])):
        press(window, key)
        assert viewport.series is window.studies.series[expected]
    viewport.zoom_by(2.0)
    press(window, Qt.Key.Key_Escape)
    assert viewport.state.at_home
    QTest.keyPress(viewport, Qt.Key.Key_Space)
    assert not viewport.content.ai_visible
    QTest.keyRelease(viewport, Qt.Key.Key_Space)
    assert viewport.content.ai_visible
