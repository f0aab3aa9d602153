"""Central canal from axial images: thirds of Lurie, Schizas 2010 and Lee 2011.

What counts is how much sac area is lost at the narrowest section, against the patient's own sac in the same
block and at the other discs; no absolute area sets a grade. Schizas grades how rootlets and fluid share the
sac, which follows the lost area: his A1-A4 lie in the first third, B in the second, C and D beyond; D has no
fat behind the sac. The weights were fitted to phantoms, so nothing here was validated on patients.
"""

from __future__ import annotations

from collections.abc import Mapping

from lvp_workstation.domain.findings import CENTRAL_CANAL
from lvp_workstation.grading.axial_coefficients import CENTRAL, ROOTLETS
from lvp_workstation.grading.axial_scales import SCHIZAS
from lvp_workstation.grading.scales import LEE_CENTRAL

Features = Mapping[str, float]


def canal_chances(features: Features) -> dict[str, float]:
    """Return the probability of every class of the central canal, empty where the sac was not measured."""
    if not CENTRAL.usable(features):
        return {}
    return dict(zip(CENTRAL_CANAL.grades, CENTRAL.probabilities(features), strict=True))


def lee_chances(features: Features) -> dict[str, float]:
    """Return the probability of every grade of Lee 2011.

    Its four grades, from an open anterior fluid space to one bundle of roots, are matched to the four classes
    of lost area (our choice).
    """
    return dict(zip(LEE_CENTRAL.grades, canal_chances(features).values(), strict=False))


def schizas_chances(features: Features) -> dict[str, float]:
    """Return the probability of every grade of Schizas 2010, empty where the sac was not measured."""
    if not ROOTLETS.usable(features):
        return {}
    return dict(zip(SCHIZAS.grades, ROOTLETS.probabilities(features), strict=True))
