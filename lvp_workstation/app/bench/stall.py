"""Measures how long the UI thread did not answer: a fast timer, and the longest gap between its ticks."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5


@dataclass(frozen=True)
class Stall:
    """The longest gap between two ticks, and the CPU time the UI thread itself spent in the busiest gap.

    On a machine that does other things, only the CPU time tells what the program did.
    """

    wall_ms: float
    cpu_ms: float


class StallWatch(QObject):
    """Watches the thread it lives in between `restart` and `stall`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.restart()

    def restart(self) -> None:
        """Begin anew."""
        self._wall, self._cpu = time.perf_counter(), time.thread_time()
        self._worst_wall = self._worst_cpu = 0.0
        self._timer.start()

    def _tick(self) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        self._worst_wall = max(self._worst_wall, wall - self._wall)
        self._worst_cpu = max(self._worst_cpu, cpu - self._cpu)
        self._wall, self._cpu = wall, cpu

    @property
    def stall(self) -> Stall:
        """The longest gap since `restart`."""
        self._tick()
        return Stall(1000 * self._worst_wall, 1000 * self._worst_cpu)
