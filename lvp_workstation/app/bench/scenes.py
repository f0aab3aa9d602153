"""What the bench does with the window, one scene after the other, each returning its figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF
from PySide6.QtGui import QMouseEvent

from lvp_workstation.app.bench.driver import Drive, Frames, idle, mouse, ping_pong, turn_wheel, wait_until
from lvp_workstation.app.bench.memory import MB, PeakMemory, resident_mb
from lvp_workstation.app.bench.stall import StallWatch
from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.stroke_steps import awaits_measures
from lvp_workstation.app.study_controller import ANALYSE
from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.io.plain_loop import decode_all
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.line_grips import end_grips, grip_at
from lvp_workstation.viewer.viewport import Viewport

PATIENCE_S = 120.0
SINGLE_SIDE = 1024
EVENTS = 90
"""Events of one drive: three seconds at 30 per second."""
AI_EVENTS = 240
OPENINGS = 3
"""Timed openings of the study, after a first one; the median counts."""
SETTLE_MS = 300
"""How much longer than the opening its stalls are watched: thumbnails and the stored reading follow."""

Figures = dict[str, Any]


class Scenes:
    """Drives one window on one study."""

    def __init__(self, window: MainWindow, paths: Sequence[Path]) -> None:
        self.window = window
        self.paths = list(paths)
        self.watch = StallWatch(window)
        self.stalls: dict[str, tuple[float, float]] = {}

    # -- opening --------------------------------------------------------------------------

    def open(self) -> Figures:
        """Open the study several times; compare with the plain loop run between the openings.

        The first opening, before the plain loop has loaded its codecs into this process, is watched for
        stalls and memory.
        """
        first, everything, peers, bytes_read = [], [], [], 0
        memory = PeakMemory()
        memory.start()
        self.watch.restart()
        self._open_once()
        idle(SETTLE_MS)
        self._stall("open")
        peak = memory.stop()
        for _ in range(OPENINGS):
            began = time.perf_counter()
            bytes_read = decode_all(self.paths)
            peers.append(1000 * (time.perf_counter() - began))
            self.window.context.forget_volumes()
            shown, ready = self._open_once()
            first.append(shown)
            everything.append(ready)
        pixels = sum(s.array.nbytes for s in self._series() if s.array is not None) / MB
        return {
            "first_image_ms": _median(first),
            "all_series_ms": _median(everything),
            "peer_ms": _median(peers),
            "openings": [[round(a), round(b)] for a, b in zip(first, everything, strict=True)],
            "peer_bytes": bytes_read,
            "peak_rss_mb": round(peak, 1),
            "pixels_mb": round(pixels, 2),
            "series": len(self._series()),
        }

    def _open_once(self) -> tuple[float, float]:
        """Open the study; return the ms until the first image was painted and all pixels were there."""
        painted: list[float] = []
        before = self.window.studies.study

        def note(*_: object) -> None:
            if not painted and self.window.studies.study is not before:
                painted.append(time.perf_counter())

        self.window.viewports.slice_painted.connect(note)
        began = time.perf_counter()
        self.window.open_paths(self.paths)

        def ready() -> bool:
            series = self._series()
            fresh = self.window.studies.study is not before and bool(series)
            return fresh and bool(painted) and all(s.complete for s in series)

        if not wait_until(ready, PATIENCE_S):
            raise UnreadableInput("The study did not open within two minutes.")
        ended = time.perf_counter()
        self.window.viewports.slice_painted.disconnect(note)
        wait_until(lambda: self.window.readings.reading is not None, PATIENCE_S)
        return 1000 * (painted[0] - began), 1000 * (ended - began)

    def open_and_close(self, cycles: int) -> Figures:
        """Open the study again and again; return how the resident memory grew after the first few."""
        early = max(1, cycles // 5)
        base = 0.0
        for n in range(cycles):
            self._open_once()
            if n + 1 == early:
                base = resident_mb()
        grown = resident_mb() - base
        return {"cycles": cycles, "growth_percent": round(100 * grown / base, 2) if base else 0.0}

    def _series(self) -> list[DisplaySeries]:
        return list(self.window.studies.series.values())

    def _stall(self, name: str) -> None:
        stall = self.watch.stall
        self.stalls[name] = (round(stall.wall_ms, 1), round(stall.cpu_ms, 1))

    # -- scrolling ------------------------------------------------------------------------

    def single(self) -> Viewport:
        """Fill the grid with one viewport of 1024 x 1024, as far as the screen allows."""
        viewports = self.window.viewports
        if viewports.maximised is None:
            viewports.toggle_maximised(viewports.viewports[0])
        viewport = viewports.viewports[0]
        for _ in range(3):
            size = self.window.size()
            self.window.resize(
                size.width() + SINGLE_SIDE - viewport.width(), size.height() + SINGLE_SIDE - viewport.height()
            )
            idle(150)
        return viewport

    def grid(self) -> Viewport:
        """Show the linked 2 x 2 grid with overlays: up to three acquired series, the rest computed."""
        viewports = self.window.viewports
        if viewports.maximised is not None:
            viewports.toggle_maximised()
        viewports.set_regular_grid(2, 2)
        series = sorted(self._series(), key=lambda s: s.series.plane is not ImagePlane.SAGITTAL)
        others = [s for s in series if s is not series[0]]
        views = viewports.viewports
        views[0].set_series(series[0])
        for n, plane in enumerate((ImagePlane.CORONAL, ImagePlane.AXIAL)):
            more = n < len(others)
            views[n + 1].set_series(others[n] if more else series[0], None if more else plane)
        views[3].set_series(series[0], ImagePlane.AXIAL)
        viewports.set_active(views[0])
        self.window.show_segmentation(True)
        idle(300)
        return views[0]

    def scroll(
        self, viewport: Viewport, events: int = EVENTS, go_on: Callable[[], bool] = lambda: True
    ) -> Frames:
        """Page up and down by the wheel at 30 slices a second."""
        count = viewport.stack.count if viewport.stack is not None else 1
        viewport.first_slice()
        idle(100)
        return Drive(viewport, lambda n: turn_wheel(viewport, -ping_pong(n, count))).run(events, go_on)

    def scroll_during_analysis(self, viewport: Viewport, watch: bool = False) -> Frames:
        """Page while the V-Net runs, again until there are enough frames."""
        parts: list[Frames] = []
        for _ in range(6):
            if watch:
                self.watch.restart()
            self.window.run_analysis()
            parts.append(self.scroll(viewport, AI_EVENTS, lambda: self.window.runner.running(ANALYSE)))
            self.finish_analysis()
            if watch:
                self._stall("analyse")
            if sum(len(part.wall_ms) for part in parts) >= EVENTS:
                break
        return Frames.joined(parts)

    def finish_analysis(self) -> None:
        """Wait until the analysis is in the reading."""
        wait_until(lambda: not self.window.runner.running(ANALYSE), PATIENCE_S)
        wait_until(lambda: self.window.screen_state.labels is not None, 10.0)
        idle(300)

    # -- working --------------------------------------------------------------------------

    def window_drag(self, viewport: Viewport) -> Frames:
        """Drag window and level."""
        self.window.viewports.set_tool("window")
        centre = QPointF(viewport.width() * 0.5, viewport.height() * 0.85)
        return self._drag(viewport, viewport, lambda n: centre + QPointF(3 * (n % 40) + 1, n % 20))

    def oblique_drag(self, viewport: Viewport) -> Frames:
        """Turn a computed plane by the end of its line: of two lines in one place, the one that is taken."""
        self.window.viewports.links.render_frame()
        view, lines = viewport.view(), viewport.content.reference_lines
        line = next((r for r in lines if r.number == 3), None)
        grips = end_grips(view, line) if view is not None and line is not None else None
        taken = grip_at(view, lines, *grips[0]) if view is not None and grips is not None else None
        if grips is None or taken is None:
            return Frames()
        turned = self.window.viewports.viewports[taken.line.number]
        start = QPointF(*(float(v) for v in grips[0]))
        self.window.viewports.set_tool("window")
        return self._drag(
            viewport, turned, lambda n: start + QPointF(0, 2 * (n % 30 if n % 60 < 30 else 30 - n % 30))
        )

    def brush_trail(self, viewport: Viewport) -> Frames:
        """Draw one long stroke that is given up in the end."""
        self.window.viewports.set_tool("brush")
        centre = QPointF(viewport.rect().center())
        frames = self._drag(viewport, viewport, lambda n: centre + QPointF(2 * (n % 30), n), keep=False)
        self.window.viewports.set_tool("window")
        return frames

    def brush_strokes(self, viewport: Viewport, count: int = 12) -> Frames:
        """Paint short strokes; the clock runs from letting go to the frame with the new contour."""
        target = self.window.rail.current
        place = self.window.screen_state.place_of(target) if target else None
        view = viewport.view()
        if place is None or view is None:
            return Frames()
        self.window.viewports.set_tool("brush")
        x, y = (float(v) for v in view.world_to_pixel(place.point))
        parts = []
        for n in range(count):
            at = QPointF(x - 20 + 3 * n, y - 6)
            mouse(viewport, QMouseEvent.Type.MouseButtonPress, at)
            mouse(viewport, QMouseEvent.Type.MouseMove, at + QPointF(4, 2))
            idle(40)
            parts.append(self._until_labels_change(viewport, at + QPointF(4, 2)))
        self.window.viewports.set_tool("window")
        wait_until(self._measured, PATIENCE_S)
        return Frames.joined(parts)

    def _until_labels_change(self, viewport: Viewport, at: QPointF) -> Frames:
        before, frames = self.window.screen_state.labels, Frames()
        began, cpu = time.perf_counter(), time.thread_time()
        mouse(viewport, QMouseEvent.Type.MouseButtonRelease, at, held=False)

        def painted() -> None:
            if self.window.screen_state.labels is not before and not frames.wall_ms:
                frames.wall_ms.append(1000 * (time.perf_counter() - began))
                frames.cpu_ms.append(1000 * (time.thread_time() - cpu))

        viewport.frame_painted.connect(painted)
        wait_until(lambda: bool(frames.wall_ms), 2.0)
        viewport.frame_painted.disconnect(painted)
        return frames

    def _measured(self) -> bool:
        snapshot = self.window.readings.snapshot
        return snapshot is not None and not awaits_measures(snapshot.history)

    def level_jumps(self, viewport: Viewport) -> Frames:
        """Go from level to level, all viewports at once."""
        rows = self.window.rail.rows
        if len(rows) < 2:
            return Frames()
        self.window.go_to_level(rows[0].target)
        idle(100)

        def jump(n: int) -> None:
            (self.window.next_level if ping_pong(n, len(rows)) > 0 else self.window.previous_level)()

        return Drive(viewport, jump, 10.0).run(40)

    def sign(self) -> None:
        """Confirm the numbering and sign, watching the UI thread."""
        self.watch.restart()
        self.window.confirm_numbering()
        wait_until(lambda: self._reading_says(lambda r: bool(r.level_map and r.level_map.confirmed_by)), 20.0)
        self.window.readings.sign("bench", self.window.coverage())
        wait_until(lambda: self._reading_says(lambda r: r.state is ReadingState.SIGNED), 20.0)
        self._stall("sign")

    def _reading_says(self, condition: Callable[[Any], bool]) -> bool:
        reading = self.window.readings.reading
        return reading is not None and condition(reading)

    def _drag(
        self, viewport: Viewport, painted: Viewport, path: Callable[[int], QPointF], keep: bool = True
    ) -> Frames:
        """Drag the left button along a path; ``painted`` is the viewport whose frames count."""
        mouse(viewport, QMouseEvent.Type.MouseButtonPress, path(0))
        frames = Drive(painted, lambda n: mouse(viewport, QMouseEvent.Type.MouseMove, path(n + 1))).run(
            EVENTS
        )
        if not keep:
            viewport.cancel_tool()
        mouse(viewport, QMouseEvent.Type.MouseButtonRelease, path(EVENTS), held=False)
        return frames


def _median(values: Sequence[float]) -> float:
    return round(sorted(values)[len(values) // 2], 1)
