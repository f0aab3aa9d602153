"""Analyse in another process, so that the window's thread never waits for its interpreter.

Measuring and grading is Python; in a thread of the window's process each call of Qt would have to wait for
it, and 11 ms of painting become a quarter of a second. The process starts with the first analysis, keeps
its model and stands back for the window where both want a processor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from lvp_workstation.domain.analysis_request import ANYTHING, AnalysisRequest
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import Cancelled, ModelProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.analysis_link import Link
from lvp_workstation.services.analysis_server import (
    Analyse,
    Done,
    Failed,
    Load,
    Loaded,
    Make,
    Remeasure,
    Restore,
    Stop,
    failure,
    raised,
    serve,
)
from lvp_workstation.services.other_process import OtherProcess
from lvp_workstation.services.shipped_analyser import make_analyser

POLL_S = 0.05
STOP_S = 10.0
"""After this long a process that does not stop is ended (our choice)."""

CRASHED = "The analysis ended unexpectedly, perhaps for want of memory; run it again, or read without it."
NO_PROCESS = "The analysis could not be started ({}); close other programs and run it again."

LoadVolume = Callable[[Series, CancelToken | None], Volume]


class StudyAnalyser(Protocol):
    """What the window needs of an analyser, in this process or in another."""

    def analyse(
        self,
        study: Study,
        load: LoadVolume,
        request: AnalysisRequest = ...,
        progress: ProgressCallback = ...,
        cancel: CancelToken | None = None,
    ) -> Analysis:
        """Return the analysis of a study, see `analyse.Analyser.analyse`."""

    def restored(self, study: Study, reading: Reading, labels: LabelMap, load: LoadVolume) -> Analysis:
        """Return the analysis behind a stored reading, see `analyse.restored`."""

    def remeasured(self, analysis: Analysis, labels: LabelMap, levels: LevelMap) -> Analysis:
        """Return an analysis with measurements and grades made anew, see `analyse.remeasured`."""


class AnalysisProcess:
    """A `StudyAnalyser` that works in a process of its own.

    Parameters
    ----------
    threads
        CPU threads of the network; all cores when None.
    make
        What makes the analyser, over there; other functions serve tests.
    """

    def __init__(self, threads: int | None = None, make: Make = make_analyser) -> None:
        self._lock = threading.Lock()
        self._other = OtherProcess(serve, make, threads)
        self._shown: tuple[Link, Study] | None = None
        self._volumes = 0

    @property
    def pid(self) -> int | None:
        """The number of the process, None before there is one."""
        return self._other.pid

    def analyse(
        self,
        study: Study,
        load: LoadVolume,
        request: AnalysisRequest = ANYTHING,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Analysis:
        """Return the analysis of a study; raises what `analyse.Analyser.analyse` does."""
        return self._ask(study, Analyse(request), load, progress, cancel or CancelToken())

    def restored(self, study: Study, reading: Reading, labels: LabelMap, load: LoadVolume) -> Analysis:
        """Return the analysis behind a stored reading; raises what `analyse.restored` does."""
        return self._ask(study, Restore(reading, labels), load)

    def remeasured(self, analysis: Analysis, labels: LabelMap, levels: LevelMap) -> Analysis:
        """Return an analysis with measurements and grades made anew from other labels or names."""
        return self._ask(analysis.study, Remeasure(analysis, labels, levels))

    def close(self) -> None:
        """End the process; whoever waits for an answer learns of it."""
        self._other.close()

    def _ask(
        self,
        study: Study,
        request: Analyse | Restore | Remeasure,
        load: LoadVolume | None = None,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Analysis:
        with self._lock:
            token = cancel or CancelToken()
            token.raise_if_cancelled()
            link = self._started()
            try:
                self._show(link, study)
                link.send(request)
                return self._answer(link, load, progress, token)
            except (EOFError, OSError) as error:
                self._other.end()
                raise ModelProblem(CRASHED) from error

    def _started(self) -> Link:
        try:
            return self._other.link()
        except OSError as error:
            raise ModelProblem(NO_PROCESS.format(error)) from error

    def _show(self, link: Link, study: Study) -> None:
        """Make a study the one that is talked about."""
        if self._shown is None or self._shown[0] is not link or self._shown[1] is not study:
            link.forget()
            link.give("study", study)
            self._shown, self._volumes = (link, study), 0

    def _answer(
        self, link: Link, load: LoadVolume | None, progress: ProgressCallback, cancel: CancelToken
    ) -> Analysis:
        deadline = 0.0
        while True:
            if cancel.cancelled and not deadline:
                link.send(Stop())
                deadline = time.monotonic() + STOP_S
            if deadline and time.monotonic() > deadline:
                self._other.end()
                raise Cancelled("stopped on request")
            if not link.poll(POLL_S):
                continue
            answer = link.receive()
            if isinstance(answer, Progress):
                progress(answer)
            elif isinstance(answer, Load) and load is not None:
                self._send_volume(link, load, answer.series, cancel)
            elif isinstance(answer, Done):
                return answer.analysis
            elif isinstance(answer, Failed):
                raise raised(answer)

    def _send_volume(self, link: Link, load: LoadVolume, series: Series, cancel: CancelToken) -> None:
        try:
            volume = load(series, cancel)
        except Exception as error:  # noqa: BLE001  (raised over there, where it may be passed over)
            link.send(failure(error))
            return
        if not link.knows(volume):
            self._volumes += 1
            link.give(f"volume {self._volumes}", volume)
        link.send(Loaded(volume))
