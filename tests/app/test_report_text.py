"""The dialog for the words of the report: saved by its key, never lost by Escape."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit, QMessageBox, QPlainTextEdit

from lvp_workstation.app.dialogs.critical import CriticalDialog
from lvp_workstation.app.dialogs.report_text import ReportTextDialog
from lvp_workstation.domain.reading import CriticalCommunication

Buttons = QMessageBox.StandardButton


@pytest.fixture
def dialog(qapp: object) -> ReportTextDialog:
    made = ReportTextDialog({}, {"D1": "L5-S1"}, False)
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    return made


def typed(dialog: ReportTextDialog) -> QPlainTextEdit:
    field = dialog.findChildren(QPlainTextEdit)[0]
    field.setFocus()
    QTest.keyClicks(field, "Low back pain")
    return field


def test_the_key_on_the_button_saves(dialog: ReportTextDialog) -> None:
    QTest.keyClick(typed(dialog), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    for _ in range(100):  # a button is seen to go down before it acts
        QTest.qWait(20)
        if not dialog.isVisible():
            break
    assert dialog.result() == ReportTextDialog.DialogCode.Accepted
    assert list(dialog.changed_texts().values()) == ["Low back pain"]


@pytest.mark.parametrize(("answer", "stays"), [(Buttons.Cancel, True), (Buttons.Discard, False)])
def test_escape_asks_before_words_go(
    dialog: ReportTextDialog, monkeypatch: pytest.MonkeyPatch, answer: Buttons, stays: bool
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    QTest.keyClick(typed(dialog), Qt.Key.Key_Escape)
    assert dialog.isVisible() is stays


def test_escape_with_nothing_typed_closes(dialog: ReportTextDialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_first_row_has_the_keyboard(dialog: ReportTextDialog) -> None:
    first = dialog.findChildren(QPlainTextEdit)[0]
    assert dialog.focusWidget() is first
    assert first.placeholderText() == "not reviewed"


def test_a_critical_finding_is_named_by_the_reader_alone(qapp: object) -> None:
    dialog = CriticalDialog("READER", "2026-11-30T20:26:35+01:00")
    save = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    finding, told_to, when = dialog.findChildren(QLineEdit)
    assert finding.text() == ""
    assert dialog.focusWidget() is dialog.findChild(QComboBox)
    told_to.setText("ward 3")
    assert not save.isEnabled()
    finding.setText("infection")
    assert save.isEnabled()
    assert dialog.entry() == CriticalCommunication("infection", "ward 3", "2026-11-30 20:26+01:00", "READER")
    when.setText("")
    assert not save.isEnabled()
