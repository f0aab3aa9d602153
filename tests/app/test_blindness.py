"""Before a level is locked, nothing on screen may depend on what the AI found there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.panels.level_rail import HEADER_HEIGHT, ROW_HEIGHT
from lvp_workstation.domain.findings import GRID_SCALES
from tests.app.conftest import PATIENCE_MS, Opener, reading_of
from tests.app.phantom_window import opposite

LOCKED = "D2"
Picture = NDArray[np.uint8]


def picture(window: MainWindow) -> Picture:
    """Return the whole window as pixels; what depends on time is taken away first."""
    window.status.set_model("")
    window.status.say(" ")
    window.scheduler.flush()
    QApplication.processEvents()
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[..., :3].copy()


def blind_pictures(window: MainWindow, qtbot: QtBot) -> list[Picture]:
    """Return the window at every level, with each column of the grid focused once."""
    pictures = [picture(window)]
    levels = reading_of(window).levels
    for row, target in enumerate(levels):
        window.go_to_level(target)
        column = row % len(GRID_SCALES)
        window.grid.setCurrentIndex(window.grid.model().index(row, column))
        pictures.append(picture(window))
    window.show_measurement(LOCKED, "sac_ap")
    window.accept_finding()
    qtbot.waitUntil(lambda: "lock" in window.status.message, timeout=PATIENCE_MS)
    return [*pictures, picture(window)]


def place(window: MainWindow, widget: QWidget, inside: QRect | None = None) -> QRect:
    """Return where a widget, or a part of it, lies in the picture of the window."""
    rect = widget.rect() if inside is None else inside
    return QRect(widget.mapTo(window, QPoint(rect.left(), rect.top())), rect.size())


def differing_box(first: Picture, second: Picture) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom of what differs, None when nothing does."""
    rows, columns = np.nonzero((first != second).any(axis=2))
    if not len(rows):
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_the_whole_window_is_the_same_for_opposite_ai_results_until_a_level_is_locked(
    open_window: Opener, qtbot: QtBot
) -> None:
    revealed = []
    blind = []
    for data, change in (("first", lambda each: each), ("second", opposite)):
        window = open_window(change=change, data=data)
        blind.append(blind_pictures(window, qtbot))
        window.go_to_level(LOCKED)
        window.lock_level()
        qtbot.waitUntil(lambda w=window: LOCKED in reading_of(w).revealed, timeout=PATIENCE_MS)  # type: ignore[misc]
        revealed.append(picture(window))
        row = list(reading_of(window).levels).index(LOCKED)
        strip = QRect(0, HEADER_HEIGHT + 1 + row * ROW_HEIGHT, window.rail.width(), ROW_HEIGHT + 1)
        cells = QRect(0, HEADER_HEIGHT + row * ROW_HEIGHT, window.grid.width(), ROW_HEIGHT + 3)
        allowed = [
            place(window, window.rail, strip),
            place(window, window.grid, cells),
            place(window, window.evidence),
            place(window, window.report),
        ]
        window.close()
        window.context.close()
    for first, second in zip(*blind, strict=True):
        assert differing_box(first, second) is None
    different = (revealed[0] != revealed[1]).any(axis=2)
    assert different.any()
    for rect in allowed:
        different[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1] = False
    assert not different.any()
