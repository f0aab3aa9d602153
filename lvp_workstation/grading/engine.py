"""From measurements to proposed grades for every disc: the one entry of this floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, instance_number
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import BinaryGrade, Proposal
from lvp_workstation.domain.study import Problem
from lvp_workstation.grading.binary import grade_yes_no
from lvp_workstation.grading.castellvi import grade_castellvi
from lvp_workstation.grading.central_canal import grade_central_canal
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.foramen import grade_foramina
from lvp_workstation.grading.genant import grade_genant
from lvp_workstation.grading.herniation import grade_herniation
from lvp_workstation.grading.lateral_recess import grade_recesses
from lvp_workstation.grading.lee_central import grade_lee_central
from lvp_workstation.grading.lee_foramen import grade_lee_foramen
from lvp_workstation.grading.listhesis import grade_listhesis
from lvp_workstation.grading.modic import grade_modic
from lvp_workstation.grading.modic_endplate import grade_modic_endplates
from lvp_workstation.grading.pfirrmann import grade_pfirrmann
from lvp_workstation.grading.proposals import NOT_MEASURED, UNMEASURED
from lvp_workstation.grading.scope import Decision, Scope, decide_scope
from lvp_workstation.measure.result import SpineMeasures

__all__ = ["GradingContext", "GradingResult", "grade_spine"]

SIGNAL_SCALES = ("pfirrmann", "herniation", "modic", "modic_upper", "modic_lower")
"""Scales whose model uses signal: not proposed from an image of poor quality; nor is any yes-or-no grade."""
LENGTH_SCALES = (
    *("central_canal", "foramen_left", "foramen_right", "spondylolisthesis", "slip_any"),
    *("lee_central", "lee_foramen_left", "lee_foramen_right"),
)
"""Scales with limits in mm: not proposed when lengths cannot be believed."""
POOR_QUALITY, WRONG_SIZE = "low_signal", "implausible_size"


@dataclass(frozen=True)
class GradingResult:
    """Proposals and scope of a study.

    Attributes
    ----------
    proposals
        One a scale and disc, discs caudal to cranial, scales in the order of the grid.
    scope
        Whether and why grades were withheld.
    binary
        Yes-or-no grades of every disc, see `binary`.
    further
        Grades on scales that only files carry, of discs, vertebrae and the study, see `scales`.
    """

    proposals: tuple[Proposal, ...]
    scope: Scope
    binary: tuple[BinaryGrade, ...] = ()
    further: tuple[Proposal, ...] = ()


def grade_spine(
    measures: SpineMeasures, levels: LevelMap, context: GradingContext, provenance: Provenance
) -> GradingResult:
    """Propose grades for every measured disc.

    Parameters
    ----------
    measures
        From `measure_spine`.
    levels
        Names of the instances; an uncertain count is said, and moves no grade.
    context
        What else the study offers.
    provenance
        Written into every proposal.

    Returns
    -------
    GradingResult
        Every scale of the grid for every disc, as a grade or as a reason for none.
    """
    scope = decide_scope(measures, levels, context)
    proposals = [p for disc in measures.discs for p in _grade_disc(measures, disc, context, provenance)]
    binary = [b for disc in measures.discs for b in grade_yes_no(measures, disc, provenance)]
    further = [
        *(p for disc in measures.discs for p in _grade_further(measures, disc, proposals, provenance)),
        *(grade_genant(measures, body, provenance) for body in _bodies(measures)),
        grade_castellvi(levels, provenance),
    ]
    return GradingResult(
        tuple(_within(_evidenced(p), scope) for p in proposals),
        scope,
        tuple(_binary_within(_binary_evidenced(b), scope) for b in binary),
        tuple(_within(p, scope) for p in further),
    )


def _bodies(measures: SpineMeasures) -> list[InstanceId]:
    """Return the bodies with landmarks above the sacrum, caudal to cranial."""
    return [name for name in measures.landmarks.bodies if name.startswith("V") and instance_number(name) > 0]


def _grade_further(
    measures: SpineMeasures, disc: InstanceId, proposals: Sequence[Proposal], provenance: Provenance
) -> tuple[Proposal, ...]:
    own = {p.scale: p for p in proposals if p.target == disc}
    return (
        grade_lee_central(own["central_canal"]),
        grade_lee_foramen(own["foramen_left"]),
        grade_lee_foramen(own["foramen_right"]),
        *grade_modic_endplates(measures, disc, provenance),
    )


def _grade_disc(
    measures: SpineMeasures, disc: InstanceId, context: GradingContext, provenance: Provenance
) -> tuple[Proposal, ...]:
    return (
        grade_pfirrmann(measures, disc, context, provenance),
        grade_herniation(measures, disc, provenance),
        grade_central_canal(measures, disc, provenance),
        *grade_recesses(disc, context, provenance),
        *grade_foramina(measures, disc, provenance),
        grade_listhesis(measures, disc, provenance),
        grade_modic(measures, disc, provenance),
    )


def _evidenced(proposal: Proposal) -> Proposal:
    """Return the proposal, or none where no measurement bears it out: what is left is the average patient."""
    if not proposal.assessable or proposal.evidence:
        return proposal
    return replace(proposal, grade="", probabilities=(), not_assessable=NOT_MEASURED, text=UNMEASURED)


def _binary_evidenced(grade: BinaryGrade) -> BinaryGrade:
    if grade.not_assessable or grade.evidence:
        return grade
    return BinaryGrade(grade.key, grade.target, not_assessable=NOT_MEASURED, text=UNMEASURED)


def _within(proposal: Proposal, scope: Scope) -> Proposal:
    """Return the proposal, or the reason of the scope in its place."""
    reason = _reason(scope, proposal.scale, proposal.scale in SIGNAL_SCALES)
    if not proposal.assessable or reason is None:
        return proposal
    return replace(
        proposal, grade="", probabilities=(), evidence=(), not_assessable=reason.code, text=reason.text
    )


def _binary_within(grade: BinaryGrade, scope: Scope) -> BinaryGrade:
    """Return the yes-or-no grade, or the reason of the scope in its place: all of their models use signal."""
    reason = _reason(scope, grade.key, True)
    if grade.not_assessable or reason is None:
        return grade
    return BinaryGrade(grade.key, grade.target, not_assessable=reason.code, text=reason.text)


def _reason(scope: Scope, scale: str, uses_signal: bool) -> Problem | None:
    """Return why a scale is not graded; None when it is."""
    if scope.decision is Decision.WITHHOLD:
        return scope.reasons[0]
    unfit = {POOR_QUALITY: uses_signal, WRONG_SIZE: scale in LENGTH_SCALES}
    return next((reason for reason in scope.reasons if unfit.get(reason.code)), None)
