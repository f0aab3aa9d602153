"""The spinal canal and the dural sac as tables along the canal, built from bodies and discs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import interpolate, ndimage
from scipy.spatial import cKDTree

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom import dimensions as dim
from lvp_workstation.phantom.anatomy import CanalTables, Disc, Vertebra
from lvp_workstation.phantom.column import Person, profile_name
from lvp_workstation.phantom.sac import FLAVUM_HEALTHY

FRONT_GAP_DISC = {"L4": 1.0, "L5": 1.3}
"""Fat between disc and sac by the table level of the upper vertebra, mm; 0.7 elsewhere (our choice)."""
FRONT_GAP_BODY = 1.5
LAST_DISC_FLATTENING = 0.87
FRONT_GAP_LAST_BODY = 2.8
"""Fat between sac and the lower half of the last lumbar body and the top of S1, mm (our choice)."""
DORSAL_FAT = 7.0
"""Depth of the fat pad between the laminae, behind the line of the laminae, mm (our choice)."""
SAC_SHARE_OF_AP = (0.68, 0.84)
SAC_WIDTH_TO_AP = 1.32
"""Shape of a healthy sac and its share of the bony canal (our choice)."""
SAC_SHARE_OF_WIDTH = 0.86
FLAVUM_GROWTH = 3.2
"""Thickening of the flavum per unit of narrowing, mm (our choice)."""
DORSAL_FAT_AT_DISC = 2.2
"""Fat between sac and flavum in the midline of a healthy disc level, mm; narrowing takes it (our choice)."""
SACRAL_SAC = {"S1": (0.54, 0.48), "S2": (0.55, 0.38), "S3": (0.4, 0.3), "S4": (0.4, 0.3), "S5": (0.4, 0.3)}
"""Share of AP and of width of the sacral canal that the sac takes (our choice)."""
CURVE_STEP = 0.5
CURVE_SMOOTHING_MM = 9.0
SAC_TIP_MM = 24.0


@dataclass(frozen=True)
class _Station:
    """The canal at one point: wall point, posterior direction and sizes in mm."""

    point: Array
    back_direction: Array
    canal_ap: float
    canal_width: float
    front_gap: float
    sac_ap: float
    sac_width: float
    disc_weight: float
    flavum: float = FLAVUM_HEALTHY


def canal_tables(
    rng: np.random.Generator,
    person: Person,
    lumbar_count: int,
    vertebrae: tuple[Vertebra, ...],
    discs: tuple[Disc, ...],
    narrowed: bool = True,
) -> CanalTables:
    """Return the canal's tables.

    Parameters
    ----------
    narrowed
        False leaves out the narrowing by flavum and facets: the same person, healthy.
    """
    areas = {
        d.name: person.size(
            rng, "sac", dim.SAC_AREA[profile_name(d.upper.name, lumbar_count)], dim.SAC_AREA_SD
        )
        for d in discs
    }
    conus_shift, tip_shift = float(rng.normal(0, 9)), float(rng.uniform(-10, 8))
    stations = _stations(vertebrae, discs, areas, lumbar_count, narrowed)
    curve, s = _reference_curve(stations)
    tables = _tabulate(stations, curve, s)
    _smooth_sacral_sac(tables, s, _arc_of(curve, s, discs[-1].frame.origin))
    conus_disc = next(d for d in discs if d.lower.name == "L2")
    conus = _arc_of(curve, s, conus_disc.frame.origin + 15 * conus_disc.frame.axes[1]) + conus_shift
    s2 = next(v for v in vertebrae if v.name == "S2")
    tip = _arc_of(curve, s, s2.frame.to_world((0, s2.posterior_wall + 5, 0))) + tip_shift
    closing = np.sqrt(np.clip((tip - s) / SAC_TIP_MM, 0.0, 1.0))
    middle = (tables["sac_front"] + tables["sac_back"]) / 2
    half = np.maximum((tables["sac_back"] - tables["sac_front"]) / 2 * closing, 0.05)
    tables["sac_front"], tables["sac_back"] = middle - half, middle + half
    tables["sac_half_width"] = np.maximum(tables["sac_half_width"] * closing, 0.05)
    return CanalTables(curve=curve, s=s, conus_s=conus, **tables)


def _smooth_sacral_sac(tables: dict[str, Array], s: Array, last_disc: float) -> None:
    """Let the sac run smoothly from the last disc down, in place."""
    below = 1.0 / (1.0 + np.exp(-(s - last_disc - 8.0) / 2.0))
    for name in ("sac_front", "sac_back", "sac_half_width"):
        smooth = ndimage.gaussian_filter1d(tables[name], 8.0 / CURVE_STEP, mode="nearest")
        tables[name] = (1 - below) * tables[name] + below * smooth


def _stations(
    vertebrae: tuple[Vertebra, ...],
    discs: tuple[Disc, ...],
    areas: dict[str, float],
    lumbar_count: int,
    narrowed: bool,
) -> list[_Station]:
    by_upper = {d.upper.name: d for d in discs}
    stations = []
    for vertebra in vertebrae:
        disc = by_upper.get(vertebra.name)
        area = areas[disc.name] if disc else 0.0
        stations.extend(_body_stations(vertebra, area, disc is discs[-1]))
        if disc is not None:
            stations.append(_disc_station(disc, area, lumbar_count, narrowed))
    return stations


def _body_stations(vertebra: Vertebra, area: float, lowest: bool) -> list[_Station]:
    ap, width = vertebra.canal_ap, vertebra.canal_width
    result = []
    for share, extra in ((0.30, DORSAL_FAT), (-0.3, 0.3)):
        if vertebra.sacral:
            extra = 0.0
            shares = SACRAL_SAC[vertebra.name]
            gap, sac_ap, sac_width = 0.17 * ap, shares[0] * ap, shares[1] * width
        else:
            last = lowest and share < 0
            gap = FRONT_GAP_LAST_BODY if last else FRONT_GAP_BODY
            sac_ap, sac_width = _sac_size(1.05 * area, ap, width)
        wall = vertebra.posterior_wall - 0.6 * dim.WAIST_POSTERIOR + vertebra.taper * share * 10
        point = vertebra.frame.to_world((0.0, wall, share * vertebra.height))
        result.append(
            _Station(point, vertebra.frame.axes[1], ap + extra, width, gap, sac_ap, float(sac_width), 0.0)
        )
    return result


def _sac_size(area: float, canal_ap: float, canal_width: float) -> tuple[float, float]:
    """Return AP and width of an elliptic sac of a given area inside a canal, mm."""
    ap = np.sqrt(area / (np.pi / 4 * SAC_WIDTH_TO_AP))
    ap = float(np.clip(ap, SAC_SHARE_OF_AP[0] * canal_ap, SAC_SHARE_OF_AP[1] * canal_ap))
    return ap, float(min(area / (np.pi / 4 * ap), SAC_SHARE_OF_WIDTH * canal_width))


def _disc_station(disc: Disc, area: float, lumbar_count: int, narrowed: bool) -> _Station:
    upper = disc.upper
    profile = profile_name(upper.name, lumbar_count)
    ap, width = upper.canal_ap, upper.canal_width
    sac_ap, sac_width = _sac_size(area, ap, width)
    if profile == "L5":  # the sac is flatter and wider behind the last disc
        sac_ap, sac_width = sac_ap * LAST_DISC_FLATTENING, sac_width / LAST_DISC_FLATTENING
    narrowing = float(np.clip(disc.pathology.narrowing, 0, 0.93)) if narrowed else 0.0
    if narrowing:
        sac_ap *= (1 - narrowing) ** 0.6
        sac_width *= (1 - narrowing) ** 0.4
    rims = [
        upper.frame.to_world((0, upper.posterior_wall, -upper.height / 2)),
        disc.lower.frame.to_world(
            (0, disc.lower.posterior_wall * (1 + disc.lower.taper), disc.lower.height / 2)
        ),
    ]
    point = np.mean(rims, axis=0) + 0.5 * disc.frame.axes[1]
    gap = FRONT_GAP_DISC.get(profile, 0.7)
    flavum = FLAVUM_HEALTHY + FLAVUM_GROWTH * narrowing
    if narrowing:  # facets and flavum close in on the sac
        ap = min(ap, gap + sac_ap + flavum + DORSAL_FAT_AT_DISC * max(1 - 1.6 * narrowing, 0.0))
        width = min(width, sac_width + 2 * flavum)
    return _Station(point, disc.frame.axes[1], ap, width, gap, float(sac_ap), float(sac_width), 1.0, flavum)


def _reference_curve(stations: list[_Station]) -> tuple[Array, Array]:
    """Return a smooth curve through the middle of the canal, and its arc length."""
    points = np.array([st.point + st.canal_ap / 2 * st.back_direction for st in stations])
    first = points[0] + 25 * (points[0] - points[1]) / np.linalg.norm(points[0] - points[1])
    points = np.vstack([first, points])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    fine = np.arange(0, length[-1], CURVE_STEP)
    curve = interpolate.PchipInterpolator(length, points)(fine)
    curve = ndimage.gaussian_filter1d(curve, CURVE_SMOOTHING_MM / CURVE_STEP, axis=0, mode="nearest")
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    arc = np.concatenate([[0], np.cumsum(steps)])
    even = np.arange(0, arc[-1], CURVE_STEP)
    return np.stack([np.interp(even, arc, curve[:, k]) for k in range(3)], axis=1), even


def _arc_of(curve: Array, s: Array, point: Array) -> float:
    """Return the arc length of the point of a curve nearest to a point."""
    return float(s[cKDTree(curve).query(point)[1]])


def _tabulate(stations: list[_Station], curve: Array, s: Array) -> dict[str, Array]:
    bare = CanalTables(curve, s, s, s, s, s, s, s, s, s, 0.0)
    tree = cKDTree(curve[:, 1:])
    index = np.asarray(tree.query(np.array([st.point[1:] for st in stations]))[1])
    wall = [
        float((st.point[1:] - curve[i, 1:]) @ bare.normals[i]) for st, i in zip(stations, index, strict=True)
    ]
    columns = {
        "wall": wall,
        "back": [w + st.canal_ap for w, st in zip(wall, stations, strict=True)],
        "half_width": [st.canal_width / 2 for st in stations],
        "sac_front": [w + st.front_gap for w, st in zip(wall, stations, strict=True)],
        "sac_back": [w + st.front_gap + st.sac_ap for w, st in zip(wall, stations, strict=True)],
        "sac_half_width": [st.sac_width / 2 for st in stations],
        "flavum": [st.flavum for st in stations],
        "disc_weight": [st.disc_weight for st in stations],
    }
    order = np.argsort(s[index])
    keep = order[np.concatenate([[True], np.diff(s[index][order]) > 0])]
    clipped = np.clip(s, s[index][keep][0], s[index][keep][-1])
    return {
        name: interpolate.PchipInterpolator(s[index][keep], np.array(values)[keep])(clipped)
        for name, values in columns.items()
    }
