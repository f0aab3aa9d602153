"""Opening studies, loading their pixels and running the analysis: requests go out, answers come back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.errors import EnvironmentProblem, NoLumbarSeries, UsageProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.pixels import stored_window
from lvp_workstation.render.convert import display_array
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.open_study import OpenedInput, open_paths
from lvp_workstation.viewer.display_series import DisplaySeries

OPEN, ANALYSE = "open", "analyse"

BYTES_A_TURN = 4 << 20
"""Pixels that one turn of the event loop takes over, about a millisecond of copying (our choice)."""

Slice = tuple[int, NDArray[Any]]
"""Number of a slice and its pixels, shape (rows, columns)."""


class Arrivals:
    """Slices on their way from the workers to the UI thread, which is called once for many of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slices: deque[tuple[tuple[str, str], Slice]] = deque()

    @property
    def waiting(self) -> bool:
        """Whether there are slices to be taken."""
        return bool(self._slices)

    def add(self, series: tuple[str, str], arrived: Slice) -> bool:
        """Add a slice of a series (study UID, key); return whether it is the first that waits."""
        with self._lock:
            self._slices.append((series, arrived))
            return len(self._slices) == 1

    def take(self, most_bytes: int) -> dict[tuple[str, str], list[Slice]]:
        """Return the slices that have waited longest, by series, up to an amount of pixels."""
        taken: dict[tuple[str, str], list[Slice]] = {}
        total = 0
        with self._lock:
            while self._slices and total < most_bytes:
                series, arrived = self._slices.popleft()
                taken.setdefault(series, []).append(arrived)
                total += arrived[1].nbytes
        return taken


