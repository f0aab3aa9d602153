"""The report beside the images: a click on a sentence leads to its level, a few keys change its words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lvp_workstation.app import theme
from lvp_workstation.app.panels.words_editor import WordsEditor
from lvp_workstation.report.document import ReportDocument
from lvp_workstation.report.screen import Colours, href, link_from, links_of, render_html
from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import letter_scale

SECTIONS = (
    "impression",
    "level_findings",
    "study_findings",
    "clinical_information",
    "comparison",
    "critical",
    "measurements",
    "decisions",
    "coverage",
    "ai_use",
    "warnings",
    "signature",
)
"""What the panel shows, in the order a reader looks at it while reading."""

COLOURS = Colours(
    text=theme.TEXT.name(),
    dim=theme.DIM.name(),
    own=theme.OK.name(),
    alert=theme.ALERT.name(),
    heading=theme.ACCENT.name(),
    current=theme.LINE.name(),
    line=theme.LINE.name(),
)
CHOICE_WIDTH, LINES_ABOVE = 210, 48
HINT = "Up, Down: sentence. Return: its images. E: its words."


@dataclass(frozen=True)
class Choice:
    """A statement on a sentence: the row that keeps it, values with their words, and the one chosen."""

    row: str
    caption: str
    words: tuple[tuple[str, str], ...]
    now: str = ""


@dataclass(frozen=True)
class Editable:
    """What can be done with the text behind a link.

    Attributes
    ----------
    name
        What it is called on screen.
    text
        The words an editor starts with.
    own
        Whether they are the reader's, so that the program's can come back.
    choices
        What can be stated about it.
    """

    name: str
    text: str
    own: bool = False
    choices: tuple[Choice, ...] = ()


class ReportPanel(QWidget):
    """Shows a report document; knows nothing of readings."""

    link_activated = Signal(str)
    """The reader wants to see what a link leads to."""
    chosen = Signal(str)
    """A sentence became the current one; answer with `set_editable`."""
    words_given = Signal(str, str)
    """Link and the reader's words for it; empty words bring back the program's."""
    statement_given = Signal(str, str)
    """Row and the word chosen; empty takes it back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: ReportDocument | None = None
        self._current = ""
        self._editable: Editable | None = None
        self.page = _Page()
        self.page.anchorClicked.connect(lambda url: self.activate(link_from(url.toString())))
        self.page.step.connect(self.step)
        self.page.enter.connect(lambda: self.link_activated.emit(self._current))
        self.page.edit.connect(self.edit)
        self.page.revert.connect(self.revert)
        self.editor = WordsEditor()
        self.editor.given.connect(lambda text: self.words_given.emit(self._current, text))
        self.editor.left.connect(self.page.setFocus)
        self._strip = self._make_strip()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self.page, self.editor, self._strip):
            column.addWidget(widget, 1 if widget is self.page else 0)
        self.setMinimumHeight(140)
        self.clear()

    def _make_strip(self) -> QWidget:
        strip = QWidget()
        strip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # never widens the column
        row = QHBoxLayout(strip)
        row.setContentsMargins(6, 0, 6, 2)
        row.setSpacing(4)
        self._name = QLabel(tr(HINT))
        self._name.setObjectName("notice")
        self._edit = QPushButton(tr("Edit (E)"))
        self._edit.clicked.connect(self.edit)
        self._revert = QPushButton(tr("Restore (Del)"))
        self._revert.clicked.connect(self.revert)
        self._choices = QHBoxLayout()
        row.addWidget(self._name, 1)
        row.addLayout(self._choices, 2)
        row.addWidget(self._revert)
        row.addWidget(self._edit)
        return strip

    # -- showing --------------------------------------------------------------------------

    @property
    def current(self) -> str:
        """The link that is marked, empty when none is."""
        return self._current

    @property
    def links(self) -> tuple[str, ...]:
        """The links of the report in reading order."""
        return links_of(self._document, SECTIONS) if self._document is not None else ()

    def clear(self) -> None:
        """Show that there is no report yet."""
        self._document = None
        self.page.setHtml("")
        self.set_current("")

    def show_document(self, document: ReportDocument) -> None:
        """Show a report; the place and the current sentence are kept where they still are."""
        self._document = document
        if self._current not in self.links:
            self._current = ""
        self._paint()
        self._tell()

    def _paint(self) -> None:
        if self._document is None:
            return
        bar = self.page.verticalScrollBar()
        place = bar.value()
        colours = replace(COLOURS, letters=letter_scale())
        self.page.setHtml(render_html(self._document, SECTIONS, colours, self._current))
        bar.setValue(place)

    def set_current(self, link: str) -> None:
        """Mark a sentence; nothing is asked of the images."""
        self._current = link
        self._paint()
        self._tell()

    def _tell(self) -> None:
        self.set_editable(None)
        if self._current:
            self.chosen.emit(self._current)

    def set_editable(self, editable: Editable | None) -> None:
        """Offer what can be done with the current sentence."""
        self._editable = editable
        self._strip.setVisible(self._document is not None)
        self._name.setText(editable.name if editable is not None else tr(HINT))
        self._edit.setVisible(editable is not None)
        self._revert.setVisible(editable is not None and editable.own)
        while (item := self._choices.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for choice in editable.choices if editable is not None else ():
            self._choices.addWidget(self._box(choice))

    def _box(self, choice: Choice) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(choice.caption)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.view().setMinimumWidth(CHOICE_WIDTH)
        box.addItem(f"{choice.caption}: –", "")
        for value, words in choice.words:
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(choice.now)))
        box.activated.connect(lambda index: self.statement_given.emit(choice.row, box.itemData(index)))
        return box

    # -- what the reader does -------------------------------------------------------------

    def activate(self, link: str) -> None:
        """Mark a sentence and ask for its images."""
        self.set_current(link)
        self.page.setFocus()
        self.link_activated.emit(link)

    def step(self, by: int) -> None:
        """Mark the next or the previous sentence."""
        links = self.links
        if not links:
            return
        known = self._current in links
        at = links.index(self._current) + by if known else 0 if by > 0 else len(links) - 1
        self.set_current(links[min(max(at, 0), len(links) - 1)])
        self.page.bring_into_view(href(self._current))

    def edit(self) -> None:
        """Let the reader change the words of the current sentence."""
        if self._editable is not None:
            self.editor.begin(self._editable.name, self._editable.text)
            self.page.bring_into_view(href(self._current))

    def revert(self) -> None:
        """Take the reader's words of the current sentence back."""
        if self._editable is not None and self._editable.own:
            self.words_given.emit(self._current, "")


class _Page(QTextBrowser):
    """The text; its keys are those of a list."""

    step = Signal(int)
    enter = Signal()
    edit = Signal()
    revert = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName(tr("Report"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(8)

    def bring_into_view(self, anchor: str) -> None:
        """Scroll to an anchor when it is out of sight, with a few lines above it."""
        bar = self.verticalScrollBar()
        before = bar.value()
        self.scrollToAnchor(anchor)
        there = bar.value()
        in_sight = before <= there < before + self.viewport().height() - LINES_ABOVE
        bar.setValue(before if in_sight else there - LINES_ABOVE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between sentences, go to their images, edit them."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter.emit()
        elif key == Qt.Key.Key_E:
            self.edit.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.revert.emit()
        else:
            super().keyPressEvent(event)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing: a report has no outside parts."""
        return None
