"""The held key that takes the AI off the images, wherever the keyboard focus is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from lvp_workstation.app.detached import DetachedWindow

_TYPING = (QLineEdit, QPlainTextEdit)


class PeekKey(QObject):
    """Watches where keys go; ``show(False)`` while the key is held, ``show(True)`` after.

    Only the window and the widget with the keyboard focus are watched: a filter on the application would
    be asked about every event of every widget.
    """

    def __init__(self, window: QWidget, keys: Iterable[str], show: Callable[[bool], None]) -> None:
        super().__init__(window)
        self._window = window
        self._keys: list[Qt.Key] = []
        self.set_keys(keys)
        self._show = show
        self._held = False
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
            application.applicationStateChanged.connect(self._state_changed)
            self._focus_moved(None, application.focusWidget())

    def set_keys(self, keys: Iterable[str]) -> None:
        """Use other keys, named as Qt writes them, without modifiers."""
        self._keys = [key_code(key) for key in keys]

    def stop(self) -> None:
        """Watch no longer."""
        self._window.removeEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._focus_moved)
            application.applicationStateChanged.disconnect(self._state_changed)
            self._focus_moved(application.focusWidget(), None)

    def _focus_moved(self, old: QWidget | None, now: QWidget | None) -> None:
        if old is not None and old is not self._window:
            old.removeEventFilter(self)
        if now is not None and now is not self._window:
            now.installEventFilter(self)

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state != Qt.ApplicationState.ApplicationActive:
            self._hold(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return self._key(event, kind == QEvent.Type.KeyPress)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, press: bool) -> bool:
        if event.key() not in self._keys or not self._in_front():
            return False
        if isinstance(QApplication.focusWidget(), (*_TYPING, QComboBox)):
            return False
        if not event.isAutoRepeat():
            self._hold(press)
        return True

    def _in_front(self) -> bool:
        """Whether the window, or a part of it in a window of its own, has the keyboard."""
        return self._window.isActiveWindow() or isinstance(QApplication.activeWindow(), DetachedWindow)

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._show(not held)


def key_code(text: str) -> Qt.Key:
    """Return the key of a name such as ``Space``; a held key has no modifiers."""
    sequence: Any = QKeySequence(text)  # Qt's type stubs do not know its items
    key: Qt.Key = sequence[0].key()
    return key
