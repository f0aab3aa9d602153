"""The state of one examination: slices by series, what is a duplicate, and when a series is whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lvp_workstation.domain.arrival import ReceivedSlice, SliceRefused
from lvp_workstation.domain.study import same_patient

MAX_MATRIX = 2048
"""Largest rows or columns taken from a scanner; lumbar series have up to 1024 (our choice)."""


@dataclass(frozen=True)
class Limits:
    """What one examination may hold, and how long is waited (all our choice).

    Attributes
    ----------
    max_series, max_slices, max_bytes
        Series, slices of one series, and bytes of pixels of the examination.
    kept
        So many judged series keep their slices; of older ones only the names of the slices stay, so that a
        connection that lasts all day holds no more than one that just began.
    settle_s
        A series of unknown length is taken as whole when no slice came for so long.
    patience_s
        A series that misses announced slices is judged as it is when no slice came for so long.
    slow_s
        Silence of an unfinished series after which it is told of; longer than a slice takes.
    """

    max_series: int = 60
    max_slices: int = 400
    max_bytes: int = 1 << 30
    kept: int = 6
    settle_s: float = 3.0
    patience_s: float = 20.0
    slow_s: float = 4.0


@dataclass(eq=False)
class IncomingSeries:
    """One series in the course of arriving.

    Attributes
    ----------
    closed
        The sender said, by its protocol, that no more slices come.
    judged
        Number of slices it had when it was last handed out as whole; 0 before.
    duplicates
        Slices that came again and were ignored.
    told_slow
        Number of slices it had when its silence was last told of.
    past
        Names of slices that were judged and let go.
    """

    name: str
    slices: dict[str, ReceivedSlice] = field(default_factory=dict)
    closed: bool = False
    judged: int = 0
    duplicates: int = 0
    told_slow: int = 0
    past: frozenset[str] = frozenset()

    def knows(self, uid: str) -> bool:
        """Return whether a slice came before."""
        return uid in self.slices or uid in self.past

    def let_go(self) -> int:
        """Drop the slices but remember their names; return the bytes of pixels that are free now."""
        freed = sum(one.pixels.nbytes for one in self.slices.values())
        self.past |= self.slices.keys()
        self.slices, self.judged = {}, 0
        return freed

    @property
    def title(self) -> str:
        """What the scanner calls it, else its identifier."""
        return next((one.description for one in self.slices.values() if one.description), self.name)

    @property
    def last(self) -> float:
        """Monotonic seconds of the last slice."""
        return max(one.received for one in self.slices.values())

    @property
    def expected(self) -> int:
        """Announced number of slices, 0 when none was announced."""
        return max(one.expected for one in self.slices.values())

    def stalled(self, now: float, silence_s: float) -> bool:
        """Return whether slices are missing, none came for so long, and that was not told yet."""
        count = len(self.slices)
        missing = not self.closed and not self.judged and 0 < count < self.expected
        return missing and self.told_slow != count and now - self.last >= silence_s

    def whole(self, now: float, limits: Limits) -> bool:
        """Return whether the series should be judged now."""
        if not self.slices or len(self.slices) == self.judged:
            return False
        if self.closed or (self.expected and not self.judged and len(self.slices) >= self.expected):
            return True
        wait = limits.patience_s if self.expected > len(self.slices) else limits.settle_s
        return now - self.last >= wait


class Examination:
    """Everything that arrived for one patient on one table.

    Slices of several series may come interleaved and in any order. A slice that comes after its series
    was judged opens the series again.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.series: dict[str, IncomingSeries] = {}
        self._bytes = 0

    @property
    def bytes_held(self) -> int:
        """Bytes of pixels held."""
        return self._bytes

    def take(self, one: ReceivedSlice) -> bool:
        """Keep a slice; return False for one that is already there.

        Raises
        ------
        SliceRefused
            When a limit is reached, the slice is absurd, or it belongs to another patient.
        """
        known = self.series.get(one.series)
        if known is not None and known.knows(one.uid):
            known.duplicates += 1
            return False
        self._make_room(one, known)
        self._check(one, known)
        if known is None:
            known = self.series[one.series] = IncomingSeries(one.series)
        known.slices[one.uid] = one
        known.closed = False
        self._bytes += one.pixels.nbytes
        return True

    def _make_room(self, one: ReceivedSlice, known: IncomingSeries | None) -> None:
        """Forget the series that were let go first, when there are too many to take another one."""
        if known is not None or len(self.series) < self.limits.max_series:
            return
        gone = next((name for name, held in self.series.items() if held.past and not held.slices), None)
        if gone is not None:
            del self.series[gone]

    def _check(self, one: ReceivedSlice, known: IncomingSeries | None) -> None:
        limits = self.limits
        if one.pixels.ndim != 2 or not 8 <= min(one.pixels.shape) <= max(one.pixels.shape) <= MAX_MATRIX:
            raise SliceRefused(f"A slice of {one.pixels.shape} pixels is not taken.")
        if known is None and len(self.series) >= limits.max_series:
            raise SliceRefused(f"The examination already has {limits.max_series} series.")
        if known is not None and len(known.slices) >= limits.max_slices:
            raise SliceRefused(f"The series already has {limits.max_slices} slices.")
        if self._bytes + one.pixels.nbytes > limits.max_bytes:
            raise SliceRefused("The examination already fills the memory that it may use.")
        first = next((s for held in self.series.values() for s in held.slices.values()), None)
        if first is not None and not same_patient(first.patient, one.patient):
            raise SliceRefused(
                f"The slice belongs to {one.patient.identity_words}, not to {first.patient.identity_words}."
            )

    def close(self, names: Iterable[str]) -> None:
        """Note that no more slices of these series come."""
        for name in names:
            if name in self.series:
                self.series[name].closed = True

    def ready(self, now: float) -> list[IncomingSeries]:
        """Return the series to be judged now, each marked as judged with what it has."""
        found = [one for one in self.series.values() if one.whole(now, self.limits)]
        for one in found:
            one.judged = len(one.slices)
        done = [one for one in self.series.values() if one.slices and one.judged == len(one.slices)]
        for old in done[: max(0, len(done) - self.limits.kept)]:
            if old not in found:
                self._bytes -= old.let_go()
        return found

    def interrupted(self) -> bool:
        """Return whether some series misses slices that were announced, or may miss some."""
        return any(
            len(one.slices) != one.judged and not 0 < one.expected <= len(one.slices)
            for one in self.series.values()
            if one.slices
        )

    def waiting(self) -> bool:
        """Return whether some series is still arriving."""
        return any(len(one.slices) != one.judged for one in self.series.values())
