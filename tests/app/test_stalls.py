"""The UI thread answers while work goes on: what takes long runs on a lane."""

from __future__ import annotations

import gc
import sys
import time

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lvp_workstation.app.bench.stall import StallWatch
from lvp_workstation.app.responsive import keep_responsive, spare_what_stays
from lvp_workstation.app.study_controller import Arrivals
from lvp_workstation.app.task_runner import PROGRESS_GAP_S, Lane, TaskRunner
from lvp_workstation.app.warm_up import WarmUp
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback
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
    gc.collect()
    spare_what_stays()  # as the program does at its start; here it also spares what other tests left
    watch = StallWatch()
    window = open_window()
    for target in reading_of(window).levels:
        window.go_to_level(target)
        qtbot.wait(10)
    window.lock_level()
    window.lock_level()  # nothing is graded: it is asked for twice
    qtbot.waitUntil(lambda: bool(reading_of(window).revealed), timeout=PATIENCE_MS)
    window.confirm_numbering()
    window.readings.sign("reader A", window.coverage())
    watch_before_sign = watch.stall
    watch.restart()
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    assert watch.stall.cpu_ms < LONGEST_CPU_MS
    assert watch_before_sign.cpu_ms < 2 * LONGEST_CPU_MS  # building the window itself included
    gc.unfreeze()


def test_many_answers_at_once_let_the_loop_run_between_them(qtbot: QtBot) -> None:
    runner, watch, done = TaskRunner(), StallWatch(), list[int]()

    def answer(number: int) -> None:
        end = time.thread_time() + 0.005
        while time.thread_time() < end:
            pass
        done.append(number)

    watch.restart()
    for n in range(40):
        runner.start(Lane.FILES, f"task {n}", lambda _, __, n=n: n, answer, pytest.fail)  # type: ignore[misc]
    time.sleep(0.2)  # the workers end meanwhile, so that all answers wait together
    qtbot.waitUntil(lambda: len(done) == 40, timeout=PATIENCE_MS)
    runner.close()
    assert sorted(done) == list(range(40))
    assert watch.stall.cpu_ms < 100.0  # of 200 ms that the answers take


def test_progress_is_told_now_and_then(qtbot: QtBot) -> None:
    runner, told, done = TaskRunner(), list[Progress](), list[int]()
    runner.task_progressed.connect(lambda _, state: told.append(state))

    def work(progress: ProgressCallback, _: CancelToken) -> int:
        end = time.monotonic() + 3.5 * PROGRESS_GAP_S
        count = 0
        while time.monotonic() < end:
            progress(Progress(0.5, f"{count}"))
            count += 1
        return count

    runner.start(Lane.FILES, "long", work, done.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)
    runner.close()
    assert 1 <= len(told) <= 3 < done[0]


def test_warming_up_leaves_nothing_behind(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    before, watch = set(QApplication.topLevelWidgets()), StallWatch()
    watch.restart()
    warm_up = WarmUp(window)
    qtbot.waitUntil(lambda: warm_up.done, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: set(QApplication.topLevelWidgets()) == before, timeout=PATIENCE_MS)
    assert watch.stall.cpu_ms < LONGEST_CPU_MS
    gc.unfreeze()


def test_slices_that_arrive_together_are_taken_together() -> None:
    arrived, slices = Arrivals(), [(n, np.zeros((100, 100), np.uint8)) for n in range(10)]
    calls = [arrived.add(("study", "series"), each) for each in slices]
    assert calls == [True] + [False] * 9
    assert [n for n, _ in arrived.take(35_000)["study", "series"]] == [0, 1, 2, 3]
    assert arrived.waiting
    assert [n for n, _ in arrived.take(1 << 20)["study", "series"]] == [4, 5, 6, 7, 8, 9]
    assert not arrived.waiting
    assert arrived.add(("study", "series"), slices[0])


def test_the_window_gets_the_interpreter_soon_and_old_objects_are_no_garbage() -> None:
    before = sys.getswitchinterval()
    try:
        keep_responsive()
        assert sys.getswitchinterval() <= 0.001
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000  # what a full collection goes through
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()
