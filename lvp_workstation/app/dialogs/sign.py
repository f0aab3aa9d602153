"""Dialog that names the reader and shows what stands open before signing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget


class SignDialog(QDialog):
    """Asks for the reader's name; signing freezes the reading."""

    def __init__(
        self,
        patient: str,
        reader: str,
        open_proposals: int,
        disagreements: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sign the reading")
        self.setMinimumWidth(460)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(f"<b>{patient}</b>"))
        if open_proposals:
            layout.addWidget(
                QLabel(
                    f'{open_proposals} AI proposals are open; they are printed only under "AI, not reviewed".'
                )
            )
        if disagreements:
            text = QLabel("You and the AI differ at:<br>" + "<br>".join(disagreements))
            text.setWordWrap(True)
            layout.addWidget(text)
        layout.addWidget(QLabel("Reader's name, as it shall stand in the report:"))
        self._name = QLineEdit(reader)
        self._name.setAccessibleName("Reader's name")
        self._name.textChanged.connect(self._enable)
        layout.addWidget(self._name)
        layout.addWidget(QLabel("Signing freezes this reading; later changes need an addendum."))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._sign = self._buttons.addButton("Sign", QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout.addWidget(self._buttons)
        self._enable()

    @property
    def reader(self) -> str:
        """The name that was typed."""
        return self._name.text().strip()

    def _enable(self) -> None:
        self._sign.setEnabled(bool(self.reader))
