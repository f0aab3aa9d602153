"""The rows of the worklist as Qt shows them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QFont

from lvp_workstation.app import theme
from lvp_workstation.app.settings import LOCAL_READER, LOCAL_TRAINEE
from lvp_workstation.domain.worklist import AiState, Priority, WorklistRow
from lvp_workstation.viewer.captions import iso_date, patient_name
from lvp_workstation.viewer.language import told, tr

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def headers() -> tuple[str, ...]:
    """Return the titles of the columns."""
    return (
        tr("Priority"),
        tr("Patient"),
        tr("ID"),
        tr("Born"),
        tr("Study date"),
        tr("Study"),
        tr("Images"),
        tr("Reading"),
        tr("AI"),
        tr("AI found"),
        tr("List"),
        tr("Comments"),
    )


def words_of(row: WorklistRow) -> tuple[str, ...]:
    """Return what the columns of a row say; nothing of the AI where the row has nothing of it."""
    item, who, mark = row.item, row.item.patient, row.mark
    found = tr("{positive} of {levels} levels", positive=mark.positive, levels=mark.levels) if mark else ""
    signed = _signers(row.signed_by)
    state = told(row.state.caption)
    return (
        told(item.priority.caption),
        patient_name(who.name) or tr("no name"),
        who.patient_id,
        iso_date(who.birth_date),
        iso_date(item.study_date),
        item.description,
        str(item.images),
        tr("{state} · signed by {names}", state=state, names=signed) if signed else state,
        "" if row.ai is AiState.NONE else told(row.ai.value),
        found,
        item.list_name,
        str(row.comments) if row.comments else "",
    )


def _signers(owners: Sequence[str]) -> str:
    """Return who signed; readings from before there were accounts are the workstation's."""
    people = [owner for owner in owners if owner not in (LOCAL_READER, LOCAL_TRAINEE)]
    here = [tr("this workstation")] if people and len(people) < len(owners) else []
    return ", ".join([*people, *here])


class WorklistModel(QAbstractTableModel):
    """Rows in the order they are given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[WorklistRow, ...] = ()
        self._words: list[tuple[str, ...]] = []

    @property
    def rows(self) -> tuple[WorklistRow, ...]:
        """What is shown."""
        return self._rows

    def set_rows(self, rows: Sequence[WorklistRow]) -> None:
        """Show other rows."""
        if tuple(rows) != self._rows:
            self.beginResetModel()
            self._rows = tuple(rows)
            self._words = [words_of(row) for row in self._rows]
            self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(headers())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return headers()[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words[index.row()][index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                told(row.why)
                if index.column() == _AI and row.why
                else self._words[index.row()][index.column()]
            )
        if role == Qt.ItemDataRole.FontRole and row.unread:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole:
            return _brush(row, index.column())
        return None


_PRIORITY, _AI, _FOUND = 0, 8, 9


def _brush(row: WorklistRow, column: int) -> QBrush | None:
    if column == _PRIORITY and row.unread and row.item.priority <= Priority.URGENT:
        return QBrush(theme.ALERT if row.item.priority is Priority.STAT else theme.WARN)
    if column == _FOUND:
        return QBrush(theme.AI)
    if column == _AI and row.ai in (AiState.FAILED, AiState.REFUSED):
        return QBrush(theme.WARN)
    return None if row.unread else QBrush(theme.DIM)
