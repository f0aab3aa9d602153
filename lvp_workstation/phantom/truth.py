"""The exact truth of a phantom in the form of ``analysis.json``.

Numbers come from the continuous shapes (`exact`), never from an image or a label map. The limits
between classes are those of the class functions in `limits`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom import exact, exact_canal, limits
from lvp_workstation.phantom.anatomy import VERTEBRA_LABELS, Anatomy, Disc, Vertebra
from lvp_workstation.phantom.exact_canal import HerniationPlace
from lvp_workstation.phantom.probe import Span, first_gap, free_stretch
from lvp_workstation.phantom.protocol import PROTOCOLS
from lvp_workstation.phantom.tissues import TISSUES, Tissue, spin_echo

LUMBAR_AND_T12 = frozenset({VERTEBRA_LABELS["T12"], *(VERTEBRA_LABELS[f"L{n}"] for n in range(1, 7))})
SCHEMA_VERSION = "1.0"
GENERATOR = "lvp phantom"
GENERATOR_VERSION = "3"
"""Raised when a seed gives another phantom than before."""
BACKWARD, UPWARD = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
SIDES = (("left", 1.0), ("right", -1.0))


def truth_of(anatomy: Anatomy, preset: str = "", tissues: dict[str, Tissue] | None = None) -> dict[str, Any]:
    """Return what is true of an anatomy.

    Returns
    -------
    dict
        JSON-able, keys of ``analysis.json`` plus ``planes`` and ``generator``; mm, mm2, deg, LPS.
        ``generator.shapes`` holds what ``analysis.json`` has no key for: by level, the roots in the
        foramina and the herniation. An absent value is an absent key.
    """
    known = dict(tissues or TISSUES)
    lumbar = [d for d in anatomy.discs if not d.upper.name.startswith("T") or d.upper.name == "T12"]
    places = {d.name: exact_canal.herniation_place(d) for d in lumbar if d.pathology.herniation != "none"}
    roots = {d.name: {side: _root(anatomy, d, sign) for side, sign in SIDES} for d in lumbar}
    shapes: dict[str, dict[str, Any]] = {name: {"foraminal_roots": found} for name, found in roots.items()}
    for disc in lumbar:
        if disc.name in places:
            shapes[disc.name]["herniation"] = _herniation(disc, places[disc.name])
    return {
        "schema_version": SCHEMA_VERSION,
        "level_map": {
            "method": "truth",
            "confidence": 1.0,
            "lumbar_count": anatomy.plan.lumbar_count,
            "alternatives": [],
        },
        "levels": {d.name: _level(anatomy, d, known, roots[d.name], places.get(d.name)) for d in lumbar},
        "vertebrae": {v.name: _vertebra(anatomy, v) for v in anatomy.vertebrae if v.label in LUMBAR_AND_T12},
        "study": _study(anatomy),
        "planes": _planes(anatomy, lumbar),
        "generator": {**_generator(anatomy, preset), "shapes": shapes},
    }


def _value(value: float, unit: str, points: list[list[float]] | None = None) -> dict[str, Any]:
    result: dict[str, Any] = {"value": round(float(value), 4), "unit": unit}
    if points:
        result["points_lps"] = points
    return result


def _span(span: Span) -> dict[str, Any]:
    return _value(span.length, "mm", span.points)


def _plain(point: Array) -> list[float]:
    return [round(float(c), 4) for c in point]


def _level(
    anatomy: Anatomy,
    disc: Disc,
    tissues: dict[str, Tissue],
    roots: dict[str, Any],
    place: HerniationPlace | None,
) -> dict[str, Any]:
    measurements = _level_measurements(anatomy, disc)
    sag = PROTOCOLS["sag_t2"]
    names = [name for name, _ in disc.pathology.nucleus]
    first, second, csf = (
        spin_echo(tissues[name], sag.tr, sag.te, sag.ti, sag.field) for name in (*names, "csf")
    )
    nucleus = first + disc.pathology.nucleus[1][1] * (second - first)
    measurements["disc_csf_ratio"] = _value(nucleus / csf, "ratio")
    return {
        "centroid_lps": _plain(exact.disc_centroid(disc)),
        "normal_lps": _plain(disc.frame.axes[2]),
        "measurements": measurements,
        "grades": _grades(disc, measurements, place) | _foramen_grades(roots),
    }


def _level_measurements(anatomy: Anatomy, disc: Disc) -> dict[str, Any]:
    heights = exact.disc_heights(disc)
    above, below = exact.endplate_depth(disc.upper, False), exact.endplate_depth(disc.lower, True)
    index = (heights["anterior"].length + heights["posterior"].length) / (above.length + below.length)
    sections = exact.sac_sections(anatomy, disc)
    shift, along = exact.slip(disc)
    result = {f"disc_height_{name}": _span(span) for name, span in heights.items()}
    result["disc_height_index"] = _value(index, "ratio")
    result["disc_bulge_depth"] = _span(exact.bulge_depth(disc))
    result["canal_ap"] = _span(exact.canal_ap(disc.upper))
    result["sac_ap"] = _span(sections.sac_ap)
    result["sac_area"] = _value(sections.at_disc, "mm2")
    result["slip"] = _value(shift, "mm", along.points)
    result["slip_percent"] = _value(100 * shift / below.length, "%")
    result["segmental_angle"] = _value(_lordosis(disc.upper, disc.lower), "deg")
    for side, sign in SIDES:
        result[f"recess_height_{side}"] = _span(exact_canal.recess_height(disc, sign))
        result[f"recess_angle_{side}"] = _value(exact_canal.recess_angle(disc, sign), "deg")
        flavum = exact.flavum_thickness(anatomy, disc, sections.sac_ap, sign)
        if flavum is not None:
            result[f"flavum_thickness_{side}"] = _span(flavum)
        result |= {f"foramen_{name}_{side}": value for name, value in _foramen(disc, sign).items()}
    result["dorsal_fat"] = _span(exact_canal.dorsal_fat(anatomy, disc, sections.sac_ap))
    result["sac_loss"] = _value(sections.loss, "ratio")
    return result


def _lordosis(upper: Vertebra, lower: Vertebra) -> float:
    """Return the angle between two upper endplates in the sagittal plane, positive = lordotic."""
    a, b = upper.endplate_normal(True), lower.endplate_normal(True)
    return float(np.degrees(np.arctan2(a[1], a[2]) - np.arctan2(b[1], b[2])))


def _foramen(disc: Disc, sign: float) -> dict[str, dict[str, Any]]:
    """Return width (disc to facet) and height (pedicle to pedicle) of a foramen.

    Where disc and facet touch the width is 0, and there is no place at which the height could be measured.
    """
    upper = disc.upper
    x = sign * (upper.canal_width / 2 + 0.4 * upper.pedicle[0])
    level = 0.15 * disc.height
    width = first_gap(
        disc.frame,
        np.array([x, 0.0, level]),
        BACKWARD,
        50.0,
        [disc, upper, disc.lower],
        [upper, disc.lower],
        ridged=upper,
    )
    if width.length <= 0.0:
        return {"width": _span(width)}
    middle = disc.frame.to_local(width.start) + 0.5 * width.length * BACKWARD
    height = free_stretch(disc.frame, middle, UPWARD, 30.0, [upper, disc.lower])
    return {"height": _span(height), "width": _span(width)}


def _herniation(disc: Disc, place: HerniationPlace) -> dict[str, Any]:
    """Return type, zone and size of a focal herniation, mm; ``migration`` is positive upward."""
    level = disc.pathology
    dome = level.displacement if level.herniation != "protrusion" else 0.5 * level.base
    return {
        "type": level.herniation,
        "zone": place.zone,
        "side": "left" if place.lateral > 1.0 else "right" if place.lateral < -1.0 else "median",
        "lateral_mm": round(place.lateral, 3),
        "depth_mm": round(place.depth, 3),
        "base_mm": round(level.base, 3),
        "dome_mm": round(dome, 3),
        "migration_mm": round(level.migration, 3),
        "to_facet_line_mm": round(place.to_facets, 3),
        "half_facet_line_mm": round(place.half_line, 3),
    }


def _grades(disc: Disc, measurements: dict[str, Any], place: HerniationPlace | None) -> dict[str, Any]:
    level, value = disc.pathology, {name: entry["value"] for name, entry in measurements.items()}
    arc = exact.displaced_arc(disc, limits.DISPLACEMENT_LIMIT_MM)
    kind = limits.herniation(level.herniation, value["disc_bulge_depth"], arc)
    herniated = kind not in ("none", "bulge")
    grades: dict[str, Any] = {
        "pfirrmann": level.pfirrmann,
        "herniation": kind,
        "central_canal": limits.central_canal(value["sac_loss"]),
        "schizas": limits.schizas(value["sac_loss"], value["dorsal_fat"]),
        "lee_central": limits.lee_central(value["sac_loss"]),
        "spondylolisthesis": limits.slip(value["slip"], value["slip_percent"]),
        "disc_bulging": kind == "bulge",
        "disc_herniation": herniated,
        "disc_narrowing": level.pfirrmann >= limits.NARROWING_GRADE,
        "modic": level.modic,
        "modic_upper": level.modic_upper,
        "modic_lower": level.modic_lower,
        "endplate_upper": level.node_upper >= limits.NODE_MM,
        "endplate_lower": level.node_lower >= limits.NODE_MM,
        "msu": "none",
    }
    if place is not None and herniated:
        grades["msu"] = limits.msu(place.depth, place.to_facets, abs(place.lateral), place.half_line)
    for side, _ in SIDES:
        grades[f"lateral_recess_{side}"] = limits.recess(value[f"recess_height_{side}"])
        grades[f"bartynski_{side}"] = limits.bartynski(value[f"recess_height_{side}"])
    return {name: {"grade": grade} for name, grade in grades.items()}


def _root(anatomy: Anatomy, disc: Disc, sign: float) -> dict[str, Any]:
    """Return the root in a foramen: where it lies, its size in mm and the fat on its four sides."""
    root = anatomy.root(disc.name, sign)
    frame, solids = root.vertebra.frame, [disc.upper, disc.lower, disc]
    gaps = {}
    for direction, radius, names in (
        (BACKWARD, root.radii[0], ("anterior", "posterior")),
        (UPWARD, root.radii[1], ("inferior", "superior")),
    ):
        span = free_stretch(frame, np.array(root.centre), direction, 30.0, solids)
        for name, end in zip(names, (span.start, span.end), strict=True):
            distance = abs(float((frame.to_local(end) - root.centre) @ direction))
            gaps[name] = round(max(distance - radius, 0.0), 3)
    kept = min(now / then for now, then in zip(root.radii, root.healthy, strict=True))
    return {
        "centre_lps": _plain(frame.to_world(root.centre)),
        "depth_mm": round(2 * root.radii[0], 3),
        "height_mm": round(2 * root.radii[1], 3),
        "kept": round(kept, 3),
        "fat_mm": gaps,
    }


def _foramen_grades(roots: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    grades: dict[str, dict[str, Any]] = {}
    for side, root in roots.items():
        lee = limits.lee_foramen(root["fat_mm"], root["kept"])
        grades[f"lee_foramen_{side}"] = {"grade": lee}
        grades[f"foramen_{side}"] = {"grade": limits.SEVERITY[lee]}
    return grades


def _vertebra(anatomy: Anatomy, vertebra: Vertebra) -> dict[str, Any]:
    heights = exact.body_heights(vertebra)
    fracture = anatomy.plan.fractures.get(vertebra.name)
    measurements = {f"height_{name}": _span(span) for name, span in heights.items()}
    measurements["depth_superior"] = _span(exact.endplate_depth(vertebra, True))
    measurements["wedge_angle"] = _value(np.degrees(vertebra.wedge), "deg")
    return {
        "centroid_lps": _plain(vertebra.frame.origin),
        "normal_lps": _plain(vertebra.frame.axes[2]),
        "measurements": measurements,
        "grades": {"genant": {"grade": limits.genant(fracture.loss if fracture else 0.0)}},
    }


def _study(anatomy: Anatomy) -> dict[str, Any]:
    first, sacrum = anatomy.vertebra("L1"), anatomy.vertebra("S1")
    normal = sacrum.endplate_normal(True)
    return {
        "measurements": {
            "lordosis_l1_s1": _value(_lordosis(first, sacrum), "deg"),
            "sacral_slope": _value(np.degrees(np.arctan2(-normal[1], normal[2])), "deg"),
        },
        "grades": {"castellvi": {"grade": limits.castellvi(anatomy.plan.sacralised)}},
    }


def _planes(anatomy: Anatomy, lumbar: list[Disc]) -> dict[str, Any]:
    planes = {
        d.name: {"point_lps": _plain(d.frame.origin), "normal_lps": _plain(d.frame.axes[2])} for d in lumbar
    }
    bodies = np.array([v.frame.origin for v in anatomy.vertebrae if v.name.startswith("L")])
    left = np.mean([v.frame.axes[0] for v in anatomy.vertebrae if v.name.startswith("L")], axis=0)
    planes["sagittal"] = {
        "point_lps": _plain(bodies.mean(axis=0)),
        "normal_lps": _plain(left / np.linalg.norm(left)),
    }
    return planes


def _generator(anatomy: Anatomy, preset: str) -> dict[str, Any]:
    return {
        "name": GENERATOR,
        "version": GENERATOR_VERSION,
        "seed": anatomy.seed,
        "preset": preset,
        "age": round(anatomy.plan.age, 1),
        "sacralised": anatomy.plan.sacralised,
        "conditions": list(anatomy.plan.conditions.names),
        "squared_s1": round(anatomy.plan.squared, 2),
        "scoliosis_deg": round(anatomy.plan.scoliosis, 2),
        "levels": {d.name: dict(vars(d.pathology)) for d in anatomy.discs},
        "fractures": {name: dict(vars(one)) for name, one in anatomy.plan.fractures.items()},
    }
