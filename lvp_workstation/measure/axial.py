"""From axial blocks to measurements and features of every disc: the one entry for axial images.

Features beside the measurements (graders use them):

==================== ====================================================================================
``area_least``       ln of the smallest sac area about the disc, mm2
``loss_block``       share of sac area lost there against the largest section of the same block
``loss_spine``       the same against the median of the largest sections of all discs
``ap_least``         AP diameter of the smallest section, mm
``flatness``         AP over width of the smallest section
``flavum``           mean thickness of both ligaments, mm (0 where none is seen)
``facet_line``, ``facet_room`` length of the line between the facets and its distance from the margin, mm
``fat_behind``       depth of fat between sac and flavum in the midline, mm
``bulge_behind``     mean displacement of the posterior margin, mm; ``bulge_share`` of the circumference;
                     ``bulge_focal``: how much further the most displaced place lies than the others, mm
``material``         ln(1 + volume of displaced material in mm3); ``material_peak``: its probability
``material_depth``, ``material_offset``, ``material_lateral``, ``material_base``, ``material_dome``, mm
``recess_*``         ``height``, ``between``, ``least``, ``medial``, ``angle`` with ``_left`` and ``_right``
==================== ====================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId, disc_id
from lvp_workstation.domain.annotations import Measurement, Provenance
from lvp_workstation.domain.axial_anatomy import AxialBlock
from lvp_workstation.measure.axial_canal import (
    dorsal_fat,
    facet_margin,
    flavum_thickness,
    margin_behind,
    middle_of_canal,
    narrowest,
    nearest_to_disc,
    sacs,
)
from lvp_workstation.measure.axial_contour import find_contour
from lvp_workstation.measure.axial_herniation import Displaced, chance_of_material, find_displaced
from lvp_workstation.measure.axial_lines import LineRecorder
from lvp_workstation.measure.axial_recess import find_recess
from lvp_workstation.measure.axial_slice import MIN_SAC_MM2, AxialSlice

SIDES = (("left", 1.0), ("right", -1.0))
LOWEST = (disc_id(1), "L5-S1")
"""The disc above the sacrum, by instance and by name."""
SAME_PLACE_MM = 8.0
"""Free material seen from two discs within this distance is one fragment (our choice)."""
DISC_MM = 3.5
"""The sac of the disc's plane is measured in a slice this near to its middle, else not (our choice)."""


@dataclass(frozen=True, eq=False)
class AxialMeasures:
    """What axial images say.

    Attributes
    ----------
    measurements
        By (disc, name).
    features
        By disc and name, see the table above.
    material
        Displaced material of each disc that has some.
    """

    measurements: Mapping[tuple[InstanceId, str], Measurement] = field(default_factory=dict)
    features: Mapping[InstanceId, Mapping[str, float]] = field(default_factory=dict)
    material: Mapping[InstanceId, Displaced] = field(default_factory=dict)


def measure_axial(blocks: Mapping[InstanceId, AxialBlock], provenance: Provenance) -> AxialMeasures:
    """Measure the axial slices around discs.

    Parameters
    ----------
    blocks
        By disc.
    provenance
        Of the axial model; written into every measurement.
    """
    out = LineRecorder(provenance)
    slices = {disc: [AxialSlice(b, n) for n in range(len(b.offsets))] for disc, b in blocks.items()}
    material = _attributed(
        {disc: find_displaced(block, slices[disc]) for disc, block in blocks.items()}, blocks
    )
    features = {}
    for disc, block in blocks.items():
        rows = _canal(disc, slices[disc], out) | _recesses(disc, slices[disc], out)
        rows |= _contour(disc, slices[disc], out)
        rows |= _material(disc, block, material[disc], slices[disc], out)
        features[disc] = rows
    _against_the_spine(features)
    kept = {disc: one for disc, one in material.items() if one is not None}
    return AxialMeasures(out.measurements, features, kept)


def _attributed(
    found: dict[InstanceId, Displaced | None], blocks: Mapping[InstanceId, AxialBlock]
) -> dict[InstanceId, Displaced | None]:
    """Leave a free fragment that two discs see to the one whose block shows more of it."""
    result = dict(found)
    names = [disc for disc, one in found.items() if one is not None]
    for disc in names:
        one = found[disc]
        for other in names:
            rival = found[other]
            if disc == other or one is None or rival is None or one.joined:
                continue
            apart = float(np.linalg.norm(one.centre_lps - rival.centre_lps))
            if apart < SAME_PLACE_MM + blocks[disc].geometry.spacing[0] and (
                rival.joined or rival.volume > one.volume
            ):
                result[disc] = None
    return result


