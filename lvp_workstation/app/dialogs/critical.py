"""Dialog that records to whom a critical finding was told, and when."""

from __future__ import annotations

from datetime import datetime

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
CHOOSE = "choose or type"


class CriticalDialog(QDialog):
    """Asks which finding, whom, and at what time; no finding is named before the reader names it."""

    def __init__(self, reader: str, now_local: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Critical finding"))
        self.setMinimumWidth(420)
        self._reader = reader
        self._finding = QComboBox()
        self._finding.addItems([tr(finding) for finding in CRITICAL_FINDINGS])
        self._finding.setEditable(True)
        self._finding.setCurrentIndex(-1)
        field = self._finding.lineEdit()
        assert field is not None
        field.setPlaceholderText(tr(CHOOSE))
        self._told_to = QLineEdit()
        self._when = QLineEdit(_to_the_minute(now_local))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._save = buttons.button(QDialogButtonBox.StandardButton.Save)
        for changed in (field, self._told_to, self._when):
            changed.textChanged.connect(self._enable)
        self._enable()
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(tr("Finding"), self._finding)
        form.addRow(tr("Told to"), self._told_to)
        form.addRow(tr("When (local time)"), self._when)
        form.addRow(buttons)
        self._finding.setFocus()

    def _enable(self) -> None:
        entry = self.entry()
        self._save.setEnabled(bool(entry.finding and entry.told_to and entry.time_local))

    def entry(self) -> CriticalCommunication:
        """Return what was typed."""
        return CriticalCommunication(
            self._finding.currentText().strip(),
            self._told_to.text().strip(),
            self._when.text().strip(),
            self._reader,
        )


def _to_the_minute(time_local: str) -> str:
    """Return an ISO time as it is read and corrected by people."""
    return datetime.fromisoformat(time_local).isoformat(sep=" ", timespec="minutes")
