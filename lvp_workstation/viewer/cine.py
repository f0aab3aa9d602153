"""Cine: the slices of one viewport run by themselves, every one of them painted."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer

from lvp_workstation.viewer.viewport import Viewport

RATES = (2, 4, 6, 8, 10, 12, 15, 20, 25, 30)
"""Slices a second (our choice); 30 is half the refresh of an ordinary screen, faster paging loses slices
(Yakami, J Digit Imaging 2013;26:419)."""

FIRST_RATE = 8


class Cine(QObject):
    """Pages through a viewport by a clock; after the last slice it begins again.

    The next slice waits until the one before was painted, so that none is passed over on a slow machine.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._rate = FIRST_RATE
        self._painted = True
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    @property
    def rate(self) -> int:
        """Slices a second."""
        return self._rate

    @property
    def running(self) -> bool:
        """Whether slices run."""
        return self._viewport is not None

    def start(self, viewport: Viewport) -> None:
        """Run the slices of a viewport."""
        self.stop()
        if viewport.stack is None or viewport.stack.count < 2:
            return
        self._viewport = viewport
        viewport.frame_painted.connect(self._on_painted)
        viewport.destroyed.connect(self._forget)
        viewport.set_cine(self._rate)
        self._painted = True
        self._timer.start(round(1000 / self._rate))

    def stop(self) -> bool:
        """Stop; return whether slices ran."""
        self._timer.stop()
        viewport, self._viewport = self._viewport, None
        if viewport is None:
            return False
        viewport.frame_painted.disconnect(self._on_painted)
        viewport.destroyed.disconnect(self._forget)
        viewport.set_cine(0)
        return True

    def change_rate(self, step: int) -> None:
        """Run faster (1) or slower (-1)."""
        at = RATES.index(self._rate) + step
        self._rate = RATES[max(0, min(at, len(RATES) - 1))]
        if self._viewport is not None:
            self._timer.setInterval(round(1000 / self._rate))
            self._viewport.set_cine(self._rate)

    def _step(self) -> None:
        viewport = self._viewport
        if viewport is None or not self._painted:
            return
        if viewport.stack is None or not viewport.isVisible():
            self.stop()
            return
        before = (viewport.series, viewport.slice_index)
        self._painted = False
        viewport.scroll_by(1)
        if (viewport.series, viewport.slice_index) == before:
            viewport.rewind()

    def _on_painted(self) -> None:
        self._painted = True

    def _forget(self) -> None:
        self._timer.stop()
        self._viewport = None
