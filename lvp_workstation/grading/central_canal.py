"""Central canal from sagittal images: how much narrower the canal is at a disc than beside it.

Grades are the thirds of Lurie adopted in Fardon 2014 (mild up to a third, moderate up to two thirds,
severe beyond). Sagittal images show the AP diameter only, so the lost share of area is estimated from the
lost share of diameter. No absolute diameter sets a grade: canals of healthy levels differ by 4 mm
between L1 and the lowest level, and published cut-offs belong to other measurements. The reference is
therefore the patient's own canal, behind the bodies and at the other discs. An absolute AP diameter only
moves the probability. All numbers here are our choice; no expert labels were available, so every proposal
says that it was not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import CENTRAL_CANAL as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.logistic import OrdinalModel, Term
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures

NARROWING = OrdinalModel(
    "central_canal",
    (Term("narrowing", 0.0, 0.1, 1.0), Term("sac_least", 12.0, 2.0, -0.35)),
    (1.6, 3.3, 5.2),
    ("narrowing",),
)
"""Score: one for each tenth of the AP diameter that is lost; 0.35 for each 2 mm below 12 mm. Limits: mild
from a sixth, moderate from a third, severe from a half of the diameter (our choice; a third of the area is
lost with less than a third of the diameter only when the sac is also narrowed from the sides)."""


def grade_central_canal(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    """Return the narrowing of the canal at a disc."""
    features = disc_features(measures, disc)
    references = [features[name] for name in ("sac_relative", "sac_spine") if name in features]
    if not references:
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "The canal was not segmented at this level and its neighbours.",
        )
    features["narrowing"] = 1.0 - sum(references) / len(references)
    chances = dict(zip(SCALE.grades, NARROWING.probabilities(features), strict=True))
    return proposed(
        SCALE,
        disc,
        provenance,
        chances,
        present(measures, disc, "sac_ap", "canal_ap"),
        text="From sagittal AP diameters against the patient's own canal; axial images decide.",
        validated=False,
    )
