"""The parts of the console beside the images: lights, the list of stacks, what senders did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget

from lvp_workstation.app import theme
from lvp_workstation.app.console.model import Lamp
from lvp_workstation.app.console.words import (
    LESS_SURE,
    mark_of,
    sentences,
    stack_name,
    stack_state,
    verdict_word,
)
from lvp_workstation.app.status_bar import NOTICE
from lvp_workstation.planning.quality import Verdict
from lvp_workstation.planning.review import Choice, ReviewedStack
from lvp_workstation.services.acquisition.room import Event
from lvp_workstation.viewer import palette
from lvp_workstation.viewer.language import told, tr
from lvp_workstation.viewer.plan_view import COLOURS

LARGE, MIDDLE, SMALL = 30, 24, 18
"""Font sizes in pixels: what is read from two metres, from one, and at the desk (our choice)."""
LIGHT_COLOURS = {Verdict.GOOD: theme.OK, Verdict.ACCEPTABLE: theme.WARN, Verdict.REPEAT: theme.ALERT}
LIGHT_SIGNS = {Verdict.GOOD: "✓", Verdict.ACCEPTABLE: "!", Verdict.REPEAT: "✕"}
DISC_PIXELS = 76
ROW_PIXELS = 44
SHOWN_NOTES = 3


def large(pixels: int, bold: bool = True) -> QFont:
    """Return the font of the console at a size."""
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def label(pixels: int, bold: bool = True) -> QLabel:
    """Return a label in a size of the console."""
    made = QLabel()
    made.setStyleSheet(f"font-size: {pixels}px; font-weight: {'bold' if bold else 'normal'};")
    made.setWordWrap(True)
    return made


class Light(QFrame):
    """A large light with its name, its verdict in a word, and why."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title, self._lamp = title, Lamp(None)
        self.setMinimumHeight(DISC_PIXELS + 20)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lamp(self, lamp: Lamp) -> None:
        """Show another verdict."""
        self._lamp = lamp
        why = sentences(lamp.reasons)
        self.setToolTip(why)
        self.setAccessibleDescription(f"{verdict_word(lamp.verdict)} {why}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the disc with its sign, and the words beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        verdict = self._lamp.verdict
        colour = LIGHT_COLOURS[verdict] if verdict is not None else theme.RAISED
        disc = QRectF(8, (self.height() - DISC_PIXELS) / 2, DISC_PIXELS, DISC_PIXELS)
        painter.setPen(QPen(colour.darker(150), 3))
        painter.setBrush(colour)
        painter.drawEllipse(disc)
        painter.setFont(large(52))
        painter.setPen(QColor("#101214"))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(disc, centre, LIGHT_SIGNS[verdict] if verdict is not None else "")
        self._write(painter, disc.right() + 18, verdict_word(verdict), sentences(self._lamp.reasons))
        painter.end()

    def _write(self, painter: QPainter, left: float, word: str, why: str) -> None:
        width = self.width() - left - 6
        painter.setPen(theme.DIM)
        painter.setFont(large(SMALL))
        painter.drawText(QRectF(left, 4, width, 24), Qt.AlignmentFlag.AlignLeft, self._title)
        painter.setPen(theme.TEXT)
        painter.setFont(large(LARGE))
        painter.drawText(QRectF(left, 24, width, 38), Qt.AlignmentFlag.AlignVCenter, word)
        painter.setFont(large(SMALL, bold=False))
        flags = Qt.AlignmentFlag.AlignTop.value | Qt.TextFlag.TextWordWrap.value
        painter.drawText(QRectF(left, 62, width, self.height() - 64), flags, why)


class StackList(QListWidget):
    """The stacks under review, one large row each."""

    stack_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Proposed stacks"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setStyleSheet(
            f"QListWidget {{ border: none; }} QListWidget::item {{ border-bottom: 1px solid "
            f"{theme.LINE.name()}; }} QListWidget::item:selected {{ background: "
            f"{theme.RAISED.name()}; border-left: 6px solid {palette.MARK_ACTIVE.name()}; }}"
        )
        self.itemClicked.connect(lambda item: self.stack_chosen.emit(item.data(Qt.ItemDataRole.UserRole)))

    def show_stacks(self, rows: Sequence[ReviewedStack], selected: str, names: dict[str, str]) -> None:
        """Show the state of every stack."""
        self.clear()
        for stack in rows:
            text = f"{mark_of(stack)}  {stack_name(stack, names.get(stack.name, ''))}   {stack_state(stack)}"
            item = QListWidgetItem(text)
            item.setFont(large(MIDDLE, bold=stack.name == selected))
            item.setSizeHint(QSize(0, ROW_PIXELS))
            item.setData(Qt.ItemDataRole.UserRole, stack.name)
            item.setToolTip(told(stack.proposal.declined))
            item.setForeground(_row_colour(stack))
            self.addItem(item)
            if stack.name == selected:
                self.setCurrentItem(item)
                self.scrollToItem(item)


def _row_colour(stack: ReviewedStack) -> QColor:
    """Return the colour of a row: its choice's; amber for an unsure proposal, red where there is none."""
    if stack.choice is not Choice.OPEN:
        return COLOURS[stack.choice]
    if not stack.proposal.proposed:
        return theme.ALERT
    if stack.optional:
        return theme.DIM
    return theme.WARN if stack.proposal.confidence < LESS_SURE else COLOURS[stack.choice]


class SenderNotes(QWidget):
    """What went wrong with senders lately, the newest first; below, what this program is not."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [label(SMALL, bold=False) for _ in range(SHOWN_NOTES)]
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 4)
        column.setSpacing(2)
        for line in self._lines:
            line.setWordWrap(False)
            column.addWidget(line)
        notice = label(SMALL, bold=False)
        notice.setText(tr(NOTICE))
        notice.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(notice)
        self.setAccessibleName(tr("Trouble with senders"))

    def show_events(self, events: Sequence[Event], broken: str) -> None:
        """Show the newest troubles; receivers that do not work stand first."""
        texts = [f"⚠  {told(broken)}"] if broken else []
        for event in reversed(events):
            texts.append(f"⚠  {_clock(event.wall)}  {told(event.text)}")
        for number, line in enumerate(self._lines):
            line.setText(texts[number] if number < len(texts) else "")
            colour = theme.ALERT if broken and number == 0 else theme.WARN
            line.setStyleSheet(f"font-size: {SMALL}px; color: {colour.name()};")
        self.setToolTip("\n".join(texts))


def _clock(wall: float) -> str:
    return datetime.fromtimestamp(wall).strftime("%H:%M:%S")
