"""Keeps what is on screen with the reading, a moment after it changed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from lvp_workstation.app.layout_state import State

DELAY_MS = 700
"""How long nothing may move before the layout is written (our choice)."""


class LayoutKeeper(QObject):
    """Collects changes of the layout and has them written once things are quiet."""

    def __init__(
        self, capture: Callable[[], State], save: Callable[[State], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._capture = capture
        self._save = save
        self._armed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.flush)

    def arm(self) -> None:
        """Begin to keep the layout: the reading is open and its layout was restored."""
        self._armed = True

    def disarm(self) -> None:
        """Another study is coming: keep nothing until its reading is open."""
        self._armed = False
        self._timer.stop()

    def touch(self) -> None:
        """Something moved."""
        if self._armed:
            self._timer.start()

    def flush(self) -> None:
        """Write what is on screen now."""
        self._timer.stop()
        if self._armed:
            self._save(self._capture())
