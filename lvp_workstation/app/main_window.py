"""The main window: composes panels and viewports, and connects intents to controllers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QMainWindow, QWidget

from lvp_workstation.app.actions import ACTIONS, MENUS, PERMISSIONS, Action, Context
from lvp_workstation.app.context import AppContext
from lvp_workstation.app.dropping import Dropping
from lvp_workstation.app.elided_label import ElidedComboBox
from lvp_workstation.app.gate import Gate
from lvp_workstation.app.idle_watch import IdleWatch
from lvp_workstation.app.layout_keeper import LayoutKeeper
from lvp_workstation.app.level_timer import LevelTimer
from lvp_workstation.app.pages import Pages
from lvp_workstation.app.panel_layout import Body
from lvp_workstation.app.panels.evidence_panel import EvidencePanel
from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.app.panels.notes_panel import NotesPanel
from lvp_workstation.app.panels.report_panel import ReportPanel
from lvp_workstation.app.peek import PeekKey
from lvp_workstation.app.people_actions import TITLE
from lvp_workstation.app.pre_reads import PreReads
from lvp_workstation.app.private_log import hide_in_logs, private_words
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.reading_screen import ReadingScreen
from lvp_workstation.app.segmentation_editor import SegmentationEditor
from lvp_workstation.app.status_bar import StatusBar, mode_and_state
from lvp_workstation.app.study_controller import ANALYSE, OPEN, StudyController
from lvp_workstation.app.study_notes import StudyNotes
from lvp_workstation.app.task_runner import TaskRunner
from lvp_workstation.app.window_actions import WindowActions
from lvp_workstation.app.window_place import place_of, place_window
from lvp_workstation.app.window_words import opened_again, patient_caption
from lvp_workstation.domain.people import Permission
from lvp_workstation.domain.progress import Progress
from lvp_workstation.domain.study import Study
from lvp_workstation.services.open_study import OpenedInput
from lvp_workstation.services.shown_columns import columns_without_images
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from lvp_workstation.viewer.thumbnails import SeriesList

PROGRESS_OF = (ANALYSE, OPEN)
IMAGES_FIRST_MS = 40
"""How long the images of a study have the processor to themselves before its reading is looked for: a busy
worker makes every word that is painted wait for the interpreter (our choice)."""
ANALYSING = "The analysis is looking for vertebrae and discs. The images can be read meanwhile."
CHOOSE_LEVEL = "Choose a level: [ and ], or a click. G brings the keyboard to the findings."
NO_LEVELS = "There are no levels yet. AI > Run the analysis looks for them."


class MainWindow(WindowActions, Dropping, QMainWindow):
    """One window: series at the left, images in the middle, levels and findings at the right."""

    rebuild_requested = Signal()
    """A setting was changed that holds for every widget: the window is to be made anew."""
    left = Signal()
    """Whoever was signed in is not any more: the window is to be made anew, without a study."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.runner = TaskRunner(self)
        self.studies = StudyController(context, self.runner, self)
        self.readings = ReadingController(context, self.runner, self)
        self.segmentation = SegmentationEditor(context, self.readings, self.runner, self)
        self.scheduler = RenderScheduler(parent=self)
        self.setWindowTitle(TITLE)
        place_window(self, context.settings.window)
        self.setAcceptDrops(True)
        self._build()
        self.screen_state = ReadingScreen(self.viewports, self.rail, self.grid, self.evidence, self)
        self.study_notes = StudyNotes(self.notes, self.readings, self.screen_state)
        self.level_timer = LevelTimer(self.viewports, self.rail, self.grid, self)
        self.idle = IdleWatch(self)
        self.gate = Gate(context, self.runner, self.pages.door, self.idle, self)
        self.pre_reads = PreReads(context, self.runner, self.idle, parent=self)
        self.keeper = LayoutKeeper(self._layout_now, self.readings.save_layout, self)
        self._make_actions()
        self.use_mouse_profile()
        self.use_palette()
        self.connect_context_menus()
        self._connect()
        self._update_enabled()
        self.status.set_reader(context.reader_name)
        self.status.set_mode(context.settings.reading_mode.caption)

    def _build(self) -> None:
        self.study_box = ElidedComboBox()
        self.study_box.setAccessibleName(tr("Study"))
        self.study_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.study_box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.study_box.hide()
        self.series_list = SeriesList()
        self.viewports = ViewportGrid(self.scheduler)
        self.rail = LevelRail()
        self.grid = FindingsGrid()
        self.evidence = EvidencePanel()
        self.report = ReportPanel()
        self.notes = NotesPanel()
        self.status = StatusBar()
        left, findings = (self.study_box, self.series_list), (self.grid, self.evidence)
        right = (*findings, self.report, self.notes)
        self.body = Body(left, self.viewports, self.rail, right)
        self.pages = Pages(self.body, self.status)
        self.setCentralWidget(self.pages)

    def _make_actions(self) -> None:
        self._actions: dict[str, QAction] = {}
        menus = {title: self.menuBar().addMenu(tr(title)) for title in MENUS}
        for action in ACTIONS:
            item = QAction(tr(action.title), self)
            item.setObjectName(action.id)
            item.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            item.setAutoRepeat(action.context is Context.VIEWPORT)
            item.triggered.connect(self._handler(action))
            self._owner_of(action).addAction(item)
            if action.menu:
                menus[action.menu].addAction(item)
            self._actions[action.id] = item
        self._peek_key = PeekKey(self, (), self.viewports.set_overlay_visible)
        self.use_keys()
        self.addToolBar(self.make_toolbar())

    def _owner_of(self, action: Action) -> QWidget:
        owners: dict[Context, QWidget] = {Context.GRID: self.grid, Context.VIEWPORT: self.viewports}
        return owners.get(action.context, self)

    def _handler(self, action: Action):  # type: ignore[no-untyped-def]
        method = getattr(self, action.handler)
        return lambda _checked=False: method()

    def _connect(self) -> None:
        self.connect_report()
        self.connect_looking()
        self.connect_worklist()
        self.connect_people()
        self.connect_priors()
        self.connect_detached()
        self.runner.task_progressed.connect(self._progressed)
        self.runner.task_started.connect(self._task_started)
        self.runner.task_ended.connect(self._task_ended)
        self.status.cancel_requested.connect(self.cancel_analysis)
        self.studies.scanned_so_far.connect(self._scanned_so_far)
        self.studies.input_opened.connect(self._input_opened)
        self.studies.study_shown.connect(self._study_shown)
        self.studies.analysis_ready.connect(self._analysis_ready)
        self.studies.analysis_restored.connect(self._analysis_restored)
        self.studies.problem.connect(self.show_problem)
        self.studies.analysis_refused.connect(self._analysis_refused)
        self.study_box.activated.connect(self._study_chosen)
        self.series_list.series_chosen.connect(self.hang_series)
        self.readings.opened.connect(self._reading_opened)
        self.readings.changed.connect(self._reading_changed)
        self.readings.changed.connect(self.write_signed)
        self.segmentation.recomputed.connect(self.screen_state.set_analysis)
        self.readings.refused.connect(self.show_problem)
        self.readings.remarked.connect(self.study_notes.remark)
        self.readings.saving.connect(lambda: self.status.set_saved(None))
        self.readings.not_opened.connect(self._reading_not_opened)
        self.rail.level_requested.connect(self.go_to_level)
        self.grid.grade_requested.connect(self.set_grade)
        self.grid.accept_requested.connect(lambda _key: self.accept_finding())
        self.grid.refused.connect(self.status.warn)
        self.grid.cell_focused.connect(lambda key: self.go_to_level(key.target))
        self.evidence.measurement_requested.connect(self.show_measurement)
        self.viewports.stroke_finished.connect(self.paint_stroke)
        self.viewports.label_asked.connect(self.edit_labels)
        self.viewports.mark_drawn.connect(self.keep_mark)
        self.viewports.mark_moved.connect(self.move_mark)
        self.viewports.slice_painted.connect(lambda *_: self._count_seen())
        for moved in (self.viewports.slice_painted, self.viewports.slice_changed):
            moved.connect(lambda *_: self.keeper.touch())
        for changed in (self.viewports.window_changed, self.viewports.active_changed):
            changed.connect(lambda *_: self.keeper.touch())
        self.viewports.hung_changed.connect(self._hung_changed)
        self.viewports.context_requested.connect(self.show_context_menu)

    # -- opening --------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open studies from paths."""
        self.show_images()
        self.studies.open_paths(paths)

    def _scanned_so_far(self, opened: OpenedInput) -> None:
        """List the series found so far; pixels follow when scanning has ended."""
        study = next((s for s in opened.studies if s.series), None)
        if study is not None:
            self.series_list.set_series([DisplaySeries(s, study, self.series_list) for s in study.series])

    def _input_opened(self, opened: OpenedInput) -> None:
        hide_in_logs(word for study in opened.studies for word in private_words(study))
        self.study_box.clear()
        for study in opened.studies:
            self.study_box.addItem(f"{patient_caption(study)} {study.study_date}".strip(), study)
        self.study_box.setVisible(len(opened.studies) > 1)
        self.study_box.view().setMinimumWidth(320)
        count = sum(len(study.series) for study in opened.studies)
        studies = len(opened.studies)
        text = tr("one study, {count} series") if studies == 1 else tr("{n} studies, {count} series")
        self.status.say(text.format(n=studies, count=count))
        noted = self.study_notes.of_input([p.text for p in opened.all_problems])
        if len(opened.all_problems) > 1:
            self.status.warn(
                tr("{n} problems with the input: see the notes at the right.", n=len(opened.all_problems))
            )
        elif opened.all_problems:
            self.status.warn(noted[0])

    def _study_chosen(self, index: int) -> None:
        study = self.study_box.itemData(index)
        if isinstance(study, Study) and study is not self.studies.study:
            self.keeper.flush()
            self.studies.show_study(study)

    def _study_shown(self, study: Study) -> None:
        self.keeper.disarm()
        self.readings.leave()
        self.screen_state.clear()
        self.status.set_model("")
        self.study_notes.forget_remarks()
        shown = self.studies.series
        plan = self.plan_for_study()
        self.viewports.apply_plan(plan, shown)
        self.show_title()
        self.studies.load([choice.series_key for choice in plan.choices])
        QTimer.singleShot(IMAGES_FIRST_MS, self, lambda: self._list_study(study))

    def _list_study(self, study: Study) -> None:
        """Fill what stands around the images of a study, unless another one was opened meanwhile."""
        if study is not self.studies.study:
            return
        self.series_list.set_series(list(self.studies.series.values()))
        self._mark_hung()
        self.study_box.setCurrentIndex(max(0, self.studies.studies.index(study)))
        self.study_box.setToolTip(self.study_box.currentText())
        self.study_notes.show()
        self._update_enabled()
        self.grid.pass_over(columns_without_images(study))
        self.readings.open(study)

    def _mark_hung(self) -> None:
        keys = frozenset(v.series.key for v in self.viewports.viewports if v.series is not None)
        self.series_list.set_hung(keys)

    def hang_series(self, key: str) -> None:
        """Show a series in the active viewport."""
        series = self.studies.series.get(key)
        if series is not None:
            self.viewports.show_in_active(series)

    def _hung_changed(self) -> None:
        self._mark_hung()
        self.keeper.touch()

    # -- answers --------------------------------------------------------------------------

    def _reading_opened(self, snapshot: object) -> None:
        self._reading_changed(snapshot)
        reading = self.readings.reading
        if reading is None:
            return
        self._restore_layout()
        self.keeper.arm()
        labels = self.screen_state.labels
        if labels is not None:
            person = self.context.person
            self.status.say(opened_again(reading, person is None or person.reads))
            self.studies.restore_analysis(reading, labels)
        elif not reading.state.signed and self.context.settings.analyse_on_open:
            self.run_analysis()

    def _reading_changed(self, snapshot: object) -> None:
        current = self.readings.snapshot
        if current is None:
            return
        if current.labels is not None:
            self.screen_state.set_hint(tr(CHOOSE_LEVEL))
        self.screen_state.set_snapshot(current)
        self.status.set_saved(current.revision)
        self.status.set_mode(mode_and_state(current.reading))
        history = current.history
        self._actions["edit.undo"].setText(f"{tr('Undo')} {told(history.undo_text)}".strip())
        self._actions["edit.redo"].setText(f"{tr('Redo')} {told(history.redo_text)}".strip())
        self.status.say(self.readings.told or self.screen_state.last_change(current))
        self.study_notes.show()
        self._update_enabled()

    def _reading_not_opened(self, reason: str) -> None:
        """Without a reading nothing can be kept: say so for as long as it is so."""
        before = tr("The reading cannot be opened, so nothing can be graded or kept.")
        retry = tr("Images can be looked at; choose File > Open the reading again to try once more.")
        self.study_notes.remark(f"{before} {told(reason)} {retry}")
        self.status.warn(reason)
        self._update_enabled()

    def reopen_reading(self) -> None:
        """Try once more to open the reading of the study on screen."""
        study = self.studies.study
        if study is not None and self.readings.reading is None:
            self.study_notes.forget_remarks()
            self.readings.open(study)

    def _analysis_refused(self, reason: str) -> None:
        self.study_notes.remark(reason)
        self.screen_state.set_hint(tr("Nothing is graded here; the reason stands below."))

    def _analysis_ready(self, analysis: object) -> None:
        self.screen_state.set_analysis(analysis)
        self.readings.attach(self.screen_state.analysis)
        self._analysis_restored(analysis)

    def _analysis_restored(self, analysis: object) -> None:
        self.screen_state.set_analysis(analysis)
        self.segmentation.know(self.screen_state.analysis)
        self.warm_up()
        self.status.set_model(self.screen_state.model_text())
        self.study_notes.show()

    def _task_started(self, key: str) -> None:
        if key == ANALYSE and self.screen_state.labels is None:
            self.screen_state.set_hint(tr(ANALYSING))

    def _task_ended(self, key: str) -> None:
        if key in PROGRESS_OF:
            self.status.end_progress()
        if key == ANALYSE:
            self.screen_state.set_hint(
                tr(CHOOSE_LEVEL if self.screen_state.labels is not None else NO_LEVELS)
            )

    def _progressed(self, key: str, state: Progress) -> None:
        if key in PROGRESS_OF:
            self.status.show_progress(state)

    def show_problem(self, text: str) -> None:
        """Show a sentence about something that went wrong; what more there is to say goes to the notes."""
        first, *more = text.splitlines() or [""]
        self.status.warn(f"{told(first)} {tr('The notes at the right say why.')}" if more else first)
        if more:
            self.study_notes.of_input(more)

    def _count_seen(self) -> None:
        series = self.studies.series.values()
        self.status.set_seen(sum(len(s.viewed) for s in series), sum(s.count for s in series))

    def _update_enabled(self) -> None:
        reading = self.readings.reading
        shown, draft = self.pages.reading_shown, reading is not None and not reading.state.signed
        have = {
            "": not self.pages.shut,
            "study": shown and self.studies.study is not None,
            "reading": shown and reading is not None,
            "draft": shown and draft and self.may(Permission.READ),
            "behind": not shown and not self.pages.shut and self.studies.study is not None,
        }
        for action in ACTIONS:
            needed = PERMISSIONS.get(action.id)
            allowed = needed is None or self.may(needed)
            self._actions[action.id].setEnabled(have[action.needs] and allowed)

    # -- keys -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits that no other widget took are window presets of the active viewport."""
        text = event.text()
        if len(text) == 1 and text.isdigit() and self.viewports.active is not None:
            self.viewports.active.apply_window_preset(int(text))
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop every task; what was confirmed is on disk already."""
        self._peek_key.stop()
        self.gate.stop()
        self.pre_reads.stop()
        self.close_detached()
        self.context.settings.window = place_of(self)
        self.save_settings()
        self.keeper.flush()
        self.keeper.disarm()
        self.readings.rest()
        self.runner.close()
        self.viewports.dispose()
        self.scheduler.close()
        super().closeEvent(event)
