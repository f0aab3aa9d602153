"""Handlers of what a user may choose about the program itself."""

from __future__ import annotations

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QInputDialog

from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.viewer.language import LANGUAGES, system_language, tr


class SettingActions(WindowParts):
    """Language of the interface."""

    rebuild_requested: SignalInstance

    def choose_language(self) -> None:
        """Ask for the language of the interface; the window is made anew in it, on the same study."""
        settings = self.context.settings
        codes, names = list(LANGUAGES), list(LANGUAGES.values())
        current = settings.language if settings.language in codes else system_language()
        name, ok = QInputDialog.getItem(
            self._widget(), tr("Language"), tr("Language of the program:"), names, codes.index(current), False
        )
        if ok and codes[names.index(name)] != current:
            settings.language = codes[names.index(name)]
            self.save_settings()
            self.rebuild_requested.emit()
