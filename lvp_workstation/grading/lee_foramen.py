"""Foramen in the numbers of Lee 2010, AJR 194:1095: the same proposal as `foramen`, grades 0-3.

0 fat all around the root; 1 lost on two opposing sides; 2 lost on all four; 3 the root is deformed.
"""

from __future__ import annotations

from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.proposals import proposed, withheld
from lvp_workstation.grading.scales import LEE_FORAMEN_LEFT, LEE_FORAMEN_RIGHT


def grade_lee_foramen(foramen: Proposal) -> Proposal:
    """Return Lee's number of a proposal for the left or right foramen."""
    scale = LEE_FORAMEN_LEFT if foramen.scale.endswith("left") else LEE_FORAMEN_RIGHT
    if not foramen.assessable:
        return withheld(scale, foramen.target, foramen.provenance, foramen.not_assessable, foramen.text)
    shares = {grade: p for grade, (_, p) in zip(scale.grades, foramen.probabilities, strict=True)}
    return proposed(
        scale,
        foramen.target,
        foramen.provenance,
        shares,
        foramen.evidence,
        text=foramen.text,
        validated=foramen.validated_on_patients,
        ordered=True,
    )
