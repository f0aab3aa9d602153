"""Which AI values a report may print: none that the reader has not been shown.

A draft printed in *independent first* must not show a grade, a measurement or a picture of the AI
at a level that is not revealed yet; in *manual* mode the AI is never printed. Once a reading is
signed nothing is left to influence, and what was not reviewed is printed as such.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId, disc_id, instance_number
from lvp_workstation.domain.findings import Finding
from lvp_workstation.domain.reading import Reading, ReadingMode


def ai_printable(reading: Reading, target: InstanceId | None) -> bool:
    """Return whether AI values at an instance (None or ``STUDY``: of the whole study) may be printed."""
    if reading.mode is ReadingMode.MANUAL:
        return False
    if reading.signature is not None or reading.mode is ReadingMode.CONCURRENT:
        return True
    return all(reading.ai_visible(level) for level in _levels_touched(reading, target))


def _levels_touched(reading: Reading, target: InstanceId | None) -> tuple[InstanceId, ...]:
    if target in reading.levels:
        return (target,)
    if target is not None and target.startswith("V") and target[1:].isdigit():
        n = instance_number(target)
        neighbours = tuple(d for d in (disc_id(n), disc_id(n + 1)) if d in reading.levels)
        return neighbours or reading.levels
    return reading.levels


def printable_open(reading: Reading) -> tuple[Finding, ...]:
    """Return the proposals still open that may be printed."""
    return tuple(f for f in reading.open_proposals() if ai_printable(reading, f.key.target))


def printable_withheld(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings where the AI gave no grade, as far as that may be printed."""
    return tuple(
        finding
        for finding in reading.findings.values()
        if finding.proposal is not None
        and not finding.proposal.assessable
        and ai_printable(reading, finding.key.target)
    )
