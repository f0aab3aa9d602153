"""When viewports render: at most once a frame, however many requests came."""

from __future__ import annotations

from time import perf_counter
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from lvp_workstation.viewer.cut_worker import CutWorker

FRAME_MS = 16


class Renderable(Protocol):
    """Something that renders one frame on demand."""

    def render_frame(self) -> None:
        """Render now."""


class RenderScheduler(QObject):
    """Collects render requests and serves them together, once a frame."""

    def __init__(self, frame_ms: int = FRAME_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = CutWorker(self)
        """Makes what takes longer than a frame."""
        self._frame_ms = frame_ms
        self._waiting: dict[int, Renderable] = {}
        self._preparing: dict[int, Renderable] = {}
        self._last = 0.0
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._serve)

    def request(self, view: Renderable) -> None:
        """Render a view at the next frame; more requests before it change nothing."""
        self._waiting[id(view)] = view
        self._wake()

    def prepare(self, what: Renderable) -> None:
        """Bring up to date what views depend on, before any view is rendered at the next frame."""
        self._preparing[id(what)] = what
        self._wake()

    def _wake(self) -> None:
        if not self._closed and not self._timer.isActive():
            since = (perf_counter() - self._last) * 1000
            self._timer.start(max(0, round(self._frame_ms - since)))

    def forget(self, view: Renderable) -> None:
        """Drop the request of a view that goes away."""
        self._waiting.pop(id(view), None)
        self._preparing.pop(id(view), None)
        self.worker.forget(view)

    def close(self) -> None:
        """Render nothing any more and stop the worker; may be called again."""
        self._closed = True
        self._timer.stop()
        self.worker.close()

    def flush(self) -> None:
        """Render everything that waits, now."""
        self._prepare()
        waiting, self._waiting = self._waiting, {}
        self._last = perf_counter()
        for view in waiting.values():
            view.render_frame()

    def _serve(self) -> None:
        """Render what waits; what a frame has no time for waits until the event loop was served."""
        self._prepare()
        waiting, self._waiting = self._waiting, {}
        self._last = perf_counter()
        while waiting:
            waiting.pop(next(iter(waiting))).render_frame()
            if (perf_counter() - self._last) * 1000 > self._frame_ms:
                break
        if waiting:
            self._waiting = {**waiting, **self._waiting}
            self._timer.start(0)

    def _prepare(self) -> None:
        """Bring up to date what views depend on; views that ask to be rendered for it are served with it."""
        preparing, self._preparing = self._preparing, {}
        for what in preparing.values():
            what.render_frame()
        self._timer.stop()
