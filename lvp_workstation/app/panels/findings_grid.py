"""The findings grid: the reader's grade, and beside it the AI's with its confidence once revealed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.app.panels.findings_model import (
    CELL_ROLE,
    UNTYPED,
    FindingsModel,
    shown_change,
    shown_grade,
)
from lvp_workstation.app.panels.level_rail import HEADER_HEIGHT, ROW_HEIGHT
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey, FindingStatus
from lvp_workstation.domain.reading_view import BlindCell, LevelRow, OpenCell
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import scaled

WIDTHS = {"pfirrmann": 48, "herniation": 74, "central_canal": 70, "spondylolisthesis": 48, "modic": 48}
COLUMN_WIDTH = 57
"""Width of the other columns: the longest grade of each scale."""

COMPACT_WIDTHS = {
    "pfirrmann": 40,
    "herniation": 52,
    "central_canal": 48,
    "spondylolisthesis": 40,
    "modic": 40,
}
COMPACT_WIDTH = 46
COMPACT_HEADER_PIXELS = 11
"""In a narrow window: the same words without the AI's confidence, which the tooltip tells (our choice)."""

_SIDEWAYS = {
    QAbstractItemView.CursorAction.MoveLeft: -1,
    QAbstractItemView.CursorAction.MoveRight: 1,
}

STATUS_MARK = {
    FindingStatus.ACCEPTED: ("✓", theme.OK),
    FindingStatus.EDITED: ("✎", theme.WARN),
    FindingStatus.REJECTED: ("✗", theme.ALERT),
    FindingStatus.OPEN: ("○", theme.AI),
}


