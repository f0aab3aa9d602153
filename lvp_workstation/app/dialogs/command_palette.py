"""The command palette: type a few letters of what you want, Return does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lvp_workstation.viewer.language import tr
from lvp_workstation.viewer.letters import comfortable

_ROW = int(Qt.ItemDataRole.UserRole)
WIDTH, HEIGHT = 560, 380
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Command:
    """Something that can be done now: words, group, keys; ``also`` are other words it is found by."""

    title: str
    group: str
    run: Callable[[], object]
    keys: str = ""
    also: str = ""


def ranked(commands: Sequence[Command], typed: str) -> list[Command]:
    """Return the commands in which every typed word begins a word or stands somewhere, best first."""
    words = typed.casefold().split()
    found = []
    for n, command in enumerate(commands):
        distance = _distance(command, words)
        if distance is not None:
            found.append((distance, n))
    return [commands[n] for _, n in sorted(found)]


def _distance(command: Command, words: Sequence[str]) -> float | None:
    """Return how far a command is from what was typed, None when a word does not occur in it."""
    title = command.title.casefold()
    other = f"{command.group} {command.also}".casefold()
    distance = 0.0
    for word in words:
        if title.startswith(word):
            continue
        if any(part.startswith(word) for part in title.split()):
            distance += 1
        elif word in title:
            distance += 2
        elif word in other:
            distance += 3
        else:
            return None
    return distance


class CommandPalette(QDialog):
    """A line to type in and the commands that fit; it runs at most one and is gone."""

    def __init__(self, commands: Sequence[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands = tuple(commands)
        self._found: list[Command] = []
        self.setWindowTitle(tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("What shall be done? Type a few letters."))
        self.line.setAccessibleName(tr("Command"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands that fit"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        comfortable(self, WIDTH, HEIGHT)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._run)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.line.installEventFilter(self)
        self._fill("")

    def _fill(self, typed: str) -> None:
        self._found = ranked(self._commands, typed)
        self.list.clear()
        for row, command in enumerate(self._found):
            keys = f"   [{command.keys}]" if command.keys else ""
            item = QListWidgetItem(f"{command.title}   · {command.group}{keys}")
            item.setData(_ROW, row)
            self.list.addItem(item)
        if not self._found:
            nothing = QListWidgetItem(tr("No command that is possible now has these words."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        """Close first: what is run may open a dialog of its own or ask for the keyboard.

        Where nothing fits, the line stays to be typed anew.
        """
        item = self.list.currentItem()
        if item is None or not self._found:
            return
        command = self._found[item.data(_ROW)]
        self.accept()
        command.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the arrows of the line to the list."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _LIST_KEYS
        ):
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)
