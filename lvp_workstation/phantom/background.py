"""Everything around the spine: trunk, fat, muscles, vessels and bowel.

Positions follow the column level by level in world height; radii and offsets are our choice, from
axial and sagittal images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.anatomy import Anatomy, Vertebra
from lvp_workstation.phantom.canvas import Canvas, Mix
from lvp_workstation.phantom.column import axes_of
from lvp_workstation.phantom.grid import WORLD, Field, Frame, Patch
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.shapes import capsule, ellipse, smooth_max

HEIGHT_STEP = 1.0
FIBRES = Frame(np.zeros(3), axes_of(0.16, 0.10, 0.3))
"""Direction of the muscle texture: a little oblique to the patient's axes."""


@dataclass(frozen=True, eq=False)
class Contours:
    """Lines along the patient's height ``z`` (rising, mm): where the column and the back are.

    Attributes
    ----------
    x
        Lateral position of the canal.
    wall
        Posterior wall of the bodies (smoothed), posterior LPS mm.
    depth
        Depth of the bodies.
    fascia, skin
        Fascia and skin of the back in the midline.
    front
        Skin of the belly in the midline.
    """

    z: Array
    x: Array
    wall: Array
    depth: Array
    fascia: Array
    skin: Array
    front: Array

    def at(self, z: Field, values: Array) -> Field:
        """Return a line at heights in mm."""
        return np.interp(z, self.z, values).astype(np.float32)


def contours(anatomy: Anatomy) -> Contours:
    """Return the lines of an anatomy."""
    z = np.arange(-260.0, 330.0, HEIGHT_STEP)
    curve = anatomy.canal.curve[::-1]
    x, y = np.interp(z, curve[:, 2], curve[:, 0]), np.interp(z, curve[:, 2], curve[:, 1])
    tips = np.array([_tip(v) for v in reversed(anatomy.vertebrae)])
    fascia = np.interp(z, tips[:, 2], tips[:, 1])
    bodies = np.array([(*v.frame.origin, v.depth) for v in reversed(anatomy.vertebrae)])
    depth = np.interp(z, bodies[:, 2], bodies[:, 3])
    fascia = ndimage.gaussian_filter1d(fascia, 9.0, mode="nearest") + 2.5
    level = np.clip((z + 40) / 150, -1, 1)
    fat = anatomy.soft.fat_back * (1.0 - 0.25 * level + 0.5 * np.exp(-(((z + 95) / 45) ** 2)))
    skin = ndimage.gaussian_filter1d(fascia, 30.0, mode="nearest")
    skin = np.maximum(skin, fascia + 1.5) + fat
    return Contours(
        z=z,
        x=ndimage.gaussian_filter1d(x, 6.0, mode="nearest"),
        wall=ndimage.gaussian_filter1d(y - 7.0, 6.0, mode="nearest"),
        depth=ndimage.gaussian_filter1d(depth, 8.0, mode="nearest"),
        fascia=fascia,
        skin=ndimage.gaussian_filter1d(skin, 12.0, mode="nearest"),
        front=_belly(z, y, anatomy.soft.belly),
    )


def _belly(z: Array, y: Array, belly: float) -> Array:
    """Return the skin of the belly: nearly straight, whatever the column behind it does."""
    lumbar = float(y[np.abs(z) < 80].mean())
    bulge = 10.0 * np.exp(-(((z + 15.0) / 90.0) ** 2)) + 14.0 * np.clip((-z - 80.0) / 80.0, 0, 1)
    return np.asarray(lumbar - 7.0 - belly - bulge)


def _tip(vertebra: Vertebra) -> Array:
    roof = vertebra.posterior_wall + vertebra.canal_ap
    if vertebra.sacral:
        return vertebra.frame.to_world((0.0, roof + 12.0, 0.0))
    return vertebra.frame.to_world((0.0, roof + 7.0 + vertebra.spinous[0], -0.75 * vertebra.height))


@dataclass(frozen=True, eq=False)
class _Place:
    """Coordinates of a patch relative to the column."""

    x: Field
    y: Field
    z: Field
    behind: Field
    """Distance behind the posterior wall of the bodies, mm."""
    fascia: Field
    skin: Field
    depth: Field
    front: Field
    """Distance behind the skin of the belly, mm."""


