"""The main window: composes panels and viewports, and connects intents to controllers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.actions import ACTIONS, MENUS, Action, Context
from lvp_workstation.app.context import AppContext
from lvp_workstation.app.panels.evidence_panel import EvidencePanel
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.app.panels.notes_panel import NotesPanel
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.reading_screen import ReadingScreen
from lvp_workstation.app.status_bar import StatusBar
from lvp_workstation.app.study_controller import ANALYSE, StudyController
from lvp_workstation.app.task_runner import TaskRunner
from lvp_workstation.app.window_actions import WindowActions
from lvp_workstation.domain.progress import Progress
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.study import Study
from lvp_workstation.services.open_study import OpenedInput
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import choose_plan
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.thumbnails import SeriesList

TITLE = "LVP Workstation"
RIGHT_PANEL_WIDTH = 660


class MainWindow(WindowActions, QMainWindow):
    """One window: series at the left, images in the middle, levels and findings at the right."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.runner = TaskRunner(self)
        self.studies = StudyController(context, self.runner, self)
        self.readings = ReadingController(context, self.runner, self)
        self.scheduler = RenderScheduler(parent=self)
        self.setWindowTitle(TITLE)
        self.resize(1640, 960)
        self.setAcceptDrops(True)
        self._build()
        self.screen_state = ReadingScreen(self.viewports, self.rail, self.grid, self.evidence, self)
        self._make_actions()
        self._connect()
        self._peeking = False
        self._update_enabled()
        self.status.set_reader(context.settings.reader)
        self.status.set_mode(context.settings.reading_mode.caption)

    def _build(self) -> None:
        self.study_box = QComboBox()
        self.study_box.setAccessibleName("Study")
        self.series_list = SeriesList()
        self.viewports = ViewportGrid(self.scheduler)
        self.rail = LevelRail()
        self.grid = FindingsGrid()
        self.evidence = EvidencePanel()
        self.notes = NotesPanel()
        self.status = StatusBar()
        left = QWidget()
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 0, 0)
        left_layout.addWidget(self.study_box)
        left_layout.addWidget(self.series_list, 1)
        left.setFixedWidth(self.series_list.width() + 4)
        findings = QWidget()
        findings_layout = QVBoxLayout(findings)
        findings_layout.setContentsMargins(0, 0, 0, 0)
        findings_layout.addWidget(self.grid)
        findings_layout.addWidget(self.evidence)
        findings_layout.addStretch(1)
        findings_layout.addWidget(self.notes)
        right = QWidget()
        right_layout = QHBoxLayout(right)
        right_layout.setContentsMargins(0, 0, 0, 0)
        right_layout.setSpacing(0)
        right_layout.addWidget(self.rail)
        right_layout.addWidget(findings, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (left, self.viewports, right):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([140, 860, RIGHT_PANEL_WIDTH])
        splitter.setCollapsible(0, False)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(body)

    def _make_actions(self) -> None:
        keys = self.context.key_map()
        self._actions: dict[str, QAction] = {}
        menus = {title: self.menuBar().addMenu(title) for title in MENUS}
        for action in ACTIONS:
            item = QAction(action.title, self)
            item.setObjectName(action.id)
            item.setShortcuts([QKeySequence(key) for key in keys.get(action.id, ())])
            item.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            item.setAutoRepeat(action.context is Context.VIEWPORT)
            item.triggered.connect(self._handler(action))
            self._owner_of(action).addAction(item)
            if action.menu:
                menus[action.menu].addAction(item)
            self._actions[action.id] = item
        self._peek_keys = [_key_code(key) for key in keys.get("ai.peek", ())]
        self._actions["ai.peek"].setShortcuts([])  # held, not pressed: see eventFilter
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def _owner_of(self, action: Action) -> QWidget:
        owners: dict[Context, QWidget] = {Context.GRID: self.grid, Context.VIEWPORT: self.viewports}
        return owners.get(action.context, self)

    def _handler(self, action: Action):  # type: ignore[no-untyped-def]
        method = getattr(self, action.handler)
        return lambda _checked=False: method()

    def _connect(self) -> None:
        self.runner.task_progressed.connect(self._progressed)
        self.runner.task_ended.connect(lambda _key: self.status.end_progress())
        self.status.cancel_requested.connect(self.cancel_analysis)
        self.studies.scanned_so_far.connect(self._scanned_so_far)
        self.studies.input_opened.connect(self._input_opened)
        self.studies.study_shown.connect(self._study_shown)
        self.studies.analysis_ready.connect(self._analysis_ready)
        self.studies.analysis_restored.connect(self._analysis_restored)
        self.studies.problem.connect(self.show_problem)
        self.study_box.activated.connect(self._study_chosen)
        self.series_list.series_chosen.connect(self.hang_series)
        self.readings.opened.connect(self._reading_opened)
        self.readings.changed.connect(self._reading_changed)
        self.readings.recomputed.connect(self.screen_state.set_analysis)
        self.readings.refused.connect(self.show_problem)
        self.rail.level_requested.connect(self.go_to_level)
        self.grid.grade_requested.connect(self.set_grade)
        self.grid.accept_requested.connect(lambda _key: self.accept_finding())
        self.grid.refused.connect(self.status.warn)
        self.grid.cell_focused.connect(lambda key: self.go_to_level(key.target))
        self.evidence.measurement_requested.connect(self.show_measurement)
        self.viewports.stroke_finished.connect(self.paint_stroke)
        self.viewports.distance_drawn.connect(self.keep_distance)
        self.viewports.slice_painted.connect(lambda *_: self._count_seen())
        self.viewports.context_requested.connect(self.show_context_menu)

    # -- opening --------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open studies from paths."""
        self.studies.open_paths(paths)

    def _scanned_so_far(self, opened: OpenedInput) -> None:
        """List the series found so far; pixels follow when scanning has ended."""
        study = next((s for s in opened.studies if s.series), None)
        if study is not None:
            self.series_list.set_series([DisplaySeries(s, study, self.series_list) for s in study.series])

    def _input_opened(self, opened: OpenedInput) -> None:
        self.study_box.clear()
        for study in opened.studies:
            who = study.patient
            self.study_box.addItem(
                f"{who.name or who.patient_id or 'research file'} {study.study_date}", study
            )
        count = sum(len(study.series) for study in opened.studies)
        if not opened.all_problems:
            self.status.say(f"{len(opened.studies)} study, {count} series" if count else "no series")

    def _study_chosen(self, index: int) -> None:
        study = self.study_box.itemData(index)
        if isinstance(study, Study) and study is not self.studies.study:
            self.studies.show_study(study)

    def _study_shown(self, study: Study) -> None:
        self.screen_state.clear()
        shown = self.studies.series
        plan = choose_plan(self.context.protocols(), [d.series for d in shown.values()])
        self.viewports.apply_plan(plan, shown)
        self.series_list.set_series(list(shown.values()))
        self._mark_hung()
        who = study.patient
        self.setWindowTitle(f"{who.name or who.patient_id or 'research file'} · {TITLE}")
        self.study_box.setCurrentIndex(max(0, self.studies.studies.index(study)))
        self.readings.open(study)
        self.studies.load([choice.series_key for choice in plan.choices])
        self._update_enabled()

    def _mark_hung(self) -> None:
        keys = frozenset(v.series.key for v in self.viewports.viewports if v.series is not None)
        self.series_list.set_hung(keys)

    def hang_series(self, key: str) -> None:
        """Show a series in the active viewport."""
        series = self.studies.series.get(key)
        if series is not None:
            self.viewports.show_in_active(series)
            self._mark_hung()

    # -- answers --------------------------------------------------------------------------

    def _reading_opened(self, snapshot: object) -> None:
        self._reading_changed(snapshot)
        reading = self.readings.reading
        if reading is None:
            return
        self.screen_state.jump_to_first_level()
        labels = self.screen_state.labels
        if labels is not None:
            self.status.say("Your reading of this study was found and is open again.")
            self.studies.restore_analysis(reading, labels)
        elif reading.state is ReadingState.DRAFT and self.context.settings.analyse_on_open:
            self.run_analysis()

    def _reading_changed(self, snapshot: object) -> None:
        current = self.readings.snapshot
        if current is None:
            return
        self.screen_state.set_snapshot(current)
        state = current.reading.state.value
        self.status.set_mode(f"{current.reading.mode.caption} · {state}")
        history = current.history
        self._actions["edit.undo"].setText(f"Undo {history.undo_text}".strip())
        self._actions["edit.redo"].setText(f"Redo {history.redo_text}".strip())
        self.status.say(self.screen_state.last_change(current))
        self._show_notes()
        self._update_enabled()

    def _show_notes(self) -> None:
        reading = self.readings.reading
        levels = reading.level_map if reading else None
        if levels is None:
            self.notes.show_notes("", (), ())
            return
        doubts = () if levels.confirmed_by else levels.alternatives
        self.notes.show_notes(levels.statement, doubts, self.screen_state.scope_notes())

    def _analysis_ready(self, analysis: object) -> None:
        self.screen_state.set_analysis(analysis)
        self.readings.attach(self.screen_state.analysis)
        self.status.set_model(self.screen_state.model_text())
        self._show_notes()

    def _analysis_restored(self, analysis: object) -> None:
        self.screen_state.set_analysis(analysis)
        self.status.set_model(self.screen_state.model_text())
        self._show_notes()

    def _progressed(self, key: str, state: Progress) -> None:
        if key in (ANALYSE, "open"):
            self.status.show_progress(state)

    def show_problem(self, text: str) -> None:
        """Show a sentence about something that went wrong."""
        self.status.warn(text)

    def _count_seen(self) -> None:
        series = self.studies.series.values()
        self.status.set_seen(sum(len(s.viewed) for s in series), sum(s.count for s in series))

    def _update_enabled(self) -> None:
        reading = self.readings.reading
        have = {
            "": True,
            "study": self.studies.study is not None,
            "reading": reading is not None,
            "draft": reading is not None and reading.state is ReadingState.DRAFT,
        }
        for action in ACTIONS:
            self._actions[action.id].setEnabled(have[action.needs])

    # -- keys -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the AI while the peek key is held; digits are window presets on images."""
        if isinstance(event, QKeyEvent) and self.isActiveWindow():
            kind = event.type()
            if kind == QEvent.Type.KeyPress and not event.isAutoRepeat() and self._peek(event, True):
                return True
            if kind == QEvent.Type.KeyRelease and not event.isAutoRepeat() and self._peek(event, False):
                return True
        return super().eventFilter(watched, event)

    def _peek(self, event: QKeyEvent, hold: bool) -> bool:
        if event.key() not in self._peek_keys or _types_text(QApplication.focusWidget()):
            return False
        if hold != self._peeking:
            self._peeking = hold
            self.viewports.set_overlay_visible(not hold)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits that no other widget took are window presets of the active viewport."""
        text = event.text()
        if len(text) == 1 and text.isdigit() and self.viewports.active is not None:
            self.viewports.active.apply_window_preset(int(text))
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders that are dragged in."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop every task; what was confirmed is on disk already."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self.runner.close()
        self.viewports.dispose()
        super().closeEvent(event)


def _types_text(widget: QWidget | None) -> bool:
    return isinstance(widget, QLineEdit | QPlainTextEdit)


def _key_code(text: str) -> Qt.Key:
    """Return the key of a name such as ``Space``; a held key has no modifiers."""
    key: Qt.Key = getattr(Qt.Key, f"Key_{text}")
    return key
