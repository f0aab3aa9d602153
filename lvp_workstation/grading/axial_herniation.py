"""Disc contour from axial images: bulge, protrusion, extrusion or sequestration, with zone and MSU class.

Fardon 2014 (nomenclature v2.0): material without continuity with the disc is a sequestration; an extrusion is
wider beyond the disc than at its base, in any plane; otherwise it is a protrusion. A bulge takes more than a
quarter of the circumference. Whether there is displaced material at all is a chance fitted to phantoms.

MSU (Mysliwiec 2010): size 1 reaches half of the way to the line between the facets, 2 up to the line, 3
beyond; zone A are the two central quarters of that line, B the lateral ones, C lies beyond the facets.
"""

from __future__ import annotations

from collections.abc import Mapping

from lvp_workstation.grading.axial_coefficients import BULGED, DISPLACED, TYPE_CHANCES
from lvp_workstation.grading.axial_scales import MSU

Features = Mapping[str, float]

MIGRATED_MM = 6.0
"""Material whose middle lies this far above or below the disc without touching it is free (our choice)."""
UPWARD_MM = 4.5
"""An extrusion is also wider than its base in the sagittal plane when its middle lies this far from that of
the disc: further than half a disc height (our choice)."""
NARROW_BASE_MM = 8.5
"""Base up to which material that reaches as deep as it is wide counts as extruded (our choice)."""
PEDICLE_WIDTH_MM = 9.0
"""Width of a pedicle where its lateral border is not seen (our choice; L5 has 16 mm, upper levels 7-9)."""
MARGIN_MM = 0.5
"""A healthy margin lies this much behind the bony rim, from which the extent counts (our choice)."""


def contour_chances(features: Features) -> dict[str, float]:
    """Return the probability of every grade of the disc contour."""
    herniated = DISPLACED.probability(features)
    bulged = BULGED.probability(features) if BULGED.usable(features) else 0.5
    chances = {"none": (1 - herniated) * (1 - bulged), "bulge": (1 - herniated) * bulged}
    shares = TYPE_CHANCES[herniation_type(features) or "protrusion"]
    return chances | {name: herniated * share for name, share in shares.items()}


def herniation_type(features: Features) -> str:
    """Return the type of displaced material by the rules of Fardon 2014, empty without any."""
    if "material_depth" not in features:
        return ""
    away, depth = abs(features["material_offset"]), features["material_depth"]
    base, dome = features["material_base"], features["material_dome"]
    if not features["material_joined"] or away > 2 * MIGRATED_MM:
        return "sequestration" if away > MIGRATED_MM else "extrusion"
    wider = dome > base or away > UPWARD_MM
    return "extrusion" if wider or (base <= NARROW_BASE_MM and depth >= 0.6 * base) else "protrusion"


def zone(features: Features) -> str:
    """Return the axial zone of displaced material with its side, empty without any."""
    if "material_lateral" not in features:
        return ""
    lateral = features["material_lateral"]
    side = "left" if lateral > 0 else "right"
    pedicle = features.get(f"pedicle_{side}", features.get("facet_line", 20.0) / 2 + 3.0)
    facet = min(features.get("facet_line", 2 * pedicle - 4.0) / 2, pedicle)
    limits = (facet, pedicle, pedicle + PEDICLE_WIDTH_MM)
    names = ("central", "subarticular", "foraminal", "extraforaminal")
    name = names[sum(abs(lateral) > limit for limit in limits)]
    return name if name == "central" and abs(lateral) < 1.0 else f"{side} {name}"


def msu_class(features: Features) -> str:
    """Return the MSU class of displaced material, ``none`` without any, empty where no facets were seen."""
    if "material_depth" not in features:
        return MSU.grades[0]
    if "facet_line" not in features:
        return ""
    depth, room = features["material_depth"] + MARGIN_MM, features["facet_room"]
    size = 1 if depth <= room / 2 else 2 if depth <= room else 3
    share = abs(features["material_lateral"]) / max(features["facet_line"] / 2, 1.0)
    return f"{size}-{'A' if share <= 0.5 else 'B' if share <= 1.0 else 'C'}"


def sentence(features: Features) -> str:
    """Return what was seen in words, empty without displaced material."""
    if "material_depth" not in features:
        return ""
    height = features["material_offset"]
    level = (
        "" if abs(height) < 3.0 else f", {abs(height):.0f} mm {'above' if height > 0 else 'below'} the disc"
    )
    return f"Material {features['material_depth']:.0f} mm deep, {zone(features)} zone{level}. "
