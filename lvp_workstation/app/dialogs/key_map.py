"""Dialog that lists every action with its keys, from the action table, and changes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.app.actions import ACTIONS, KeyMap
from lvp_workstation.app.key_changes import refusal
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable

Change = Callable[[dict[str, tuple[str, ...]]], None]


class KeyMapDialog(QDialog):
    """A searchable table of actions and keys; ``change`` is given the whole map after each change."""

    def __init__(
        self, keys: KeyMap, default: KeyMap, change: Change, print_map: Callable[[], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._keys = {action.id: tuple(keys.get(action.id, ())) for action in ACTIONS}
        self._default, self._change = default, change
        self.setWindowTitle(tr("Key map"))
        comfortable(self, 640, 640)
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("search"))
        self._search.setAccessibleName(tr("search"))
        self.table = self._make_table()
        self.key = QKeySequenceEdit()
        self.key.setMaximumSequenceLength(1)
        self.key.setAccessibleName(tr("New key"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setStyleSheet(f"color: {theme.WARN.name()}")
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self.table)
        layout.addLayout(self._strip(print_map))
        layout.addWidget(self.told)
        self._search.textChanged.connect(self._filter)
        self._fill()
        self.table.setCurrentCell(0, 0)
        self._search.setFocus()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(len(ACTIONS), 4)
        table.setHorizontalHeaderLabels([tr("Action"), tr("Keys"), tr("Group"), tr("Works in")])
        table.setAccessibleName(tr("Key map"))
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        for column in range(4):
            mode = QHeaderView.ResizeMode.ResizeToContents if column else QHeaderView.ResizeMode.Stretch
            table.horizontalHeader().setSectionResizeMode(column, mode)
        return table

    def _strip(self, print_map: Callable[[], None]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("New key")))
        row.addWidget(self.key)
        for words, act in (
            (tr("Add"), self.add),
            (tr("Replace"), self.replace),
            (tr("No key"), self.clear),
            (tr("As shipped"), self.restore),
            (tr("Print as PDF …"), print_map),
        ):
            button = QPushButton(words)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, a=act: a())
            row.addWidget(button)
        return row

    def _fill(self) -> None:
        for n, action in enumerate(ACTIONS):
            words = (tr(action.title), tr(action.category), tr(action.context.value))
            own = self._keys[action.id] != tuple(self._default.get(action.id, ()))
            for column, text in enumerate((words[0], ", ".join(self._keys[action.id]), *words[1:])):
                item = QTableWidgetItem(text)
                if own and column == 1:
                    item.setForeground(theme.ACCENT)
                self.table.setItem(n, column, item)

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for n, action in enumerate(ACTIONS):
            keys = " ".join(self._keys[action.id])
            words = f"{action.title} {tr(action.title)} {tr(action.category)} {keys}"
            self.table.setRowHidden(n, wanted not in words.casefold())

    def add(self) -> None:
        """Give the action the new key beside those it has."""
        self._give(keep=True)

    def replace(self) -> None:
        """Give the action the new key instead of those it has."""
        self._give(keep=False)

    def _give(self, keep: bool) -> None:
        action = ACTIONS[self.table.currentRow()]
        key = self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if not key:
            self.told.setText(tr("Press the new key in the field first."))
            return
        why = refusal(self._keys, action, key)
        self.told.setText(why)
        if not why:
            before = [each for each in self._keys[action.id] if each != key] if keep else []
            self._take(action.id, (*before, key))

    def clear(self) -> None:
        """Leave the action without a key; menu and palette still run it."""
        self._take(ACTIONS[self.table.currentRow()].id, ())

    def restore(self) -> None:
        """Give the action its shipped keys, unless another action has one of them now."""
        action = ACTIONS[self.table.currentRow()]
        shipped = tuple(self._default.get(action.id, ()))
        refused = next((why for key in shipped if (why := refusal(self._keys, action, key))), "")
        self.told.setText(refused)
        if not refused:
            self._take(action.id, shipped)

    def _take(self, action_id: str, keys: tuple[str, ...]) -> None:
        self._keys[action_id] = keys
        self.key.clear()
        self._fill()
        self._change(dict(self._keys))

    def show_keys_of(self, action_id: str) -> None:
        """Select the row of an action."""
        row = next(n for n, action in enumerate(ACTIONS) if action.id == action_id)
        self.table.setCurrentCell(row, 0)
        self.table.scrollTo(self.table.model().index(row, 0))
        self.key.setFocus(Qt.FocusReason.OtherFocusReason)
