"""The findings grid as a Qt table model: rows are levels, columns are scales."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, FindingStatus
from lvp_workstation.domain.reading_view import BlindCell, LevelRow, OpenCell
from lvp_workstation.viewer.language import told, tr

Index = QModelIndex | QPersistentModelIndex
CELL_ROLE = int(Qt.ItemDataRole.UserRole)

SHORT = {
    "moderate": "mod",
    "severe": "sev",
    "normal": "norm",
    "sequestration": "sequ",
    "protrusion": "protr",
    "extrusion": "extr",
    "herniation": "hern",
}
HEADERS = {
    "pfirrmann": "Pfirr-\nmann",
    "herniation": "Disc\ncontour",
    "central_canal": "Central\ncanal",
    "lateral_recess_left": "Recess\nL",
    "lateral_recess_right": "Recess\nR",
    "foramen_left": "Foram.\nL",
    "foramen_right": "Foram.\nR",
    "spondylolisthesis": "Listh-\nesis",
    "modic": "Modic",
}
UNANSWERED = "No axial images: the arrow keys pass over this column, a click reaches it."
UNTYPED = {"any_change_on_t2": "any", "none_on_t2": "none"}
"""What a cell shows of a withheld Modic type that T2 alone answers with any or none."""


def shown_grade(scale: str, grade: str) -> str:
    """Return a grade as a cell shows it: Roman for Pfirrmann, short words elsewhere."""
    return tr(SHORT.get(grade, SCALES[scale].written(grade))) if grade else ""


def shown_change(cell: OpenCell) -> str:
    """Return the AI's grade as a cell shows it; old → new where a corrected segmentation changed it."""
    now, before = cell.proposal, cell.original
    if now is None or not now.assessable:
        return ""
    new = shown_grade(cell.scale.key, now.grade)
    if before is None or not before.assessable or before.grade == now.grade:
        return new
    return f"{shown_grade(cell.scale.key, before.grade)}→{new}"


class FindingsModel(QAbstractTableModel):
    """Read-only table of `BlindCell` and `OpenCell` values; `CELL_ROLE` gives the value itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LevelRow, ...] = ()
        self._unanswered: frozenset[str] = frozenset()

    def set_unanswered(self, scales: frozenset[str]) -> None:
        """Tell which columns no image of the study can answer: their headers say so."""
        self._unanswered = scales

    def set_rows(self, rows: tuple[LevelRow, ...]) -> None:
        """Show other rows; keeps the selection when only the contents changed."""
        same_shape = [row.target for row in rows] == [row.target for row in self._rows]
        if same_shape:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(GRID_SCALES) - 1))
                self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, len(rows) - 1)
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(GRID_SCALES)

    def cell(self, index: Index) -> BlindCell | None:
        """Return the cell at an index, None outside the table."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        return self._rows[index.row()].cells[index.column()]

    def row_of(self, target: InstanceId) -> int | None:
        """Return the row of a level, None when it is not shown."""
        return next((n for n, row in enumerate(self._rows) if row.target == target), None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self.cell(index)
        if cell is None:
            return None
        if role == CELL_ROLE:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_grade(cell.scale.key, cell.grade)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return describe(cell)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.ToolTipRole and across and GRID_SCALES[section].key in self._unanswered:
            return tr(UNANSWERED)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if across:
            return tr(HEADERS[GRID_SCALES[section].key])
        return self._rows[section].name


def describe(cell: BlindCell) -> str:
    """Return a cell in words, for tooltips and screen readers."""
    parts = [f"{tr(cell.scale.caption)}: {tr(cell.scale.written(cell.grade) or 'not graded')}"]
    if cell.scale.source:
        parts.append(tr(cell.scale.source))
    if isinstance(cell, OpenCell) and cell.proposal is not None:
        proposal = cell.proposal
        if proposal.assessable:
            grade = cell.scale.written(proposal.grade)
            words = {"grade": tr(grade), "share": f"{proposal.confidence:.2f}"}
            parts.append(
                tr("AI {grade}, probability {share}; {status}", status=tr(cell.status.value), **words)
            )
            if proposal.text:
                parts.append(told(proposal.text))
            if not proposal.validated_on_patients:
                parts.append(tr("model not validated on patients"))
        else:
            parts.append(tr("AI: not assessable. {why}", why=told(proposal.text)))
    elif isinstance(cell, OpenCell) and cell.status is FindingStatus.EMPTY:
        parts.append(tr("no AI grade"))
    return "\n".join(parts)
