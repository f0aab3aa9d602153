"""What is said of a series: its planes, its quality, what to scan next, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.quality import SeriesQuality
from lvp_workstation.planning.suggest import Suggestion
from lvp_workstation.services.acquisition.stacks import IncomingStack
from lvp_workstation.services.plan import PlannedVolume


@dataclass(frozen=True, eq=False)
class SeriesOutcome:
    """The answer to one series.

    Attributes
    ----------
    key
        The examination it belongs to.
    series
        The sender's name of the series.
    stack
        The stack that was judged: of a localizer the sagittal one.
    found
        The planes made on it; None where it shows none, such as an axial series.
    plan
        The planes that hold now: those made on it, else those of an earlier series of the examination.
    wait_s
        Seconds from the last slice to this answer.
    timings_s
        Seconds by step.
    """

    key: str
    series: str
    stack: IncomingStack
    found: PlannedVolume | None
    plan: ScanPlan | None
    quality: SeriesQuality
    suggestions: tuple[Suggestion, ...]
    wait_s: float
    timings_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """One line on what was found."""
        name = self.stack.series.description or self.series
        planes = ""
        if self.found is not None:
            proposed = sum(stack.proposed for stack in self.found.plan.stacks)
            planes = f", {proposed} stacks proposed"
        return f"{name}: {self.quality.verdict.value}{planes}, {self.wait_s:.2f} s after the last slice"
