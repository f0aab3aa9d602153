"""Notes are as high as they need, and never push findings and report away."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.panels.notes_panel import SHARE, NotesPanel


@pytest.mark.parametrize(("count", "full"), [(1, False), (40, True)])
def test_notes_take_a_share_of_the_window_at_most(qtbot: QtBot, count: int, full: bool) -> None:
    window, notes = QWidget(), NotesPanel()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(notes)
    window.resize(400, 700)
    window.show()
    notes.show_notes("counted upward", (), [f"Sentence {n}." for n in range(count)])
    QApplication.processEvents()
    most = round(SHARE * window.height())
    assert 0 < notes.height() <= most
    assert (notes.height() == most) is full
    assert f"Sentence {count - 1}." in notes.text()