def paint_background(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint the trunk without the spine."""
    lines = contours(anatomy)
    patch = canvas.grid.whole()
    trunk = _trunk(_place(patch, lines), anatomy)
    septa = _septa(patch, noise)
    canvas.paint(patch, canvas.coverage(trunk), "skin")
    canvas.paint(patch, canvas.coverage(trunk + 1.8), "fat", 1.0 - 0.3 * septa)
    wall = float(lines.wall.max())
    boxes = {
        _paint_abdomen: ((-250.0, -350.0, -300.0), (250.0, wall - 30.0, 300.0)),
        _paint_muscles: ((-80.0, float(lines.wall.min()) - 45.0, -300.0), (80.0, wall + 160.0, 300.0)),
        _paint_vessels: ((-65.0, -350.0, -150.0), (65.0, wall - 10.0, 300.0)),
    }
    for painter, (low, high) in boxes.items():
        box = canvas.grid.patch(WORLD, low, high)
        if box is not None:
            painter(canvas, box, _place(box, lines), anatomy, noise)


def _septa(patch: Patch, noise: Noise) -> Field:
    """Return 0-1 where a fibrous septum runs through fat: short pieces of thin curved sheets."""
    sheet = noise.linear(patch, WORLD, (5.0, 2.6, 3.2))
    present = np.clip(noise.linear(patch, WORLD, (4.0, 4.5, 2.4)) - 0.2, 0.0, 1.0)
    return np.asarray(present * np.exp(-((sheet / 0.14) ** 2)))


def _place(patch: Patch, lines: Contours) -> _Place:
    x, y, z = patch.local(WORLD)
    return _Place(
        x=x - lines.at(z, lines.x),
        y=y,
        z=z,
        behind=y - lines.at(z, lines.wall),
        fascia=lines.at(z, lines.fascia),
        skin=lines.at(z, lines.skin),
        depth=lines.at(z, lines.depth),
        front=y - lines.at(z, lines.front),
    )


def _trunk(place: _Place, anatomy: Anatomy) -> Field:
    soft = anatomy.soft
    flank = (np.abs(place.x) / np.float32(soft.half_width)) ** 2.6
    back = place.y - place.skin + np.float32(0.75 * soft.half_width) * flank
    front = -place.front + np.float32(0.5 * soft.half_width) * flank
    side = np.abs(place.x) - np.float32(soft.half_width)
    return smooth_max(smooth_max(back, front, 30.0), side, 30.0)


def _paint_abdomen(canvas: Canvas, patch: Patch, place: _Place, anatomy: Anatomy, noise: Noise) -> None:
    soft = anatomy.soft
    lumps = noise.linear(patch, WORLD, (5.5, 5.0, 5.5))
    filling = noise.linear(patch, WORLD, (9.0, 10.0, 8.0))
    detail = noise.detailed(patch, WORLD, (3.0, 2.2, 2.8))
    cavity = smooth_max(place.behind + place.depth + 15.0 + 0.12 * np.abs(place.x), 26.0 - place.front, 8.0)
    inside = np.clip(-cavity / 6.0, 0, 1)
    threshold = np.float32(soft.bowel) + 0.25 * np.clip((place.z + 40) / 60, -1, 1)
    bowel = np.clip((lumps - threshold + 0.06 * detail) * 7.0, 0, 1) * inside
    lumen = np.clip((lumps - threshold - 0.28 + 0.08 * detail) * 4.0, 0, 1) * inside
    gas = np.clip((filling - 0.7) * 3.0, 0, 1)
    wet = np.clip((-filling - 1.0) * 2.0, 0, 0.8)
    strands = np.clip((detail + 0.8 * lumps - 0.7) * 0.4, 0, 0.7) * inside
    canvas.paint(patch, strands, "fibrous_fat", 1.0 + 0.1 * filling)
    canvas.paint(patch, bowel, "bowel_wall", 1.0 + 0.10 * filling)
    mix = [("bowel_content", 1 - gas - wet), ("gas", gas), ("fluid", wet)]
    canvas.paint(patch, 0.9 * lumen, mix, 1.0 + 0.12 * detail)
    mottle = 1.0 + 0.16 * filling + 0.10 * detail
    canvas.modulate(patch, 1.0 + (mottle - 1.0) * inside)
    wall = np.abs(place.front - 20.0 - 4.0 * np.clip(soft.belly / 120, 0.7, 1.3)) - 4.5
    canvas.paint(patch, canvas.coverage(wall, 1.0), "muscle", 1.0 + 0.1 * detail)


def _paint_muscles(canvas: Canvas, patch: Patch, place: _Place, anatomy: Anatomy, noise: Noise) -> None:
    texture = _Texture(
        noise.detailed(patch, FIBRES, (1.4, 1.2, 9.0)), noise.linear(patch, FIBRES, (4.0, 4.0, 9.0))
    )
    _paint_psoas(canvas, patch, place, anatomy, texture)
    _paint_back(canvas, patch, place, anatomy, texture)


@dataclass(frozen=True, eq=False)
class _Texture:
    """Muscle texture: ``streaks`` along the fibres, broad ``patches``."""

    streaks: Field
    patches: Field


def _paint_psoas(canvas: Canvas, patch: Patch, place: _Place, anatomy: Anatomy, texture: _Texture) -> None:
    """Paint psoas, which grows from L1 to L5 and then moves forward, and quadratus lumborum."""
    soft, side = anatomy.soft, np.abs(place.x)
    growth = np.clip((70.0 - place.z) / 110.0, 0.0, 1.0) ** 0.7
    radius = np.float32(soft.psoas) * (19.0 * growth + 0.5)
    forward = 13.0 + 10.0 * np.clip(-place.z / 70.0, 0.0, 2.0)
    psoas = ellipse(side - 27.0 - 14.0 * growth, place.behind + forward, radius, 1.15 * radius)
    fat = np.clip(0.03 + 0.5 * (texture.streaks - 0.8) * soft.infiltration, 0, 0.6)
    mix: Mix = [("muscle", 1 - fat), ("fat", fat)]
    canvas.paint(patch, canvas.coverage(psoas, 0.5), mix, 1 + 0.05 * texture.patches)
    quadratus = ellipse(side - 62.0, place.behind - 2.0, 17.0, 10.0)
    canvas.paint(patch, canvas.coverage(quadratus, 0.5), mix, 1 + 0.05 * texture.patches)


def _paint_back(canvas: Canvas, patch: Patch, place: _Place, anatomy: Anatomy, texture: _Texture) -> None:
    """Paint erector spinae and multifidus, the fascia behind them and the interspinous ligaments."""
    soft, side = anatomy.soft, np.abs(place.x)
    bulk = 3.0 * np.exp(-(((side - 25.0) / 14.0) ** 2))
    edge = place.fascia - 0.012 * np.maximum(side - 28.0, 0.0) ** 2 + bulk
    erector = smooth_max(place.y - edge + 1.2, side - np.float32(60.0 * soft.erector), 14.0)
    front = 9.0 - 6.0 * np.clip((side - 34.0) / 20.0, 0, 1) ** 2
    erector = smooth_max(erector, front - place.behind, 5.0)
    medial = np.clip((26.0 - side) / 16.0, 0.0, 1.0)
    low = np.clip(-(place.z + 20.0) / 70.0, 0.0, 1.0)
    level = soft.infiltration * (0.55 + 0.7 * medial + 1.2 * low)
    fat = np.clip((texture.streaks + 0.8 * texture.patches - 2.3 + 4.2 * level) * 0.36, 0.03, 0.95)
    mix: Mix = [("muscle", 1 - fat), ("fat", fat)]
    gain = 1 + 0.06 * texture.patches + 0.08 * texture.streaks
    inside = canvas.coverage(erector, 0.8)
    canvas.paint(patch, inside, mix, gain)
    canvas.paint(patch, inside * _clefts(place, texture, soft.infiltration), "fat")
    fascia = smooth_max(np.abs(place.y - edge) - 0.5, side - 58.0, 4.0)
    canvas.paint(patch, 0.8 * canvas.coverage(fascia), "ligament")
    between = smooth_max(side - 3.5, place.y - place.fascia, 2.0)
    between = smooth_max(between, 14.0 - place.behind, 2.0)
    fibres = texture.streaks + texture.patches
    share = np.clip(0.42 + 0.6 * soft.infiltration + 0.3 * fibres, 0.02, 0.97)
    mix = [("fibrous_fat", share), ("interspinous", 1 - share)]
    canvas.paint(patch, 0.9 * canvas.coverage(between, 1.0), mix, 1 + 0.1 * texture.patches)
    supraspinous = smooth_max(side - 5.0, np.abs(place.y - place.fascia + 1.5) - 1.2, 1.5)
    canvas.paint(patch, 0.8 * canvas.coverage(supraspinous, 0.5), "ligament")


def _clefts(place: _Place, texture: _Texture, infiltration: float) -> Field:
    """Return 0-1 where fat separates multifidus, longissimus and iliocostalis."""
    side = np.abs(place.x) + 2.0 * texture.patches
    lean = 0.25 * (place.behind - 30.0)
    total: Field | float = 0.0
    for position, strength in ((20.0, 0.55), (40.0, 0.4)):
        total = total + strength * np.exp(-(((side - position - lean) / 1.3) ** 2))
    return np.asarray(total * (0.4 + 1.6 * infiltration) * np.clip(0.8 + 0.4 * texture.streaks, 0, 1.2))


def _paint_vessels(canvas: Canvas, patch: Patch, place: _Place, anatomy: Anatomy, _: Noise) -> None:
    soft = anatomy.soft
    bifurcation = float(anatomy.lowest_lumbar.frame.origin[2] + 26.0)
    front = place.behind + place.depth
    flat = np.zeros((1, 1, 1), dtype=np.float32)
    fork = bifurcation - 70.0
    for x, radius in ((soft.aorta_left, soft.aorta), (-15.0, soft.cava)):
        y = front + np.float32(radius + 3.5)
        trunk = np.maximum(
            ellipse(place.x - x, y, radius, radius * (1.0 if x > 0 else 0.8)), bifurcation - place.z
        )
        distance = trunk
        for sign in (1.0, -1.0):
            end = (sign * 42.0, 16.0, fork)
            branch = capsule(
                place.x, y, place.z + flat, ((x, 0.0, bifurcation), end), (radius * 0.72, radius * 0.6)
            )
            distance = np.minimum(distance, branch)
        canvas.paint(patch, canvas.coverage(distance - 1.0, 0.5), "bowel_wall")
        canvas.paint(patch, canvas.coverage(distance, 0.5), "blood_void")
