"""No file of the program but the database names a patient; with a passphrase not even that one does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.cli import start_log
from lvp_workstation.app.main import _report_bugs
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.panels.door_page import DoorKind
from lvp_workstation.app.private_log import CROSSED_OUT, PrivateFormatter
from lvp_workstation.app.session_keeper import SessionKeeper
from lvp_workstation.app.settings import Settings
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.services.make_phantom import write_phantom
from lvp_workstation.store import vault
from tests.app.conftest import PATIENCE_MS
from tests.app.phantom_window import TestContext

PASSPHRASE = "correct horse"
Privacy = tuple[MainWindow, Path, tuple[bytes, ...]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases with the least work; previews lie where they are looked for."""
    least = {"kdf": "argon2id", "time_cost": 1, "memory_kib": 8, "lanes": 1}
    monkeypatch.setattr(vault, "_SETTINGS", least)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


@pytest.fixture
def used(qtbot: QtBot, tmp_path: Path, phantom: PhantomStudy, own_data: None) -> Iterator[Privacy]:
    """A window on a study in a folder named after its patient, with log and session on disk."""
    images = tmp_path / "QUAGGA"
    images.mkdir()
    write_phantom(images, phantom)
    home = tmp_path / "home"
    start_log(home / "data" / "logs")
    context = TestContext(home, phantom, Settings(reader="reader A", analyse_on_open=False))
    window = MainWindow(context)
    qtbot.addWidget(window)
    session = SessionKeeper(context.data, context)
    window.studies.opening.connect(session.begin)
    window.show()
    window.open_paths([images])
    qtbot.waitUntil(lambda: window.readings.reading is not None, timeout=PATIENCE_MS)
    reading = window.readings.reading
    assert reading is not None
    who = reading.patient
    words = tuple(word.encode() for word in (who.patient_id, who.name.split("^")[0], "QUAGGA"))
    yield window, home, words
    window.close()
    context.close()


def naming(home: Path, words: tuple[bytes, ...]) -> set[str]:
    """Return the files that hold one of the words, in small letters or capitals."""
    files = [path for path in home.rglob("*") if path.is_file()]
    lower = [word.lower() for word in words]
    return {p.name for p in files if any(word in p.read_bytes().lower() for word in lower)}


def fail_with(words: str) -> None:
    raise RuntimeError(f"something about {words}")


def test_an_internal_error_that_names_the_patient_leaves_the_name_out_of_the_log(used: Privacy) -> None:
    window, home, words = used
    hook = _report_bugs(SimpleNamespace(window=window))  # type: ignore[arg-type]
    try:
        fail_with(" ".join(word.decode() for word in words))
    except RuntimeError:
        hook(*sys.exc_info())
    logging.getLogger("lvp").warning("opened %s", words[1].decode().lower())
    written = (home / "data" / "logs" / "lvp.log").read_text(encoding="utf-8")
    assert "something about" in written
    assert written.count(CROSSED_OUT) >= 4
    assert "lvp.log" not in naming(home, words)
    assert naming(home, words) <= {"readings.sqlite", "readings.sqlite-wal", "session.json"}


def test_with_a_passphrase_no_file_names_the_patient(used: Privacy, qtbot: QtBot) -> None:
    window, home, words = used
    context = window.context
    assert "readings.sqlite" in naming(home, words) or "readings.sqlite-wal" in naming(home, words)
    context.encrypt(PASSPHRASE)
    SessionKeeper(context.data, context).begin([Path("/QUAGGA")])
    preview = context.preview_folder() / "report.pdf"
    preview.write_bytes(words[0])
    context.close()
    assert naming(home, words) == set()
    assert context.worklist().rows("local")[0].item.patient.patient_id.encode() == words[0]


def test_an_encrypted_start_asks_for_the_passphrase_before_anything_is_shown(
    used: Privacy, qtbot: QtBot
) -> None:
    window, home, _ = used
    context = window.context
    context.encrypt(PASSPHRASE)
    context.close()
    phantom = context._truth.study  # type: ignore[attr-defined]
    again = TestContext(home, phantom, Settings(reader="reader A"))
    fresh = MainWindow(again)
    qtbot.addWidget(fresh)
    fresh.show()
    fresh.gate.start()
    assert fresh.pages.shut
    door = fresh.pages.door
    qtbot.waitUntil(lambda: door.kind is DoorKind.PASSPHRASE, timeout=PATIENCE_MS)
    for secret, opens in (("wrong horse", False), (PASSPHRASE, True)):
        door._secret.setText(secret)
        door._enter.click()
        qtbot.waitUntil(lambda: door._enter.isEnabled() or not fresh.pages.shut, timeout=PATIENCE_MS)
        assert fresh.pages.shut is not opens
    fresh.close()
    again.close()


def test_words_of_a_patient_are_crossed_out_in_every_case_but_short_ones_are_left() -> None:
    formatter = PrivateFormatter("%(message)s")
    formatter.hide(["ZEBRA", "ID.1", "X"])
    record = logging.LogRecord("lvp", logging.INFO, "", 0, "Zebra (id.1) X, IDx1", (), None)
    assert formatter.format(record) == f"{CROSSED_OUT} ({CROSSED_OUT}) X, IDx1"
