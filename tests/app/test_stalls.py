"""The UI thread answers while work goes on: what takes long runs on a lane."""

from __future__ import annotations

import time

from pytestqt.qtbot import QtBot

from lvp_workstation.app.bench.stall import StallWatch
from lvp_workstation.domain.reading import ReadingState
from tests.app.conftest import PATIENCE_MS, Opener, reading_of

LONGEST_CPU_MS = 150.0
"""Three times what the program may take (50 ms), for slow machines; CPU time of the UI thread."""


def test_the_watch_notices_a_busy_thread(qtbot: QtBot) -> None:
    watch = StallWatch()
    qtbot.wait(30)
    watch.restart()
    end = time.thread_time() + 0.06
    while time.thread_time() < end:
        pass
    assert watch.stall.cpu_ms >= 60.0
    assert watch.stall.wall_ms >= 60.0


def test_open_analyse_lock_and_sign_never_hold_the_ui_thread(open_window: Opener, qtbot: QtBot) -> None:
    watch = StallWatch()
    window = open_window()
    for target in reading_of(window).levels:
        window.go_to_level(target)
        qtbot.wait(10)
    window.lock_level()
    qtbot.waitUntil(lambda: bool(reading_of(window).revealed), timeout=PATIENCE_MS)
    window.confirm_numbering()
    window.readings.sign("reader A", window.coverage())
    watch_before_sign = watch.stall
    watch.restart()
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    assert watch.stall.cpu_ms < LONGEST_CPU_MS
    assert watch_before_sign.cpu_ms < 2 * LONGEST_CPU_MS  # building the window itself included
