"""A reading as a screen may have it: what the AI says and was not revealed is not in it."""

from __future__ import annotations

from dataclasses import replace

from lvp_workstation.domain.anatomy import InstanceId, disc_id, instance_number
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.findings import Finding
from lvp_workstation.domain.reading import Reading, ReadingMode

_AI_FACTS = frozenset({"scope", "warnings"})
"""Facts that rest on what the AI saw or measured."""


def as_shown(reading: Reading) -> Reading:
    """Return the reading without any AI value that the reader may not see now.

    Proposals and measurements by the AI at levels that are not revealed are absent, what concerns several
    levels is absent until all of them are. In manual mode nothing of the AI is left. A signed reading is
    returned as it was signed: its signature covers all of it, and nothing is left to influence.
    """
    if reading.state.signed:
        return reading
    if reading.levels and all(reading.ai_visible(level) for level in reading.levels):
        return reading
    findings = {key: _shown_finding(reading, finding) for key, finding in reading.findings.items()}
    return replace(
        reading,
        findings={key: finding for key, finding in findings.items() if not finding.empty},
        measurements={k: m for k, m in reading.measurements.items() if _may_show(reading, m)},
        facts={key: fact for key, fact in reading.facts.items() if key not in _AI_FACTS},
    )


def _shown_finding(reading: Reading, finding: Finding) -> Finding:
    if reading.ai_visible(finding.key.target):
        return finding
    return replace(finding, proposal=None, original=None)


def _may_show(reading: Reading, measurement: Measurement) -> bool:
    if not measurement.provenance.by_ai:
        return True
    if reading.mode is ReadingMode.MANUAL:
        return False
    return all(reading.ai_visible(level) for level in _levels_of(reading, measurement.target))


def _levels_of(reading: Reading, target: InstanceId) -> tuple[InstanceId, ...]:
    """Return the levels that a measurement speaks of: a vertebra's are the discs below and above it."""
    if target in reading.levels:
        return (target,)
    if target.startswith("V") and target[1:].isdigit():
        number = instance_number(target)
        beside = tuple(d for d in (disc_id(number), disc_id(number + 1)) if d in reading.levels)
        return beside or reading.levels
    return reading.levels
