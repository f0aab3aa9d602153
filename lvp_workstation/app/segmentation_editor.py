"""Edits of the segmentation: the stroke is kept and shown at once, what depends on it follows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.stroke_steps import awaits_measures, measuring_edit, stroke_edit
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.clock import utc_now
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.labelmap import LabelArray, LabelMap
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.read import ReadingSession
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.viewer.language import told, tr

KNOW = "which segmentation an analysis belongs to"
RECOMPUTE = "recompute"
MOST_KNOWN = 12
"""Analyses of earlier segmentations that are kept for undo and redo (our choice)."""

LabelChange = Callable[[LabelMap], LabelArray]
"""From the newest segmentation to the changed one; pure, run on a worker."""


class SegmentationEditor(QObject):
    """Journals strokes and keeps measurements, proposals and the analysis on screen in step with them."""

    recomputed = Signal(object)
    """`Analysis` that belongs to the segmentation now on screen."""

    def __init__(
        self,
        context: AppContext,
        readings: ReadingController,
        runner: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._readings = readings
        self._runner = runner
        self._analysis: Analysis | None = None
        self._awaited: Analysis | None = None
        """Whose segmentation is being told apart by its hash."""
        self._known: dict[str, Analysis] = {}
        """Hash of a segmentation to what was measured on it."""
        self._running = ""
        readings.opened.connect(lambda _: self._forget())
        readings.changed.connect(lambda _: self._catch_up())

    def know(self, analysis: Analysis) -> None:
        """Take the analysis on screen, as soon as a worker has told which segmentation it belongs to."""
        self._analysis, self._awaited = None, analysis

        def done(sha256: str) -> None:
            if self._awaited is analysis:  # else another study is on screen
                self._remember(sha256, analysis)
                self._catch_up()

        array = analysis.labels.array
        self._runner.start(Lane.FILES, KNOW, lambda _, __: labels_sha256(array), done, self._failed)

    def change(self, change: LabelChange, description: str) -> None:
        """Change the segmentation: kept and shown at once; measurements and grades follow."""
        author = Author(self._readings.reader, utc_now())

        def work(session: ReadingSession) -> ReadingSnapshot:
            assert session.labels is not None
            after = change(session.labels)
            edit = stroke_edit(session, after, labels_sha256(after), description, author)
            return session.run(edit)

        self._readings.change(work)

    def _forget(self) -> None:
        self._runner.cancel(RECOMPUTE)
        self._analysis, self._awaited, self._running = None, None, ""
        self._known.clear()

    def _remember(self, sha256: str, analysis: Analysis) -> None:
        self._analysis = analysis
        self._known[sha256] = analysis
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _catch_up(self) -> None:
        """Show what was measured on the present segmentation, or have it measured."""
        snapshot, analysis = self._readings.snapshot, self._analysis
        if snapshot is None or snapshot.labels is None or analysis is None:
            return
        sha256 = snapshot.reading.labels_sha256
        known = self._known.get(sha256)
        if known is None:
            self._measure(sha256, snapshot, analysis)
            return
        self._runner.cancel(RECOMPUTE)
        if known is not analysis:
            self._analysis = known
            self.recomputed.emit(known)
        if awaits_measures(snapshot.history):
            self._journal(sha256, known)

    def _measure(self, sha256: str, snapshot: ReadingSnapshot, analysis: Analysis) -> None:
        if self._running == sha256 and self._runner.running(RECOMPUTE):
            return
        self._running = sha256
        labels, levels = snapshot.labels, snapshot.reading.level_map or analysis.levels
        reading_id = snapshot.reading.reading_id
        assert labels is not None

        def work(_: ProgressCallback, cancel: CancelToken) -> Analysis:
            cancel.raise_if_cancelled()
            return self._context.analyser().remeasured(analysis, labels, levels)

        def done(fresh: Analysis) -> None:
            current = self._readings.reading
            if current is not None and current.reading_id == reading_id:
                self._remember(sha256, fresh)
                self.recomputed.emit(fresh)
                self._catch_up()

        self._runner.start(Lane.INFERENCE, RECOMPUTE, work, done, self._failed)

    def _journal(self, sha256: str, fresh: Analysis) -> None:
        """Bring the reading in step, unless the segmentation was changed again meanwhile."""
        author = Author(self._readings.reader, utc_now())

        def work(session: ReadingSession) -> ReadingSnapshot:
            if session.reading.labels_sha256 != sha256 or not awaits_measures(session.history):
                return session.snapshot()
            return session.run(measuring_edit(session, self._context.for_readings(fresh), author))

        self._readings.change(work)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        self._readings.refused.emit(
            tr("The measurements could not be made anew: {why} Undo the last stroke.", why=told(str(error)))
        )
