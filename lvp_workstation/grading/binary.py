"""Yes-or-no grades of a disc as experts give them: narrowing, contour, slip, marrow and endplate change.

Each is the probability that an expert would say yes, fitted to the grades of SPIDER
(`expert_coefficients`). ``slip_any`` is what an expert would call a slip, ``spondylolisthesis`` the measured
one. ``modic_any`` says only whether there is any Modic change: one contrast cannot tell its type.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import BinaryGrade
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.expert_coefficients import ENDPLATE, NARROWED, SLIPPED
from lvp_workstation.grading.features import disc_features, endplate_features
from lvp_workstation.grading.herniation import grade_herniation, herniation_probability
from lvp_workstation.grading.listhesis import step_chance
from lvp_workstation.grading.modic import any_change
from lvp_workstation.grading.proposals import NOT_MEASURED, UNMEASURED, present
from lvp_workstation.measure.result import SpineMeasures

_SEEN = ("disc_height_middle", "disc_csf_ratio")
"""What was measured of a disc whose endplates were judged."""
SURE_SLIP_MM, SURE_SLIP_SHARE = 6.0, 9 / 11
"""Experts called 9 of 11 discs of SPIDER patients with a forward step of 6 mm or more a slip; the model
saw 31 slips in 1177 discs, too few to be sure of a large step by itself."""
_NEEDS_T2 = "The marrow beside the endplates is judged on T2; none was measured."


def grade_yes_no(
    measures: SpineMeasures, disc: InstanceId, provenance: Provenance
) -> tuple[BinaryGrade, ...]:
    """Return every yes-or-no grade of a disc, or the reason for none."""
    return (
        _narrowing(measures, disc),
        *_contour(measures, disc, provenance),
        _slip(measures, disc),
        _modic(measures, disc),
        *(_endplate(measures, disc, upper) for upper in (True, False)),
    )


def _narrowing(measures: SpineMeasures, disc: InstanceId) -> BinaryGrade:
    features = disc_features(measures, disc)
    if not NARROWED.usable(features):
        return BinaryGrade("disc_narrowing", disc, not_assessable=NOT_MEASURED, text=UNMEASURED)
    names = ("disc_height_anterior", "disc_height_posterior", "disc_height_index")
    evidence = present(measures, disc, *names, *_SEEN)
    return BinaryGrade("disc_narrowing", disc, NARROWED.probability(features), evidence)


def _contour(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> tuple[BinaryGrade, ...]:
    proposal = grade_herniation(measures, disc, provenance)
    if not proposal.assessable:
        code, text = proposal.not_assessable, proposal.text
        return tuple(
            BinaryGrade(key, disc, not_assessable=code, text=text)
            for key in ("disc_bulging", "disc_herniation")
        )
    bulge = dict(proposal.probabilities)["bulge"]
    return (
        BinaryGrade("disc_bulging", disc, bulge, proposal.evidence),
        BinaryGrade("disc_herniation", disc, herniation_probability(proposal), proposal.evidence),
    )


def _slip(measures: SpineMeasures, disc: InstanceId) -> BinaryGrade:
    features = disc_features(measures, disc)
    if not SLIPPED.usable(features):
        return BinaryGrade("slip_any", disc, not_assessable=NOT_MEASURED, text=UNMEASURED)
    chance = max(SLIPPED.probability(features), _sure_slip(measures, disc))
    return BinaryGrade("slip_any", disc, chance, present(measures, disc, "slip"))


def _sure_slip(measures: SpineMeasures, disc: InstanceId) -> float:
    """Return the least chance of a slip by the size of the forward step alone, 0 without one."""
    slip = measures.value(disc, "slip")
    if slip is None or slip <= 0:
        return 0.0
    return SURE_SLIP_SHARE * step_chance(measures, disc, SURE_SLIP_MM)


def _modic(measures: SpineMeasures, disc: InstanceId) -> BinaryGrade:
    chance = any_change(measures, disc)
    if chance is not None:
        return BinaryGrade("modic_any", disc, chance, present(measures, disc, *_SEEN))
    t2 = measures.weighting is Weighting.T2
    code, text = (NOT_MEASURED, UNMEASURED) if t2 else ("no_t2", _NEEDS_T2)
    return BinaryGrade("modic_any", disc, not_assessable=code, text=text)


def _endplate(measures: SpineMeasures, disc: InstanceId, upper: bool) -> BinaryGrade:
    key = "endplate_upper" if upper else "endplate_lower"
    if measures.weighting is not Weighting.T2:
        return BinaryGrade(key, disc, not_assessable="no_t2", text=_NEEDS_T2)
    features = endplate_features(measures, disc, upper)
    if not ENDPLATE.usable(features):
        return BinaryGrade(key, disc, not_assessable=NOT_MEASURED, text=UNMEASURED)
    return BinaryGrade(key, disc, ENDPLATE.probability(features), present(measures, disc, *_SEEN))
