"""Handlers that take parts of the window to another screen and bring them back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from lvp_workstation.app.detached import DetachedWindow
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.app.window_place import place_of, place_window
from lvp_workstation.viewer.language import tr

TITLES = {"images": "Images", "findings": "Levels and findings"}


class DetachActions(WindowParts):
    """Images, or levels and findings, in windows of their own; no window stays on a screen that is gone."""

    _detached: dict[str, DetachedWindow]

    def connect_detached(self) -> None:
        """Bring back the windows that were open, and follow the screens that come and go."""
        self._detached = {}
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.connect(self._screens_changed)
        for name, kept in self.context.settings.detached.items():
            if name in TITLES and len(kept) == 4:
                QTimer.singleShot(0, self._widget(), partial(self._detach, name))

    def detach_images(self) -> None:
        """Show the images in a window of their own, or in the main window again."""
        self._toggle_detached("images")

    def detach_findings(self) -> None:
        """Show levels and findings in a window of their own, or in the main window again."""
        self._toggle_detached("findings")

    def _toggle_detached(self, name: str) -> None:
        window = self._detached.get(name)
        if window is None:
            self._detach(name)
        else:
            window.close()

    def _detach(self, name: str) -> None:
        part: QWidget = self.viewports if name == "images" else self.body.findings
        window = DetachedWindow(part, tr(TITLES[name]), self._widget().actions(), self._widget())
        window.closed.connect(partial(self._came_back, name))
        self._detached[name] = window
        window.open_at(self.context.settings.detached.get(name, ()))
        self.context.settings.detached[name] = place_of(window)
        self.save_settings()

    def _came_back(self, name: str) -> None:
        window = self._detached.pop(name)
        window.deleteLater()
        self.context.settings.detached.pop(name, None)
        self.save_settings()

    def close_detached(self) -> None:
        """Keep where the windows are for the next start, and bring their parts home."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.disconnect(self._screens_changed)
        places = {name: place_of(window) for name, window in self._detached.items()}
        for window in list(self._detached.values()):
            window.close()
        self.context.settings.detached = places

    def _screens_changed(self, _screen: object) -> None:
        """Bring every window that was on the screen that went away to one there is."""
        QTimer.singleShot(0, self._widget(), self._place_anew)

    def _place_anew(self) -> None:
        for window in (self._widget(), *self._detached.values()):
            place_window(window, place_of(window))
