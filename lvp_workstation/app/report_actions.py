"""Handlers of report text, preview, signing and export."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog

from lvp_workstation.app.context import local_now
from lvp_workstation.app.dialogs.critical import CriticalDialog
from lvp_workstation.app.dialogs.report_text import ReportTextDialog
from lvp_workstation.app.reading_controller import MEASURING
from lvp_workstation.app.report_panel_actions import ReportPanelActions
from lvp_workstation.app.seen_series import SeenSeries
from lvp_workstation.app.stroke_steps import awaits_measures
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.assets import asset_path
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import LvpError, OutputProblem
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.report.phrases import languages
from lvp_workstation.services.coverage import LevelSlices
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.services.report_process import ChosenImage, ReportOrder
from lvp_workstation.viewer.language import tr


class ReportActions(ReportPanelActions):
    """From the reading to the files that leave the program."""

    _level_slices: LevelSlices | None = None

    def edit_texts(self) -> None:
        """Let the reader type the study rows."""
        reading = self.readings.reading
        if reading is None:
            return
        signed = reading.state.signed
        levels = reading.level_map
        names = {target: levels.shown_name(target) for target in reading.levels} if levels else {}
        dialog = ReportTextDialog(reading.texts, names, signed, self._widget())
        if dialog.exec() == QDialog.DialogCode.Accepted and not signed:
            for row, text in dialog.changed_texts().items():
                self.readings.run(
                    lambda current, author, r=row, t=text: edits.set_text(current, r, t, author)  # type: ignore[misc]
                )

    def record_critical(self) -> None:
        """Record to whom a critical finding was told."""
        dialog = CriticalDialog(self.readings.reader, local_now(), self._widget())
        if dialog.exec() == QDialog.DialogCode.Accepted:
            entry = dialog.entry()
            self.readings.run(lambda reading, author: edits.add_critical(reading, entry, author))

    def coverage(self) -> tuple[CoverageFact, ...]:
        """Return how many images of each series were displayed, and how many of those at each level."""
        return self.coverage_later()()

    def coverage_later(self) -> Callable[[], tuple[CoverageFact, ...]]:
        """Return what works the coverage out as it is now, on any thread: levels take a while to be found."""
        seen = [SeenSeries.of(series) for series in self.studies.series.values()]
        reading, labels = self.readings.reading, self.screen_state.labels
        names = reading.level_map if reading is not None else None
        if reading is None or names is None or labels is None:
            return lambda: tuple(each.fact(None, None) for each in seen)
        known = self._level_slices
        if known is None or known.labels is not labels or known.levels != reading.levels:
            known = self._level_slices = LevelSlices(labels, reading.levels)
        return lambda: tuple(each.fact(known, names) for each in seen)

    def preview_report(self) -> None:
        """Write the report into the data folder and show it; a draft says so on every page."""
        try:
            folder = self.context.preview_folder()
        except OutputProblem as error:
            self.status.warn(str(error))
            return
        self._export(folder, show=True)

    def export_results(self) -> None:
        """Ask for a folder and write report, segmentation and the legend of its labels there."""
        name = QFileDialog.getExistingDirectory(self._widget(), tr("Export into folder"))
        if name:
            self._export(Path(name), show=False)

    def choose_report_language(self) -> None:
        """Ask for the language that reports are printed in from now on."""
        known = languages()
        codes, names = list(known), list(known.values())
        current = self.context.settings.report_language
        name, ok = QInputDialog.getItem(
            self._widget(),
            tr("Language of the report"),
            tr("Reports are printed in:"),
            names,
            codes.index(current) if current in codes else 0,
            False,
        )
        if ok:
            self.context.settings.report_language = codes[names.index(name)]
            self.save_settings()
            self.status.say(tr("reports are printed in: {name}", name=name))
            self.show_report()

    def open_report_folder(self) -> None:
        """Open the folder of letterhead and wording, with a commented example in it."""
        folder = self.context.report_folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            example = folder / "template.toml"
            if not example.exists():
                shutil.copyfile(asset_path("resources", "report", "template.toml"), example)
        except OSError as error:
            self.status.warn(tr("{folder} cannot be written: {why}.", folder=folder, why=error.strerror))
            return
        if not _opened_on_desktop(folder):
            self.status.say(tr("Header, logo and wording of reports are kept in {folder}", folder=folder))

    def _export(self, folder: Path, show: bool) -> None:
        snapshot = self.readings.snapshot
        if snapshot is None:
            return
        if awaits_measures(snapshot.history):
            self.status.warn(MEASURING)
            return
        write = self._writing(snapshot, folder, everything=not show)

        def done(paths: tuple[Path, ...]) -> None:
            names = ", ".join(path.name for path in paths)
            self.readings.record("export", files=names)
            if show and not _opened_on_desktop(paths[0]):
                text = "No program to show it was found; the report is {path} until the exit."
                self.status.say(tr(text, path=paths[0]))
            elif not show:
                self.status.say(tr("written: {names} in {folder}", names=names, folder=folder))

        def failed(error: Exception) -> None:
            if not isinstance(error, LvpError):
                raise error
            self.status.warn(str(error))

        self.status.say(tr("Writing the report …") if show else tr("Writing into {folder} …", folder=folder))
        self.runner.start(Lane.FILES, "export", lambda _, __: write(), done, failed)

    def _writing(
        self, snapshot: ReadingSnapshot, folder: Path, everything: bool
    ) -> Callable[[], tuple[Path, ...]]:
        """Return what writes the reading as it is on screen now; it belongs on a worker."""
        analysis = self.screen_state.analysis if self.screen_state.has_analysis else None
        coverage, marked = self.coverage(), self._marked_images()
        order = ReportOrder(
            folder,
            snapshot.reading,
            snapshot.labels,
            analysis,
            coverage,
            everything,
            marked,
            self.context.settings.report_language,
            self.context.report_folder,
        )
        return lambda: self.context.reports().write(order)

    def warm_up(self) -> None:
        """Start what writes reports, so that the first report comes as quickly as the second."""
        reports = self.context.reports()

        def failed(error: Exception) -> None:
            raise error

        self.runner.start(Lane.FILES, "warm up", lambda _, __: reports.warm_up(), lambda _: None, failed)

    def _marked_images(self) -> tuple[ChosenImage, ...]:
        """Return the slices that the reader marked as key images, as windowed and measured on screen."""
        reading = self.readings.reading
        marks = tuple(reading.marks.values()) if reading is not None else ()
        return tuple(
            ChosenImage(
                shown.volume,
                index,
                shown.window,
                f"{shown.series.description or shown.series.role.caption}, image "
                f"{shown.stack.number(index)}/{shown.count}, chosen by the reader",
                tuple(m for m in marks if (m.series_key, m.slice_index) == (shown.key, index)),
            )
            for shown in self.studies.series.values()
            if shown.volume is not None and shown.stack is not None
            for index in sorted(shown.key_images)
        )


def _opened_on_desktop(path: Path) -> bool:
    """Show a file with the desktop's program for it; return whether there is a desktop to do so."""
    return has_desktop() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def has_desktop() -> bool:
    """Return whether a desktop runs that could open a file."""
    if not sys.platform.startswith("linux"):
        return True
    known = ("XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "WAYLAND_DISPLAY")
    return any(os.environ.get(name) for name in known)
