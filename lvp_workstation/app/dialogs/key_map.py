"""Dialog that lists every action with its keys, from the action table."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.actions import ACTIONS, KeyMap


class KeyMapDialog(QDialog):
    """A searchable table of actions and keys."""

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Key map")
        self.resize(560, 640)
        self._search = QLineEdit()
        self._search.setPlaceholderText("search")
        self._table = QTableWidget(len(ACTIONS), 4)
        self._table.setHorizontalHeaderLabels(["Action", "Keys", "Group", "Works in"])
        self._table.verticalHeader().hide()
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for n, action in enumerate(ACTIONS):
            cells = (action.title, ", ".join(keys.get(action.id, ())), action.category, action.context.value)
            for column, text in enumerate(cells):
                self._table.setItem(n, column, QTableWidgetItem(text))
        self._search.textChanged.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._table)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for n, action in enumerate(ACTIONS):
            shown = wanted in f"{action.title} {action.category}".casefold()
            self._table.setRowHidden(n, not shown)
