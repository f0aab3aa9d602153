"""The pages of the window: the reading, the worklist, and the door that is shut while nobody may look."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from lvp_workstation.app.panels.door_page import DoorPage
from lvp_workstation.app.panels.worklist_page import WorklistPage


class Pages(QWidget):
    """One page at a time above the status bar; behind the shut door nothing of a patient is on screen."""

    turned = Signal()
    """Another page is shown."""

    def __init__(self, reading: QWidget, status: QWidget) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.worklist, self.door = WorklistPage(), DoorPage()
        self._reading, self._status = reading, status
        self._stack = QStackedWidget()
        for page in (reading, self.worklist, self.door):
            self._stack.addWidget(page)
        self._behind: QWidget = reading
        self._held: QWidget | None = None
        """What had the keyboard when the door was shut."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(status)

    @property
    def shut(self) -> bool:
        """Whether the door is shut."""
        return self._stack.currentWidget() is self.door

    @property
    def reading_shown(self) -> bool:
        """Whether images and findings are on screen."""
        return self._stack.currentWidget() is self._reading

    def show_reading(self) -> None:
        """Show images and findings."""
        self._turn(self._reading)

    def show_worklist(self) -> None:
        """Show the worklist."""
        self._turn(self.worklist)

    def shut_door(self) -> None:
        """Hide everything behind the door; what is turned to meanwhile is shown once it opens."""
        if not self.shut:
            self._behind = self._reading if self.reading_shown else self.worklist
            self._held = self._behind.focusWidget()
            self._show(self.door)

    def open_door(self) -> None:
        """Show what lies behind the door, with the keyboard where it was: without one no shortcut works."""
        if self.shut:
            self._show(self._behind)
            held = self._held
            here = held is not None and isValid(held) and self._behind.isAncestorOf(held)
            (held if held is not None and here else self._behind).setFocus()

    def _turn(self, page: QWidget) -> None:
        if self.shut:
            self._behind = page
        else:
            self._show(page)

    def _show(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self._status.setVisible(page is not self.door)
        self.turned.emit()
