"""Dialog with the result sets of one study side by side: readers, versions of the AI, arbiter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from lvp_workstation.app import theme
from lvp_workstation.app.dialogs.sign import fit, plain_table
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.findings import SCALES, FindingKey
from lvp_workstation.domain.result_sets import ComparedRow, Kind, ResultSet, compared
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.letters import comfortable


class ResultSetsDialog(QDialog):
    """One row a scale of a level, one column a result set; what differs stands out.

    Raises
    ------
    UsageProblem
        When the sets name different levels.
    """

    def __init__(
        self, sets: Sequence[ResultSet], levels: LevelMap | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sets = tuple(sets)
        self._levels = levels
        self._rows = compared(self._sets)
        self.setWindowTitle(tr("Results side by side"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        comfortable(self, 900, 640)
        layout = QVBoxLayout(self)
        differing = sum(not row.agree for row in self._rows)
        layout.addWidget(
            QLabel(tr("Graded: {n}. Different: {differing}.", n=len(self._rows), differing=differing))
        )
        self._only = QCheckBox(tr("Only what differs"))
        self._only.setChecked(bool(differing))
        self._only.toggled.connect(self._fill)
        layout.addWidget(self._only)
        titles = [_title(each) for each in self._sets]
        self.table: QTableWidget = plain_table(
            (tr("Level"), tr("Scale"), *titles), tr("Results side by side")
        )
        layout.addWidget(self.table)
        self._fill()

    def _fill(self) -> None:
        rows = [row for row in self._rows if not (self._only.isChecked() and row.agree)]
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._fill_row(number, row)
        fit(self.table)

    def _fill_row(self, number: int, row: ComparedRow) -> None:
        name = self._levels.shown_name(row.key.target) if self._levels else row.key.target
        words = [name, tr(SCALES[row.key.scale].caption)]
        words += [_grade(each, row.key) for each in self._sets]
        for column, word in enumerate(words):
            item = QTableWidgetItem(word)
            if not row.agree and column >= 2:
                item.setForeground(theme.WARN)
            self.table.setItem(number, column, item)


def _title(each: ResultSet) -> str:
    return each.title if each.kind is Kind.READER else f"{told(each.title)} ({tr(each.kind.value)})"


def _grade(each: ResultSet, key: FindingKey) -> str:
    grade, share = SCALES[key.scale].written(each.grades.get(key, "")), each.confidence.get(key)
    return f"{tr(grade)}  P {share:.2f}" if grade and share is not None else tr(grade) if grade else "–"
