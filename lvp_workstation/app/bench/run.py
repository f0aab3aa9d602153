"""``lvp bench``: the sessions, each in a process of its own, and the table and file they end in."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.app.headless import demo_study
from lvp_workstation.domain.errors import EnvironmentProblem, OutputProblem, UnreadableInput
from lvp_workstation.io.atomic import write_text

WINDOW, OFFSCREEN = "window", "offscreen"
CYCLES = 50
LONGEST_S = 280.0
"""A session that takes longer is given up."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Bar:
    """A figure, what it may be at most, and how that is written."""

    key: str
    limit: Callable[[dict[str, Any]], float]


def _fixed(value: float) -> Callable[[dict[str, Any]], float]:
    return lambda _: value


BARS: tuple[Bar, ...] = (
    Bar("first_image_ms", lambda f: max(0.5 * f["peer_ms"], 150.0)),
    Bar("all_series_ms", lambda f: max(1.0 * f["peer_ms"], 300.0)),
    Bar("scroll_single_p95_ms", _fixed(16.7)),
    Bar("scroll_grid_p95_ms", _fixed(33.0)),
    Bar("scroll_single_with_ai_p95_ms", _fixed(33.0)),
    Bar("scroll_grid_with_ai_p95_ms", _fixed(50.0)),
    Bar("dropped_slices", _fixed(0.0)),
    Bar("window_p95_ms", _fixed(33.0)),
    Bar("oblique_p95_ms", _fixed(33.0)),
    Bar("brush_p95_ms", _fixed(33.0)),
    Bar("level_jump_p95_ms", _fixed(33.0)),
    Bar("ui_stall_max_ms", _fixed(50.0)),
    Bar("peak_rss_mb", lambda f: 2.0 * f["pixels_mb"] + 450.0),
)
"""What each figure may be at most (the requirements of the project)."""


def bench(path: Path | None, out: Path | None, say: Say) -> int:
    """Run the bench on a study and on the demo study, on screen and off; return the exit code.

    The top level of the file holds the figures of the given study (else of the demo study) in a real
    window where there is a screen, else off screen; ``runs`` holds every session.
    """
    if path is not None and not path.exists():
        raise UnreadableInput(f"{path} does not exist.")
    studies = [(path, "study")] if path is not None else []
    studies.append((demo_study(), "phantom"))
    surfaces = [WINDOW, OFFSCREEN] if has_screen() else [OFFSCREEN]
    runs = []
    for study, name in studies:
        for surface in surfaces if name == studies[0][1] else surfaces[:1]:
            cycles = CYCLES if surface == OFFSCREEN and name == studies[0][1] else 0
            figures = _in_own_process(study, surface, cycles)
            runs.append({"input": name, "surface": surface, **figures})
            say(f"\n{name}, {surface} ({figures['platform']}), {figures['series']} series")
            for line in table(figures):
                say(line)
    whole = {**runs[0], "version": __version__, "machine": machine(), "runs": runs}
    if out is not None:
        try:
            write_text(out, json.dumps(whole, indent=1))
        except OSError as error:
            raise OutputProblem(f"{out} cannot be written: {error.strerror}.") from error
    return 0


def has_screen() -> bool:
    """Return whether a window can be shown."""
    x11_or_wayland = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return x11_or_wayland or not sys.platform.startswith("linux")


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {"processors": os.cpu_count() or 1, "system": platform.platform(), "load_1_min": round(load, 2)}


def table(figures: dict[str, Any]) -> list[str]:
    """Return the figures beside their bars, one a line."""
    lines = []
    for bar in BARS:
        value, limit = float(figures[bar.key]), bar.limit(figures)
        mark = "ok  " if value <= limit else "OVER"
        cpu = figures["frames"].get(bar.key.removesuffix("_p95_ms"), {}).get("cpu_p95_ms")
        own = f"   own CPU p95 {cpu:.1f}" if cpu is not None else ""
        lines.append(f"  {mark} {bar.key:32} {value:9.1f}  bar {limit:8.1f}{own}")
    return lines


def _in_own_process(study: Path, surface: str, cycles: int) -> dict[str, Any]:
    """Run one session apart from the others, so that none pays for what another left behind."""
    environment = dict(os.environ)
    if surface == OFFSCREEN:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="lvp_bench_") as folder:
        answer = Path(folder) / "figures.json"
        command = [*_program(), "bench", str(study), "--session", str(cycles), "--json", str(answer)]
        try:
            ended = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentProblem(f"The bench {surface} took longer than {LONGEST_S:.0f} s.") from error
        if ended.returncode != 0 or not answer.is_file():
            raise EnvironmentProblem(f"The bench {surface} failed: {ended.stderr.strip()[-500:]}")
        figures: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return figures


def _program() -> Sequence[str]:
    """Return the command that starts this program again, installed or frozen."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "lvp_workstation.app.cli"]
