"""The bench: its clock, what it counts as dropped, its bars, and short drives of the real window."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.bench import run as bench_run
from lvp_workstation.app.bench.driver import Drive, Frames, ping_pong, turn_wheel, wait_until
from lvp_workstation.app.bench.scenes import Scenes
from lvp_workstation.app.bench.session import _of_drives
from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.io.plain_loop import decode_all
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.viewport import Viewport
from tests.app.conftest import Opener
from tests.render.samples import geometry
from tests.viewer.conftest import shown_series


@pytest.fixture
def viewport(qtbot: QtBot) -> Viewport:
    """A viewport with seven slices on screen."""
    grid = ViewportGrid(RenderScheduler())
    qtbot.addWidget(grid)
    grid.viewports[0].set_series(shown_series(SeriesRole.SAG_T2, geometry("sagittal")))
    grid.resize(300, 300)
    grid.show()
    qtbot.waitExposed(grid)
    grid.viewports[0].first_slice()
    qtbot.wait(50)
    return grid.viewports[0]


def test_every_slice_is_painted_when_the_program_keeps_up(viewport: Viewport) -> None:
    frames = Drive(viewport, lambda n: turn_wheel(viewport, -ping_pong(n, 7)), 10.0).run(12)
    assert len(frames.wall_ms) == 12
    assert frames.dropped == 0
    assert 0 < frames.percentile(50) < 100


def test_a_program_that_is_busy_drops_slices_and_the_clock_tells(viewport: Viewport) -> None:
    def slow(n: int) -> None:
        turn_wheel(viewport, -ping_pong(n, 7))
        if n == 3:
            time.sleep(0.3)

    frames = Drive(viewport, slow, 20.0).run(12)
    assert len(frames.wall_ms) == 12
    assert frames.dropped >= 3
    assert max(frames.wall_ms) >= 250


def test_walking_up_and_down_never_leaves_the_stack() -> None:
    at = 0
    for step in range(40):
        at += ping_pong(step, 7)
        assert 0 <= at <= 6


TAKE_MEMORY = """
import time
from lvp_workstation.app.bench.memory import PeakMemory, resident_mb

before = resident_mb()
peak = PeakMemory()
peak.start()
block = bytearray(60_000_000)
time.sleep(0.2)
print(before, peak.stop(), len(block))
"""


def test_memory_grows_by_what_is_taken() -> None:
    # a process of its own: this one may hold freed memory, and children of other tests may end meanwhile
    ended = subprocess.run([sys.executable, "-c", TAKE_MEMORY], capture_output=True, text=True, check=True)
    before, highest, _ = map(float, ended.stdout.split())
    assert before > 5
    assert highest - before >= 50


def test_the_file_holds_the_promised_keys_and_the_table_marks_what_is_over() -> None:
    names = ("scroll_single", "scroll_grid", "scroll_single_with_ai", "scroll_grid_with_ai")
    drives = {
        name: Frames([10.0, 12.0], [5.0], 0) for name in (*names, "window", "oblique", "brush", "level_jump")
    }
    drives["window"] = Frames([40.0, 40.0], [9.0], 3)
    figures = _of_drives(drives) | {"first_image_ms": 80, "all_series_ms": 290, "peer_ms": 100}
    figures |= {"ui_stall_max_ms": 20, "peak_rss_mb": 470, "pixels_mb": 12}
    assert figures["dropped_slices"] == 0
    lines = bench_run.table(figures)
    assert len(lines) == len(bench_run.BARS)
    assert [line.split()[1] for line in lines if line.strip().startswith("OVER")] == ["window_p95_ms"]


def test_drives_of_the_real_window_change_what_they_should(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    scenes = Scenes(window, [])
    viewport = scenes.grid()
    window.go_to_level("D2")
    steps: tuple[tuple[Callable[[Viewport], Frames], Callable[[], object]], ...] = (
        (scenes.window_drag, lambda: viewport.grey_window),
        (scenes.oblique_drag, lambda: window.viewports.viewports[3].slice_plane),
        (scenes.level_jumps, lambda: window.rail.current),
    )
    for act, state in steps:
        before = state()
        frames = act(viewport)
        assert state() != before
        assert len(frames.wall_ms) >= 30
    before = window.screen_state.labels
    strokes = scenes.brush_strokes(viewport, count=2)
    assert len(strokes.wall_ms) == 2
    assert window.screen_state.labels is not before
    scenes.sign()
    assert scenes.stalls["sign"][0] > 0


def test_the_yardstick_decodes_every_image(study: object) -> None:
    assert decode_all([study]) > 1_000_000  # type: ignore[list-item]


def test_waiting_ends_when_the_condition_holds(qtbot: QtBot) -> None:
    began = time.perf_counter()
    assert wait_until(lambda: time.perf_counter() - began > 0.05, 5.0)
    assert not wait_until(lambda: False, 0.05)


PROMISED = (
    *("first_image_ms", "all_series_ms", "peer_ms", "scroll_single_p95_ms", "scroll_grid_p95_ms"),
    *("scroll_single_with_ai_p95_ms", "scroll_grid_with_ai_p95_ms", "dropped_slices", "window_p95_ms"),
    *("oblique_p95_ms", "brush_p95_ms", "level_jump_p95_ms", "ui_stall_max_ms", "peak_rss_mb", "pixels_mb"),
)


def test_the_command_writes_the_study_first_and_every_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def session(study: Path, surface: str, cycles: int) -> dict[str, object]:
        asked.append((study, surface, cycles))
        return dict.fromkeys(PROMISED, 1.0) | {"platform": surface, "series": 1, "frames": {}}

    monkeypatch.setattr(bench_run, "_in_own_process", session)
    monkeypatch.setattr(bench_run, "demo_study", lambda: tmp_path / "demo")
    monkeypatch.setenv("DISPLAY", ":0")
    said: list[str] = []
    assert bench_run.bench(tmp_path, tmp_path / "bench.json", said.append) == 0
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert set(PROMISED) <= set(written)
    assert [(run["input"], run["surface"]) for run in written["runs"]] == [
        ("study", "window"),
        ("study", "offscreen"),
        ("phantom", "window"),
    ]
    assert [cycles for _, _, cycles in asked] == [0, bench_run.CYCLES, 0]
    assert any("scroll_grid_p95_ms" in line for line in said)
    with pytest.raises(UnreadableInput):
        bench_run.bench(tmp_path / "absent", None, said.append)