def _canal(disc: InstanceId, slices: list[AxialSlice], out: LineRecorder) -> dict[str, float]:
    seen, least = sacs(slices), narrowest(slices)
    if least is None:
        return {}
    sac = least[1]
    lost = any(s.sac is None and abs(s.offset) <= DISC_MM for s in slices)
    area = MIN_SAC_MM2 if lost else sac.area
    most = max(s.area for _, s in seen)
    rows = {
        "area_least": float(np.log(area)),
        "area_most": most,
        "loss_block": 1.0 - area / most,
        "ap_least": sac.ap,
        "flatness": sac.ap / max(sac.width, 1.0),
    }
    middle = nearest_to_disc(slices)
    own = middle.sac
    if own is None or abs(middle.offset) > DISC_MM:
        return rows
    out.area(disc, "sac_area", middle, own.outline)
    out.distance(disc, "sac_ap", middle, own.front, own.back)
    rows["fat_behind"] = dorsal_fat(middle, own)
    thick = []
    for side, sign in SIDES:
        flavum = flavum_thickness(middle, own, sign)
        thick.append(0.0 if flavum is None else flavum.value)
        if flavum is not None:
            out.distance(disc, f"flavum_thickness_{side}", middle, flavum.start, flavum.end)
    rows["flavum"] = float(np.mean(thick))
    ends = [facet_margin(middle, own, sign) for _, sign in SIDES]
    if ends[0] is not None and ends[1] is not None:
        out.distance(disc, "facet_line", middle, ends[0], ends[1])
        rows["facet_line"] = float(np.linalg.norm(ends[0] - ends[1]))
        rows["facet_room"] = float(ends[0][1] + ends[1][1]) / 2 - margin_behind(middle, float(own.centre[0]))
    return rows


def _recesses(disc: InstanceId, slices: list[AxialSlice], out: LineRecorder) -> dict[str, float]:
    rows: dict[str, float] = {}
    middle = middle_of_canal(slices)
    for side, sign in SIDES:
        found = find_recess(slices, sign, middle, disc in LOWEST)
        if found is None:
            continue
        out.distance(disc, f"recess_height_{side}", found.slice, found.floor, found.roof)
        vertex = np.array([found.vertex, found.floor[1]])
        out.angle(disc, f"recess_angle_{side}", found.slice, vertex, found.floor, found.roof)
        rows |= {
            f"recess_height_{side}": found.height,
            f"recess_between_{side}": found.between,
            f"recess_least_{side}": found.least,
            f"recess_medial_{side}": found.medial,
            f"recess_angle_{side}": found.angle,
            f"pedicle_{side}": abs(found.pedicle - middle),
        }
    return rows


def _contour(disc: InstanceId, slices: list[AxialSlice], out: LineRecorder) -> dict[str, float]:
    found = find_contour(slices)
    if found is None:
        return {}
    out.share(disc, "disc_displaced_share", found.slice, found.outline, found.displaced)
    return {"bulge_behind": found.behind, "bulge_share": found.share, "bulge_focal": found.focal}


def _material(
    disc: InstanceId,
    block: AxialBlock,
    one: Displaced | None,
    slices: list[AxialSlice],
    out: LineRecorder,
) -> dict[str, float]:
    volume, peak = chance_of_material(block)
    rows = {"material": float(np.log1p(volume)), "material_peak": peak}
    if one is None:
        return {"material": min(rows["material"], UNSURE_MATERIAL), "material_peak": min(peak, UNSURE_PEAK)}
    middle = middle_of_canal(slices)
    out.distance(disc, "herniation_depth", one.slice, one.foot, one.tip)
    out.distance(disc, "herniation_base", one.slice, one.base[0], one.base[1])
    out.distance(disc, "herniation_dome", one.slice, one.dome[0], one.dome[1])
    return rows | {
        "material_depth": one.depth,
        "material_offset": one.offset,
        "material_lateral": float(one.tip[0]) - middle,
        "material_base": one.base_mm,
        "material_dome": one.dome_mm,
        "material_joined": float(one.joined),
    }


UNSURE_MATERIAL, UNSURE_PEAK = 3.0, 0.5
"""What is attributed to another disc, or sure nowhere, counts at most so much (our choice)."""


def _against_the_spine(features: Mapping[InstanceId, dict[str, float]]) -> None:
    """Add the loss of area against the largest sections of all discs."""
    largest = [rows["area_most"] for rows in features.values() if "area_most" in rows]
    for rows in features.values():
        if "area_least" in rows:
            rows["loss_spine"] = 1.0 - float(np.exp(rows["area_least"]) / np.median(largest))
