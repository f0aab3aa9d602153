"""Where slices come together: receivers hand them in, one worker judges whole series and tells listeners."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lvp_workstation.domain.arrival import ReceivedSlice, SliceRefused
from lvp_workstation.domain.errors import Cancelled, LvpError
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.services.acquisition.examination import (
    Examination,
    IncomingSeries,
    Limits,
)
from lvp_workstation.services.acquisition.outcome import SeriesOutcome

log = logging.getLogger(__name__)

MAX_EXAMINATIONS = 4
"""Examinations kept at once; the one that was quiet longest goes (our choice)."""
MAX_EVENTS = 500
TICK_S = 0.05
PREVIEW_SLICES = 7
"""Planes are tried before the last slice from so many slices on (our choice: half a series)."""
PREVIEW_QUIET_S = 0.3
"""And only where the sender leaves so much time between slices (our choice)."""


@dataclass(frozen=True)
class Event:
    """Something that happened, for the screen and the log.

    Attributes
    ----------
    code
        ``duplicate``, ``refused``, ``late``, ``slow``, ``broken``, ``gone``: trouble with a sender;
        ``judged``, ``preview``, ``failed``, ``forgotten``: what the room did.
    time, wall
        Monotonic seconds, and seconds since 1970.
    """

    time: float
    code: str
    text: str
    wall: float = 0.0


class Watcher(Protocol):
    """A screen that follows what comes in; it is called at once and must not block."""

    def arrived(self, key: str, series: IncomingSeries, one: ReceivedSlice) -> None:
        """See a new slice of a series of the examination ``key``."""

    def happened(self, event: Event) -> None:
        """See an event."""


class Judge(Protocol):
    """Turns whole series into outcomes."""

    def judge(self, key: str, series: IncomingSeries) -> SeriesOutcome:
        """Return planes and quality of a series of the examination ``key``."""

    def preview(self, key: str, series: IncomingSeries, cancel: CancelToken) -> str:
        """Return a sentence on the planes of a series that is still arriving; may raise `Cancelled`."""

    def settle(self, key: str, plan: ScanPlan) -> None:
        """Take what a person made of the planes of an examination."""

    def forget(self, key: str) -> None:
        """Drop what is remembered of an examination."""


Listener = Callable[[SeriesOutcome], None]


class AcquisitionRoom:
    """Keeps the examinations in progress and judges their series in one thread of its own.

    Parameters
    ----------
    judge
        Plans and checks; called from the worker thread only.
    limits
        Of each examination.
    watcher
        Follows slices and events.
    """

    def __init__(self, judge: Judge, limits: Limits | None = None, watcher: Watcher | None = None) -> None:
        self._judge = judge
        self._watcher = watcher
        self._limits = limits or Limits()
        self._examinations: OrderedDict[str, Examination] = OrderedDict()
        self._listeners: dict[str, Listener] = {}
        self._changed = threading.Condition()
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._previewed: set[tuple[str, str]] = set()
        self._preview = CancelToken()
        self._stopped = False
        self._worker = threading.Thread(target=self._work, name="lvp-acquisition", daemon=True)
        self._worker.start()

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened lately, oldest first."""
        with self._changed:
            return tuple(self._events)

    def listen(self, name: str, listener: Listener) -> None:
        """Call ``listener`` with every outcome; it must not block, and replaces one of that name."""
        with self._changed:
            self._listeners[name] = listener

    def unlisten(self, name: str) -> None:
        """Stop calling a listener."""
        with self._changed:
            self._listeners.pop(name, None)

    def take(self, key: str, one: ReceivedSlice) -> bool:
        """Keep a slice of an examination; return False for a duplicate.

        Raises
        ------
        SliceRefused
            When it cannot be kept; the sender should be told.
        """
        with self._changed:
            held = self._examination(key)
            late = one.series in held.series and bool(held.series[one.series].judged)
            try:
                new = held.take(one)
            except SliceRefused as error:
                self._note("refused", str(error))
                raise
            if not new:
                self._note("duplicate", f"{one.description or one.series}: a slice came twice.")
            elif late:
                self._note("late", f"{one.description or one.series}: a slice came after the verdict.")
            if new and self._watcher is not None:
                self._watcher.arrived(key, held.series[one.series], one)
            if held.series[one.series].whole(time.monotonic(), self._limits):
                self._preview.cancel()
            self._changed.notify_all()
            return new

    def close(self, key: str, series: list[str] | None = None, gone: bool = False) -> None:
        """Note that no more slices come: of these series, or of all. ``gone``: the sender vanished."""
        with self._changed:
            held = self._examinations.get(key)
            if held is None:
                return
            if gone and held.interrupted():
                self._note("gone", "The sender vanished in the middle of a series.")
            held.close(list(held.series) if series is None else series)
            self._changed.notify_all()

    def note(self, code: str, text: str) -> None:
        """Keep word of trouble with a sender."""
        with self._changed:
            self._note(code, text)

    def stop(self) -> None:
        """End the worker; what is being judged is finished."""
        with self._changed:
            self._stopped = True
            self._preview.cancel()
            self._changed.notify_all()
        self._worker.join()

    def _examination(self, key: str) -> Examination:
        held = self._examinations.get(key)
        if held is None:
            held = self._examinations[key] = Examination(self._limits)
        self._examinations.move_to_end(key)
        while len(self._examinations) > MAX_EXAMINATIONS:
            old, _ = self._examinations.popitem(last=False)
            self._previewed = {pair for pair in self._previewed if pair[0] != old}
            self._judge.forget(old)
            self._note("forgotten", "The examination that was quiet longest was dropped.")
        return held

    def _note(self, code: str, text: str) -> None:
        event = Event(time.monotonic(), code, text, time.time())
        self._events.append(event)
        log.info("%s: %s", code, text)
        if self._watcher is not None:
            self._watcher.happened(event)

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                now = time.monotonic()
                self._tell_slow(now)
                due = [(k, s) for k, held in self._examinations.items() for s in held.ready(now)]
                early = None if due else self._early(now)
                if not due and early is None:
                    waiting = any(held.waiting() for held in self._examinations.values())
                    self._changed.wait(TICK_S if waiting else None)
            for key, series in due:
                self._tell(key, series)
            if early is not None:
                self._try_preview(*early)

    def _tell_slow(self, now: float) -> None:
        """Tell, once a pause, of a series that stopped in the middle."""
        for held in self._examinations.values():
            for series in held.series.values():
                if series.stalled(now, self._limits.slow_s):
                    series.told_slow = len(series.slices)
                    came = f"{len(series.slices)} of {series.expected} slices"
                    self._note("slow", f"{series.title}: {came}, nothing for {now - series.last:.0f} s.")

    def _early(self, now: float) -> tuple[str, IncomingSeries] | None:
        """Return a series worth a preview: half there, and the sender is slow."""
        for key, held in self._examinations.items():
            for series in held.series.values():
                enough = len(series.slices) >= PREVIEW_SLICES and not series.judged
                if (
                    enough
                    and (key, series.name) not in self._previewed
                    and now - series.last > PREVIEW_QUIET_S
                ):
                    self._previewed.add((key, series.name))
                    self._preview = CancelToken()
                    return key, IncomingSeries(series.name, dict(series.slices))
        return None

    def _try_preview(self, key: str, series: IncomingSeries) -> None:
        try:
            text = self._judge.preview(key, series, self._preview)
        except Cancelled:
            return
        except LvpError as error:
            text = str(error)
        with self._changed:
            self._note("preview", text)

    def _tell(self, key: str, series: IncomingSeries) -> None:
        try:
            outcome = self._judge.judge(key, series)
        except Exception as error:
            log.exception("a series could not be judged")  # the next series must be, whatever this one did
            with self._changed:
                self._note("failed", f"{series.name}: {error}")
            return
        with self._changed:
            self._note("judged", outcome.sentence)
            listeners = list(self._listeners.values())
        for listener in listeners:
            try:
                listener(outcome)
            except Exception:
                log.exception("an outcome could not be answered")
