"""Modic 1988 of each endplate: which of the two carries the change of the level, and of what type.

Experts graded levels, not endplates, so the probability of any change is that of the level (`modic`), and the
signal decides how it is shared: an endplate counts by how far the marrow beside it leaves the core of its
body on T1 or T2 (our choice). The type follows from T1 and T2 as for the level. Nothing here was validated on
patients.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.features import SIDES
from lvp_workstation.grading.modic import BRIGHT, DARK, any_change, typed_chances
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.grading.scales import MODIC_LOWER, MODIC_UPPER
from lvp_workstation.measure.result import SpineMeasures

CLEAR = 0.1
"""ln over the core of a body from which on a strip of marrow is no scatter (our choice)."""
_NO_T1 = "Whether this endplate is changed, and how, needs sagittal T1 and T2 in one frame of reference."
_TEXT = "Shared between the endplates by their signal; not validated."


def grade_modic_endplates(
    measures: SpineMeasures, disc: InstanceId, provenance: Provenance
) -> tuple[Proposal, Proposal]:
    """Return the Modic type beside the upper and beside the lower endplate of a disc."""
    chance = any_change(measures, disc)
    types = {side: endplate_type(measures, disc, side) for side in SIDES}
    depart = {side: _departure(measures, disc, side) for side in SIDES}
    strongest = max(depart.values())
    found = []
    for side, scale in zip(SIDES, (MODIC_UPPER, MODIC_LOWER), strict=True):
        kind = types[side]
        if chance is None or kind is None:
            found.append(withheld(scale, disc, provenance, "needs_t1_and_t2", _NO_T1))
            continue
        share = 1.0 if depart[side] >= strongest else min(1.0, depart[side] / max(strongest, CLEAR))
        own = chance * share
        grade = kind if own >= 0.5 else "0"
        evidence = present(measures, disc, "disc_height_middle")
        chances = typed_chances(kind, own)
        found.append(
            proposed(scale, disc, provenance, chances, evidence, text=_TEXT, validated=False, grade=grade)
        )
    upper, lower = found
    return upper, lower


def endplate_type(measures: SpineMeasures, disc: InstanceId, side: str) -> str | None:
    """Return the type that the rule names for a change beside one endplate, None without T1 beside T2."""
    values = [measures.features.get((disc, f"{name}near_{end}")) for name, end in _names(side)]
    t1_high, t1_low, t2_high, _ = values
    if t1_high is None or t1_low is None or t2_high is None:
        return None
    if t1_high >= BRIGHT or t1_low > DARK:
        return "2"
    return "1" if t2_high >= BRIGHT else "3"


def _departure(measures: SpineMeasures, disc: InstanceId, side: str) -> float:
    values = [measures.features.get((disc, f"{name}near_{end}")) for name, end in _names(side)]
    return max((abs(value) for value in values if value is not None), default=0.0)


def _names(side: str) -> tuple[tuple[str, str], ...]:
    """Return prefix and end of the features of the marrow beside an endplate: T1, then T2."""
    return (
        (f"t1_{side}_", "max"),
        (f"t1_{side}_", "min"),
        (f"{side}_", "max"),
        (f"{side}_", "min"),
    )
