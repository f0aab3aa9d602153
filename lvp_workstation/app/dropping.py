"""Files and folders that are dragged into the window are opened, unless the door is shut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDropEvent

from lvp_workstation.app.pages import Pages


class Dropping:
    """The part of the window that things are dropped on."""

    pages: Pages

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open studies from paths."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders that are dragged in."""
        if event.mimeData().hasUrls() and not self.pages.shut:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths and not self.pages.shut:
            self.open_paths(paths)
