"""Choosing a language in the window makes the window anew in it, on the same study and reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QInputDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main import Workstation
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.session_keeper import SessionKeeper
from lvp_workstation.app.settings import Settings, load_settings
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.viewer.language import LANGUAGES, translations, use_language
from tests.app.conftest import PATIENCE_MS, reading_of
from tests.app.phantom_window import TestContext

NAMES = re.compile(
    r"reader A|PHANTOM, STENOSIS|LVP Workstation|Language|IHE BIR|Pfirrmann|Pfirr-\nmann|Modic|MIP|MinIP|PDF"
    r"|Cobb|STIR|Ctrl|Return|Esc|Del|Spine|AJNR|AJR|Fardon|Lurie|Lee|Bartynski|Meyerding|Radiology|truth|none"
)
"""Names that are the same in every language, of people, journals, techniques and keys."""
WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def station(qtbot: QtBot, qapp: QApplication, tmp_path: Path, phantom: PhantomStudy) -> Iterator[Workstation]:
    """The program in English."""
    context = TestContext(tmp_path, phantom, Settings(reader="reader A", language="en"))
    made = Workstation(qapp, context, SessionKeeper(tmp_path / "data"))
    made.window.show()
    yield made
    made.window.close()
    made.window.deleteLater()
    context.close()
    use_language(qapp, "en")


def test_the_language_is_switched_on_the_study_that_is_read(
    station: Workstation, study: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = station.window
    first.open_paths([study])
    qtbot.waitUntil(lambda: bool(reading_of(first).labels_sha256), timeout=PATIENCE_MS)
    before = reading_of(first)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: (LANGUAGES["zh"], True))
    first.choose_language()
    qtbot.waitUntil(lambda: station.window is not first, timeout=PATIENCE_MS)
    second = station.window
    assert second.isVisible()
    assert second.menuBar().actions()[0].text() == translations("zh")["&File"]
    qtbot.waitUntil(lambda: bool(reading_of(second).labels_sha256), timeout=PATIENCE_MS)
    assert reading_of(second).reading_id == before.reading_id
    assert reading_of(second).levels == before.levels
    assert load_settings(tmp_path / "settings.json").language == "zh"
    assert english_left(second) == []


def english_left(window: MainWindow) -> list[str]:
    """Return the texts of a window that hold an English word."""
    shown = [w.text() for kind in (QLabel, QAbstractButton) for w in window.findChildren(kind)]
    shown += [action.text() for action in window.findChildren(QAction)]
    shown += [text for w in window.findChildren(QWidget) for text in (w.accessibleName(), w.toolTip())]
    model = window.grid.model()
    cells = [model.index(row, column) for row in range(2) for column in range(model.columnCount())]
    shown += [str(cell.data(Qt.ItemDataRole.ToolTipRole)) for cell in cells]
    plain = {text: re.sub(r"<[^>]*>|\[[^\]]*\]", " ", text) for text in shown}
    return sorted(text for text, words in plain.items() if WORD.search(NAMES.sub(" ", words)))
