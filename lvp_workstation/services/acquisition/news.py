"""What a screen at the scanner is told, and what it asks for; everything can be sent to another process."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lvp_workstation.domain.arrival import ReceivedSlice
from lvp_workstation.planning.stack import PlannedStack
from lvp_workstation.services.acquisition.examination import IncomingSeries
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.room import Event

MAX_WAITING = 200
"""Events that wait for a screen; of more the oldest go: they stand in the log (our choice)."""


@dataclass(frozen=True)
class Doors:
    """The doors are open: name and port of each."""

    open: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Arrived:
    """The newest slice of a series, and how many there are."""

    key: str
    series: str
    title: str
    count: int
    expected: int
    one: ReceivedSlice


@dataclass(frozen=True, eq=False)
class Judged:
    """A series was judged; its planes wait for a person where it has some."""

    outcome: SeriesOutcome


@dataclass(frozen=True)
class Happened:
    """Something to tell: trouble with a sender, or what the room did."""

    event: Event


@dataclass(frozen=True)
class Broken:
    """The receivers do not work, or work no more; the sentence tells why."""

    text: str


@dataclass(frozen=True, eq=False)
class Release:
    """Send these stacks to the scanner that sent a series."""

    key: str
    series: str
    stacks: tuple[PlannedStack, ...]


@dataclass(frozen=True)
class Stop:
    """Shut the doors and end."""


class NewsDesk:
    """Collects news for one slow reader: of a series only the newest slice waits; nobody is blocked.

    It is a `room.Watcher`; `heard` takes outcomes.
    """

    def __init__(self) -> None:
        self._waiting: deque[Any] = deque()
        self._slices: dict[tuple[str, str], Arrived] = {}
        self._changed = threading.Condition()

    def arrived(self, key: str, series: IncomingSeries, one: ReceivedSlice) -> None:
        """See a new slice."""
        news = Arrived(key, series.name, series.title, len(series.slices), series.expected, one)
        with self._changed:
            self._slices[key, series.name] = news
            self._changed.notify_all()

    def happened(self, event: Event) -> None:
        """See an event."""
        self.put(Happened(event))

    def heard(self, outcome: SeriesOutcome) -> None:
        """Take an outcome; its raw slices but the first stay here."""
        self.put(Judged(replace(outcome, stack=replace(outcome.stack, slices=outcome.stack.slices[:1]))))

    def put(self, news: Any) -> None:
        """Keep something for the reader."""
        with self._changed:
            self._waiting.append(news)
            events = [one for one in self._waiting if isinstance(one, Happened)]
            if len(events) > MAX_WAITING:
                self._waiting.remove(events[0])
            self._changed.notify_all()

    def take(self, seconds: float) -> Any:
        """Return the next news, None when there was none for so long; slices go before what follows them."""
        with self._changed:
            self._changed.wait_for(lambda: self._slices or self._waiting, seconds)
            if self._slices:
                return self._slices.pop(next(iter(self._slices)))
            return self._waiting.popleft() if self._waiting else None


Told = Callable[[Any], None]
"""Takes news: `Doors`, `Arrived`, `Judged`, `Happened` or `Broken`; called from a thread of its own."""
