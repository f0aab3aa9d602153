"""After a crash the next start offers the session back; after a proper end it does not."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from lvp_workstation.app.session_keeper import SESSION_NAME, SessionKeeper


def offered(keeper: SessionKeeper, parent: QWidget, opened: list[Path]) -> QMessageBox | None:
    keeper.offer(opened.extend, parent)
    return parent.findChild(QMessageBox, "offer")


def test_what_was_open_when_the_program_was_killed_is_offered_and_opened(
    qtbot: QtBot, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    study.mkdir()
    data, parent, opened = tmp_path / "data", QWidget(), list[Path]()
    qtbot.addWidget(parent)
    SessionKeeper(data).begin([study, tmp_path / "gone"])  # killed: nobody says that it ended
    box = offered(SessionKeeper(data), parent, opened)
    assert box is not None
    assert box.informativeText() == "study"
    box.buttons()[0].click()
    assert opened == [study]
    if sys.platform != "win32":
        assert (data / SESSION_NAME).stat().st_mode & 0o077 == 0


def test_nothing_is_offered_after_a_proper_end_or_when_the_file_is_damaged(
    qtbot: QtBot, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    keeper = SessionKeeper(tmp_path)
    keeper.begin([tmp_path])
    keeper.end()
    assert offered(SessionKeeper(tmp_path), parent, []) is None
    (tmp_path / SESSION_NAME).write_text("{")
    assert offered(SessionKeeper(tmp_path), parent, []) is None


def test_nothing_is_offered_once_something_else_was_opened(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    SessionKeeper(tmp_path).begin([tmp_path])
    keeper = SessionKeeper(tmp_path)
    keeper.begin([tmp_path])
    assert offered(keeper, parent, []) is None


def test_nothing_is_offered_to_whoever_comes_after_one_has_left(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    SessionKeeper(tmp_path).begin([tmp_path])
    keeper = SessionKeeper(tmp_path)
    keeper.end()
    assert offered(keeper, parent, []) is None


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    blocker = tmp_path / "data"
    blocker.write_text("a file")
    SessionKeeper(blocker).begin([tmp_path])
    assert SessionKeeper(blocker).left_open == ()
