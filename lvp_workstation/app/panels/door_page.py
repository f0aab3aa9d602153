"""The page before everything else: passphrase, sign in, locked screen. No patient is named on it."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.app.status_bar import NOTICE
from lvp_workstation.viewer.language import tr

WIDTH = 380


class DoorKind(Enum):
    """What the door asks for."""

    WAIT = auto()
    PASSPHRASE = auto()
    SIGN_IN = auto()
    LOCKED = auto()


class DoorPage(QWidget):
    """Asks for what opens the door; says what did not fit, never why."""

    entered = Signal(str, str)
    """Login name and secret."""
    somebody_else = Signal()
    """Another person wants to sign in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = DoorKind.WAIT
        self._title, self._words, self._trouble = QLabel(), QLabel(), QLabel()
        self._login, self._secret = QLineEdit(), QLineEdit()
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._enter, self._other = QPushButton(), QPushButton()
        self._form = QFormLayout()
        self._secret_label = QLabel()
        self._build()
        self._enter.clicked.connect(self._send)
        self._login.returnPressed.connect(self._secret.setFocus)
        self._secret.returnPressed.connect(self._send)
        self._other.clicked.connect(self.somebody_else)

    def _build(self) -> None:
        card = QFrame()
        card.setFixedWidth(WIDTH)
        self._title.setStyleSheet("font-size: 18px;")
        self._trouble.setStyleSheet(f"color: {theme.WARN.name()}")
        for label in (self._words, self._trouble):
            label.setWordWrap(True)
        self._trouble.setMinimumHeight(2 * self.fontMetrics().height() + 4)
        self._trouble.setAccessibleName(tr("What did not fit"))
        self._login.setAccessibleName(tr("Login name"))
        self._form.addRow(tr("Login name:"), self._login)
        self._form.addRow(self._secret_label, self._secret)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        buttons = QHBoxLayout()
        buttons.addWidget(self._other)
        buttons.addStretch(1)
        buttons.addWidget(self._enter)
        column = QVBoxLayout(card)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addLayout(self._form)
        column.addWidget(self._trouble)
        column.addLayout(buttons)
        notice = QLabel(tr(NOTICE))
        notice.setObjectName("notice")
        outer = QVBoxLayout(self)
        outer.addWidget(card, 1, Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(notice, 0, Qt.AlignmentFlag.AlignRight)

    def ask(self, kind: DoorKind, login: str = "", name: str = "") -> None:
        """Ask for something; ``login`` and ``name`` are those of whoever locked the screen."""
        self.kind = kind
        title, words, secret = _texts(kind, name)
        self._title.setText(title)
        self._words.setText(words)
        self._secret_label.setText(secret)
        self._secret.setAccessibleName(secret)
        self._login.setText(login)
        self._secret.clear()
        self._trouble.clear()
        asking = kind is not DoorKind.WAIT
        self._form.setRowVisible(0, kind is DoorKind.SIGN_IN)
        self._form.setRowVisible(1, asking)
        self._enter.setText(tr("Unlock") if kind is not DoorKind.SIGN_IN else tr("Sign in"))
        self._enter.setVisible(asking)
        self._other.setText(tr("Sign in as somebody else"))
        self._other.setVisible(kind is DoorKind.LOCKED and bool(login))
        self._busy(False)
        (self._secret if kind is not DoorKind.SIGN_IN or login else self._login).setFocus()

    def refuse(self, why: str) -> None:
        """Say that it did not fit and let it be tried again."""
        self._busy(False)
        self._trouble.setText(why)
        self._secret.clear()
        self._secret.setFocus()

    def _send(self) -> None:
        if self._secret.text() and (self.kind is not DoorKind.SIGN_IN or self._login.text().strip()):
            self._busy(True)
            self._trouble.setText(tr("One moment …"))
            self.entered.emit(self._login.text(), self._secret.text())

    def _busy(self, busy: bool) -> None:
        for widget in (self._enter, self._login, self._secret, self._other):
            widget.setEnabled(not busy)


def _texts(kind: DoorKind, name: str) -> tuple[str, str, str]:
    """Return title, explanation and what the secret is called."""
    if kind is DoorKind.PASSPHRASE:
        words = tr("The readings on this computer are encrypted; only the passphrase opens them.")
        return tr("Passphrase"), words, tr("Passphrase:")
    if kind is DoorKind.SIGN_IN:
        return tr("Sign in"), tr("Readings belong to whoever signs in."), tr("Password:")
    if kind is DoorKind.LOCKED:
        words = tr("Locked for {name}. What was on screen stays as it is.", name=name)
        if name:
            return tr("Locked"), words, tr("Password:")
        return tr("Locked"), tr("What was on screen stays as it is."), tr("Passphrase:")
    return tr("One moment …"), "", ""
