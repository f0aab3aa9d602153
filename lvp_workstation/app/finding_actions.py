"""Handlers of the findings grid, the analysis and the modes of reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox

from lvp_workstation.app.panels.reason_list import ReasonList
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain import accept_normal as bulk
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import REJECT_REASONS, FindingKey
from lvp_workstation.domain.progress import CancelToken, ProgressCallback
from lvp_workstation.domain.reading_view import OpenCell
from lvp_workstation.services.coverage import LevelSlices
from lvp_workstation.viewer.language import told, tr

NONE_QUALIFIES = (
    "No level qualifies: all its slices must have been displayed, and the AI must call every "
    "column normal with nothing withheld."
)
NONE_BECAUSE = "No level qualifies; {level} does not because {why}."
AXIAL_ON = (
    "Grades from axial images are on, marked as not validated on patients; run the analysis again (Ctrl+R)."
)
AXIAL_OFF = (
    "Grades from axial images are off; run the analysis again (Ctrl+R) to take them out of this reading."
)


class FindingActions(WindowParts):
    """Accept, edit, reject; accept normal; undo."""

    _reasons: ReasonList | None = None
    _reasoned: FindingKey | None = None

    def run_analysis(self) -> None:
        """Run the V-Net on the study."""
        self.studies.run_analysis()

    def cancel_analysis(self) -> None:
        """Stop the V-Net."""
        self.studies.cancel_analysis()
        self.status.end_progress()

    def toggle_axial_grades(self) -> None:
        """Bring what the axial model says into readings from the next analysis on, or no longer."""
        settings = self.context.settings
        settings.axial_grades = not settings.axial_grades
        self.save_settings()
        self.status.warn(tr(AXIAL_ON) if settings.axial_grades else tr(AXIAL_OFF))

    def peek(self) -> None:
        """Menu entry of the held key: hides the overlay until it is chosen again."""
        self._actions["view.overlay"].trigger()

    def accept_normal(self) -> None:
        """Name the levels that qualify and, when the reader agrees, accept them as normal."""
        reading, labels = self.readings.reading, self.screen_state.labels
        settings = self.context.settings
        if settings.trainee:
            self.status.warn(tr("Accepting normal levels in bulk is off for trainees."))
            return
        if reading is None or labels is None:
            return
        seen = [
            (s.key, s.geometry, s.viewed)
            for s in self.studies.series.values()
            if s.geometry is not None and s.series.role.value in ("sag_t2", "ax_t2")
        ]

        slices, minimum = LevelSlices(labels, reading.levels), settings.accept_normal_min_probability

        def displayed(target: InstanceId) -> bool:
            return slices.fully_seen(target, seen)

        def work(_: ProgressCallback, __: CancelToken) -> tuple[tuple[InstanceId, ...], str]:
            levels = bulk.levels_eligible_for_accept_normal(reading, displayed, minimum)
            known = level in reading.levels
            return levels, bulk.why_not_eligible(reading, level, displayed, minimum) if known else ""

        def failed(error: Exception) -> None:
            raise error

        level = self.rail.current
        self.runner.start(
            Lane.FILES, "accept normal", work, lambda found: self._ask_accept_normal(level, *found), failed
        )

    def _ask_accept_normal(self, level: InstanceId, levels: tuple[InstanceId, ...], why: str) -> None:
        reading = self.readings.reading
        if reading is None or reading.level_map is None:
            return
        if not levels:
            name = reading.level_map.shown_name(level) if why else ""
            self.status.warn(tr(NONE_BECAUSE, level=name, why=told(why)) if why else tr(NONE_QUALIFIES))
            return
        names = ", ".join(reading.level_map.shown_name(level) for level in levels)
        answer = QMessageBox.question(
            self._widget(), tr("Accept normal"), tr("Accept as normal: {names}?", names=names)
        )
        if answer == QMessageBox.StandardButton.Yes:
            self.readings.run(lambda current, author: bulk.accept_normal(current, levels, author))

    def set_grade(self, key: FindingKey, grade: str) -> None:
        """Set the reader's grade of a cell."""
        self.readings.run(lambda reading, author: edits.set_grade(reading, key, grade, author))

    def accept_finding(self) -> None:
        """Accept the AI's grade of the focused cell and move on."""
        key = self.grid.key_of_current()
        if key is None:
            self.status.warn(tr("Choose a cell of the findings grid first (G)."))
            return
        self.readings.run(lambda reading, author: edits.accept(reading, key, author))

    def edit_finding(self) -> None:
        """Choose a grade for the focused cell from its scale."""
        cell = self.grid.focused_cell()
        if cell is None:
            return
        key = cell.key
        grades = cell.scale.grades
        first = int(grades[0]) if grades[0].isdigit() else 0
        self._choose(grades, lambda grade: self.set_grade(key, grade), first, cell.grade)

    def _choose(
        self, words: Sequence[str], chosen: Callable[[str], None], first: int = 1, now: str = ""
    ) -> None:
        """Offer words below the focused cell, the present one first: arrows and Return, or the digit."""
        menu = QMenu(self._widget())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for number, word in enumerate(words, start=first):
            item = menu.addAction(f"&{word}" if word.isdigit() else f"&{number}  {tr(word)}")
            item.triggered.connect(lambda _checked=False, w=word: chosen(w))
        menu.setActiveAction(menu.actions()[words.index(now) if now in words else 0])
        rect = self.grid.visualRect(self.grid.currentIndex())
        menu.popup(self.grid.viewport().mapToGlobal(rect.bottomLeft()))

    def reject_finding(self) -> None:
        """Reject the AI's grade of the focused cell at once; a digit right after it tells the reason."""
        cell = self.grid.focused_cell()
        if not isinstance(cell, OpenCell) or cell.proposal is None:
            self.status.warn(tr("There is no AI grade shown here to reject."))
            return
        key = cell.key
        if cell.reader is None or not cell.reader.reason:
            self.readings.run(lambda reading, author: edits.reject(reading, key, author))
        self._offer_reasons(key)

    def _offer_reasons(self, key: FindingKey) -> None:
        if self._reasons is None:
            self._reasons = ReasonList(self.grid)
            self._reasons.chosen.connect(self._give_reason)
            self.grid.cell_focused.connect(lambda _key: self.close_reasons())
        self._reasoned = key
        rect = self.grid.visualRect(self.grid.currentIndex())
        self._reasons.offer(REJECT_REASONS, self.grid.viewport().mapToGlobal(rect.bottomLeft()))

    def _give_reason(self, reason: str) -> None:
        key, words, ok = self._reasoned, "", True
        if reason == REJECT_REASONS[-1]:
            words, ok = QInputDialog.getText(
                self._widget(), tr("Reject the AI's grade"), tr("In your words:")
            )
        if ok and key is not None:
            self.readings.run(lambda reading, author: edits.reject(reading, key, author, reason, words))

    def close_reasons(self) -> None:
        """Take the list of reasons away, if it is there."""
        if self._reasons is not None:
            self._reasons.hide()

    def clear_finding(self) -> None:
        """Take the reader's grade of the focused cell back."""
        key = self.grid.key_of_current()
        if key is not None:
            self.readings.run(lambda reading, author: edits.clear_grade(reading, key, author))

    def undo(self) -> None:
        """Undo the last edit."""
        self.close_reasons()
        self.readings.undo()

    def redo(self) -> None:
        """Redo the edit undone last."""
        self.close_reasons()
        self.readings.redo()

    def show_measurement(self, target: InstanceId, name: str) -> None:
        """Jump to the measured line."""
        middle = self.screen_state.show_measurement(target, name)
        if middle is not None:
            self.viewports.set_cursor(middle)
