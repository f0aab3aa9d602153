"""Before it is shown, nothing on screen may depend on what the AI found, in any mode of reading."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.panels.level_rail import HEADER_HEIGHT, ROW_HEIGHT
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey
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
    while window.report_pending:
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
        window.lock_level()  # nothing is graded: it is asked for twice
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


OWN = FindingKey(LOCKED, "central_canal")


def own_work(window: MainWindow, qtbot: QtBot, by_study: bool) -> list[Picture]:
    """Grade, ask for the AI as far as the mode allows without showing it, and return what is on screen."""
    window.set_grade(OWN, "mild")
    qtbot.waitUntil(lambda: reading_of(window).finding(OWN).grade == "mild", timeout=PATIENCE_MS)
    pictures = [picture(window)]
    if by_study:  # every level but one is locked, and nothing is shown yet
        for target in reading_of(window).levels[:-1]:
            window.go_to_level(target)
            window.lock_level()
            if target != OWN.target:  # nothing is graded: it is asked for twice
                window.lock_level()
            qtbot.waitUntil(lambda t=target: t in reading_of(window).locked, timeout=PATIENCE_MS)  # type: ignore[misc]
            pictures.append(picture(window))
    return pictures


@pytest.mark.parametrize(
    ("mode", "reveal_by"), [("manual", "level"), ("ai_second", "level"), ("independent_first", "study")]
)
def test_the_whole_window_is_the_same_for_opposite_ai_results_in_every_mode_that_hides_the_ai(
    open_window: Opener, qtbot: QtBot, mode: str, reveal_by: str
) -> None:
    blind = []
    for data, change in (("first", lambda each: each), ("second", opposite)):
        window = open_window(mode, change, data, reveal_by)
        blind.append(blind_pictures(window, qtbot) + own_work(window, qtbot, reveal_by == "study"))
        assert reading_of(window).revealed == frozenset()
        window.close()
        window.context.close()
    for first, second in zip(*blind, strict=True):
        assert differing_box(first, second) is None


def test_the_same_pictures_differ_where_the_ai_is_shown_at_once(open_window: Opener, qtbot: QtBot) -> None:
    shown = []
    for data, change in (("first", lambda each: each), ("second", opposite)):
        window = open_window("concurrent", change, data)
        window.go_to_level(LOCKED)
        shown.append(picture(window))
        window.close()
        window.context.close()
    assert differing_box(*shown) is not None
