"""Sends events to a viewport at a steady rate and keeps the time until their frame is on screen.

The events come by the clock, whether the program keeps up or not: a late frame delays nothing but
itself, and two events in one frame leave the first one unpainted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from lvp_workstation.viewer.viewport import Viewport

RATE_HZ = 30.0
NOTCH = 120
PATIENCE_S = 2.0


@dataclass
class Frames:
    """Milliseconds from event to painted frame, and the UI thread's own CPU time for each frame."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    dropped: int = 0

    def percentile(self, share: float, cpu: bool = False) -> float:
        """Return a percentile in ms, 0 without frames."""
        values = self.cpu_ms if cpu else self.wall_ms
        return float(np.percentile(values, share)) if values else 0.0

    def summary(self) -> dict[str, float]:
        """Return the percentiles that are reported."""
        return {
            "frames": len(self.wall_ms),
            "p50_ms": round(self.percentile(50), 2),
            "p95_ms": round(self.percentile(95), 2),
            "p99_ms": round(self.percentile(99), 2),
            "cpu_p50_ms": round(self.percentile(50, cpu=True), 2),
            "cpu_p95_ms": round(self.percentile(95, cpu=True), 2),
            "dropped": self.dropped,
        }

    @staticmethod
    def joined(parts: Sequence[Frames]) -> Frames:
        """Return the frames of several drives as one."""
        return Frames(
            [v for part in parts for v in part.wall_ms],
            [v for part in parts for v in part.cpu_ms],
            sum(part.dropped for part in parts),
        )


class Drive(QObject):
    """Runs an action at a steady rate and watches when a viewport has painted what it led to."""

    def __init__(self, viewport: Viewport, action: Callable[[int], None], rate_hz: float = RATE_HZ) -> None:
        super().__init__()
        self._viewport = viewport
        self._action = action
        self._gap = 1.0 / rate_hz
        self._frames = Frames()
        self._waiting: list[float] = []
        self._shown = 0
        """How many of the waiting events a painted frame already shows."""
        self._cpu = 0.0
        self._sent = 0
        self._loop = QEventLoop()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._send)

    def run(self, count: int, go_on: Callable[[], bool] = lambda: True) -> Frames:
        """Send up to ``count`` events, as long as ``go_on``, and return what was measured."""
        self._count, self._go_on = count, go_on
        self._viewport.frame_painted.connect(self._painted)
        self._start = time.perf_counter()
        self._send()
        self._loop.exec()
        self._viewport.frame_painted.disconnect(self._painted)
        return self._frames

    def _send(self) -> None:
        """Send every event that is due; one that is overtaken before its frame was painted is dropped."""
        now = time.perf_counter()
        if self._sent >= self._count or not self._go_on():
            self._finish(now)
            return
        while self._sent < self._count and self._start + self._sent * self._gap <= now:
            due = self._start + self._sent * self._gap
            if not self._waiting:
                self._cpu = time.thread_time()
            elif self._shown < len(self._waiting):
                self._frames.dropped += 1
            self._waiting.append(due)
            self._action(self._sent)
            self._sent += 1
        self._again(self._start + self._sent * self._gap)

    def _finish(self, now: float) -> None:
        """Wait for the last frame, in vain when the last event changed nothing."""
        if self._waiting and now - self._waiting[0] < PATIENCE_S:
            self._again(now + self._gap)
        else:
            self._loop.quit()

    def _again(self, when: float) -> None:
        self._timer.start(max(0, round((when - time.perf_counter()) * 1000)))

    def _painted(self) -> None:
        self._shown = len(self._waiting)
        QTimer.singleShot(0, self._flushed)

    def _flushed(self) -> None:
        """Every viewport was painted and handed to the screen: the frame is complete."""
        now, cpu = time.perf_counter(), time.thread_time()
        if self._shown:
            self._frames.wall_ms += [1000 * (now - due) for due in self._waiting[: self._shown]]
            self._frames.cpu_ms.append(1000 * (cpu - self._cpu))
            del self._waiting[: self._shown]
            self._shown, self._cpu = 0, cpu


def wait_until(condition: Callable[[], bool], timeout_s: float, poll_ms: int = 2) -> bool:
    """Serve events until a condition holds; return whether it did in time."""
    loop, end = QEventLoop(), time.perf_counter() + timeout_s
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: loop.quit() if condition() or time.perf_counter() > end else None)
    timer.start(poll_ms)
    if not condition():
        loop.exec()
    timer.stop()
    return condition()


def idle(milliseconds: int) -> None:
    """Serve events for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def turn_wheel(widget: QWidget, notches: int) -> None:
    """Turn the wheel over the middle of a widget; positive is away from the reader."""
    where = QPointF(widget.rect().center())
    event = QWheelEvent(
        where,
        widget.mapToGlobal(where),
        QPoint(),
        QPoint(0, NOTCH * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def mouse(widget: QWidget, kind: QMouseEvent.Type, at: QPointF, held: bool = True) -> None:
    """Send an event of the left button to a widget."""
    left = Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QMouseEvent.Type.MouseMove else left
    buttons = left if held else Qt.MouseButton.NoButton
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def ping_pong(step: int, length: int) -> int:
    """Return the direction (1 or -1) of a step that walks up and down a stack of ``length`` slices."""
    span = max(1, length - 1)
    return 1 if (step // span) % 2 == 0 else -1
