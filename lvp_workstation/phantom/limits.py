"""Limits between the classes of the phantom's truth.

Central canal: loss of sac area at the narrowest section against the same shape without pathology, in
thirds (Lurie), with a tenth as the limit of normal (our choice). Recess height 4 / 3 / 2 mm and slip
3 mm: our choice, then Meyerding. Foramen width 4 / 3 / 2 mm: our choice (below 3 mm is stenosis in the
literature); the scale of Lee will replace it once fat contact is measured.
"""

from __future__ import annotations

DISPLACEMENT_LIMIT_MM = 1.0
BULGE_ARC_DEG = 90.0
"""Displacement over more than a quarter of the circumference is a bulge (Fardon, nomenclature v2.0)."""
CANAL_LOSS = (0.10, 1 / 3, 2 / 3)
RECESS_HEIGHT_MM = (4.0, 3.0, 2.0)
FORAMEN_WIDTH_MM = (4.0, 3.0, 2.0)
SLIP_LIMIT_MM = 3.0
MEYERDING_PERCENT = (25.0, 50.0, 75.0, 100.0)
GENANT_LOSS = (0.20, 0.25, 0.40)
"""Genant 1993: 20-25 % mild, 25-40 % moderate, above severe."""
SEVERITY = ("normal", "mild", "moderate", "severe")


def central_canal(loss: float) -> str:
    """Return the class of the central canal from the lost share of sac area, 0-1."""
    return SEVERITY[sum(loss >= limit if limit < 0.2 else loss > limit for limit in CANAL_LOSS)]


def recess(height: float) -> str:
    """Return the class of a lateral recess from its height in mm."""
    return SEVERITY[sum(height < limit for limit in RECESS_HEIGHT_MM)]


def foramen(width: float) -> str:
    """Return the class of a foramen from its AP width in mm."""
    return SEVERITY[sum(width < limit for limit in FORAMEN_WIDTH_MM)]


def slip(shift: float, percent: float) -> int:
    """Return 0 below 3 mm, else the Meyerding grade 1-5."""
    if abs(shift) < SLIP_LIMIT_MM:
        return 0
    return 1 + sum(abs(percent) > limit for limit in MEYERDING_PERCENT)


def genant(loss: float) -> int:
    """Return the Genant grade 0-3 from the lost share of height, 0-1."""
    return sum(loss >= limit for limit in GENANT_LOSS)


def herniation(focal: str, displacement: float, arc: float) -> str:
    """Return none, bulge or the focal type.

    Parameters
    ----------
    focal
        The focal shape that was made: ``none``, ``protrusion`` or ``extrusion``.
    displacement
        Largest displacement behind the bony rims, mm.
    arc
        Part of the circumference that is displaced by a millimetre or more, degrees.
    """
    if displacement < DISPLACEMENT_LIMIT_MM:
        return "none"
    if focal != "none":
        return focal
    return "bulge" if arc > BULGE_ARC_DEG else "none"
