"""Scales that go to files beside the columns of the grid, and one look-up for all of them."""

from __future__ import annotations

from types import MappingProxyType

from lvp_workstation.domain.findings import SCALES, Scale
from lvp_workstation.grading.axial_scales import AXIAL_SCALES

GENANT = Scale("genant", "Genant", ("0", "1", "2", "3"), ("0",), True, "Genant 1993, J Bone Miner Res 8:1137")
LEE_CENTRAL = Scale(
    "lee_central",
    "Lee central canal",
    ("0", "1", "2", "3"),
    ("0",),
    True,
    "Lee 2011, Skeletal Radiol 40:1033",
)
LEE_FORAMEN_LEFT = Scale(
    "lee_foramen_left", "Lee foramen L", ("0", "1", "2", "3"), ("0",), True, "Lee 2010, AJR 194:1095"
)
LEE_FORAMEN_RIGHT = Scale(
    "lee_foramen_right", "Lee foramen R", ("0", "1", "2", "3"), ("0",), True, "Lee 2010, AJR 194:1095"
)
MODIC_UPPER = Scale(
    "modic_upper", "Modic, upper endplate", ("0", "1", "2", "3"), ("0",), True, "Modic 1988, Radiology"
)
MODIC_LOWER = Scale(
    "modic_lower", "Modic, lower endplate", ("0", "1", "2", "3"), ("0",), True, "Modic 1988, Radiology"
)
CASTELLVI = Scale(
    "castellvi",
    "Castellvi",
    ("none", "Ia", "Ib", "IIa", "IIb", "IIIa", "IIIb", "IV"),
    ("none",),
    source="Castellvi 1984, Spine 9:493",
)

FILE_SCALES = MappingProxyType(
    {
        scale.key: scale
        for scale in (
            GENANT,
            LEE_CENTRAL,
            LEE_FORAMEN_LEFT,
            LEE_FORAMEN_RIGHT,
            MODIC_UPPER,
            MODIC_LOWER,
            CASTELLVI,
        )
    }
    | AXIAL_SCALES
)
"""Scales that only files carry."""


def scale_of(key: str) -> Scale | None:
    """Return the scale of a key, of the grid or of files; None for an unknown one."""
    return SCALES.get(key) or FILE_SCALES.get(key)
