"""What a technologist decided on planes, in the audit trail: proposal and final plane side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from lvp_workstation.planning.review import PlanReview, ReviewedStack
from lvp_workstation.planning.stack import PlannedStack
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.plan_files import stack_document
from lvp_workstation.store.audit import append_audit
from lvp_workstation.store.database import Database

EVENT = "plane"
"""Name of the audit event; its ``action`` tells which step it was."""


class DecisionLog:
    """Appends decisions on planes to the audit trail of this workstation.

    Parameters
    ----------
    clock
        Returns the time in UTC, ISO 8601.
    """

    def __init__(self, database: Database, clock: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock

    def write(self, who: str, records: Sequence[dict[str, str]]) -> None:
        """Append records in one transaction.

        Raises
        ------
        StorageProblem
            When they cannot be kept.
        """
        with self._database.transaction() as connection:
            for detail in records:
                append_audit(connection, self._clock(), who, EVENT, detail)


def step_record(outcome: SeriesOutcome, stack: ReviewedStack) -> dict[str, str]:
    """Return the record of one step on one stack: what it is now, beside what was proposed."""
    return _record(outcome, stack, stack.word)


def sent_records(outcome: SeriesOutcome, review: PlanReview) -> list[dict[str, str]]:
    """Return one record a stack of a plan that was sent: the final word on each."""
    return [_record(outcome, stack, f"sent {stack.word}") for stack in review.stacks]


def dropped_records(outcome: SeriesOutcome, review: PlanReview) -> list[dict[str, str]]:
    """Return one record a stack of a plan that a newer series replaced before it was sent."""
    return [_record(outcome, stack, f"replaced {stack.word}") for stack in review.stacks]


def _record(outcome: SeriesOutcome, stack: ReviewedStack, action: str) -> dict[str, str]:
    first = outcome.stack.slices[0] if outcome.stack.slices else None
    found = outcome.found
    return {
        "action": action,
        "stack": stack.name,
        "interface": outcome.key.partition(":")[0],
        "study": "" if first is None else first.study_uid,
        "series": outcome.series,
        "model": ""
        if found is None
        else f"{found.model.name} {found.model.version} {found.model.sha256[:12]}",
        "verdict": outcome.quality.verdict.value,
        "angle_deg": f"{stack.angle_deg:.2f}",
        "offset_mm": f"{stack.offset_mm:.2f}",
        "proposal": _text(stack.proposal, stack.optional),
        "final": _text(stack.final, stack.optional),
    }


def _text(stack: PlannedStack, optional: bool) -> str:
    document: dict[str, Any] = stack_document(stack, optional)
    return json.dumps(document, sort_keys=True, allow_nan=False)
