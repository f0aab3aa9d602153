"""Handlers that go to levels and rename them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QInputDialog

from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.anatomy import InstanceId, LevelMap
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.reading import Reading
from lvp_workstation.viewer.language import tr


class LevelActions(WindowParts):
    """Navigation between levels, and the level map."""

    def go_to_level(self, target: InstanceId) -> None:
        """Take every viewport to a level."""
        self.screen_state.go_to_level(target)

    def previous_level(self) -> None:
        """Go one level up."""
        self._step_level(-1)

    def next_level(self) -> None:
        """Go one level down."""
        self._step_level(1)

    def _step_level(self, step: int) -> None:
        target = self.rail.neighbour(step)
        if target is not None:
            self.go_to_level(target)

    def confirm_numbering(self) -> None:
        """Confirm the level names as they stand, under the reader's name."""
        if not self.context.reader_name:
            self._actions["file.reader"].trigger()
        if not self.context.reader_name:
            self.status.warn(tr("The numbering is confirmed by a named reader (File > Reader's name)."))
            return
        self.readings.run(edits.confirm_numbering)

    def shift_labels_up(self) -> None:
        """Call every vertebra by the name of the one above it."""
        self._change_levels(lambda levels: levels.shifted(1), "shift all labels up")

    def shift_labels_down(self) -> None:
        """Call every vertebra by the name of the one below it."""
        self._change_levels(lambda levels: levels.shifted(-1), "shift all labels down")

    def four_lumbar(self) -> None:
        """Assume four lumbar bodies."""
        self._change_levels(lambda levels: levels.with_counts(4), "four lumbar bodies")

    def five_lumbar(self) -> None:
        """Assume five lumbar bodies."""
        self._change_levels(lambda levels: levels.with_counts(5), "five lumbar bodies")

    def six_lumbar(self) -> None:
        """Assume six lumbar bodies."""
        self._change_levels(lambda levels: levels.with_counts(6), "six lumbar bodies")

    def relabel_vertebra(self) -> None:
        """Ask for the name of the vertebra above the current level."""
        reading, target = self.readings.reading, self.rail.current
        if reading is None or reading.level_map is None or not target:
            return
        vertebra = f"V{target[1:]}"
        before = reading.level_map.name(vertebra)
        name, ok = QInputDialog.getText(self._widget(), tr("Name this vertebra"), tr("Name:"), text=before)
        if ok and name.strip() and name.strip() != before:
            self._change_levels(
                lambda levels: levels.relabelled(vertebra, name.strip().upper()), f"rename {before} to {name}"
            )

    def _change_levels(self, change: Callable[[LevelMap], LevelMap], text: str) -> None:
        def build(reading: Reading, author: Author) -> Edit:
            if reading.level_map is None:
                raise UsageProblem("There are no levels yet.")
            return edits.change_level_map(reading, change(reading.level_map), author, text)

        self.readings.run(build)
