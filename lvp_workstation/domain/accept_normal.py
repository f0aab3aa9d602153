"""Accept-normal: the AI's normal grades of whole levels in one edit, where every condition holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.edit_parts import Author, finding_change, level_name, reader_edit
from lvp_workstation.domain.edits import Edit
from lvp_workstation.domain.errors import ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import (
    GRID_SCALES,
    SCALES,
    Action,
    Finding,
    FindingKey,
    FindingStatus,
    ReaderValue,
)
from lvp_workstation.domain.reading import Reading, ReadingMode

ACCEPT_NORMAL_MIN_PROBABILITY = 0.9
"""Accept-normal needs at least this calibrated probability (our choice; a setting)."""


def levels_eligible_for_accept_normal(
    reading: Reading,
    fully_seen: Callable[[InstanceId], bool],
    minimum: float = ACCEPT_NORMAL_MIN_PROBABILITY,
) -> tuple[InstanceId, ...]:
    """Return the levels whose every column may be accepted as normal in bulk.

    A level qualifies when a proposal of it is open, every slice of it was displayed, the AI calls every
    column normal with at least the minimum probability, nothing is withheld or rests on a model not
    validated on patients, no grade of the reader says otherwise, and, in independent first, the
    reader's grade is locked.
    """
    return tuple(
        target for target in reading.levels if not why_not_eligible(reading, target, fully_seen, minimum)
    )


def why_not_eligible(
    reading: Reading,
    target: InstanceId,
    fully_seen: Callable[[InstanceId], bool],
    minimum: float = ACCEPT_NORMAL_MIN_PROBABILITY,
) -> str:
    """Return the first condition of `levels_eligible_for_accept_normal` that a level fails; empty for none.

    Nothing of the AI is said before it is shown.
    """
    why = _bars_accept_normal(reading, target)
    if why:
        return why
    if not fully_seen(target):
        return "not every slice of it was displayed"
    findings = (reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES)
    return next((why for why in (_not_well_founded(f, minimum) for f in findings) if why), "")


def _not_well_founded(finding: Finding, minimum: float) -> str:
    proposal, caption = finding.proposal, SCALES[finding.key.scale].caption
    if proposal is None or not proposal.validated_on_patients:
        return f"the AI's grade of {caption} is not validated on patients"
    return f"the AI is not sure enough of {caption}" if proposal.confidence < minimum else ""


def _bars_accept_normal(reading: Reading, target: InstanceId) -> str:
    """Return why a level may not be accepted as normal in bulk; empty when it may."""
    if not reading.ai_visible(target):
        return "the AI is not shown"
    if reading.mode is ReadingMode.INDEPENDENT_FIRST and target not in reading.locked:
        return "the reader's grade is not locked"
    findings = [reading.finding(FindingKey(target, scale.key)) for scale in GRID_SCALES]
    if all(finding.status is not FindingStatus.OPEN for finding in findings):
        return "nothing is open"
    return next((why for why in map(_not_plainly_normal, findings) if why), "")


def _not_plainly_normal(finding: Finding) -> str:
    scale, proposal = SCALES[finding.key.scale], finding.proposal
    if proposal is None or not proposal.assessable:
        return f"the AI gives no grade for {scale.caption}"
    if not proposal.proposes_normal:
        return f"the AI calls {scale.caption} {proposal.grade}"
    if finding.final is not None and not scale.is_normal(finding.final.grade):
        return f"the reader decided otherwise on {scale.caption}"
    return ""


def accept_normal(reading: Reading, targets: Iterable[InstanceId], author: Author) -> Edit:
    """Accept the AI's normal grades of whole levels in one undoable edit, recorded as in bulk.

    Which levels qualify is told by `levels_eligible_for_accept_normal`; a level with anything positive,
    withheld or hidden is refused here too.
    """
    changes = []
    names = []
    for target in targets:
        why = _bars_accept_normal(reading, target)
        if why:
            raise ReadingStateError(f"{level_name(reading, target)} cannot be accepted as normal: {why}.")
        names.append(level_name(reading, target))
        for scale in GRID_SCALES:
            finding = reading.finding(FindingKey(target, scale.key))
            if finding.status is FindingStatus.OPEN and finding.proposal is not None:
                value = ReaderValue(Action.ACCEPT, author.provenance, finding.proposal.grade, bulk=True)
                changes.append(finding_change(reading, finding.key, replace(finding, final=value)))
    if not changes:
        raise UsageProblem("No level qualifies for accepting as normal.")
    return reader_edit(reading, "accept_normal", f"accept as normal: {', '.join(names)}", author, changes)
