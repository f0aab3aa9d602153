"""The earlier examination beside the one on screen: its pixels, and its levels from store or analysis."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.errors import EnvironmentProblem, LvpError
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.pixels import stored_window
from lvp_workstation.render.convert import display_array
from lvp_workstation.services.prior_exam import PriorExam, exam_of, stored_exam
from lvp_workstation.viewer.companion import Companion
from lvp_workstation.viewer.display_series import DisplaySeries

LOOK, ANALYSE, NAMES = "look for the prior", "analyse the prior", "name the levels of the prior"


class PriorController(QObject):
    """Holds at most one earlier examination; another one, or none, makes what is under way stale."""

    ready = Signal(object)
    """`Companion`: the levels of the earlier examination are known."""
    problem = Signal(str)

    def __init__(self, context: AppContext, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._study: Study | None = None
        self._exam: PriorExam | None = None
        self._series: dict[str, DisplaySeries] = {}

    @property
    def study(self) -> Study | None:
        """The earlier examination beside the one on screen."""
        return self._study

    @property
    def exam(self) -> PriorExam | None:
        """Its levels and measurements, None before they are known."""
        return self._exam

    @property
    def series(self) -> dict[str, DisplaySeries]:
        """Its stacks by key."""
        return self._series

    def close(self) -> None:
        """Let go of the earlier examination."""
        for key in (LOOK, ANALYSE, NAMES, *(f"load {key}" for key in self._series)):
            self._runner.cancel(key)
        self._study = self._exam = None
        self._series = {}

    def open(self, study: Study) -> None:
        """Take an earlier examination; pixels and levels follow."""
        self.close()
        self._study = study
        self._series = {s.key: self._display(s, study) for s in study.series if s.geometry is not None}
        for series in self._series.values():
            self._load(series)
        self._look_up(study)

    def _display(self, series: Series, study: Study) -> DisplaySeries:
        display = DisplaySeries(series, study, self)
        display.earlier = True
        stated = stored_window(dict(series.attributes))
        if stated is not None:
            display.set_default_window(*stated)
        return display

    def _load(self, display: DisplaySeries) -> None:
        def work(progress: ProgressCallback, cancel: CancelToken) -> tuple[Volume, Any]:
            volume = self._context.loader.load(display.series, progress, cancel).volume
            return volume, display_array(volume.array)

        self._runner.start(
            Lane.FILES, f"load {display.key}", work, lambda answer: display.set_volume(*answer), self._failed
        )

    def _look_up(self, study: Study) -> None:
        """Take the levels from the reading of that time, else have the images analysed."""

        def done(exam: PriorExam | None) -> None:
            if exam is not None:
                self._name_levels(exam)
            elif self._study is study:
                self._analyse(study)

        self._runner.start(
            Lane.DATABASE,
            LOOK,
            lambda _, __: stored_exam(self._context.reading_room(), study),
            done,
            self._failed,
        )

    def _analyse(self, study: Study) -> None:
        def load(series: Series, cancel: CancelToken | None) -> Volume:
            return self._context.loader.load(series, cancel=cancel).volume

        def work(progress: ProgressCallback, cancel: CancelToken) -> PriorExam:
            return exam_of(self._context.analyser().analyse(study, load, progress=progress, cancel=cancel))

        self._runner.start(Lane.INFERENCE, ANALYSE, work, self._name_levels, self._failed)

    def _name_levels(self, exam: PriorExam) -> None:
        """Find where the names belong, on a worker."""
        uid = exam.study.study_instance_uid

        def work(_: ProgressCallback, __: CancelToken) -> Companion:
            return Companion.build(uid, exam.labels, exam.levels, exam.places())

        def done(companion: Companion) -> None:
            if self._study is exam.study:
                self._exam = exam
                self.ready.emit(companion)

        self._runner.start(Lane.FILES, NAMES, work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, EnvironmentProblem | LvpError):
            raise error
        self.problem.emit(str(error))
