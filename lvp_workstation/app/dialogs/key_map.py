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
from lvp_workstation.viewer.language import tr


class KeyMapDialog(QDialog):
    """A searchable table of actions and keys."""

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Key map"))
        self.resize(560, 640)
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("search"))
        self._table = QTableWidget(len(ACTIONS), 4)
        self._table.setHorizontalHeaderLabels([tr("Action"), tr("Keys"), tr("Group"), tr("Works in")])
        self._table.verticalHeader().hide()
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for n, action in enumerate(ACTIONS):
            words = (tr(action.title), tr(action.category), tr(action.context.value))
            cells = (words[0], ", ".join(keys.get(action.id, ())), *words[1:])
            for column, text in enumerate(cells):
                self._table.setItem(n, column, QTableWidgetItem(text))
        self._search.textChanged.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._table)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for n, action in enumerate(ACTIONS):
            shown = wanted in f"{action.title} {tr(action.title)} {tr(action.category)}".casefold()
            self._table.setRowHidden(n, not shown)
