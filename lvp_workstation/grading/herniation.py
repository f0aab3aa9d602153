"""Disc contour: none, bulge or herniation; Fardon 2014, Spine J 14:2525 (nomenclature v2.0).

A bulge takes more than a quarter of the circumference, a herniation less. A sagittal series shows how far
the disc lies behind the line joining the posterior corners and how that changes from slice to slice, but
not the circumference: the type of a herniation needs axial images, so the word "herniation" is proposed.
Two models: is the disc a herniation, and if not, is it displaced at all. Signal and place of a disc make a
bulge likely before it is seen, so a grade is proposed only where displacement is measured: see
`displacement_weight`.
"""

from __future__ import annotations

from collections.abc import Mapping

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import HERNIATION as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.displacement import displacement_weight
from lvp_workstation.grading.expert_coefficients import DISPLACED, HERNIATED
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.grading.zones import zone_sentence
from lvp_workstation.measure.result import SpineMeasures

TYPE_TEXT = "Type undecided: bulge or protrusion is told on axial images, which were not measured."
_REASONS = (
    (
        ("log_marrow", "log_csf", "log_annulus", "marrow_against_others", "others_marrow", "texture_bright"),
        "signal",
    ),
    (("height_spine", "posterior_aspect"), "height"),
    (("canal_gap", "canal_gap_middle", "sac_relative", "sac_spine", "sac_least"), "the canal behind it"),
    (("position", "position_square", "lowest"), "the level"),
)
MIN_CONTRIBUTION = 0.3
"""Smaller contributions to the score are not named (our choice: 0.3 moves a probability by 7 % at most)."""


def contour_chances(displaced: float, herniated: float, features: Mapping[str, float]) -> dict[str, float]:
    """Return the probability of none, bulge and herniation.

    Parameters
    ----------
    displaced, herniated
        What the two models say.
    features
        Of `disc_features`: the displacement decides how much both count.
    """
    weight = displacement_weight(features)
    displaced, herniated = displaced * weight, herniated * weight
    return {
        "none": (1.0 - displaced) * (1.0 - herniated),
        "bulge": displaced * (1.0 - herniated),
        "herniation": herniated,
    }


def grade_herniation(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    """Return none, bulge or herniation of a disc."""
    features = disc_features(measures, disc)
    if "displacement" not in features and "log_marrow" not in features:
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "Neither the posterior margin nor the signal of this disc could be measured.",
        )
    chances = contour_chances(DISPLACED.probability(features), HERNIATED.probability(features), features)
    evidence = present(measures, disc, "disc_bulge_depth", "sac_ap", "disc_csf_ratio", "disc_height_middle")
    text = _because(features)
    if chances["none"] < max(chances.values()):
        text = f"{text} {zone_sentence(measures, disc)}{TYPE_TEXT}"
    return proposed(SCALE, disc, provenance, chances, evidence, text=text)


def _because(features: Mapping[str, float]) -> str:
    """Return what the measured displacement is, and what else is for or against a displaced disc."""
    depth = features.get("displacement")
    if depth is None:
        first = "Posterior margin not measured: a neighbouring corner is not in view"
    elif depth <= 0.0:
        first = "No displacement measured behind the corner line"
    else:
        first = f"Measured displacement {depth:.1f} mm"
    shares = {word: DISPLACED.contribution(features, names) for names, word in _REASONS}
    parts = []
    for claim, sign in (("For displacement", 1.0), ("Against displacement", -1.0)):
        named = [word for word, value in shares.items() if sign * value >= MIN_CONTRIBUTION]
        if named:
            parts.append(f"{claim}: {', '.join(named)}.")
    return " ".join([f"{first}.", *parts])


def herniation_probability(proposal: Proposal) -> float:
    """Return the probability of any herniation; a bulge is never one."""
    chances = dict(proposal.probabilities)
    return sum(chances.get(name, 0.0) for name in ("herniation", "protrusion", "extrusion", "sequestration"))
