"""The image on screen goes elsewhere as it is seen, and the audit trail hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from tests.app.conftest import Opener
from tests.app.test_keys import press


def test_the_image_on_screen_is_copied_by_key(open_window: Opener) -> None:
    window = open_window()
    viewport = window.viewports.viewports[0]
    QGuiApplication.clipboard().clear()
    press(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == viewport.grab().size()
    assert max(copied.pixelColor(x, copied.height() // 2).lightness() for x in range(copied.width())) > 60


def test_the_image_is_saved_and_a_place_that_cannot_be_written_is_told(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    kept: list[str] = []
    monkeypatch.setattr(window.readings, "record", lambda event, **more: kept.append(more["files"]))
    good, bad = tmp_path / "disc.png", tmp_path / "disc.png" / "inside.png"
    for name in (good, bad):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, n=name: (str(n), ""))
        window.save_image()
    assert QImage(str(good)).size() == window.viewports.active.grab().size()  # type: ignore[union-attr]
    assert kept == ["disc.png"]
    assert "cannot be written" in window.status.message
