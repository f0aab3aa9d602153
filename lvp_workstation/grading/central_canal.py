"""Central canal from sagittal images: how much narrower the canal is at a disc than beside it.

Grades are the thirds of Lurie adopted in Fardon 2014 (mild up to a third, moderate up to two thirds,
severe beyond). Sagittal images show the AP diameter only, so the lost share of area is estimated from it.
No absolute diameter sets a grade: canals of healthy levels differ by 4 mm between L1 and the lowest level,
and published cut-offs belong to other measurements. The reference is therefore the patient's own canal,
behind the bodies and at the other discs (healthy discs of SPIDER patients: 0.9 of the canal behind the
bodies at every level, 5th percentile 0.73-0.89); the diameter less what is usual at its level only moves the
probability. No expert grades were available: the weights were fitted to phantoms (our choice), so every
proposal says that it was not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import CENTRAL_CANAL as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.coefficients import CENTRAL_CANAL
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures


def grade_central_canal(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    """Return the narrowing of the canal at a disc."""
    features = disc_features(measures, disc)
    evidence = present(measures, disc, "sac_ap", "canal_ap")
    if "sac_ap" not in evidence or not CENTRAL_CANAL.usable(features):
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "The canal was not segmented at this level and its neighbours.",
        )
    chances = dict(zip(SCALE.grades, CENTRAL_CANAL.probabilities(features), strict=True))
    return proposed(
        SCALE,
        disc,
        provenance,
        chances,
        evidence,
        text="From sagittal AP diameters against the patient's own canal; axial images decide.",
        validated=False,
        ordered=True,
    )
