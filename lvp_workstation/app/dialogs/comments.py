"""Dialog of the comments on a study; a comment is written once and stays."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.store.comments import Comment
from lvp_workstation.viewer.language import told, tr


class CommentsDialog(QDialog):
    """Shows what was said; emits what is to be added."""

    add_requested = Signal(str)

    def __init__(self, comments: Sequence[Comment], may_add: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Comments"))
        self.resize(560, 420)
        self._shown, self._text = QTextBrowser(), QPlainTextEdit()
        self._shown.setAccessibleName(tr("Comments"))
        self._text.setAccessibleName(tr("New comment"))
        self._text.setPlaceholderText(tr("A comment stands beside the readings and changes none of them."))
        self._text.setFixedHeight(80)
        add, close = QPushButton(tr("Add")), QPushButton(tr("Close"))
        add.clicked.connect(self._add)
        close.clicked.connect(self.accept)
        layout, line = QVBoxLayout(self), QHBoxLayout()
        layout.addWidget(self._shown, 1)
        layout.addWidget(self._text)
        line.addStretch(1)
        line.addWidget(add)
        line.addWidget(close)
        layout.addLayout(line)
        self._text.setVisible(may_add)
        add.setVisible(may_add)
        self.set_comments(comments)

    def set_comments(self, comments: Sequence[Comment]) -> None:
        """Show the comments as they are now; what was typed is added by then."""
        self._text.clear()
        dim = theme.DIM.name()
        parts = [
            f'<p style="color:{dim}">{escape(c.who)} {escape(told(c.role))} · {c.time_utc}</p>'
            f"<p>{escape(c.text)}</p>"
            for c in comments
        ]
        self._shown.setHtml("".join(parts) or escape(tr("Nobody commented on this study yet.")))

    def _add(self) -> None:
        text = self._text.toPlainText().strip()
        if text:
            self.add_requested.emit(text)
