"""The worklist on screen: search, filters, order, the rows, and how far the queue of analyses is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.panels.worklist_model import WorklistModel
from lvp_workstation.domain.worklist import (
    AiState,
    Order,
    Priority,
    Show,
    StudyKey,
    WorklistFilter,
    WorklistRow,
    filtered,
    ordered,
)
from lvp_workstation.viewer.language import told, tr

WIDTHS = (80, 210, 130, 100, 100, 220, 70, 240, 110, 120, 120, 90)


class RowTable(QTableView):
    """A table whose Return key opens the row."""

    chosen = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the row with Return."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
            return
        super().keyPressEvent(event)


class SearchField(QLineEdit):
    """A line whose Return and Down keys lead to what was found."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Return or Down."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
            return
        super().keyPressEvent(event)


class WorklistPage(QWidget):
    """Emits what is asked for; the rows come from the worklist controller."""

    open_requested = Signal(object)
    """`WorklistRow` to be opened."""
    menu_requested = Signal(object, QPoint)
    """`WorklistRow` and where on the screen its menu is to appear."""
    add_requested = Signal()
    pause_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[WorklistRow, ...] = ()
        self._model = WorklistModel(self)
        self._search, self._show, self._list = SearchField(), QComboBox(), QComboBox()
        self._priority, self._ai, self._order = QComboBox(), QComboBox(), QComboBox()
        self._add, self._open, self._pause = QPushButton(), QPushButton(), QPushButton()
        self._count, self._queue, self._hint = QLabel(), QLabel(), QLabel()
        self._table = RowTable()
        self._build_table()
        self._build()
        self._connect()

    def _build_table(self) -> None:
        table = self._table
        table.setModel(self._model)
        table.setAccessibleName(tr("Worklist"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        for column, width in enumerate(WIDTHS):
            table.setColumnWidth(column, width)
        table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        table.horizontalHeader().setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)

    def _build(self) -> None:
        self._search.setPlaceholderText(tr("Search name, ID, accession number, study"))
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName(tr("Search"))
        for choices, box, words in (
            (Show, self._show, tr("Show")),
            (Order, self._order, tr("Order")),
        ):
            box.setAccessibleName(words)
            for each in choices:
                box.addItem(told(each.value), each)
        self._show.setCurrentIndex(self._show.findData(Show.UNREAD))
        self._fill(self._priority, tr("every priority"), [(told(p.caption), p) for p in Priority])
        self._fill(self._ai, tr("AI: any"), [(told(a.value), a) for a in AiState])
        self._fill(self._list, tr("every list"), [])
        self._add.setText(tr("Add studies …"))
        self._open.setText(tr("Open"))
        self._hint.setText(
            tr(
                "Nothing is listed here. Studies that you open are listed; Add studies lists a folder "
                "without opening it. A folder can be dragged into the window."
            )
        )
        self._hint.setWordWrap(True)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._search, 1)
        for box in (self._show, self._list, self._priority, self._ai):
            top.addWidget(box)
        top.addWidget(QLabel(tr("Order:")))
        top.addWidget(self._order)
        top.addWidget(self._add)
        bottom.addWidget(self._count)
        bottom.addStretch(1)
        bottom.addWidget(self._queue)
        bottom.addWidget(self._pause)
        bottom.addWidget(self._open)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._hint)
        column.addWidget(self._table, 1)
        column.addLayout(bottom)
        self.set_queue(0, "", False)

    @staticmethod
    def _fill(box: QComboBox, every: str, choices: Sequence[tuple[str, object]]) -> None:
        kept = box.currentData()
        box.clear()
        box.setAccessibleName(every)
        box.addItem(every, None)
        for words, value in choices:
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(kept)))

    def _connect(self) -> None:
        self._search.textChanged.connect(self._refresh)
        self._search.left.connect(self._table.setFocus)
        for box in (self._show, self._list, self._priority, self._ai, self._order):
            box.currentIndexChanged.connect(self._refresh)
        self._add.clicked.connect(self.add_requested)
        self._pause.clicked.connect(lambda: self.pause_requested.emit(not self._paused))
        for chosen in (self._open.clicked, self._table.doubleClicked, self._table.chosen):
            chosen.connect(self._open_current)
        self._table.customContextMenuRequested.connect(self._menu)

    def set_rows(self, rows: Sequence[WorklistRow], lists: Sequence[str]) -> None:
        """Take the rows and the names of the lists there are."""
        self._all = tuple(rows)
        names = sorted({*lists, *(row.item.list_name for row in rows)} - {""})
        if [self._list.itemData(n) for n in range(1, self._list.count())] != names:
            self._fill(self._list, tr("every list"), [(name, name) for name in names])
        self._refresh()

    def set_queue(self, waiting: int, at_work: str, paused: bool) -> None:
        """Say how far the queue of analyses is."""
        self._paused = paused
        words = tr("AI queue: {count} waiting", count=waiting)
        if paused:
            words = tr("AI queue: {count} waiting, paused", count=waiting)
        elif at_work:
            words = tr("AI queue: {count} waiting, at work on {name}", count=waiting, name=at_work)
        self._queue.setText(words)
        self._pause.setText(tr("Go on") if paused else tr("Pause"))

    def set_may_arrange(self, may: bool) -> None:
        """Offer to add studies and to pause the queue, or not."""
        self._add.setVisible(may)
        self._pause.setVisible(may)

    @property
    def current(self) -> WorklistRow | None:
        """The row that is chosen."""
        index = self._table.currentIndex()
        return self._model.rows[index.row()] if index.isValid() else None

    @property
    def shown(self) -> tuple[WorklistRow, ...]:
        """The rows on screen, in their order."""
        return self._model.rows

    @property
    def every(self) -> tuple[WorklistRow, ...]:
        """Every row, shown or not."""
        return self._all

    @property
    def chosen_list(self) -> str:
        """The list that is filtered by, empty for every one."""
        return self._list.currentData() or ""

    @property
    def list_names(self) -> tuple[str, ...]:
        """The names of the lists there are."""
        return tuple(self._list.itemData(n) for n in range(1, self._list.count()))

    def focus(self) -> None:
        """Give the keyboard to the rows, or to the search where there are none."""
        (self._table if self.shown else self._search).setFocus()

    def _refresh(self) -> None:
        chosen = self.current.item.key if self.current is not None else None
        priority, ai = self._priority.currentData(), self._ai.currentData()  # Qt keeps plain values
        wanted = WorklistFilter(
            self._search.text(),
            Show(self._show.currentData()),
            self._list.currentData(),
            None if priority is None else Priority(priority),
            None if ai is None else AiState(ai),
        )
        rows = ordered(filtered(self._all, wanted), Order(self._order.currentData()))
        self._model.set_rows(rows)
        self._hint.setVisible(not self._all)
        self._count.setText(tr("{shown} of {all} studies", shown=len(rows), all=len(self._all)))
        self._choose(chosen)

    def _choose(self, key: StudyKey | None) -> None:
        numbers = [n for n, row in enumerate(self.shown) if row.item.key == key]
        if self.shown:
            self._table.selectRow(numbers[0] if numbers else 0)
        self._open.setEnabled(bool(self.shown))

    def _open_current(self) -> None:
        if self.current is not None:
            self.open_requested.emit(self.current)

    def _menu(self, place: QPoint) -> None:
        if self.current is not None:
            self.menu_requested.emit(self.current, self._table.viewport().mapToGlobal(place))
