"""Studies are analysed while nobody works, stand back for the reader, and are there when opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.pre_reads import WORK, at_night
from lvp_workstation.app.settings import Settings
from lvp_workstation.app.study_controller import ANALYSE
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.domain.worklist import AiState
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.services.open_study import open_paths
from tests.app.conftest import PATIENCE_MS, reading_of
from tests.app.phantom_window import TestContext


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, phantom: PhantomStudy, study: Path) -> Iterator[MainWindow]:
    """A window whose queue holds the phantom and never waits for a quiet moment."""
    context = TestContext(tmp_path, phantom, Settings(reader="reader A", pre_read="always"))
    context.worklist().add(open_paths([study]).studies)
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.resize(1500, 900)
    made.show()
    yield made
    made.close()
    context.close()


def state(window: MainWindow) -> AiState:
    (row,) = window.context.worklist().rows("local")
    return row.ai


def test_a_study_of_the_queue_is_analysed_and_its_reading_begins_with_the_result(
    window: MainWindow, qtbot: QtBot, study: Path
) -> None:
    window.pre_reads.look()
    qtbot.waitUntil(lambda: state(window) is AiState.READY, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.pre_reads.at_work is None, timeout=PATIENCE_MS)
    analysed: list[str] = []
    window.runner.task_started.connect(analysed.append)
    window.run_analysis = lambda: analysed.append("again")  # type: ignore[method-assign]
    window.open_paths([study])
    qtbot.waitUntil(lambda: window.screen_state.has_analysis, timeout=PATIENCE_MS)
    assert reading_of(window).labels_sha256
    assert reading_of(window).level_map is not None
    assert "again" not in analysed
    assert not any(f.proposal for f in reading_of(window).findings.values())
    assert analysed.count(ANALYSE) == 1  # measured anew for the screen


def test_work_for_the_reader_puts_the_study_back(window: MainWindow, qtbot: QtBot) -> None:
    window.pre_reads.look()
    qtbot.waitUntil(lambda: window.runner.running(WORK), timeout=PATIENCE_MS)
    window.runner.start(Lane.INFERENCE, "other", lambda _, __: None, lambda _: None, lambda _: None)
    qtbot.waitUntil(lambda: window.pre_reads.at_work is None, timeout=PATIENCE_MS)
    assert state(window) in (AiState.QUEUED, AiState.READY)
    window.pre_reads.set_paused(True)
    assert not window.pre_reads.may_work()


def test_the_queue_waits_for_a_quiet_moment_unless_it_may_work_at_any_time(window: MainWindow) -> None:
    settings = window.context.settings
    assert window.pre_reads.may_work()
    for when in ("idle", "night", "off"):
        settings.pre_read = when
        assert not window.pre_reads.may_work()


@pytest.mark.parametrize(
    ("hour", "night", "expected"),
    [(23, (20, 6), True), (3, (20, 6), True), (6, (20, 6), False), (12, (20, 6), False), (2, (1, 4), True)],
)
def test_the_night_may_go_over_midnight(hour: int, night: tuple[int, int], expected: bool) -> None:
    assert at_night(hour, night) is expected
