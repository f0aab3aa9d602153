"""What the mixins of the main window may use of it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.layout_keeper import LayoutKeeper
from lvp_workstation.app.panel_layout import Body
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.app.panels.report_panel import ReportPanel
from lvp_workstation.app.prior_controller import PriorController
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.reading_screen import ReadingScreen
from lvp_workstation.app.segmentation_editor import SegmentationEditor
from lvp_workstation.app.status_bar import StatusBar
from lvp_workstation.app.study_controller import StudyController
from lvp_workstation.app.task_runner import TaskRunner
from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import HangingPlan
from lvp_workstation.viewer.render_scheduler import RenderScheduler


class WindowParts:
    """The parts of the main window, made by `main_window.MainWindow`."""

    context: AppContext
    runner: TaskRunner
    studies: StudyController
    readings: ReadingController
    segmentation: SegmentationEditor
    screen_state: ReadingScreen
    viewports: ViewportGrid
    rail: LevelRail
    grid: FindingsGrid
    report: ReportPanel
    status: StatusBar
    priors: PriorController
    body: Body
    keeper: LayoutKeeper
    scheduler: RenderScheduler
    _actions: dict[str, QAction]
    _segmentation_shown: bool = True

    def _widget(self) -> QWidget:
        """Return the window as the parent of dialogs."""
        assert isinstance(self, QWidget)
        return self

    def save_settings(self) -> None:
        """Write the settings; when they cannot be kept, say so."""
        try:
            self.context.save_settings()
        except StorageProblem as error:
            self.status.warn(str(error))

    def stop_cine(self) -> bool:
        """Stop slices that run by themselves; return whether they ran."""
        raise NotImplementedError

    def plan_for_study(self) -> HangingPlan:
        """Return how the study on screen, and the earlier one beside it, are hung."""
        raise NotImplementedError

    def hang_series(self, key: str) -> None:
        """Show a series in the active viewport."""
        raise NotImplementedError
