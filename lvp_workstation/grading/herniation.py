"""Disc contour: none, bulge or herniation; Fardon 2014, Spine J 14:2525 (nomenclature v2.0).

A bulge takes more than a quarter of the circumference, a herniation less. A sagittal series shows how far
the disc lies behind the line joining the posterior corners and how that changes from slice to slice, but
not the circumference: the type of a herniation needs axial images, so the word "herniation" is proposed.
Two models: is the disc a herniation, and if not, is it displaced at all.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import HERNIATION as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.coefficients import DISPLACED, HERNIATED
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures

TYPE_TEXT = "Type undecided: bulge against protrusion or extrusion needs axial images of this level."


def grade_herniation(
    measures: SpineMeasures, disc: InstanceId, context: GradingContext, provenance: Provenance
) -> Proposal:
    """Return none, bulge or herniation of a disc."""
    features = disc_features(measures, disc)
    if not DISPLACED.usable(features):
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "The posterior margin of this disc could not be measured: a neighbouring body is missing.",
        )
    displaced = DISPLACED.probability(features)
    herniated = HERNIATED.probability(features)
    chances = {
        "none": (1.0 - displaced) * (1.0 - herniated),
        "bulge": displaced * (1.0 - herniated),
        "herniation": herniated,
    }
    evidence = present(measures, disc, "disc_bulge_depth", "sac_ap", "disc_csf_ratio")
    return proposed(SCALE, disc, provenance, chances, evidence, text=TYPE_TEXT)


def herniation_probability(proposal: Proposal) -> float:
    """Return the probability of any herniation; a bulge is never one."""
    chances = dict(proposal.probabilities)
    return sum(chances.get(name, 0.0) for name in ("herniation", "protrusion", "extrusion", "sequestration"))
