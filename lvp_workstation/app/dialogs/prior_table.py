"""The table of what was measured then and now, level by level."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from lvp_workstation.app import theme
from lvp_workstation.app.dialogs.sign import fit, plain_table
from lvp_workstation.services.prior_exam import ComparedMeasure
from lvp_workstation.viewer.language import tr

NOTE = (
    "Error: 95 of 100 differences between two measurements of something unchanged stay within it, by the "
    "uncertainty of both measurements alone; another position and another scanner add to it."
)


class PriorTable(QDialog):
    """A window that stays open beside the images; a click on a row goes to its level."""

    chosen = Signal(str)
    """Instance whose row was chosen."""

    def __init__(self, caption: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._rows: tuple[ComparedMeasure, ...] = ()
        self._shown: list[ComparedMeasure] = []
        self.setWindowTitle(tr("Then and now"))
        self.resize(760, 620)
        self._heading = QLabel()
        self._heading.setWordWrap(True)
        self._only = QCheckBox(tr("Only what differs by more than the error"))
        self._only.toggled.connect(self._fill)
        columns = ("Level", "Measurement", "Then", "Now", "Difference", "Error")
        self.table: QTableWidget = plain_table(tuple(tr(each) for each in columns), tr("Then and now"))
        self.table.cellClicked.connect(lambda row, _column: self.chosen.emit(self._shown[row].target))
        note = QLabel(tr(NOTE))
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        for widget in (self._heading, self._only, self.table, note):
            layout.addWidget(widget)

    def show_rows(self, heading: str, rows: Sequence[ComparedMeasure]) -> None:
        """Show measurements under a heading."""
        self._rows = tuple(rows)
        self._heading.setText(heading)
        self._fill()

    def _fill(self) -> None:
        only = self._only.isChecked()
        self._shown = [row for row in self._rows if row.beyond_error or not only]
        self.table.setRowCount(len(self._shown))
        for number, row in enumerate(self._shown):
            for column, word in enumerate(self._words(row)):
                item = QTableWidgetItem(word)
                if column >= 2:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if row.beyond_error and column >= 2:
                    item.setForeground(theme.WARN)
                self.table.setItem(number, column, item)
        fit(self.table)

    def _words(self, row: ComparedMeasure) -> tuple[str, ...]:
        sign = {"mm2": " mm²", "deg": "°", "ratio": "", "%": " %"}.get(row.unit, f" {row.unit}")
        digits = 2 if row.unit == "ratio" else 1
        error = tr("unknown") if row.error is None else f"± {row.error:.{digits}f}{sign}"
        return (
            row.level or tr("whole study"),
            self._caption(row.name),
            f"{row.before:.{digits}f}{sign}",
            f"{row.now:.{digits}f}{sign}",
            f"{row.difference:+.{digits}f}{sign}",
            error,
        )
