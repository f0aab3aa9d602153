"""What always stands on screen about an analysis: numbering method, what is withheld, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget

from lvp_workstation.app import theme
from lvp_workstation.viewer.language import told, tr

SHARE = 0.16
"""Of the height of the window; longer notes scroll and leave the rest to findings and report (our choice)."""


class NotesPanel(QScrollArea):
    """A few sentences, newest reading state first; never AI values of a level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._label.setMargin(8)
        self._label.setAccessibleName(tr("Notes on numbering and scope"))
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what is shown, as rich text."""
        return self._label.text()

    def fit(self) -> None:
        """Be as high as the sentences, up to a share of the window."""
        needed = self._label.heightForWidth(self.viewport().width()) if self.text() else 0
        self.setFixedHeight(min(needed, round(SHARE * self.window().height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

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
        self._label.setText("<br>".join(lines))
        self.fit()
