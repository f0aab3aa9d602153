"""The short list of reasons after a rejection: it takes digits and clicks and leaves other keys alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from lvp_workstation.viewer.language import tr


class ReasonList(QFrame):
    """Numbered words beside the cell of ``owner``, which keeps the keyboard.

    A digit chooses a word, Escape closes the list; any other key closes it and does what it always does.
    """

    chosen = Signal(str)
    """The word that was chosen."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner.window())
        self._owner = owner
        self._words: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(1)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(tr("Reasons for the rejection"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        owner.installEventFilter(self)
        self.hide()

    def offer(self, words: Sequence[str], at: QPoint) -> None:
        """Show the words at a point of the screen, inside the window; the keyboard stays where it is."""
        if tuple(words) != self._words:
            self._fill(tuple(words))
        self.adjustSize()
        window = self._owner.window()
        place = window.mapFromGlobal(at)
        x = max(0, min(place.x(), window.width() - self.width()))
        y = max(0, min(place.y(), window.height() - self.height()))
        self.move(x, y)
        self.show()
        self.raise_()

    def _fill(self, words: tuple[str, ...]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        for number, word in enumerate(words, start=1):
            button = QPushButton(f"{number}  {tr(word)}")
            button.setFlat(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setStyleSheet("text-align: left; border: none; padding: 2px 8px;")
            button.clicked.connect(lambda _checked=False, w=word: self._choose(w))
            self._column.addWidget(button)
        self._words = words

    def _choose(self, word: str) -> None:
        self.hide()
        self.chosen.emit(word)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.isHidden() and watched is self._owner:
            if event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
                return self._shortcut(event)
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        text = event.text()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and len(text) == 1 and text.isdigit() and 1 <= int(text) <= len(self._words):
            self._choose(self._words[int(text) - 1])
            return True
        self.hide()
        return event.key() == Qt.Key.Key_Escape

    def _shortcut(self, event: QKeyEvent) -> bool:
        """Close before an action of the window runs; Escape closes the list and does nothing else."""
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        if not event.text().isdigit():
            self.hide()
        return False