class FindingDelegate(QStyledItemDelegate):
    """Paints a cell: the reader's grade above, the AI's smaller below, a mark of what was decided."""

    compact = False
    """Whether the AI's confidence is left to tooltip and evidence."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cell = index.data(CELL_ROLE)
        if not isinstance(cell, BlindCell):
            return
        painter.save()
        rect: QRect = option.rect
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.RAISED)
        self._paint_reader(painter, rect, cell)
        if isinstance(cell, OpenCell):
            self._paint_ai(painter, rect, cell)
        elif not cell.grade:
            self._paint_between(painter, rect, cell)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.ACCENT, 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_reader(self, painter: QPainter, rect: QRect, cell: BlindCell) -> None:
        grade = cell.grade
        normal = bool(grade) and cell.scale.is_normal(grade)
        font = QFont(painter.font())
        font.setBold(bool(grade) and not normal)
        painter.setFont(font)
        painter.setPen(theme.TEXT if grade and not normal else theme.DIM)
        text = shown_grade(cell.scale.key, grade) if grade else "–"
        top = QRect(rect.left() + 4, rect.top() + 2, rect.width() - 6, rect.height() // 2)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_between(self, painter: QPainter, rect: QRect, cell: BlindCell) -> None:
        """Write what is to be decided between where the AI's grade would stand."""
        font = QFont(painter.font())
        font.setBold(False)
        font.setPixelSize(scaled(10))
        painter.setFont(font)
        painter.setPen(theme.WARN)
        text = " | ".join(shown_grade(cell.scale.key, value.grade) or "–" for value in cell.between)
        bottom = QRect(rect.left() + 4, rect.center().y(), rect.width() - 6, rect.height() // 2)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_ai(self, painter: QPainter, rect: QRect, cell: OpenCell) -> None:
        bottom = QRect(rect.left() + 4, rect.center().y(), rect.width() - 6, rect.height() // 2)
        font = QFont(painter.font())
        font.setBold(False)
        font.setPixelSize(scaled(10))
        painter.setFont(font)
        proposal = cell.proposal
        if proposal is None:
            return
        if proposal.assessable:
            painter.setPen(theme.AI)
            mark = "" if proposal.validated_on_patients else "*"
            text = f"◆{shown_change(cell)}{mark}"
            share = f" {proposal.confidence:.2f}".replace(" 0.", " .")
            fits = painter.fontMetrics().horizontalAdvance(text + share) <= bottom.width()
            text += share if fits and not self.compact else ""  # a number that is cut says something else
        else:
            painter.setPen(theme.LINE.lighter(140))
            text = f"◆{tr(UNTYPED.get(proposal.not_assessable, 'n/a'))}"
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        if cell.status in STATUS_MARK:
            sign, colour = STATUS_MARK[cell.status]
            painter.setPen(colour)
            corner = QRect(rect.right() - 16, rect.top() + 2, 14, rect.height() // 2)
            painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, sign)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(scaled(COMPACT_WIDTH if self.compact else COLUMN_WIDTH), scaled(ROW_HEIGHT))


class FindingsGrid(QTableView):
    """Table of levels and scales; emits what the reader wants and never changes a grade itself."""

    grade_requested = Signal(object, str)
    accept_requested = Signal(object)
    refused = Signal(str)
    cell_focused = Signal(object)
    resized = Signal()
    """The number of rows changed, and the height with it."""
    row_shown = Signal(QRect)
    """Where the row with the current cell lies in this widget, to be brought into view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = FindingsModel(self)
        self._passed_over: frozenset[str] = frozenset()
        self.setModel(self._model)
        self._delegate = FindingDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("Findings by level"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.verticalHeader().hide()  # the level rail beside it names the rows
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(scaled(ROW_HEIGHT))
        self.horizontalHeader().setFixedHeight(scaled(HEADER_HEIGHT))
        self.horizontalHeader().setMinimumSectionSize(min(COMPACT_WIDTHS.values()))
        self._usual_header = self.horizontalHeader().font()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.set_compact(False)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.doubleClicked.connect(self._double_clicked)

    def set_compact(self, compact: bool) -> None:
        """Draw the columns closer, or with their usual room; the grid is as wide as they need."""
        self._delegate.compact = compact
        widths, usual = (COMPACT_WIDTHS, COMPACT_WIDTH) if compact else (WIDTHS, COLUMN_WIDTH)
        needed = [scaled(widths.get(scale.key, usual)) for scale in GRID_SCALES]
        for column, width in enumerate(needed):
            self.setColumnWidth(column, width)
        font = QFont(self._usual_header)
        if compact:
            font.setPixelSize(scaled(COMPACT_HEADER_PIXELS))
        self.horizontalHeader().setFont(font)
        self.setMinimumWidth(sum(needed) + 4)

    def set_rows(self, rows: tuple[LevelRow, ...]) -> None:
        """Show the rows of a reading."""
        self._model.set_rows(rows)
        height = scaled(HEADER_HEIGHT) + scaled(ROW_HEIGHT) * max(len(rows), 1) + 4
        if height != self.height():
            self.setFixedHeight(height)
            self.resized.emit()

    def pass_over(self, scales: frozenset[str]) -> None:
        """Let the arrow keys pass over the empty cells of columns that no image can answer.

        A click reaches them. What the AI withholds is no reason: the reader has to look there all the more.
        """
        self._passed_over = scales
        self._model.set_unanswered(scales)

    def moveCursor(
        self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        here, found = self.currentIndex(), super().moveCursor(cursorAction, modifiers)
        step = _SIDEWAYS.get(cursorAction, 0)
        while step and self._is_passed_over(found):
            found = found.siblingAtColumn(found.column() + step)
        return found if found.isValid() else here

    def _is_passed_over(self, index: QModelIndex) -> bool:
        cell = self._model.cell(index)
        if cell is None or cell.grade or cell.scale.key not in self._passed_over:
            return False
        return not (isinstance(cell, OpenCell) and cell.proposal is not None and cell.proposal.assessable)

    def focused_cell(self) -> BlindCell | None:
        """Return the cell the keyboard acts on."""
        return self._model.cell(self.currentIndex())

    def focus_level(self, target: InstanceId) -> None:
        """Move the current cell to a level, keeping the column; emits no jump of its own."""
        row = self._model.row_of(target)
        if row is None or row == self.currentIndex().row():
            return
        left = self.currentIndex().row()
        self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self._model.index(row, max(self.currentIndex().column(), 0)))
        self.selectionModel().blockSignals(False)
        self._show_row(row)
        for changed in (left, row):  # the other rows look the same
            for column in range(self._model.columnCount()):
                self.update(self._model.index(changed, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and len(text) == 1 and text.isdigit():
            self._digit(int(text))
            return
        super().keyPressEvent(event)

    def _digit(self, digit: int) -> None:
        cell = self.focused_cell()
        if cell is None:
            return
        grade = cell.scale.grade_for_digit(digit)
        if grade is None:
            self.refused.emit(tr("{scale} has no grade {digit}.", scale=tr(cell.scale.caption), digit=digit))
            return
        self.grade_requested.emit(cell.key, grade)

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        cell = self._model.cell(current)
        if cell is not None:
            self._show_row(current.row())
            self.cell_focused.emit(cell.key)

    def _show_row(self, row: int) -> None:
        height = scaled(ROW_HEIGHT)
        self.row_shown.emit(QRect(0, scaled(HEADER_HEIGHT) + row * height, self.width(), height))

    def _double_clicked(self, index: QModelIndex) -> None:
        cell = self._model.cell(index)
        if isinstance(cell, OpenCell) and cell.status is FindingStatus.OPEN:
            self.accept_requested.emit(cell.key)

    def key_of_current(self) -> FindingKey | None:
        """Return the key of the focused cell."""
        cell = self.focused_cell()
        return cell.key if cell else None
