"""Distances to bodies, arches and discs; local frames, mm, negative inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.phantom import dimensions as dim
from lvp_workstation.phantom.anatomy import Disc, Vertebra
from lvp_workstation.phantom.arches import arch_parts
from lvp_workstation.phantom.grid import Field, Patch, SampleGrid, inner_region
from lvp_workstation.phantom.herniation import herniation_angle
from lvp_workstation.phantom.shapes import capsule, outline_angles, outline_bins, smooth_max, smooth_min

RIM_ROUNDING = 2.4
NODE_BEHIND, NODE_WIDTH = 6.5, 3.5
"""Place behind the middle and width of a Schmorl node, mm (our choice)."""
FRAGMENT_HALF = np.array([0.0, 0.0, 2.0])
"""Half of the axis of a free fragment, mm (our choice)."""
FAR = 12.0
"""Distance given to points outside every box, mm."""


def body_box(vertebra: Vertebra) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the corners of a body's box in its local frame."""
    grow = 1 + vertebra.taper
    extra = 1.5 + max(vertebra.rim)
    half = (
        vertebra.width / 2 * grow + extra,
        vertebra.depth / 2 * grow + extra,
        vertebra.height / 2 + abs(np.tan(vertebra.wedge / 2)) * vertebra.depth / 2 + 1.0,
    )
    return (-half[0], -half[1], -half[2]), half


def _hollow(rho: Field) -> Field:
    """Return the profile of an endplate's hollow over the relative radius: 1 at the centre, 0 at the rim."""
    return np.asarray(np.clip(1.0 - (rho * np.float32(1 / 0.86)) ** 2, 0.0, 1.0), dtype=np.float32)


def endplate_height(vertebra: Vertebra, upper: bool, v: Field, rho: Field) -> Field:
    """Return the local superior coordinate of the bony endplate surface, mm.

    Parameters
    ----------
    v
        Local posterior coordinate, mm.
    rho
        Distance from the axis relative to the rim, 0-1.
    """
    tilt = np.float32(np.tan(vertebra.wedge / 2))
    hollow = vertebra.concavity[0 if upper else 1] * _hollow(rho)
    node = vertebra.nodes[0 if upper else 1]
    if node:
        aside = np.maximum((rho * np.float32(0.5 * vertebra.width)) ** 2 - v * v, 0)
        hollow = hollow + node * np.exp(-(aside + (v - NODE_BEHIND) ** 2) / NODE_WIDTH**2)
    surface = np.float32(vertebra.height / 2) - tilt * v - hollow
    return np.asarray(surface if upper else -surface, dtype=np.float32)


def body_distance(patch: Patch, vertebra: Vertebra) -> Field:
    """Return the distance to a vertebral body (outer surface of its cortex)."""
    u, v, w = patch.local(vertebra.frame)
    bins = outline_bins(u, v)
    r = np.sqrt(u * u + v * v)
    rim = vertebra.outline.radius.astype(np.float32)[bins]
    height = w * np.float32(2 / vertebra.height)
    angle_waist = _waist(vertebra)[bins]
    flat = np.clip(1 - height * height, 0, 1)
    lip = np.where(height > 0, vertebra.rim[0], vertebra.rim[1]).astype(np.float32)
    lip = lip * np.exp(np.minimum((np.abs(height) - 1) * np.float32(vertebra.height / 5.0), 0))
    scale = 1 + np.float32(vertebra.taper) * height if vertebra.taper else np.float32(1)
    wall = (r - rim * scale + angle_waist * flat - lip) * vertebra.outline.slope_factor.astype(np.float32)[
        bins
    ]
    rho = r / (rim * scale)
    top = w - endplate_height(vertebra, True, v, rho)
    bottom = endplate_height(vertebra, False, v, rho) - w
    return smooth_max(wall, np.maximum(top, bottom), RIM_ROUNDING)


def _waist(vertebra: Vertebra) -> Field:
    """Return the depth of the waist for each outline bin, mm."""
    if vertebra.sacral:
        return np.full(outline_angles().size, 0.4, dtype=np.float32)
    front = 0.5 - 0.5 * np.sin(outline_angles())
    depth = dim.WAIST_POSTERIOR + (dim.WAIST_ANTERIOR - dim.WAIST_POSTERIOR) * np.minimum(1.6 * front, 1)
    return np.asarray(depth, dtype=np.float32)


