"""What a person makes of proposed stacks: accept, nudge, reject; the proposal stays beside the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import radians

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import plane_angle_deg, rotated, vector
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.stack import PlannedStack

SAME_MM, SAME_DEG = 0.05, 0.05
"""A stack nearer than this to its proposal was not moved (our choice: below what a scanner can set)."""
BY_HAND = "placed by hand"


class Choice(StrEnum):
    """What was decided on a stack."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, eq=False)
class ReviewedStack:
    """A proposed stack and what became of it.

    Attributes
    ----------
    proposal
        As the program proposed or declined it; never changed.
    final
        Where it lies now.
    optional
        Offered, not ordered: nothing has to be decided.
    """

    proposal: PlannedStack
    final: PlannedStack
    choice: Choice = Choice.OPEN
    optional: bool = False

    @property
    def name(self) -> str:
        """Name of the stack in its plan."""
        return self.proposal.name

    @property
    def angle_deg(self) -> float:
        """Angle between the final and the proposed slices."""
        return plane_angle_deg(self.final.normal, self.proposal.normal)

    @property
    def offset_mm(self) -> float:
        """Distance between the final and the proposed middle."""
        if self.final.centre is None or self.proposal.centre is None:
            return 0.0
        return float(np.linalg.norm(self.final.centre - self.proposal.centre))

    @property
    def nudged(self) -> bool:
        """Whether it lies elsewhere than proposed."""
        axes = max(
            float(np.linalg.norm(getattr(self.final, axis) - getattr(self.proposal, axis)))
            for axis in ("row", "column")
        )
        return self.offset_mm > SAME_MM or axes > radians(SAME_DEG)

    @property
    def placed(self) -> bool:
        """Whether it has a place at all."""
        return self.final.centre is not None

    @property
    def undecided(self) -> bool:
        """Whether something still has to be decided before planes can be sent."""
        return self.choice is Choice.OPEN and not self.optional and self.proposal.proposed

    @property
    def word(self) -> str:
        """The action in one word, as it is logged."""
        if self.choice is Choice.ACCEPTED:
            if not self.proposal.proposed:
                return BY_HAND
            return "nudged" if self.nudged else "accepted"
        if self.choice is Choice.REJECTED:
            return "rejected"
        return "not decided" if self.proposal.proposed else "declined"


@dataclass(frozen=True, eq=False)
class PlanReview:
    """All stacks of one plan under review; every change gives a new review."""

    stacks: tuple[ReviewedStack, ...]

    @classmethod
    def of(cls, plan: ScanPlan) -> PlanReview:
        """Return the review of a plan on which nothing was decided yet."""
        return cls(tuple(ReviewedStack(s, s, optional=s.name in plan.optional) for s in plan.stacks))

    def find(self, name: str) -> ReviewedStack:
        """Return the stack of a name; raises `KeyError`."""
        for stack in self.stacks:
            if stack.name == name:
                return stack
        raise KeyError(name)

    def accepted(self, name: str) -> PlanReview:
        """Return the review with a stack accepted where it lies now; one without a place stays as it is."""
        stack = self.find(name)
        return self._with(replace(stack, choice=Choice.ACCEPTED)) if stack.placed else self

    def rejected(self, name: str) -> PlanReview:
        """Return the review with a stack rejected."""
        return self._with(replace(self.find(name), choice=Choice.REJECTED))

    def moved(self, name: str, by_mm: ArrayLike) -> PlanReview:
        """Return the review with a stack moved by an LPS vector; it has to be accepted again."""
        stack = self.find(name)
        if stack.final.centre is None:
            return self
        final = replace(stack.final, centre=stack.final.centre + vector(by_mm))
        return self._with(replace(stack, final=final, choice=Choice.OPEN))

    def turned(self, name: str, axis: ArrayLike, degrees: float) -> PlanReview:
        """Return the review with a stack turned about its middle; it has to be accepted again."""
        stack = self.find(name)
        row, column = (rotated(d, axis, degrees) for d in (stack.final.row, stack.final.column))
        return self._with(
            replace(stack, final=replace(stack.final, row=row, column=column), choice=Choice.OPEN)
        )

    def reset(self, name: str) -> PlanReview:
        """Return the review with a stack back at its proposal, undecided."""
        stack = self.find(name)
        return self._with(replace(stack, final=stack.proposal, choice=Choice.OPEN))

    def all_accepted(self) -> PlanReview:
        """Return the review with every ordered, proposed stack accepted that was not rejected."""
        return PlanReview(
            tuple(replace(s, choice=Choice.ACCEPTED) if s.undecided and s.placed else s for s in self.stacks)
        )

    @property
    def open_names(self) -> tuple[str, ...]:
        """Names of the stacks that still have to be decided."""
        return tuple(stack.name for stack in self.stacks if stack.undecided)

    @property
    def sendable(self) -> bool:
        """Whether nothing is open any more."""
        return not self.open_names

    def result(self) -> tuple[PlannedStack, ...]:
        """Return the accepted stacks where they lie now; a person answers for one that was declined."""
        return tuple(replace(s.final, declined="") for s in self.stacks if s.choice is Choice.ACCEPTED)

    def _with(self, changed: ReviewedStack) -> PlanReview:
        return PlanReview(tuple(changed if s.name == changed.name else s for s in self.stacks))
