"""Handlers of the worklist: rows come from the database worker, what is asked for goes to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu

from lvp_workstation.app.pages import Pages
from lvp_workstation.app.pre_reads import PreReads
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.people import Permission, permits
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.worklist import AiState, Priority, StudyKey, WorklistRow
from lvp_workstation.services.open_study import OpenedInput, open_paths
from lvp_workstation.services.worklist import WorklistRoom
from lvp_workstation.viewer.captions import patient_name
from lvp_workstation.viewer.language import told, tr

ROWS, ADD = "worklist", "add studies"
REFRESH_MS = 4000
"""How often rows are looked for that another window or workstation changed (our choice)."""
PRE_READS = {"off": "never", "idle": "while nobody works", "night": "at night", "always": "at any time"}
T = TypeVar("T")
Shown = tuple[tuple[WorklistRow, ...], tuple[str, ...]]


class WorklistActions(WindowParts):
    """Showing the worklist, opening from it, adding to it, priorities and lists."""

    pages: Pages
    pre_reads: PreReads
    _refresher: QTimer

    def connect_worklist(self) -> None:
        """Connect page and queue."""
        page = self.pages.worklist
        page.open_requested.connect(self.open_row)
        page.menu_requested.connect(self._row_menu)
        page.add_requested.connect(self.add_studies)
        page.pause_requested.connect(self.pre_reads.set_paused)
        self.pre_reads.changed.connect(self._queue_moved)
        self.pre_reads.told.connect(lambda text: self.status.warn(told(text)))
        self._refresher = QTimer(self._widget())
        self._refresher.setInterval(REFRESH_MS)
        self._refresher.timeout.connect(self.refresh_worklist)

    def show_worklist(self) -> None:
        """Show the worklist in place of the images; what is open stays open."""
        if self.pages.reading_shown and self.studies.study is not None:
            self.keeper.flush()
        self.pages.worklist.set_may_arrange(permits(self.context.person, Permission.ARRANGE))
        self.pages.show_worklist()
        self.refresh_worklist()
        self._refresher.start()
        self.pages.worklist.focus()

    def show_images(self) -> None:
        """Go back from the worklist to the study that is open."""
        self._refresher.stop()
        self.pages.show_reading()
        self.viewports.setFocus()

    def refresh_worklist(self) -> None:
        """Ask the database for the rows."""
        if self.pages.shut or self.runner.running(ROWS):
            return
        context = self.context

        def work() -> Shown:
            room = context.worklist()
            return room.rows(context.owner), tuple(named.name for named in room.lists())

        self.runner.start(Lane.DATABASE, ROWS, lambda _, __: work(), self._rows_came, self._worklist_failed)

    def _rows_came(self, answer: Shown) -> None:
        self.pages.worklist.set_rows(*answer)
        self._queue_moved()

    def _queue_moved(self) -> None:
        """Say how far the queue is; while the worklist is on screen its rows are asked for anew."""
        page, item = self.pages.worklist, self.pre_reads.at_work
        waiting = sum(row.ai is AiState.QUEUED for row in page.every)
        name = (patient_name(item.patient.name) or item.patient.patient_id) if item is not None else ""
        page.set_queue(waiting, name, self.pre_reads.paused)

    def _worklist_failed(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        self.status.warn(told(str(error)))

    def open_row(self, row: WorklistRow) -> None:
        """Open a study of the worklist where its files were found."""
        places = [Path(place) for place in row.item.paths]
        missing = next((place for place in places if not place.exists()), None)
        if missing is not None or not places:
            self.status.warn(
                tr("{place} is not there; open the study where its files are now.", place=missing or "–")
            )
            return
        self.show_images()
        self.studies.open_paths(places, row.item.study_instance_uid)

    def add_studies(self) -> None:
        """Ask for a folder and list every study in it, to be analysed when nobody works."""
        folder = QFileDialog.getExistingDirectory(self._widget(), tr("Add studies"))
        if folder:
            self.list_studies([Path(folder)])

    def list_studies(self, paths: Sequence[Path]) -> None:
        """List every study in these paths without opening one."""
        name = self.pages.worklist.chosen_list

        def scan(progress: ProgressCallback, cancel: CancelToken) -> OpenedInput:
            return open_paths(paths, progress, cancel)

        def keep(opened: OpenedInput) -> None:
            self._at_worklist(lambda room: room.add(opened.studies, name), self._added)

        self.status.say(tr("Looking for studies …"))
        self.runner.start(Lane.FILES, ADD, scan, keep, self._worklist_failed)

    def _added(self, count: int) -> None:
        self.status.say(tr("{count} studies are listed.", count=count))
        self.refresh_worklist()

    def _at_worklist(self, work: Callable[[WorklistRoom], T], done: Callable[[T], None]) -> None:
        """Do something with the worklist on the database worker."""
        self.runner.start(
            Lane.DATABASE,
            f"{ROWS} change {id(work)}",
            lambda _, __: work(self.context.worklist()),
            done,
            self._worklist_failed,
        )

    def _row_menu(self, row: WorklistRow, place: QPoint) -> None:
        menu, key = QMenu(self._widget()), row.item.key
        menu.addAction(tr("Open")).triggered.connect(lambda: self.open_row(row))
        menu.addAction(tr("Comments …")).triggered.connect(lambda: self.show_comments_of(key))
        if permits(self.context.person, Permission.ARRANGE):
            self._arranging(menu, row)
        menu.popup(place)

    def _arranging(self, menu: QMenu, row: WorklistRow) -> None:
        key, refresh = row.item.key, lambda _: self.refresh_worklist()
        priorities = menu.addMenu(tr("Priority"))
        for each in Priority:
            item = priorities.addAction(told(each.caption))
            item.setCheckable(True)
            item.setChecked(each is row.item.priority)
            item.triggered.connect(
                lambda _=False, p=each: self._at_worklist(lambda room: room.set_priority(key, p), refresh)
            )
        menu.addAction(tr("Put on a list …")).triggered.connect(lambda: self._move(row))
        menu.addAction(tr("Analyse again")).triggered.connect(
            lambda: self._at_worklist(lambda room: room.analyse(key), refresh)
        )
        menu.addSeparator()
        menu.addAction(tr("Take off the list (readings and files stay)")).triggered.connect(
            lambda: self._at_worklist(lambda room: room.take_off(key), refresh)
        )

    def _move(self, row: WorklistRow) -> None:
        names = ["", *self.pages.worklist.list_names]
        now = names.index(row.item.list_name) if row.item.list_name in names else 0
        name, ok = QInputDialog.getItem(
            self._widget(), tr("Put on a list"), tr("List, empty for none:"), names, now, True
        )
        if ok:
            self._at_worklist(
                lambda room: room.move(row.item.key, name.strip()), lambda _: self.refresh_worklist()
            )

    def choose_pre_read(self) -> None:
        """Ask when studies of the queue are analysed."""
        settings, codes = self.context.settings, list(PRE_READS)
        names = [tr(words) for words in PRE_READS.values()]
        now = codes.index(settings.pre_read) if settings.pre_read in codes else 1
        name, ok = QInputDialog.getItem(
            self._widget(), tr("AI queue"), tr("Studies on the worklist are analysed:"), names, now, False
        )
        if ok:
            settings.pre_read = codes[names.index(name)]
            self.save_settings()

    def pause_pre_reads(self) -> None:
        """Let the queue rest, or go on."""
        self.pre_reads.set_paused(not self.pre_reads.paused)
        self.status.say(tr("The AI queue rests.") if self.pre_reads.paused else tr("The AI queue goes on."))

    def show_comments_of(self, key: StudyKey) -> None:
        """Show the comments on a study."""
        raise NotImplementedError
