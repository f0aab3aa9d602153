"""Helpers that make proposals: probabilities over all grades of a scale, or a reason for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import Proposal, Scale
from lvp_workstation.measure.result import SpineMeasures

NOT_MEASURED, UNMEASURED = "not_measured", "The disc was not measured well enough."


def proposed(
    scale: Scale,
    target: InstanceId,
    provenance: Provenance,
    probabilities: Mapping[str, float],
    evidence: tuple[str, ...],
    *,
    text: str = "",
    validated: bool = True,
    grade: str = "",
    ordered: bool = False,
) -> Proposal:
    """Return a proposal of the most probable grade, or of ``grade``; grades without a probability get 0.

    The probabilities are scaled to sum 1; among equals the less severe grade wins. On an ``ordered`` scale
    the middle grade is proposed: it has the least expected distance from the true one, where the likeliest
    single grade may lie at one end of a wide spread and a narrow class is never the likeliest (our choice).
    """
    total = sum(probabilities.values())
    shares = tuple((name, probabilities.get(name, 0.0) / total) for name in scale.grades)
    middle = shares[middle_class([share for _, share in shares])][0] if ordered else ""
    best = grade or middle or max(shares, key=lambda pair: pair[1])[0]
    return Proposal(
        scale.key,
        target,
        provenance,
        best,
        shares,
        evidence,
        text=text,
        validated_on_patients=validated,
    )


def middle_class(chances: Sequence[float]) -> int:
    """Return the first class up to which the probabilities of ordered classes reach one half."""
    reached = 0.0
    for number, chance in enumerate(chances):
        reached += chance
        if reached >= 0.5:
            return number
    return len(chances) - 1


def withheld(scale: Scale, target: InstanceId, provenance: Provenance, code: str, text: str) -> Proposal:
    """Return a proposal that says why there is no grade."""
    return Proposal(scale.key, target, provenance, not_assessable=code, text=text)


def present(measures: SpineMeasures, target: InstanceId, *names: str) -> tuple[str, ...]:
    """Return those of the measurement names that exist for an instance: the evidence of a grade."""
    return tuple(name for name in names if (target, name) in measures.measurements)
