"""The status bar keeps room for the message and tells the whole of what it must shorten."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from lvp_workstation.app.elided_label import ElidedComboBox, ElidedLabel
from lvp_workstation.app.status_bar import MESSAGE_WIDTH, StatusBar

LONG = (
    "The reading cannot be opened, so nothing can be graded or kept; images can be looked at meanwhile. " * 2
)


def filled(qtbot: QtBot, width: int) -> StatusBar:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.set_mode("independent first · in progress")
    bar.set_reader("")
    bar.set_model("CPU · lumbar_vnet 1.2.0 · 11.2 s")
    bar.set_seen(2, 25)
    bar.set_saved(12)
    bar.warn(LONG)
    bar.resize(width, bar.height())
    bar.show()
    QApplication.processEvents()
    return bar


def test_a_message_has_room_and_its_tooltip_is_whole(qtbot: QtBot) -> None:
    bar = filled(qtbot, 1280)
    message = next(each for each in bar.findChildren(ElidedLabel) if each.text() == LONG)
    assert message.width() >= MESSAGE_WIDTH
    assert message.cut
    shown = message.grab().toImage()
    assert any(
        shown.pixelColor(x, y).value() > 90
        for x in range(shown.width() - 16, shown.width())
        for y in range(shown.height())
    )  # the ellipsis stands at the end of the room
    at = QPoint(5, 5)
    QApplication.sendEvent(message, QHelpEvent(QEvent.Type.ToolTip, at, message.mapToGlobal(at)))
    assert QToolTip.text() == LONG
    QToolTip.hideText()


def test_facts_are_shortened_before_the_message_loses_its_room(qtbot: QtBot) -> None:
    bar = filled(qtbot, 900)
    labels = bar.findChildren(ElidedLabel)
    assert next(each for each in labels if each.text() == LONG).width() >= MESSAGE_WIDTH
    assert any(each.cut for each in labels if each.text() != LONG)
    wide = filled(qtbot, 1900)
    assert not any(each.cut for each in wide.findChildren(ElidedLabel) if each.text() != LONG)


def test_the_chosen_study_is_shortened_from_the_right(qtbot: QtBot) -> None:
    box = ElidedComboBox()
    qtbot.addWidget(box)
    box.addItem("VERYLONGNAME, MARIA MAGDALENA 20260102")
    assert box.shown_text(90).startswith("VERY")
    assert box.shown_text(90).endswith("…")
    assert box.shown_text(900) == box.currentText()
    box.resize(110, 28)
    shown = box.grab().toImage()
    assert any(shown.pixelColor(x, 14).value() > 60 for x in range(4, 60))
