"""Endplate marrow change: Modic 1988. The type follows from T1 and T2 together, never from T2 alone.

Any change at all is a probability from the measured T2 series, fitted to expert grades; adding T1 did not
improve it (AUC 0.830 against 0.831 in 1041 discs). The type is a rule: type 1 is dark on T1 and bright on
T2, type 2 bright on T1, type 3 dark on both. Experts saw 4 discs of type 1 and 6 of type 3 among 386 changed
ones, too few to fit or to test a type, so a type is marked as not validated.
"""

from __future__ import annotations

import math

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import MODIC as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.expert_coefficients import MODIC
from lvp_workstation.grading.features import SIDES, disc_features
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures

BRIGHT, DARK = math.log(1.15), math.log(0.7)
"""ln of marrow beside the endplate over the core of the body from which it is called bright or dark (our
choice; dark is further off since the endplate itself darkens its neighbourhood)."""
NAMED_SHARE = 0.7
"""Least probability of the type that the rule names, given any change (our choice: it was not measured)."""
ANY_ON_T2, NONE_ON_T2 = "any_change_on_t2", "none_on_t2"
"""Codes of a level that T2 alone calls changed or not, without a type."""
_BY_RULE = "Type by rule from T1 and T2, not validated: experts saw few discs of type 1 or 3."


def any_change(measures: SpineMeasures, disc: InstanceId) -> float | None:
    """Return the probability of any Modic change from T2, None when it cannot be told."""
    if measures.weighting is not Weighting.T2:
        return None
    features = disc_features(measures, disc)
    return MODIC.probability(features) if MODIC.usable(features) else None


def grade_modic(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    """Return the Modic type of a disc level from T1 and T2, or what T2 alone says in words."""
    if measures.weighting is not Weighting.T2:
        text = "The Modic type needs sagittal T1 and T2 together; no T2 was measured."
        return withheld(SCALE, disc, provenance, "needs_t1_and_t2", text)
    chance = any_change(measures, disc)
    if chance is None:
        text = "The marrow beside the endplates of this disc could not be measured."
        return withheld(SCALE, disc, provenance, "not_measured", text)
    kind = modic_type(measures, disc)
    if kind is None:
        code, word = (ANY_ON_T2, "any change") if chance >= 0.5 else (NONE_ON_T2, "none")
        text = f"On T2 alone: {word}; the type needs T1 as well, in the same frame of reference."
        return withheld(SCALE, disc, provenance, code, text)
    evidence = present(measures, disc, "disc_height_middle")
    grade = kind if chance >= 0.5 else "0"
    return proposed(
        SCALE,
        disc,
        provenance,
        typed_chances(kind, chance),
        evidence,
        text=_BY_RULE,
        validated=grade == "0",
        grade=grade,
    )


def named_share(chance: float) -> float:
    """Return the probability of the type that the rule names, given any change.

    Where any change is likelier than none it is so large that the named type is the likeliest grade, too.
    """
    return NAMED_SHARE if chance < 0.5 else max(NAMED_SHARE, (1.0 - chance) / chance)


def typed_chances(kind: str, chance: float) -> dict[str, float]:
    """Return the probability of each grade from that of any change and the type that the rule names."""
    named = named_share(chance)
    shares = {t: chance * (named if t == kind else (1.0 - named) / 2) for t in ("1", "2", "3")}
    return {"0": 1.0 - chance, **shares}


def modic_type(measures: SpineMeasures, disc: InstanceId) -> str | None:
    """Return the type that the rule names for a change at a disc, None without T1 beside T2."""
    t1_bright, t1_dark = _extremes(measures, disc, "t1_")
    t2_bright, _ = _extremes(measures, disc, "")
    if t1_bright is None or t1_dark is None or t2_bright is None:
        return None
    if t1_bright >= BRIGHT or t1_dark > DARK:
        return "2"
    return "1" if t2_bright >= BRIGHT else "3"


def _extremes(measures: SpineMeasures, disc: InstanceId, prefix: str) -> tuple[float | None, float | None]:
    """Return the brightest and the darkest third beside both endplates, ln over the core of the body."""
    high = [measures.features.get((disc, f"{prefix}{side}_near_max")) for side in SIDES]
    low = [measures.features.get((disc, f"{prefix}{side}_near_min")) for side in SIDES]
    return (
        max((v for v in high if v is not None), default=None),
        min((v for v in low if v is not None), default=None),
    )
