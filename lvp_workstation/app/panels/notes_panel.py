"""What always stands on screen about an analysis: numbering method, what is withheld, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from lvp_workstation.app import theme
from lvp_workstation.viewer.language import told, tr


class NotesPanel(QLabel):
    """A few sentences, newest reading state first; never AI values of a level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setMargin(8)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Notes on numbering and scope"))

    def show_notes(
        self,
        numbering: str,
        alternatives: Sequence[str],
        notes: Sequence[str],
        remarks: Sequence[str] = (),
    ) -> None:
        """Show the numbering statement, what else the count could be, and further sentences.

        ``remarks`` say what stands in the way of reading; they come first.
        """
        dim, warn = theme.DIM.name(), theme.WARN.name()
        lines = [f"<span style='color:{warn}'>{escape(told(text))}</span>" for text in remarks]
        if numbering:
            lines.append(f"<b>{tr('Numbering:')}</b> {escape(told(numbering))}")
            lines += [
                f"<span style='color:{warn}'>{tr('Or: {text}', text=escape(told(text)))}</span>"
                for text in alternatives
            ]
        lines += [f"<span style='color:{dim}'>{escape(told(text))}</span>" for text in notes]
        self.setText("<br>".join(lines))
