"""What the console knows: the examination on the table, its planes under review, and trouble with senders."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from lvp_workstation.domain.geometry import Array
from lvp_workstation.planning.canal import CanalCover, canal_cover
from lvp_workstation.planning.quality import Reason, Verdict
from lvp_workstation.planning.review import Choice, PlanReview, ReviewedStack
from lvp_workstation.planning.stack import AXIAL, CONTINUOUS, CORONAL, SAGITTAL, SATURATION
from lvp_workstation.services.acquisition.decisions import dropped_records, sent_records, step_record
from lvp_workstation.services.acquisition.news import Arrived, Judged, Release
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.room import Event

TROUBLE = ("refused", "duplicate", "late", "slow", "broken", "gone", "failed", "forgotten")
"""Events that a technologist is told of."""
SHOWN_TROUBLES = 40
COVERAGE = ("coverage", "foramina", "side", "angulation", "position", "missing_slices", "no_lumbar_spine")
"""Reasons of a verdict that the coverage light speaks of; all others belong to the quality light."""
MOVE_MM, TURN_DEG, FINE = 1.0, 1.0, 0.2
"""One press of a key, and its share while Shift is held (our choice)."""
KIND_ORDER = (SAGITTAL, AXIAL, CONTINUOUS, CORONAL, SATURATION)

Records = list[dict[str, str]]


@dataclass(frozen=True)
class Lamp:
    """A light: how good, and the sentences why."""

    verdict: Verdict | None
    reasons: tuple[str, ...] = ()


@dataclass(eq=False)
class ConsoleModel:
    """The state of the console; changes come as news or as intents of the technologist.

    Attributes
    ----------
    outcome
        The series that was judged last.
    planned
        The series whose planes are under review; ``review`` is what was made of them.
    sent
        The planes under review were sent.
    arriving
        The slice that came last, None once its series was judged.
    """

    doors: tuple[tuple[str, int], ...] = ()
    broken: str = ""
    outcome: SeriesOutcome | None = None
    planned: SeriesOutcome | None = None
    review: PlanReview = field(default_factory=lambda: PlanReview(()))
    selected: str = ""
    sent: bool = False
    arriving: Arrived | None = None
    troubles: deque[Event] = field(default_factory=lambda: deque(maxlen=SHOWN_TROUBLES))

    # -- news ---------------------------------------------------------------------------

    def take_arrived(self, news: Arrived) -> None:
        """Note a slice."""
        self.arriving = news

    def take_event(self, event: Event) -> bool:
        """Note an event; return whether it is trouble to be shown."""
        if event.code in TROUBLE:
            self.troubles.append(event)
        return event.code in TROUBLE

    def take_judged(self, news: Judged) -> Records:
        """Take a verdict, and the planes made on the series; return what is to be logged."""
        outcome = news.outcome
        if self.arriving is not None and self.arriving.series == outcome.series:
            self.arriving = None
        self.outcome = outcome
        if outcome.found is None:
            return []
        dropped: Records = []
        if self.planned is not None and not self.sent:
            dropped = dropped_records(self.planned, self.review)
        self.planned, self.review, self.sent = outcome, PlanReview.of(outcome.found.plan), False
        self.selected = next(iter(self.review.open_names), "")
        return dropped

    # -- what is shown ------------------------------------------------------------------

    @property
    def rows(self) -> tuple[ReviewedStack, ...]:
        """The stacks in the order of the list: sagittal, axial from above, what is offered, the band."""
        return tuple(sorted(self.review.stacks, key=lambda s: KIND_ORDER.index(s.proposal.kind)))

    @property
    def chosen(self) -> ReviewedStack | None:
        """The selected stack."""
        return next((s for s in self.review.stacks if s.name == self.selected), None)

    @property
    def can_send(self) -> bool:
        """Whether everything that was ordered is decided and not sent yet."""
        return self.planned is not None and not self.sent and self.review.sendable

    def lamps(self) -> tuple[Lamp, Lamp]:
        """Return the lights of coverage and of quality for the series that was judged last."""
        if self.outcome is None:
            return Lamp(None), Lamp(None)
        reasons = self.outcome.quality.reasons
        coverage = [reason for reason in reasons if reason.code in COVERAGE]
        return _lamp(coverage), _lamp([reason for reason in reasons if reason.code not in COVERAGE])

    def cover(self) -> CanalCover | None:
        """Return the canal between L3 and S1 that the angled stacks leave unimaged where they lie now."""
        if self.planned is None or self.planned.found is None:
            return None
        kept = [s for s in self.review.stacks if s.choice is not Choice.REJECTED]
        shown = [s.final for s in kept if s.proposal.kind == AXIAL or _continuous(s)]
        return canal_cover(self.planned.found.landmarks, self.planned.found.levels, shown)

    # -- intents ------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Select a stack."""
        self.selected = name

    def step(self, rows: int) -> None:
        """Select the next or the previous stack of the list."""
        names = [stack.name for stack in self.rows]
        if names:
            now = names.index(self.selected) if self.selected in names else -1
            self.selected = names[(now + rows) % len(names)]

    def accept(self) -> Records:
        """Accept the selected stack where it lies, and go to the next open one."""
        return self._decided(self.review.accepted)

    def reject(self) -> Records:
        """Reject the selected stack, and go to the next open one."""
        return self._decided(self.review.rejected)

    def accept_all(self) -> Records:
        """Accept every ordered stack that is open."""
        if self.planned is None or self.sent:
            return []
        names = self.review.open_names
        self.review = self.review.all_accepted()
        return [step_record(self.planned, self.review.find(name)) for name in names]

    def reset(self) -> Records:
        """Put the selected stack back to its proposal."""
        if self.planned is None or self.sent or self.chosen is None:
            return []
        self.review = self.review.reset(self.selected)
        return [
            {**step_record(self.planned, self.review.find(self.selected)), "action": "back to the proposal"}
        ]

    def move(self, name: str, by_mm: Array) -> None:
        """Move a stack by an LPS vector."""
        if not self.sent and name:
            self.review = self.review.moved(name, by_mm)

    def turn(self, name: str, axis: Array, degrees: float) -> None:
        """Turn a stack about its middle."""
        if not self.sent and name:
            self.review = self.review.turned(name, axis, degrees)

    def sending(self) -> tuple[Release, Records] | None:
        """Return what is sent and what is logged of it, None when something is still open."""
        if not self.can_send or self.planned is None:
            return None
        planned = self.planned
        release = Release(planned.key, planned.series, self.review.result())
        return release, sent_records(planned, self.review)

    def _decided(self, decide: Callable[[str], PlanReview]) -> Records:
        if self.planned is None or self.sent or self.chosen is None:
            return []
        name = self.selected
        self.review = decide(name)
        following = self.review.open_names
        self.selected = following[0] if following else name
        return [step_record(self.planned, self.review.find(name))]


def _continuous(stack: ReviewedStack) -> bool:
    return stack.proposal.kind == CONTINUOUS and stack.choice is Choice.ACCEPTED


def _lamp(reasons: list[Reason]) -> Lamp:
    bad = [reason for reason in reasons if reason.verdict is Verdict.REPEAT]
    verdict = Verdict.REPEAT if bad else Verdict.ACCEPTABLE if reasons else Verdict.GOOD
    return Lamp(verdict, tuple(reason.text for reason in reasons))
