"""Dialogs that ask for a new secret, twice, or for an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from lvp_workstation.app import theme
from lvp_workstation.domain.people import SHORTEST_PASSWORD, PersonRole
from lvp_workstation.viewer.language import told, tr

WIDTH = 460


@dataclass(frozen=True)
class AccountForm:
    """What was typed of a new account."""

    login: str
    name: str
    password: str
    role: PersonRole


class AskSecret(QDialog):
    """Asks for a new secret twice; it can be accepted once both agree and are long enough."""

    def __init__(
        self, title: str, kind: str, parent: QWidget | None = None, words: str = "", old: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self._form = QFormLayout(self)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        if words:
            explanation = QLabel(words)
            explanation.setWordWrap(True)
            self._form.addRow(explanation)
        self._old = self._field(old) if old else QLineEdit("-")  # nothing is asked for
        self._first = self._field(tr("{kind}:", kind=kind))
        self._second = self._field(tr("{kind}, again:", kind=kind))
        self._trouble = QLabel()
        self._trouble.setStyleSheet(f"color: {theme.WARN.name()}")
        self._form.addRow(self._trouble)
        cancel, ok = QDialogButtonBox.StandardButton.Cancel, QDialogButtonBox.StandardButton.Ok
        self._buttons = QDialogButtonBox(cancel | ok)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._form.addRow(self._buttons)
        self._check()

    def _field(self, label: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(label)
        field.textChanged.connect(self._check)
        self._form.addRow(label, field)
        return field

    @property
    def secret(self) -> str:
        """What was typed."""
        return self._first.text()

    @property
    def old(self) -> str:
        """The secret before, where it was asked for."""
        return self._old.text()

    def _check(self) -> None:
        if not hasattr(self, "_buttons"):
            return
        short, same = len(self.secret) < SHORTEST_PASSWORD, self.secret == self._second.text()
        needed = tr("At least {count} characters.", count=SHORTEST_PASSWORD)
        self._trouble.setText(needed if short else "" if same else tr("The two do not agree yet."))
        ready = not short and same and bool(self._old.text())
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(ready)


class AskAccount(AskSecret):
    """Asks for a new account."""

    def __init__(
        self, title: str, words: str, roles: Sequence[PersonRole], parent: QWidget | None = None
    ) -> None:
        super().__init__(title, tr("Password"), parent, words)
        self._login, self._name, self._role = QLineEdit(), QLineEdit(), QComboBox()
        for each in roles:
            self._role.addItem(told(each.value), each)
        row = 1 if words else 0
        self._form.insertRow(row, tr("Login name:"), self._login)
        self._form.insertRow(row + 1, tr("Name, as it stands in reports:"), self._name)
        self._form.insertRow(row + 2, tr("Role:"), self._role)
        for field, label in ((self._login, tr("Login name:")), (self._name, tr("Name"))):
            field.setAccessibleName(label)
        self._role.setAccessibleName(tr("Role:"))
        self._login.setFocus()

    @property
    def form(self) -> AccountForm:
        """What was typed."""
        role = PersonRole(self._role.currentData())  # Qt keeps the plain value
        return AccountForm(self._login.text(), self._name.text(), self.secret, role)
