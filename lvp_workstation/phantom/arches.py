"""Posterior elements as lists of implicit parts in the local frame of a vertebra.

Positions and thicknesses are our choice, fitted by eye to sagittal and axial images; spans and
pedicle and canal sizes come from `dimensions`. Both sides are made at once by using ``|left|``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from lvp_workstation.phantom.anatomy import Growth, Vertebra
from lvp_workstation.phantom.grid import Field
from lvp_workstation.phantom.shapes import capsule, ellipsoid, rounded_box, smooth_max

Corner: TypeAlias = tuple[float, float, float]
PartDistance: TypeAlias = Callable[[Field, Field, Field], Field]
Part: TypeAlias = tuple[PartDistance, Corner, Corner, float]
"""A distance function of local coordinates, the corners of its box, and how softly it joins, mm."""


RECESS_ROOM = 6.0
"""Distance between the posterior wall and an outgrowth that has just begun, mm (our choice)."""
FACET_BEHIND = 11.0
"""Distance of the middle of the upper facets behind the posterior wall, mm (our choice)."""
GROWTH_RADIUS = 3.6
TRANSVERSE_DEPTH = 5.6
"""Thickness of a transverse process from front to back, mm (our choice)."""
SACRAL_WINGS: dict[str, tuple[Corner, Corner]] = {
    "S1": ((31.0, 1.0, -5.0), (24.0, 16.0, 16.0)),
    "S2": ((28.0, 4.0, 0.0), (20.0, 14.0, 19.0)),
    "S3": ((22.0, 3.0, 0.0), (16.0, 10.0, 16.0)),
    "S4": ((16.0, 2.0, 0.0), (12.0, 8.0, 13.0)),
    "S5": ((12.0, 1.0, 0.0), (9.0, 6.0, 10.0)),
}
"""Centre (left side) and radii of the lateral mass of each sacral body, local mm."""


def arch_parts(vertebra: Vertebra) -> list[Part]:
    """Return the parts of the arch of a vertebra, or of the posterior sacrum."""
    return _sacral_parts(vertebra) if vertebra.sacral else _lumbar_parts(vertebra)


def _rod(a: Corner, b: Corner, radii: tuple[float, float], blend: float = 2.5) -> Part:
    """Return a rod that exists on both sides; ``a`` and ``b`` are given for the left."""

    def distance(u: Field, v: Field, w: Field) -> Field:
        return capsule(np.abs(u), v, w, (a, b), radii)

    reach = max(radii)
    right = max(a[0], b[0]) + reach
    low = (-right, min(a[1], b[1]) - reach, min(a[2], b[2]) - reach)
    high = (right, max(a[1], b[1]) + reach, max(a[2], b[2]) + reach)
    return distance, low, high, blend


def _box(centre: Corner, half: Corner, radius: float, slope: float = 0.0, blend: float = 2.5) -> Part:
    """Return a rounded box, made on both sides; ``slope`` = rise in superior per mm posterior."""

    def distance(u: Field, v: Field, w: Field) -> Field:
        y = v - np.float32(centre[1])
        side = np.abs(u) - np.float32(centre[0])
        return rounded_box(side, y, w - np.float32(centre[2]) - np.float32(slope) * y, half, radius)

    lift = abs(slope) * half[1]
    low = (-centre[0] - half[0], centre[1] - half[1], centre[2] - half[2] - lift)
    high = (centre[0] + half[0], centre[1] + half[1], centre[2] + half[2] + lift)
    return distance, low, high, blend


def _plate(a: Corner, b: Corner, thickness: float, height: float) -> Part:
    """Return an upright plate between two points (both sides): a lamina."""

    def distance(u: Field, v: Field, w: Field) -> Field:
        flat = np.zeros((1, 1, 1), dtype=np.float32)
        ends = ((a[0], a[1], 0.0), (b[0], b[1], 0.0))
        sheet = capsule(np.abs(u), v, flat, ends, (thickness / 2, thickness / 2))
        middle = np.float32((a[2] + b[2]) / 2)
        return smooth_max(sheet, np.abs(w - middle) - np.float32(height / 2), 3.0)

    reach = max(a[0], b[0]) + thickness
    low = (-reach, min(a[1], b[1]) - thickness, (a[2] + b[2]) / 2 - height / 2)
    high = (reach, max(a[1], b[1]) + thickness, (a[2] + b[2]) / 2 + height / 2)
    return distance, low, high, 2.0


def _lumbar_parts(vertebra: Vertebra) -> list[Part]:
    h, wall = vertebra.height, vertebra.posterior_wall
    ap, half_canal = vertebra.canal_ap, vertebra.canal_width / 2
    pedicle_width, pedicle_height = vertebra.pedicle
    inside = half_canal + pedicle_width / 2
    roof, facet = wall + ap - 0.3, wall + FACET_BEHIND
    behind = wall + max(ap, 14.0) + 1.4
    length, height = vertebra.spinous
    thoracic = vertebra.name.startswith("T")
    drop = -0.55 if thoracic else -0.16
    roofing = [
        _plate((half_canal + 1.0, roof - 2.5, -0.42 * h), (1.5, roof + 3.2, -0.42 * h), 5.8, 0.64 * h),
        _spinous(roof, length, height, -0.55 * h - (6.0 if thoracic else 0.0), drop),
    ]
    return [
        *facet_growth_parts(vertebra),
        *foraminal_growth_parts(vertebra),
        _box((inside, wall + 2.5, 0.22 * h), (pedicle_width / 2, 8.0, pedicle_height / 2), 3.4),
        _rod((inside, wall + 9.0, 0.2 * h), (half_canal + 1.5, behind, -0.45 * h), (5.2, 4.4)),
        _rod((inside + 0.5, facet, 0.15 * h), (inside + 1.5, facet + 1.6, 0.5 * h + 8.0), (5.4, 4.0)),
        _lower_facet(vertebra),
        *([] if vertebra.laminectomy else roofing),
        _transverse(
            (inside + 2.0, wall + 7.0, 0.16 * h),
            (max(vertebra.transverse - 3.0, inside + 4), wall + 12.0, 0.2 * h),
            vertebra.transverse_height,
        ),
    ]


def _lower_facet(vertebra: Vertebra) -> Part:
    """Return the lower facets; hypertrophy thickens them forward and towards the midline."""
    h, grown = vertebra.height, vertebra.hypertrophy
    x = vertebra.canal_width / 2 + 1.0 - 0.5 * grown
    v = vertebra.posterior_wall + vertebra.canal_ap + 1.0 - 0.7 * grown
    radii = (5.6 + 0.2 * grown, 4.4 + 0.3 * grown)
    return _rod((x, v, -0.4 * h), (x - 0.5, v + 0.5, -0.94 * h), radii)


def _transverse(root: Corner, tip: Corner, height: float) -> Part:
    """Return the transverse processes: rods flattened from front to back."""
    flat = TRANSVERSE_DEPTH / height

    def distance(u: Field, v: Field, w: Field) -> Field:
        ends = ((root[0], root[1], root[2] * flat), (tip[0], tip[1], tip[2] * flat))
        return capsule(np.abs(u), v, w * np.float32(flat), ends, (TRANSVERSE_DEPTH / 2, TRANSVERSE_DEPTH / 2))

    reach = tip[0] + TRANSVERSE_DEPTH
    low = (-reach, root[1] - TRANSVERSE_DEPTH, min(root[2], tip[2]) - height)
    high = (reach, tip[1] + TRANSVERSE_DEPTH, max(root[2], tip[2]) + height)
    return distance, low, high, 2.5


def facet_growth_parts(vertebra: Vertebra, minimum: float = 0.0) -> list[Part]:
    """Return the medial edges of the upper facets.

    Parameters
    ----------
    minimum
        Leave out what has grown less than this, mm.
    """
    half_canal = vertebra.canal_width / 2
    inside = half_canal + vertebra.pedicle[0] / 2
    parts = []
    for side, growth in zip((1.0, -1.0), vertebra.facets, strict=True):
        if growth < minimum:
            continue
        x = half_canal + 2.0 - min(growth, 2.5)
        front = vertebra.wall_at(side * x) + max(RECESS_ROOM - growth, 0.3) + GROWTH_RADIUS
        facet = (side * (inside + 1.0), vertebra.posterior_wall * (1 + vertebra.taper) + FACET_BEHIND)
        parts.append(_outgrowth((side * x, front), facet, vertebra.height))
    return parts


def foraminal_growth_parts(vertebra: Vertebra) -> list[Part]:
    """Return the bone that narrows the foramina."""
    return [_widened_rod(growth) for growth in vertebra.growths]


def _widened_rod(growth: Growth) -> Part:
    middle = np.float32((growth.start[0] + growth.end[0]) / 2)
    a, b = (0.0, *growth.start[1:]), (0.0, *growth.end[1:])

    def distance(u: Field, v: Field, w: Field) -> Field:
        beside = np.maximum(np.abs(u - middle) - np.float32(growth.half_width), 0)
        return capsule(beside, v, w, (a, b), (growth.radius, growth.radius))

    corners = np.array([growth.start, growth.end])
    reach = np.array([growth.half_width, 0.0, 0.0]) + growth.radius
    low, high = corners.min(axis=0) - reach, corners.max(axis=0) + reach
    return distance, (low[0], low[1], low[2]), (high[0], high[1], high[2]), 1.0


def _outgrowth(front: tuple[float, float], facet: tuple[float, float], height: float) -> Part:
    """Return an upright plate of bone on one side, from its front edge back to the upper facet."""
    middle, half, r = 0.56 * height, 0.16 * height + GROWTH_RADIUS, GROWTH_RADIUS

    def distance(u: Field, v: Field, w: Field) -> Field:
        flat = np.zeros((1, 1, 1), dtype=np.float32)
        sheet = capsule(u, v, flat, ((*front, 0.0), (*facet, 0.0)), (r, r))
        return smooth_max(sheet, np.abs(w - np.float32(middle)) - np.float32(half), 3.0)

    low = (min(front[0], facet[0]) - r, min(front[1], facet[1]) - r, middle - half)
    high = (max(front[0], facet[0]) + r, max(front[1], facet[1]) + r, middle + half)
    return distance, low, high, 1.5


def _spinous(roof: float, length: float, height: float, level: float, slope: float) -> Part:
    """Return the spinous process: a thin blade, rounded in outline, thicker and lower at its tip."""
    middle = roof + 3.0 + length / 2
    half = (length / 2 + 3.0, height / 2)

    def distance(u: Field, v: Field, w: Field) -> Field:
        y = v - np.float32(middle)
        share = np.clip(y / np.float32(half[0]), -1.0, 1.0)
        z = w - np.float32(level) - np.float32(slope) * y
        zero = np.zeros((1, 1, 1), dtype=np.float32)
        blade = rounded_box(zero, y, z * (1.0 - 0.12 * share) + 0.06 * height * share, (9.0, *half), 6.5)
        return smooth_max(blade, np.abs(u) - (3.0 + 1.2 * np.maximum(share, 0.0)), 3.0)

    lift = abs(slope) * half[0] + 3.0
    low = (-5.0, middle - half[0], level - half[1] - lift)
    high = (5.0, middle + half[0], level + half[1] + lift)
    return distance, low, high, 3.0


def _sacral_parts(vertebra: Vertebra) -> list[Part]:
    h, wall, ap = vertebra.height, vertebra.posterior_wall, vertebra.canal_ap
    half_canal, roof, facet = vertebra.canal_width / 2, wall + ap + 2.2, wall + FACET_BEHIND
    wing = SACRAL_WINGS[vertebra.name]

    def ala(u: Field, v: Field, w: Field) -> Field:
        (x, y, z), radii = wing
        return ellipsoid(np.abs(u) - np.float32(x), v - np.float32(y), w - np.float32(z), radii)

    (x, y, z), (a, b, c) = wing
    first = vertebra.name == "S1"
    drop = -0.15 * h if first else 0.0
    parts: list[Part] = [
        *facet_growth_parts(vertebra),
        *foraminal_growth_parts(vertebra),
        (ala, (-x - a, y - b, z - c), (x + a, y + b, z + c), 6.0),
        _plate((half_canal, roof - 2.0, drop), (0.0, roof, drop), 4.0, (0.6 if first else 0.9) * h),
        _rod((half_canal + 3.0, wall + 2.0, 0.0), (half_canal + 2.0, roof, 0.0), (5.0, 4.0)),
    ]
    if vertebra.name in ("S1", "S2", "S3"):
        parts.append(_box((0.0, roof + 4.0, drop), (2.6, 4.5, 0.24 * h), 2.4))
    if first:
        parts.append(
            _rod((half_canal + 4.0, facet, 0.1 * h), (half_canal + 6.0, facet + 1.0, 0.64 * h), (5.4, 3.8))
        )
    return parts
