"""Dialog of the accounts: who may sign in, in which role, and how each of them reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app.dialogs.secrets import AskAccount, AskSecret
from lvp_workstation.domain.people import Person, PersonRole
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.viewer.language import told, tr


class AccountsDialog(QDialog):
    """Emits what is asked for; `set_people` brings the accounts as they are then."""

    add_requested = Signal(object)
    """`AccountForm` of a new account."""
    change_requested = Signal(object, object)
    """`Person` as it shall be, and a new password or None."""

    def __init__(self, people: Sequence[Person], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Accounts"))
        self.resize(860, 420)
        self._people: tuple[Person, ...] = ()
        self._table = QTableWidget(0, 5)
        self._table.setAccessibleName(tr("Accounts"))
        self._table.setHorizontalHeaderLabels(
            [tr("Login name"), tr("Name"), tr("Role"), tr("Mode of reading"), tr("State")]
        )
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        layout, buttons = QVBoxLayout(self), QHBoxLayout()
        layout.addWidget(self._table)
        layout.addLayout(buttons)
        for words, act in (
            (tr("Add …"), self._add),
            (tr("New password …"), self._password),
            (tr("Disable / enable"), self._disable),
        ):
            button = QPushButton(words)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            buttons.addWidget(button)
        buttons.addStretch(1)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        buttons.addWidget(close)
        self.set_people(people)

    def set_people(self, people: Sequence[Person]) -> None:
        """Show the accounts as they are now."""
        self._people = tuple(people)
        self._table.setRowCount(len(people))
        for row, person in enumerate(people):
            state = tr("disabled") if person.disabled else tr("may sign in")
            for column, words in ((0, person.login), (1, person.name), (4, state)):
                self._table.setItem(row, column, QTableWidgetItem(words))
            self._table.setCellWidget(row, 2, self._roles(person))
            self._table.setCellWidget(row, 3, self._modes(person))
        for column in (0, 2, 3, 4):
            self._table.resizeColumnToContents(column)
        self._table.setColumnWidth(2, 150)
        self._table.setColumnWidth(3, 190)

    def _roles(self, person: Person) -> QComboBox:
        box = QComboBox()
        for role in PersonRole:
            box.addItem(told(role.value), role)
        box.setCurrentIndex(box.findData(person.role))
        box.activated.connect(
            lambda n: self.change_requested.emit(replace(person, role=PersonRole(box.itemData(n))), None)
        )
        return box

    def _modes(self, person: Person) -> QComboBox:
        box = QComboBox()
        box.addItem(tr("as the workstation"), None)
        for mode in ReadingMode:
            box.addItem(told(mode.caption), mode)
        box.setCurrentIndex(max(0, box.findData(person.mode)))
        box.activated.connect(
            lambda n: self.change_requested.emit(replace(person, mode=_mode(box.itemData(n))), None)
        )
        return box

    def _chosen(self) -> Person | None:
        row = self._table.currentRow()
        return self._people[row] if 0 <= row < len(self._people) else None

    def _add(self) -> None:
        dialog = AskAccount(tr("New account"), "", tuple(PersonRole), self)
        dialog.accepted.connect(lambda: self.add_requested.emit(dialog.form))
        dialog.open()

    def _password(self) -> None:
        person = self._chosen()
        if person is not None:
            dialog = AskSecret(tr("New password"), tr("Password"), self)
            dialog.accepted.connect(lambda: self.change_requested.emit(person, dialog.secret))
            dialog.open()

    def _disable(self) -> None:
        person = self._chosen()
        if person is not None:
            self.change_requested.emit(replace(person, disabled=not person.disabled), None)


def _mode(value: str | None) -> ReadingMode | None:
    """Return a mode from the plain value that Qt keeps."""
    return ReadingMode(value) if value else None
