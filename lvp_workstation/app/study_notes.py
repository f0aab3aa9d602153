"""What must be known about the study on screen: doubts about its levels, its input, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from lvp_workstation.app.panels.notes_panel import NotesPanel
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.reading_screen import ReadingScreen
from lvp_workstation.app.window_words import input_notes


class StudyNotes:
    """Gathers the notes and keeps the panel that shows them up to date."""

    def __init__(self, panel: NotesPanel, readings: ReadingController, screen: ReadingScreen) -> None:
        self._panel = panel
        self._readings = readings
        self._screen = screen
        self._remarks: tuple[str, ...] = ()
        self._input: tuple[str, ...] = ()

    def of_input(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Note what is the matter with the input, in place of what was noted before; return it as shown."""
        self._input = input_notes(texts)
        self.show()
        return self._input

    def remark(self, text: str) -> None:
        """Note something about the study on screen."""
        self._remarks = (*self._remarks, text)
        self.show()

    def forget_remarks(self) -> None:
        """Drop the remarks: another study is shown, or what they said is tried once more."""
        self._remarks = ()
        self.show()

    def show(self) -> None:
        """Bring the panel up to date."""
        reading = self._readings.reading
        levels = reading.level_map if reading else None
        if levels is None:
            self._panel.show_notes("", (), self._input, self._remarks)
            return
        doubts = () if levels.confirmed_by else levels.alternatives
        notes = (*self._screen.scope_notes(), *self._input)
        self._panel.show_notes(levels.statement, doubts, notes, self._remarks)
