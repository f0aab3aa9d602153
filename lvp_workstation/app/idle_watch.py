"""How long nobody has touched mouse or keyboard, for the lock and for work that waits for a quiet moment."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class IdleWatch(QObject):
    """Watches the windows that get the keyboard focus: a filter on the application would see every event."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = time.monotonic()
        self._watched: list[QWindow] = []
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)
            self._watch(application.focusWindow())

    @property
    def seconds(self) -> float:
        """Seconds since anybody touched anything."""
        return time.monotonic() - self._last

    def touch(self) -> None:
        """Begin to count anew."""
        self._last = time.monotonic()

    def _watch(self, window: QWindow | None) -> None:
        self.touch()
        if window is not None and window not in self._watched:
            window.installEventFilter(self)
            self._watched.append(window)
            window.destroyed.connect(lambda _=None, gone=window: self._forget(gone))

    def _forget(self, window: QWindow) -> None:
        self._watched = [each for each in self._watched if each is not window]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that something was touched; take nothing away."""
        if event.type() in _TOUCHES:
            self.touch()
        return False
