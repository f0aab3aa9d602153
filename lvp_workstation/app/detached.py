"""Parts of the main window in windows of their own, such as the images on another screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from lvp_workstation.app.window_place import opens_maximised, place_of, place_window


class DetachedWindow(QWidget):
    """Holds a part that was taken out of the main window; closing it puts the part back.

    Keys work as in the main window, whose actions it shares.
    """

    closed = Signal()

    def __init__(self, part: QWidget, title: str, actions: Sequence[QAction], owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self._owner = owner
        self._part = part
        splitter = part.parentWidget()
        assert isinstance(splitter, QSplitter)
        self._splitter, self._index, self._sizes = splitter, splitter.indexOf(part), splitter.sizes()
        self.setWindowTitle(title)
        self.addActions(actions)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(part)
        part.show()

    def open_at(self, kept: Sequence[int]) -> None:
        """Show the window where it was left, else on a screen that the main window is not on."""
        place_window(self, list(kept) or _other_screen(self._owner))
        if kept and opens_maximised(kept):
            self.showMaximized()
        else:
            self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the main window have the keys that nothing here took."""
        QApplication.sendEvent(self._owner, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Put the part back to where it was."""
        self._splitter.insertWidget(self._index, self._part)
        self._splitter.setSizes(self._sizes)
        self._part.show()
        self.closed.emit()
        super().closeEvent(event)


def _other_screen(owner: QWidget) -> list[int]:
    """Return the place of a screen that a window is not on; without one, the window's own place."""
    home = owner.screen()
    other = next((each for each in QApplication.screens() if each is not home), None)
    if other is None:
        return place_of(owner)[:4]
    room = other.availableGeometry()
    return [room.x(), room.y(), room.width(), room.height()]
