"""Lateral recess from axial images: its height and angle; Bartynski 2003 grades the same narrowing 0-3.

Published limits (height below 3 mm or an angle below 30 degrees: narrow; 2 mm or less: severe) belong to CT
and myelography. Here height, angle and the gaps beside it give the chance of each class; the weights were
fitted to phantoms with limits of 4, 3 and 2 mm (our choice), so nothing was validated on patients.
"""

from __future__ import annotations

from collections.abc import Mapping

from lvp_workstation.domain.findings import RECESS_LEFT
from lvp_workstation.grading.axial_coefficients import RECESS
from lvp_workstation.grading.axial_scales import BARTYNSKI_LEFT

Features = Mapping[str, float]
PREFIX, ANGLE = "recess_", "recess_angle"
OPEN_MM = 6.0
"""Gaps count for at most this much: wider ones are open alike (our choice)."""


def recess_features(features: Features, side: str) -> dict[str, float]:
    """Return the features of one recess without its side."""
    ending = f"_{side}"
    own = {name.removesuffix(ending): value for name, value in features.items() if name.endswith(ending)}
    return {
        name: value if name == ANGLE else min(value, OPEN_MM)
        for name, value in own.items()
        if name.startswith(PREFIX)
    }


def recess_chances(features: Features, side: str) -> dict[str, float]:
    """Return the probability of every class of a recess, empty where it was not measured."""
    own = recess_features(features, side)
    if not RECESS.usable(own):
        return {}
    return dict(zip(RECESS_LEFT.grades, RECESS.probabilities(own), strict=True))


def bartynski_chances(features: Features, side: str) -> dict[str, float]:
    """Return the same as grades of Bartynski: reduced, root pressed, obliterated."""
    return dict(zip(BARTYNSKI_LEFT.grades, recess_chances(features, side).values(), strict=False))
