"""A line over the image in which the words of an arrow or a text are written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lvp_workstation.viewer.language import tr

WIDTH = 220


class WordsField(QLineEdit):
    """Return keeps what was written, and so does leaving the field; Esc drops it."""

    kept = Signal(str)
    dropped = Signal()

    def __init__(self, parent: QWidget, at: QPoint, text: str = "") -> None:
        super().__init__(text, parent)
        self.setAccessibleName(tr("Words on the image"))
        self.setPlaceholderText(tr("words, Return"))
        self.setMaxLength(200)
        self.resize(min(WIDTH, parent.width()), self.sizeHint().height())
        self.move(
            max(0, min(at.x(), parent.width() - self.width())),
            max(0, min(at.y(), parent.height() - self.height())),
        )
        self._open = True
        self.show()
        self.setFocus()
        self.selectAll()

    def event(self, event: QEvent) -> bool:
        """Take the keys of the window's shortcuts while the reader types."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return keeps, Esc drops, everything else is typing."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end(keep=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(keep=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was written: nothing typed is lost by a click elsewhere."""
        super().focusOutEvent(event)
        self._end(keep=True)

    def _end(self, keep: bool) -> None:
        if not self._open:
            return
        self._open = False
        self.hide()
        self.deleteLater()
        if keep:
            self.kept.emit(self.text().strip())
        else:
            self.dropped.emit()
