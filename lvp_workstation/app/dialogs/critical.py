"""Dialog that records to whom a critical finding was told, and when."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from lvp_workstation.domain.reading import CriticalCommunication
from lvp_workstation.viewer.language import tr

CRITICAL_FINDINGS = (
    "cauda equina compression",
    "retropulsed fracture",
    "infection",
    "tumour",
)
"""Findings that a report names first and that are told at once."""


class CriticalDialog(QDialog):
    """Asks which finding, whom, and at what time."""

    def __init__(self, reader: str, now_local: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Critical finding"))
        self.setMinimumWidth(420)
        self._reader = reader
        self._finding = QComboBox()
        self._finding.addItems([tr(finding) for finding in CRITICAL_FINDINGS])
        self._finding.setEditable(True)
        self._told_to = QLineEdit()
        self._when = QLineEdit(now_local)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._save = buttons.button(QDialogButtonBox.StandardButton.Save)
        self._save.setEnabled(False)
        self._told_to.textChanged.connect(lambda text: self._save.setEnabled(bool(text.strip())))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(tr("Finding"), self._finding)
        form.addRow(tr("Told to"), self._told_to)
        form.addRow(tr("When (local time)"), self._when)
        form.addRow(buttons)

    def entry(self) -> CriticalCommunication:
        """Return what was typed."""
        return CriticalCommunication(
            self._finding.currentText().strip(),
            self._told_to.text().strip(),
            self._when.text().strip(),
            self._reader,
        )
