"""Limits between the classes of the phantom's truth.

Central canal: loss of sac area at the narrowest section against the same shape without pathology, in
thirds (Lurie), with a tenth as the limit of normal (our choice). Recess height 4 / 3 / 2 mm and slip
3 mm: our choice, then Meyerding. Foramen: the scale of Lee 2010 from the fat on the four sides of the
root; from what thickness on fat counts and a root is deformed is our choice.
"""

from __future__ import annotations

DISPLACEMENT_LIMIT_MM = 1.0
BULGE_ARC_DEG = 90.0
"""Displacement over more than a quarter of the circumference is a bulge (Fardon, nomenclature v2.0)."""
CANAL_LOSS = (0.10, 1 / 3, 2 / 3)
RECESS_HEIGHT_MM = (4.0, 3.0, 2.0)
FORAMEN_FAT_MM = 0.6
"""Fat thinner than this is lost: less than a pixel of a sagittal image (our choice)."""
ROOT_DEFORMED = 0.85
"""A root pressed below this share of its depth or height is deformed (our choice)."""
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


def lee_foramen(gaps: dict[str, float], kept: float) -> int:
    """Return the grade of Lee 2010, 0-3.

    Parameters
    ----------
    gaps
        Fat in mm on the ``anterior``, ``posterior``, ``superior`` and ``inferior`` side of the root.
    kept
        Smallest share of its depth or height that the root has kept.
    """
    if kept < ROOT_DEFORMED:
        return 3
    across = max(gaps["anterior"], gaps["posterior"]) < FORAMEN_FAT_MM
    along = max(gaps["superior"], gaps["inferior"]) < FORAMEN_FAT_MM
    return int(across) + int(along)


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
