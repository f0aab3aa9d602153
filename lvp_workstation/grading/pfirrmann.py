"""Disc degeneration: Pfirrmann 2001, Spine 26:1873, grades 1-5 on mid-sagittal T2.

The paper grades by homogeneity, distinction of nucleus and annulus, signal and height. The model takes
the same four: nucleus over fluid and over marrow signal, nucleus over annulus, and disc height over body
height, and the endplates beside it; its weights were fitted to expert grades (`expert_coefficients`).
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import PFIRRMANN as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.expert_coefficients import PFIRRMANN
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures


def grade_pfirrmann(
    measures: SpineMeasures, disc: InstanceId, context: GradingContext, provenance: Provenance
) -> Proposal:
    """Return the Pfirrmann grade of a disc; not assessable without T2."""
    if context.weighting is not Weighting.T2:
        return withheld(
            SCALE, disc, provenance, "no_t2", "Pfirrmann grades need a sagittal T2 series; none was measured."
        )
    features = disc_features(measures, disc)
    if not PFIRRMANN.usable(features):
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "The signal of this disc could not be compared with marrow: too small, or fat is suppressed.",
        )
    chances = dict(zip(SCALE.grades, PFIRRMANN.probabilities(features), strict=True))
    evidence = present(measures, disc, "disc_csf_ratio", "disc_height_middle", "disc_bulge_depth")
    return proposed(SCALE, disc, provenance, chances, evidence, ordered=True)
