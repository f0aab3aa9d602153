"""Dialog that names the reader and lists where reader and AI differ before signing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.disagreements import Disagreement
from lvp_workstation.domain.findings import SCALES
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.viewer.language import tr

NOTHING = "Nothing was graded and nothing was written: the report will say no more than that."
COLUMNS = ("Level", "Scale", "Before the AI", "You", "AI", "P", "How", "Reason")
MOST_SERIES_SHOWN = 6
"""Further series with slices never shown are counted (our choice)."""
ROOM_BESIDE_TABLE, LEAST_TABLE = 400, 120
"""Height of what stands around the table, and the least height of the table, in pixels (our choice)."""
MOST_ROWS_SHOWN = 12
"""Longer lists scroll (our choice)."""


class SignDialog(QDialog):
    """Asks for the reader's name; signing freezes the reading."""

    def __init__(
        self,
        patient: str,
        reader: str,
        open_proposals: int,
        differing: Sequence[Disagreement],
        levels: Mapping[InstanceId, str],
        unseen: Sequence[str] = (),
        says_nothing: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Sign the reading"))
        self.setMinimumWidth(760 if differing else 460)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(f"<b>{patient}</b>"))
        if says_nothing:
            label = QLabel(tr(NOTHING))
            label.setStyleSheet(f"color: {theme.WARN.name()}")
            layout.addWidget(label)
        if open_proposals:
            text = tr(
                '{n} AI proposals are open; they are printed only under "AI, not reviewed".', n=open_proposals
            )
            layout.addWidget(QLabel(text))
        if unseen:
            label = QLabel("\n".join((tr("Not every slice was shown:"), *unseen)))
            label.setStyleSheet(f"color: {theme.WARN.name()}")
            layout.addWidget(label)
        if differing:
            layout.addWidget(QLabel(tr("Where you and the AI differ:")))
            table = disagreement_table(differing, levels)
            if parent is not None:  # the rest of the dialog needs its room on a low screen, too
                room = parent.window().height() - ROOM_BESIDE_TABLE
                table.setMinimumHeight(min(table.minimumHeight(), max(room, LEAST_TABLE)))
            layout.addWidget(table)
        layout.addWidget(QLabel(tr("Reader's name, as it shall stand in the report:")))
        self._name = QLineEdit(reader)
        self._name.setAccessibleName(tr("Reader's name"))
        self._name.textChanged.connect(self._enable)
        layout.addWidget(self._name)
        layout.addWidget(QLabel(tr("Signing freezes this reading; later changes need an addendum.")))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._sign = self._buttons.addButton(tr("Sign"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout.addWidget(self._buttons)
        self._name.setFocus()
        self._enable()

    @property
    def reader(self) -> str:
        """The name that was typed."""
        return self._name.text().strip()

    def _enable(self) -> None:
        self._sign.setEnabled(bool(self.reader))


def unseen_lines(coverage: Iterable[CoverageFact]) -> tuple[str, ...]:
    """Return a line for each series of which some slices were never shown."""
    seen: dict[str, tuple[int, int]] = {}
    for fact in coverage:  # stacks of one name are told together
        shown, total = seen.get(fact.series, (0, 0))
        seen[fact.series] = (shown + fact.seen, total + fact.total)
    missing = [
        tr("{n} of {total} slices of {name} seen", n=n, total=total, name=name)
        for name, (n, total) in seen.items()
        if n < total
    ]
    more = len(missing) - MOST_SERIES_SHOWN
    return (*missing[:MOST_SERIES_SHOWN], *([tr("and {n} further series", n=more)] if more > 0 else ()))


def disagreement_table(differing: Sequence[Disagreement], levels: Mapping[InstanceId, str]) -> QTableWidget:
    """Return a table of what differs, one row a scale of a level."""
    table = plain_table([tr(column) for column in COLUMNS], tr("Disagreements"))
    table.setRowCount(len(differing))
    for number, row in enumerate(differing):
        scale = SCALES[row.key.scale]
        words = (
            levels.get(row.key.target, row.key.target),
            tr(scale.caption),
            *(tr(scale.written(g)) if g else "–" for g in (row.before_reveal, row.reader, row.ai)),
            f"{row.confidence:.2f}" if row.ai else "",
            tr(row.kind.value),
            tr(row.reason) if row.reason else "",
        )
        for column, word in enumerate(words):
            table.setItem(number, column, QTableWidgetItem(word))
    fit(table)
    return table


def plain_table(headers: Sequence[str], name: str) -> QTableWidget:
    """Return an empty table to read in."""
    table = QTableWidget(0, len(headers))
    table.setHorizontalHeaderLabels(list(headers))
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().hide()
    return table


def fit(table: QTableWidget) -> None:
    """Make columns and height fit what the table holds."""
    table.resizeColumnsToContents()
    table.horizontalHeader().setSectionResizeMode(table.columnCount() - 1, QHeaderView.ResizeMode.Stretch)
    rows = min(table.rowCount(), MOST_ROWS_SHOWN)
    height = sum(table.rowHeight(row) for row in range(rows))
    table.setMinimumHeight(height + table.horizontalHeader().sizeHint().height() + 4)
