"""Where reader and AI differ, as it is listed before signing; only of what the reader was shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lvp_workstation.domain.findings import SCALES, Finding, FindingKey, FindingStatus
from lvp_workstation.domain.reading import Reading


class Kind(StrEnum):
    """In what way they differ."""

    DIFFERS = "differs"
    REJECTED = "rejected"
    LEFT_OUT = "positive, not decided"
    CHANGED = "changed after the AI was shown"


@dataclass(frozen=True)
class Disagreement:
    """One row of the list: the reader's grade before the reveal and now, the AI's with its probability.

    ``reason`` is what the reader said to it.
    """

    key: FindingKey
    kind: Kind
    before_reveal: str
    reader: str
    ai: str
    confidence: float
    reason: str


def disagreements(reading: Reading) -> tuple[Disagreement, ...]:
    """Return every visible disagreement, cranial to caudal and in the order of the grid."""
    rows = {target: row for row, target in enumerate(reading.levels)}
    columns = {scale: column for column, scale in enumerate(SCALES)}
    shown = [f for f in reading.findings.values() if reading.ai_visible(f.key.target)]
    shown.sort(key=lambda f: (rows.get(f.key.target, -1), columns[f.key.scale]))
    return tuple(_row(finding, kind) for finding in shown if (kind := _kind(finding)) is not None)


def _kind(finding: Finding) -> Kind | None:
    if finding.status is FindingStatus.REJECTED:
        return Kind.REJECTED
    if finding.disagrees:
        return Kind.DIFFERS
    if finding.left_out:
        return Kind.LEFT_OUT
    before = finding.before_reveal
    if before is not None and before.grade and before.grade != finding.grade:
        return Kind.CHANGED
    return None


def _row(finding: Finding, kind: Kind) -> Disagreement:
    before, final, proposal = finding.before_reveal, finding.final, finding.proposal
    reason = "; ".join(filter(None, (final.reason, final.comment))) if final else ""
    return Disagreement(
        finding.key,
        kind,
        before.grade if before else "",
        finding.grade,
        proposal.grade if proposal else "",
        proposal.confidence if proposal else 0.0,
        reason,
    )
