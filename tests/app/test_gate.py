"""Signing in, the lock and signing out, in the window; studies are read in the name of who signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.panels.door_page import DoorKind
from lvp_workstation.app.people_actions import TITLE
from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.people import Person, PersonRole
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.store import passwords
from tests.app.conftest import PATIENCE_MS, reading_of
from tests.app.phantom_window import TestContext

PASSWORD = "correct horse"
Starter = Callable[[PersonRole], MainWindow]


@pytest.fixture
def staffed(
    qtbot: QtBot, tmp_path: Path, phantom: PhantomStudy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Starter]:
    """A function that starts a window where an account of a role exists."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    windows: list[MainWindow] = []

    def make(role: PersonRole) -> MainWindow:
        context = TestContext(tmp_path, phantom, Settings(analyse_on_open=False))
        people = context.people()
        admin = people.begin("admin", "A. Admin", PASSWORD)
        people.add(admin, "who", "W. Who", PASSWORD, role)
        window = MainWindow(context)
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1500, 900)
        window.show()
        window.gate.start()
        qtbot.waitUntil(lambda: window.pages.door.kind is DoorKind.SIGN_IN, timeout=PATIENCE_MS)
        return window

    yield make
    for window in windows:
        window.close()
        window.context.close()


def enter(qtbot: QtBot, window: MainWindow, password: str = PASSWORD) -> None:
    door = window.pages.door
    if door.kind is DoorKind.SIGN_IN:
        door._login.setText("who")
    door._secret.setText(password)
    door._enter.click()
    qtbot.waitUntil(lambda: door._enter.isEnabled() or not window.pages.shut, timeout=PATIENCE_MS)


def enabled(window: MainWindow) -> set[str]:
    return {
        each.objectName() for each in window.findChildren(QAction) if each.objectName() and each.isEnabled()
    }


def test_nothing_can_be_done_before_somebody_signed_in(staffed: Starter, qtbot: QtBot, study: Path) -> None:
    window = staffed(PersonRole.RADIOLOGIST)
    assert window.pages.shut
    assert not window.status.isVisible()
    assert not enabled(window) & {"file.open_folder", "report.sign", "file.worklist", "edit.undo"}
    enter(qtbot, window, "wrong password")
    assert window.pages.shut
    assert window.pages.door._trouble.text() == "Name or password do not fit."
    enter(qtbot, window)
    assert not window.pages.shut
    assert window.context.person == Person("who", "W. Who", PersonRole.RADIOLOGIST)
    window.open_paths([study])
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    assert window.readings.reader == "W. Who"
    found = window.context.reading_room().readings.summaries(reading_of(window).study_instance_uid)
    assert [each.reader for each in found] == ["who"]


def test_a_locked_screen_names_no_patient_and_gives_back_what_was_there(
    staffed: Starter, qtbot: QtBot, study: Path
) -> None:
    window = staffed(PersonRole.RADIOLOGIST)
    enter(qtbot, window)
    window.open_paths([study])
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    before, title = reading_of(window).reading_id, window.windowTitle()
    assert title != TITLE
    window.grid.setFocus()
    dialog = QInputDialog(window)
    dialog.show()
    window.context.settings.lock_minutes = 1e-9
    window.gate._look()
    assert window.pages.shut
    assert window.windowTitle() == TITLE
    assert not dialog.isVisible()
    assert not window.viewports.isVisible()
    enter(qtbot, window)
    assert window.windowTitle() == title
    assert window.pages.reading_shown
    assert reading_of(window).reading_id == before
    assert window.focusWidget() is window.grid, "else no shortcut works before a click"


def test_signing_out_asks_for_a_window_without_the_study(staffed: Starter, qtbot: QtBot) -> None:
    window = staffed(PersonRole.RADIOLOGIST)
    enter(qtbot, window)
    with qtbot.waitSignal(window.left):
        window.sign_out()
    assert window.context.person is None


def test_a_surgeon_opens_images_and_is_told_that_nobody_signed(
    staffed: Starter, qtbot: QtBot, study: Path
) -> None:
    window = staffed(PersonRole.SURGEON)
    enter(qtbot, window)
    with qtbot.waitSignal(window.readings.not_opened, timeout=PATIENCE_MS) as told:
        window.open_paths([study])
    assert told.args is not None
    assert told.args[0].startswith("Nobody has signed a reading of this study yet")
    assert "people.comments" in enabled(window)
    assert not enabled(window) & {"report.sign", "edit.undo", "ai.lock", "people.accounts"}


def test_the_mode_of_an_account_holds_for_its_readings(staffed: Starter, qtbot: QtBot, study: Path) -> None:
    window = staffed(PersonRole.TRAINEE)
    enter(qtbot, window)
    person = window.context.person
    assert person is not None
    window.context.person = Person(person.login, person.name, person.role, ReadingMode.AI_SECOND)
    window.open_paths([study])
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    assert reading_of(window).mode is ReadingMode.AI_SECOND
    assert reading_of(window).role.value == "trainee"
