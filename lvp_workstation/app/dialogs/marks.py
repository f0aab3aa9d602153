"""The reader's measurements as a list beside the images: jump to one, delete one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lvp_workstation.domain.reader_marks import ReaderMark, value_lines
from lvp_workstation.viewer.language import told, tr

_ID = int(Qt.ItemDataRole.UserRole)


class MarksDialog(QDialog):
    """A window that stays open; Return or a click goes to the measurement, Del deletes it."""

    chosen = Signal(str)
    """Id of the measurement to go to."""
    deletion_asked = Signal(str)
    """Id of the measurement to delete."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Measurements"))
        self.resize(460, 300)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Measurements"))
        self.list.setWordWrap(True)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list)
        layout.addWidget(QLabel(tr("Return: go there · Del: delete · Ctrl+Z in the window brings it back")))

    def show_marks(self, marks: Sequence[ReaderMark]) -> None:
        """List measurements in the order they were drawn, keeping the place in the list."""
        row = self.list.currentRow()
        self.list.clear()
        for mark in sorted(marks, key=lambda each: each.provenance.time_utc):
            values = "  ".join(map(told, value_lines(mark.shape, mark.points, mark.signal)))
            place = tr("image {number}", number=mark.image) if mark.image else tr("computed plane")
            words = f"{tr(mark.shape.value)}  {values}\n{mark.source}, {place} · {mark.provenance.name}"
            item = QListWidgetItem(words)
            item.setData(_ID, mark.mark_id)
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.list.currentItem()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self.deletion_asked.emit(item.data(_ID))
            return
        super().keyPressEvent(event)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_ID))
