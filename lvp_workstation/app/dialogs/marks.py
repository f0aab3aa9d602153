"""The reader's measurements and key images as a list beside the images: jump, copy, word, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable

_ID = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True)
class MarkRow:
    """An entry of the list: an id that the dialog hands back, and its words."""

    row_id: str
    words: str


NOTHING = (
    "Nothing was measured and no image marked so far. "
    "The menu Tools measures; View > Key image marks an image."
)


class MarksDialog(QDialog):
    """A window that stays open; Return or a click goes to the measurement, keys do the rest."""

    chosen = Signal(str)
    """Id of the row to go to."""
    deletion_asked = Signal(str)
    """Id of the row to delete."""
    copy_asked = Signal(str)
    """Id of the row to copy into the report."""
    wording_asked = Signal(str)
    """Id of the row whose words are to be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Measurements and key images"))
        comfortable(self, 520, 380)
        self.list = _Rows()
        self.list.setAccessibleName(tr("Measurements and key images"))
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self._buttons: list[QPushButton] = []
        self.nothing = QLabel(tr(NOTHING))
        self.nothing.setObjectName("notice")
        self.nothing.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.nothing)
        layout.addWidget(self.list)
        buttons = QHBoxLayout()
        for text, signal in (
            (tr("Copy to the report (C)"), self.copy_asked),
            (tr("Change the words (E)"), self.wording_asked),
            (tr("Delete (Del)"), self.deletion_asked),
        ):
            self._buttons.append(self._button(text, signal))
            buttons.addWidget(self._buttons[-1])
        layout.addLayout(buttons)
        layout.addWidget(QLabel(tr("Return: go there · Ctrl+Z in the window takes a change back")))

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._ask(signal))
        return button

    def show_rows(self, rows: Sequence[MarkRow]) -> None:
        """List rows in this order, keeping the place in the list."""
        row = self.list.currentRow()
        self.nothing.setVisible(not rows)
        for button in self._buttons:
            button.setEnabled(bool(rows))
        self.list.clear()
        for each in rows:
            item = QListWidgetItem(each.words)
            item.setData(_ID, each.row_id)
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes, C copies, E changes the words."""
        key = Qt.Key(event.key())
        signals = {
            Qt.Key.Key_Delete: self.deletion_asked,
            Qt.Key.Key_Backspace: self.deletion_asked,
            Qt.Key.Key_C: self.copy_asked,
            Qt.Key.Key_E: self.wording_asked,
        }
        if key in signals:
            self._ask(signals[key])
            return
        super().keyPressEvent(event)

    def _ask(self, signal: SignalInstance) -> None:
        item = self.list.currentItem()
        if item is not None:
            signal.emit(item.data(_ID))

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_ID))


class _Rows(QListWidget):
    """A list that leaves letters to its dialog instead of searching for them."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isalpha():
            event.ignore()
            return
        super().keyPressEvent(event)
