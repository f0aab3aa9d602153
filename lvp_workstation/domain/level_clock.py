"""How long the reader spent at each level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lvp_workstation.domain.anatomy import InstanceId

LONGEST_S = 120.0
"""A longer time without any movement counts as away from the screen (our choice)."""


@dataclass(frozen=True)
class LevelClock:
    """Seconds at each level; ``since`` is when the present level was last seen to be read.

    Times are seconds of a clock that never goes back; they are counted up to `LONGEST_S` a move.
    """

    seconds: Mapping[InstanceId, float] = field(default_factory=dict)
    level: InstanceId = ""
    since: float = 0.0

    def moved(self, level: InstanceId, now: float) -> LevelClock:
        """Return the clock after something moved at a level, or the reader went to it."""
        spent = min(max(now - self.since, 0.0), LONGEST_S)
        seconds = dict(self.seconds)
        if self.level:
            seconds[self.level] = seconds.get(self.level, 0.0) + spent
        return replace(self, seconds=seconds, level=level, since=now)

    def rounded(self) -> dict[InstanceId, float]:
        """Return the seconds to a tenth, for files."""
        return {level: round(seconds, 1) for level, seconds in self.seconds.items()}