class StudyController(QObject):
    """Holds the opened studies, the pixels of the current one, and its analysis."""

    opening = Signal(object)
    """Paths that are being opened."""
    scanned_so_far = Signal(object)
    """`OpenedInput` as far as scanning has come."""
    input_opened = Signal(object)
    """`OpenedInput` once scanning has ended."""
    study_shown = Signal(object)
    """The current `Study` changed."""
    analysis_ready = Signal(object)
    """`Analysis` of the current study."""
    analysis_restored = Signal(object)
    """`Analysis` behind a reading that was opened again."""
    analysis_refused = Signal(str)
    """Why the current study was not analysed."""
    problem = Signal(str)
    _slices_arrived = Signal()

    def __init__(self, context: AppContext, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._opened = OpenedInput()
        self._study: Study | None = None
        self._series: dict[str, DisplaySeries] = {}
        self._early: dict[str, list[Slice]] = {}
        """Slices that came before the middle one: the window is found from that one, whatever came first."""
        self._arrived = Arrivals()
        self._slices_arrived.connect(self._take_slices)

    @property
    def study(self) -> Study | None:
        """The study on screen."""
        return self._study

    @property
    def studies(self) -> tuple[Study, ...]:
        """Every study that was opened together."""
        return self._opened.studies

    @property
    def opened(self) -> OpenedInput:
        """What was opened together, with what was said about it."""
        return self._opened

    @property
    def series(self) -> dict[str, DisplaySeries]:
        """The stacks of the study on screen, by key, in the order of the browser."""
        return self._series

    def open_paths(self, paths: Sequence[Path], study_uid: str = "") -> None:
        """Scan paths in the background and show the first study with images, or the one that is named."""
        self.opening.emit(paths)
        self._open(lambda: paths, study_uid)

    def open_made(self, make: Callable[[], Path]) -> None:
        """Open a folder that a worker makes first."""
        self._open(lambda: [make()])

    def _open(self, paths: Callable[[], Sequence[Path]], study_uid: str = "") -> None:
        def work(progress: ProgressCallback, cancel: CancelToken) -> OpenedInput:
            return open_paths(paths(), progress, cancel, on_partial=self.scanned_so_far.emit)

        def done(opened: OpenedInput) -> None:
            named = (s for s in opened.studies if s.series and s.study_instance_uid == study_uid)
            self.show_opened(opened, next(named, None))

        self._runner.start(Lane.FILES, OPEN, work, done, self._failed)

    def show_opened(self, opened: OpenedInput, current: Study | None = None) -> None:
        """Take over what was opened and show a study of it, the first with images unless one is named."""
        self._opened = opened
        self.input_opened.emit(opened)
        first = current or next((s for s in opened.studies if s.series), None)
        if first is None:
            self.problem.emit("No images were found; the input holds other objects only.")
            return
        self.show_study(first)

    def show_study(self, study: Study) -> None:
        """Make a study the current one and load its pixels."""
        self.cancel_analysis()
        for key in self._series:
            self._runner.cancel(_load_key(key))
        self._study = study
        self._early.clear()
        self._series = {s.key: self._display(s, study) for s in study.series if s.geometry}
        self.study_shown.emit(study)

    def _display(self, series: Series, study: Study) -> DisplaySeries:
        """Return a series to be shown, in the window its files state, whichever slice comes first."""
        display = DisplaySeries(series, study, self)
        stated = stored_window(dict(series.attributes))
        if stated is not None:
            display.set_default_window(*stated)
        return display

    def load(self, first: Sequence[str]) -> None:
        """Load the pixels of every stack, those named first before the others."""
        order = [*dict.fromkeys(k for k in first if k in self._series)]
        order += [k for k in self._series if k not in order]
        for key in order:
            self._load(self._series[key])

    def _load(self, display: DisplaySeries) -> None:
        series = display.series
        study_uid = self._study.study_instance_uid if self._study else ""

        def on_slice(index: int, pixels: NDArray[Any]) -> None:
            if self._arrived.add((study_uid, series.key), (index, pixels)):
                self._slices_arrived.emit()

        def work(progress: ProgressCallback, cancel: CancelToken) -> tuple[Volume, Any, tuple[str, ...]]:
            loaded = self._context.loader.load(series, progress, cancel, on_slice)
            problems = tuple(p.text for p in loaded.problems)
            return loaded.volume, display_array(loaded.volume.array), problems

        def done(answer: tuple[Volume, Any, tuple[str, ...]]) -> None:
            volume, pixels, problems = answer
            display.set_volume(volume, pixels)
            for text in problems:
                self.problem.emit(text)

        self._runner.start(Lane.FILES, _load_key(series.key), work, done, self._failed)

    def _take_slices(self) -> None:
        """Put the slices that arrived into their series; more than a turn takes waits for the next."""
        for (study_uid, key), slices in self._arrived.take(BYTES_A_TURN).items():
            display = self._series.get(key)
            current = self._study.study_instance_uid if self._study else ""
            if display is not None and study_uid == current and display.volume is None:
                self._put_slices(display, slices)
        if self._arrived.waiting:
            QTimer.singleShot(0, self._take_slices)

    def _put_slices(self, display: DisplaySeries, slices: Sequence[Slice]) -> None:
        """Hand over slices, the middle one before any other of its series."""
        middle = display.count // 2
        waiting = [*self._early.pop(display.key, ()), *slices]
        if display.array is None and all(index != middle for index, _ in waiting):
            self._early[display.key] = waiting
            return
        if display.array is None:
            waiting.sort(key=lambda each: each[0] != middle)
        display.put_slices(waiting)

    def _load_for_analysis(self, series: Series, cancel: CancelToken | None) -> Volume:
        return self._context.loader.load(series, cancel=cancel).volume

    def restore_analysis(self, reading: Reading, labels: LabelMap) -> None:
        """Measure a stored segmentation anew, so that it can be shown and edited."""
        study = self._study
        if study is None:
            return

        def work(_: ProgressCallback, __: CancelToken) -> Analysis:
            return self._context.analyser().restored(study, reading, labels, self._load_for_analysis)

        def done(analysis: Analysis) -> None:
            if self._study is study:
                self.analysis_restored.emit(analysis)

        self._runner.start(Lane.INFERENCE, ANALYSE, work, done, self._failed)

    def run_analysis(self, series_key: str = "") -> None:
        """Analyse the current study in the background."""
        study = self._study
        if study is None:
            return

        def work(progress: ProgressCallback, cancel: CancelToken) -> Analysis:
            request = AnalysisRequest(series_key)
            return self._context.analyser().analyse(study, self._load_for_analysis, request, progress, cancel)

        def done(analysis: Analysis) -> None:
            if self._study is study:
                self.analysis_ready.emit(analysis)

        self._runner.start(Lane.INFERENCE, ANALYSE, work, done, self._not_analysed)

    def cancel_analysis(self) -> None:
        """Ask a running analysis to stop."""
        self._runner.cancel(ANALYSE)

    def _not_analysed(self, error: Exception) -> None:
        if isinstance(error, NoLumbarSeries):
            self.analysis_refused.emit(str(error))
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, EnvironmentProblem | UsageProblem):
            self.problem.emit(str(error))
            return
        raise error


def _load_key(series_key: str) -> str:
    return f"load {series_key}"
