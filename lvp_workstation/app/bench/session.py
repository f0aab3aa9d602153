"""One bench in one process: a window of its own, a study, and every figure."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from lvp_workstation.app.bench.driver import Frames, idle, wait_until
from lvp_workstation.app.bench.scenes import Figures, Scenes
from lvp_workstation.app.context import AppContext
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.responsive import keep_responsive
from lvp_workstation.app.settings import Settings
from lvp_workstation.app.theme import apply_theme
from lvp_workstation.app.warm_up import WarmUp
from lvp_workstation.domain.reading import ReadingMode

STARTED_S = 10.0
"""The program counts as running after this long at the latest."""


def run_session(study: Path, cycles: int) -> Figures:
    """Bench the window on one study, with ``cycles`` openings for the growth of memory (about a minute)."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["lvp-bench"])
    apply_theme(application)
    with tempfile.TemporaryDirectory(prefix="lvp_bench_") as folder:
        home = Path(folder)
        settings = Settings(reader="bench", mode=ReadingMode.CONCURRENT.value, analyse_on_open=False)
        context = AppContext(settings, home / "settings.json", home / "data")
        context.start()
        window = MainWindow(context)
        keep_responsive()
        window.show()
        warm_up = WarmUp(window)
        window.gate.start()
        wait_until(lambda: warm_up.done, STARTED_S)
        idle(500)
        try:
            return _all_scenes(window, study, cycles) | {"platform": application.platformName()}
        finally:
            window.close()
            context.close()


def _all_scenes(window: MainWindow, study: Path, cycles: int) -> Figures:
    scenes = Scenes(window, [study])
    figures = scenes.open()
    if cycles:
        figures["memory"] = scenes.open_and_close(cycles)
    viewport = scenes.single()
    figures["viewport"] = [viewport.width(), viewport.height()]
    drives = {"scroll_single": scenes.scroll(viewport)}
    drives["scroll_single_with_ai"] = scenes.scroll_during_analysis(viewport, watch=True)
    viewport = scenes.grid()
    drives["scroll_grid"] = scenes.scroll(viewport)
    drives["scroll_grid_with_ai"] = scenes.scroll_during_analysis(viewport)
    drives["window"] = scenes.window_drag(viewport)
    drives["level_jump"] = scenes.level_jumps(viewport)
    drives["oblique"] = scenes.oblique_drag(viewport)
    drives["brush"] = scenes.brush_trail(viewport)
    drives["brush_applied"] = scenes.brush_strokes(viewport)
    scenes.sign()
    return figures | _of_drives(drives) | _of_stalls(scenes)


def _of_drives(drives: dict[str, Frames]) -> dict[str, Any]:
    figures: dict[str, Any] = {f"{name}_p95_ms": round(f.percentile(95), 2) for name, f in drives.items()}
    scrolls = [frames for name, frames in drives.items() if name.startswith("scroll")]
    figures["dropped_slices"] = sum(frames.dropped for frames in scrolls)
    figures["frames"] = {name: frames.summary() for name, frames in drives.items()}
    return figures


def _of_stalls(scenes: Scenes) -> dict[str, Any]:
    return {
        "ui_stall_max_ms": max(wall for wall, _ in scenes.stalls.values()),
        "ui_stall_max_cpu_ms": max(cpu for _, cpu in scenes.stalls.values()),
        "ui_stalls_ms": {name: {"wall": wall, "cpu": cpu} for name, (wall, cpu) in scenes.stalls.items()},
    }
