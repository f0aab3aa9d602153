"""A phantom study on disk and a function that opens the window on it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lvp_workstation.app import headless
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.reading import Reading, ReadingState
from lvp_workstation.domain.study import Patient
from lvp_workstation.phantom.generate import PhantomStudy, make_phantom
from lvp_workstation.services.make_phantom import write_phantom
from tests.app.phantom_window import Change, TestContext

PATIENCE_MS = 60_000

Opener = Callable[..., MainWindow]


@pytest.fixture(scope="session")
def phantom() -> PhantomStudy:
    """A phantom with a sagittal T2 series."""
    return make_phantom(7, "stenosis", ("sag_t2",))


@pytest.fixture(scope="session")
def study(phantom: PhantomStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the phantom as DICOM."""
    folder = tmp_path_factory.mktemp("phantom")
    write_phantom(folder, phantom)
    (folder / "truth.json").unlink()
    return folder


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, study: Path, phantom: PhantomStudy) -> Iterator[Opener]:
    """A function that opens the window on the phantom and waits until all of it is there."""
    windows: list[MainWindow] = []

    def make(
        mode: str = "independent_first",
        change: Change = lambda each: each,
        data: str = "",
        reveal_by: str = "level",
    ) -> MainWindow:
        settings = Settings(reader="reader A", mode=mode, reveal_by=reveal_by)
        context = TestContext(tmp_path / data, phantom, settings, change)
        window = MainWindow(context)
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1500, 900)
        window.show()
        window.open_paths([study])
        qtbot.waitUntil(lambda: window.screen_state.has_analysis, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: bool(reading_of(window).labels_sha256), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: all(s.complete for s in window.studies.series.values()), timeout=PATIENCE_MS)
        return window

    yield make
    for window in windows:
        window.close()
        window.context.close()


def reading_of(window: MainWindow) -> Reading:
    """Return the reading on screen, an empty one before there is any."""
    reading = window.readings.reading
    return reading if reading is not None else Reading("", "", Patient(""))


def until_signed(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the reading is signed and its report is written: what signing says comes no later."""
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "Signed. The report is" in window.status.message, timeout=PATIENCE_MS)


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logs and demo data of each test lie in its own folder; its log is closed again."""
    monkeypatch.setenv("LVP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(headless, "_stop_when_terminated", lambda: None)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)
