"""Foramen: Lee 2010, AJR 194:1095, by the fat around the exiting root on parasagittal images.

Lee grades 0-3: fat all around the root; lost on two opposing sides; lost on all four; root deformed. They
are called normal, mild, moderate and severe. An ordinal model reads them from the fat on the four sides of
the root, the room it has and the signal around it. No expert grades were available: the model was fitted to
T2 images of phantoms (our choice), so every proposal says that it was not validated on patients. On T1 it
agrees less with them: nothing is proposed there.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import FORAMEN_LEFT, FORAMEN_RIGHT, Proposal, Scale
from lvp_workstation.domain.study import Problem, Weighting
from lvp_workstation.grading.foramen_coefficients import FORAMEN
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures

SIDES_OF_ROOT = ("anterior", "posterior", "above", "below")
SURROUNDINGS = ("across", "along", "share", "dark", "bright", "brightest")


def grade_foramina(
    measures: SpineMeasures, disc: InstanceId, provenance: Provenance
) -> tuple[Proposal, Proposal]:
    """Return the narrowing of the left and of the right foramen of a disc, or why none is proposed."""
    return (
        _grade(measures, disc, provenance, FORAMEN_LEFT, "left"),
        _grade(measures, disc, provenance, FORAMEN_RIGHT, "right"),
    )


def foramen_features(measures: SpineMeasures, disc: InstanceId, side: str) -> dict[str, float]:
    """Return the features of a foramen; nothing when it was not seen.

    ``contact`` is the mean share of fat on the four sides of the root; the others are those of
    `lvp_workstation.measure.foramen_fat.RootFat`.
    """
    names = (*SIDES_OF_ROOT, *SURROUNDINGS)
    known = {name: measures.feature(disc, f"foramen_fat_{name}_{side}") for name in names}
    found = {name: value for name, value in known.items() if value is not None}
    if len(found) < len(names):
        return {}
    found["contact"] = sum(found[name] for name in SIDES_OF_ROOT) / len(SIDES_OF_ROOT)
    return found


def _grade(
    measures: SpineMeasures, disc: InstanceId, provenance: Provenance, scale: Scale, side: str
) -> Proposal:
    features = foramen_features(measures, disc, side)
    if features and measures.weighting is not Weighting.T2:
        return withheld(scale, disc, provenance, "needs_t2", "Foramina are graded on T2 only.")
    if not FORAMEN.usable(features):
        why = measures.unseen.get((disc, side))
        why = why or Problem("not_measured", f"The {side} foramen could not be measured.")
        return withheld(scale, disc, provenance, why.code, why.text)
    chances = dict(zip(scale.grades, FORAMEN.probabilities(features), strict=True))
    offset = abs(measures.feature(disc, f"foramen_offset_{side}") or 0.0)
    return proposed(
        scale,
        disc,
        provenance,
        chances,
        present(measures, disc, f"foramen_width_{side}", f"foramen_height_{side}"),
        text=f"From the fat around the {side} root, {offset:.0f} mm {side} of the midline.",
        validated=False,
        ordered=True,
    )
