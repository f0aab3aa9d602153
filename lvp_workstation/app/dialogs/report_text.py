"""Dialog for the words of the report: one field for each study row."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.domain.reading import STUDY_ROWS, TextEntry
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable

FIELD_HEIGHT = 46
SAVE_KEY = "Ctrl+Return"


class ReportTextDialog(QDialog):
    """Lets the reader type the study rows and words of a level (by instance: its name).

    An empty study row is printed "not assessed".
    """

    def __init__(
        self,
        texts: Mapping[str, TextEntry],
        levels: Mapping[str, str],
        read_only: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Report text"))
        comfortable(self, 680, 720)
        self._before = texts
        self._fields: dict[str, QPlainTextEdit] = {}
        form = QFormLayout()
        for row, caption in {**STUDY_ROWS, **levels}.items():
            field = QPlainTextEdit(texts[row].text if row in texts else "")
            field.setFixedHeight(FIELD_HEIGHT if row != "impression" else 2 * FIELD_HEIGHT)
            field.setPlaceholderText(tr("not reviewed"))
            field.setTabChangesFocus(True)
            field.setReadOnly(read_only)
            field.setAccessibleName(tr(caption))
            marked = row in texts and texts[row].reread
            again = f" {tr('(read again: levels were renamed)')}" if marked else ""
            form.addRow(f"{tr(caption)}{again}", field)
            self._fields[row] = field
        body = QWidget()
        body.setLayout(form)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        note = QLabel(tr('A row not reviewed is printed "not assessed"; nothing is called normal by itself.'))
        note.setObjectName("notice")
        layout.addWidget(note)
        layout.addWidget(scroll)
        layout.addWidget(self._make_buttons())
        next(iter(self._fields.values())).setFocus()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        save = buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setText(tr("Save ({key})", key=SAVE_KEY))
        save.setShortcut(SAVE_KEY)  # after the text, which takes a shortcut away
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def reject(self) -> None:
        """Close without saving; words that were typed go only when the reader says so."""
        if self._typed():
            answer = QMessageBox.question(
                self,
                tr("Report text"),
                tr("Words were typed that are not saved. Throw them away?"),
                QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
                QMessageBox.StandardButton.Cancel,
            )
            if answer != QMessageBox.StandardButton.Discard:
                return
        super().reject()

    def _typed(self) -> bool:
        return any(
            field.toPlainText().strip() != (self._before[row].text if row in self._before else "")
            for row, field in self._fields.items()
        )

    def changed_texts(self) -> dict[str, str]:
        """Return the rows to save: those whose words changed, and those that were to be read again."""
        changed = {}
        for row, field in self._fields.items():
            before = self._before.get(row)
            text = field.toPlainText().strip()
            if text != (before.text if before else "") or (before is not None and before.reread):
                changed[row] = text
        return changed