def arch_distance(grid: SampleGrid, vertebra: Vertebra) -> tuple[Patch, Field] | None:
    """Return the distance to pedicles, laminae, facets and processes with its patch."""
    parts = arch_parts(vertebra)
    lows = np.min([low for _, low, _, _ in parts], axis=0)
    highs = np.max([high for _, _, high, _ in parts], axis=0)
    patch = grid.patch(vertebra.frame, lows, highs, margin=2.5)  # holds every part, rounding included
    if patch is None:
        return None
    distance = patch.full(FAR)
    for part, low, high, blend in parts:
        sub = grid.patch(vertebra.frame, low, high)
        if sub is None:
            continue
        inner = inner_region(sub, patch)
        distance[inner] = smooth_min(distance[inner], part(*sub.local(vertebra.frame)), blend)
    return patch, distance


def disc_box(disc: Disc) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the corners of a disc's box in its local frame, herniation included."""
    reach = float(disc.outline.radius.max()) + abs(disc.shear[1]) / 2 + 1.0
    back = disc.posterior_margin + abs(disc.shear[1]) / 2 + 2.0
    half_height = disc.height / 2 + 3.0 + abs(np.tan(disc.wedge / 2)) * disc.upper.depth / 2
    low, high = (-reach, -reach, -half_height), (reach, max(back, 0.0), half_height)
    if disc.pathology.herniation != "none":
        reach_up = half_height + abs(disc.pathology.migration) + 4
        reach += disc.pathology.displacement
        low = (-reach, -reach, -reach_up)
        high = (reach, back + disc.pathology.displacement + 2, reach_up)
    return low, high


def disc_distance(patch: Patch, disc: Disc) -> Field:
    """Return the distance to a disc: between the endplates, inside its margin, plus an extruded dome."""
    return disc_fields(patch, disc).whole


@dataclass(frozen=True, eq=False)
class DiscFields:
    """Distances to a disc: as a ``whole``, to its ``margin`` alone and to its two ``faces`` alone, mm."""

    whole: Field
    margin: Field
    faces: Field


def disc_fields(patch: Patch, disc: Disc) -> DiscFields:
    """Return the distances to a disc and to its parts."""
    u, v, w = patch.local(disc.frame)
    share = np.clip(w / np.float32(max(disc.height, 1.0)), -0.5, 0.5)
    x, y = u - share * np.float32(disc.shear[0]), v - share * np.float32(disc.shear[1])
    bins = outline_bins(x, y)
    r = np.sqrt(x * x + y * y)
    rim = disc.outline.radius.astype(np.float32)[bins] + share * disc.rim_change.astype(np.float32)[bins]
    wall = (r - rim) * disc.outline.slope_factor.astype(np.float32)[bins]
    rho = r / rim
    _, v_up, w_up = patch.local(disc.upper.frame)
    _, v_low, w_low = patch.local(disc.lower.frame)
    top = w_up - endplate_height(disc.upper, False, v_up, rho)
    bottom = endplate_height(disc.lower, True, v_low, rho) - w_low
    rounding = min(2.0, 0.4 * disc.height)
    faces = np.maximum(top, bottom)
    distance = smooth_max(wall, faces, rounding)
    dome = dome_distance(u, v, w, disc)
    whole = distance if dome is None else smooth_min(distance, dome, 1.2)
    return DiscFields(whole, wall, faces)


def dome_distance(u: Field, v: Field, w: Field, disc: Disc) -> Field | None:
    """Return the distance to the dome of an extrusion in disc coordinates, None without one."""
    level = disc.pathology
    if level.herniation not in ("extrusion", "sequestration"):
        return None
    angle = herniation_angle(level)
    margin = float(disc.outline.at(angle))
    direction = np.array([np.cos(angle), np.sin(angle), 0.0])
    radius = level.displacement / 2
    neck = direction * (margin - 3.0)
    head = direction * (margin + level.displacement - radius) + np.array([0, 0, level.migration])
    if level.herniation == "sequestration":
        return capsule(u, v, w, (head - FRAGMENT_HALF, head + FRAGMENT_HALF), (radius, radius))
    half_base = min(level.base / 2, radius * 0.8, max(disc.height / 2, 1.5))
    return capsule(u, v, w, (neck, head), (half_base, radius))
