"""A few lines under the report in which the reader changes the words of a sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from lvp_workstation.viewer.language import tr

HEIGHT = 74


class WordsEditor(QWidget):
    """Hidden until `begin`; Ctrl+Return keeps the words, Esc leaves them as they were."""

    given = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = ""
        self.field = _Field()
        self.field.setFixedHeight(HEIGHT)
        self.field.keep.connect(self.keep)
        self.field.leave.connect(self.leave)
        self._name = QLabel()
        self._name.setObjectName("notice")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(1)
        column.addWidget(self._name)
        column.addWidget(self.field)
        self.hide()

    def begin(self, name: str, text: str) -> None:
        """Open with the words as they stand."""
        self._before = text
        self._name.setText(tr("{name}: Ctrl+Return keeps, Esc leaves", name=name))
        self.field.setAccessibleName(tr("Words of {name}", name=name))
        self.field.setPlainText(text)
        self.field.selectAll()
        self.show()
        self.field.setFocus()

    def keep(self) -> None:
        """Give the words when they were changed."""
        text = self.field.toPlainText().strip()
        self.leave()
        if text != self._before.strip():
            self.given.emit(text)

    def leave(self) -> None:
        """Close; nothing is changed."""
        self.hide()
        self.left.emit()


class _Field(QPlainTextEdit):
    """A text field with two keys of its own."""

    keep = Signal()
    leave = Signal()

    def event(self, event: QEvent) -> bool:
        """Take the keys of the window's shortcuts while the reader types."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Return keeps, Esc leaves, everything else is typing."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave.emit()
        else:
            super().keyPressEvent(event)
