"""What is on screen is kept with the reading, and taken up again where the reader left it."""

from __future__ import annotations

from lvp_workstation.app.layout_state import State, captured, restore_series, restore_viewports
from lvp_workstation.app.level_timer import LevelTimer
from lvp_workstation.app.window_parts import WindowParts


class LayoutActions(WindowParts):
    """Captures and restores the layout of the window."""

    level_timer: LevelTimer

    def _layout_now(self) -> State:
        shown = captured(self.viewports, self.studies.series, self.rail.current, self._segmentation_shown)
        more = {
            "tool": self.viewports.tool,
            "seconds": self.level_timer.seconds(),
            "looked_at": sorted(self.screen_state.looked_at),
        }
        return {**shown, **more, **self.hanging_state()}

    def _restore_layout(self) -> None:
        """Take everything to where the reader left it."""
        kept, reading = self.readings.layout, self.readings.reading
        self.level_timer.begin(kept.get("seconds", {}))
        self.screen_state.look_back(kept.get("looked_at", ()))
        self.restore_hanging(kept)
        restore_series(kept, self.studies.series)
        level = kept.get("level", "")
        if reading is not None and level in reading.levels:
            self.screen_state.go_to_level(level)
        else:
            self.screen_state.jump_to_first_level()
        restore_viewports(kept, self.viewports, self.studies.series)
        self.show_segmentation(bool(kept.get("segmentation", True)))
        self.viewports.set_annotations_visible(bool(kept.get("annotations", True)))
        if kept.get("tool"):
            self.viewports.set_tool(kept["tool"])
        self._count_seen()

    def hanging_state(self) -> State:
        """Return by what the viewports are arranged."""
        raise NotImplementedError

    def restore_hanging(self, kept: State) -> None:
        """Arrange the viewports as they were left."""
        raise NotImplementedError

    def show_segmentation(self, shown: bool) -> None:
        """Show or hide the contours."""
        raise NotImplementedError

    def _count_seen(self) -> None:
        """Tell how many slices were displayed."""
        raise NotImplementedError
