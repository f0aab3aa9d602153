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
SCHIZAS_A = (0.10, 0.18, 0.26)
"""Loss of sac area from which on rootlets fill more of the sac: A2, A3, A4 (our choice)."""
DORSAL_FAT_MM = 0.5
"""Fat behind the sac thinner than this is lost (our choice)."""
NODE_MM = 2.0
"""Depth from which on a Schmorl node is an endplate change (our choice)."""
NARROWING_GRADE = 4
"""Pfirrmann grade from which on a disc counts as narrowed."""
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


def bartynski(height: float) -> int:
    """Return the grade of Bartynski 2003, 0-3, from the height of the lateral recess (limits our choice)."""
    return sum(height < limit for limit in RECESS_HEIGHT_MM)


def schizas(loss: float, dorsal_fat: float) -> str:
    """Return the grade of Schizas 2010.

    Ours follows the lost share of sac area, since crowding of the rootlets follows it: thirds for A,
    B and C-D, parts of the first third for A1-A4; D has no fat behind the sac.
    """
    if loss > CANAL_LOSS[2]:
        return "D" if dorsal_fat < DORSAL_FAT_MM else "C"
    if loss > CANAL_LOSS[1]:
        return "B"
    return f"A{1 + sum(loss >= limit for limit in SCHIZAS_A)}"


def lee_central(loss: float) -> int:
    """Return the grade of Lee 2011, 0-3, from the lost share of sac area (limits our choice)."""
    return SEVERITY.index(central_canal(loss))


def msu(depth: float, to_facets: float, lateral: float, half_line: float) -> str:
    """Return the MSU class (Mysliwiec 2010), such as ``2-B``.

    Parameters
    ----------
    depth, to_facets
        Extent of the herniation and distance from the disc's margin to the line between the facets, mm.
    lateral, half_line
        Distance of its tip from the midline and half of the line between the facets, mm.
    """
    size = 1 if depth <= to_facets / 2 else 2 if depth <= to_facets else 3
    share = lateral / max(half_line, 1.0)
    return f"{size}-{'A' if share <= 0.5 else 'B' if share <= 1.0 else 'C'}"


def castellvi(sacralised: bool) -> str:
    """Return the class of Castellvi: broad processes that join the sacrum on both sides are IIb."""
    return "IIb" if sacralised else "none"


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
        The focal shape that was made: ``none``, ``protrusion``, ``extrusion`` or ``sequestration``.
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
