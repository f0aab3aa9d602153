"""Which studies are open, on disk: after a crash the next start offers them back."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from lvp_workstation.viewer.language import tr

log = logging.getLogger(__name__)
SESSION_NAME = "session.json"


class Safe(Protocol):
    """Seals what is kept beside an encrypted database."""

    def seal(self, data: bytes) -> bytes:
        """Return bytes as they are kept."""

    def unseal(self, data: bytes) -> bytes:
        """Return what was sealed; raises `ValueError` when it cannot be opened."""


class SessionKeeper(QObject):
    """Writes what was opened, and asks once at the start when a program before ended without closing it."""

    def __init__(self, data: Path, safe: Safe | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = data / SESSION_NAME
        self._safe = safe
        self._left = self._read()

    @property
    def left_open(self) -> tuple[Path, ...]:
        """What was open when a program before this one ended without closing it; only what still exists."""
        return tuple(path for path in self._paths(self._left) if path.exists())

    def begin(self, paths: Sequence[Path]) -> None:
        """Keep what is opened now; what was open before is in the worklist and no longer offered."""
        self._left = b""
        self._write([str(path.absolute()) for path in paths])

    def end(self) -> None:
        """The program closes as it should, or whoever worked has left: there is nothing to offer."""
        self._left = b""
        self._write([])

    def offer(self, open_paths: Callable[[Sequence[Path]], None], parent: QWidget | None = None) -> None:
        """Ask, without blocking anything, whether to go on where the last run stopped."""
        paths = self.left_open
        if not paths:
            return
        box = QMessageBox(
            QMessageBox.Icon.Question,
            tr("Go on where you stopped?"),
            tr(
                "The program ended while a study was open. What was saved is kept: grades, segmentation, "
                "report text and what can be undone."
            ),
            parent=parent,
        )
        box.setObjectName("offer")
        box.setInformativeText("\n".join(path.name for path in paths))
        again = box.addButton(tr("Open it again"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(tr("Not now"), QMessageBox.ButtonRole.RejectRole)
        again.clicked.connect(lambda: open_paths(paths))
        box.open()

    def _read(self) -> bytes:
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            log.warning("the last session cannot be read: %s", type(error).__name__)
            return b""

    def _paths(self, kept: bytes) -> tuple[Path, ...]:
        """Return the paths that were kept; those of before the passphrase was set are plain."""
        if not kept:
            return ()
        try:
            plain = kept if self._safe is None or kept.startswith(b"{") else self._safe.unseal(kept)
            return tuple(Path(path) for path in json.loads(plain)["paths"])
        except (ValueError, KeyError, TypeError) as error:
            log.warning("the last session cannot be read: %s", type(error).__name__)
            return ()

    def _write(self, paths: Sequence[str]) -> None:
        """Replace the file in one step; that it fails costs the reader a few clicks, no work."""
        staged = self._file.with_name(f"{SESSION_NAME}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            text = json.dumps({"paths": list(paths)}, ensure_ascii=False).encode()
            with os.fdopen(handle, "wb") as file:
                file.write(text if self._safe is None else self._safe.seal(text))
                file.flush()
                os.fsync(file.fileno())
            os.replace(staged, self._file)
        except OSError as error:
            log.warning("the session was not kept: %s", error.strerror)
