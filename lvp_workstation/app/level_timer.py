"""Counts how long the reader is at each level: from one movement on screen to the next."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QObject

from lvp_workstation.app.panels.findings_grid import FindingsGrid
from lvp_workstation.app.panels.level_rail import LevelRail
from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.level_clock import LevelClock
from lvp_workstation.viewer.grid import ViewportGrid


class LevelTimer(QObject):
    """Listens to what moves on screen; see `LevelClock` for what counts."""

    def __init__(
        self, viewports: ViewportGrid, rail: LevelRail, grid: FindingsGrid, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._rail = rail
        self._clock = LevelClock()
        for moved in (viewports.slice_painted, viewports.window_changed, viewports.active_changed):
            moved.connect(lambda *_: self._moved())
        grid.cell_focused.connect(lambda _key: self._moved())
        grid.grade_requested.connect(lambda *_: self._moved())

    def begin(self, seconds: Mapping[InstanceId, float]) -> None:
        """Go on from the seconds that were counted when the reading was last left."""
        self._clock = LevelClock(dict(seconds), self._rail.current, time.monotonic())

    def seconds(self) -> dict[InstanceId, float]:
        """Return the seconds at each level up to now."""
        self._moved()
        return self._clock.rounded()

    def _moved(self) -> None:
        self._clock = self._clock.moved(self._rail.current, time.monotonic())
