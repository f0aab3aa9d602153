"""Paint the spine on a canvas: bones, discs, ligaments, roots and the dural sac."""

from __future__ import annotations

import numpy as np

from lvp_workstation.phantom.anatomy import Anatomy, Disc, ForaminalRoot, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_box, body_distance, disc_box, disc_fields
from lvp_workstation.phantom.canvas import Canvas, Mix
from lvp_workstation.phantom.grid import Field, Patch, SampleGrid
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.paint_conditions import paint_marrow_conditions, paint_surgery
from lvp_workstation.phantom.sac import canal_coordinates, canal_distance, canal_patch
from lvp_workstation.phantom.sacrum import remnant_distance, remnants, sacrum_distance
from lvp_workstation.phantom.shapes import capsule, ellipsoid
from lvp_workstation.phantom.thecal import paint_sac

CORTEX_BODY = 0.7
CORTEX_ARCH = 0.8
ENDPLATE_CARTILAGE = 0.5
"""Thickness of the dark cartilage endplate on the side of the disc, mm (our choice)."""
MODIC_DEPTH = 7.0
"""Depth of a Modic change in the marrow, mm (our choice)."""
ROOT_REACH = 18.0
"""Length of a root drawn lateral of its ganglion, mm (our choice)."""
NUCLEUS_BLUR = {1: 3.0, 2: 4.0, 3: 6.0, 4: 8.0, 5: 8.0}
"""Width of the change from nucleus to annulus by Pfirrmann grade, mm (our choice)."""


def paint_spine(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint the column and the canal over the background."""
    patch = canal_patch(canvas.grid, anatomy.canal)
    if patch is not None:
        at = canal_coordinates(patch, anatomy.canal)
        canvas.paint(patch, canvas.coverage(canal_distance(at, anatomy.canal)), "fat")
    for root in anatomy.roots:
        _paint_root(canvas, root)
    for vertebra in anatomy.vertebrae:
        if not vertebra.sacral:
            _paint_vertebra(canvas, anatomy, vertebra, noise)
    _paint_sacrum(canvas, anatomy, noise)
    for remnant in remnants(anatomy.vertebrae):
        box = canvas.grid.patch(remnant.frame, *remnant.box)
        if box is not None:
            distance = remnant_distance(box, remnant)
            canvas.paint(box, canvas.coverage(distance), "annulus")
            canvas.paint(box, canvas.coverage(distance + 1.3, 0.5), "nucleus_3")
    for disc in anatomy.discs:
        level = disc.pathology
        for body, upper, modic in (
            (disc.upper, False, level.modic_upper),
            (disc.lower, True, level.modic_lower),
        ):
            if modic:
                _paint_endplate_change(canvas, body, upper, modic, noise)
    for disc in anatomy.discs:
        _paint_disc(canvas, disc, noise)
    paint_marrow_conditions(canvas, anatomy, noise)
    paint_sac(canvas, anatomy, noise)
    paint_surgery(canvas, anatomy, noise)


def _marrow(patch: Patch, anatomy: Anatomy, vertebra: Vertebra, noise: Noise) -> tuple[Mix, Field]:
    """Return the mixture of red and yellow marrow and its speckle."""
    yellow = 0.35 + 0.005 * (anatomy.plan.age - 20) + (0.1 if vertebra.sacral else 0.0)
    lumps = noise.linear(patch, vertebra.frame, (3.5, 3.5, 2.8))
    share = np.clip(yellow + 0.14 * lumps, 0.05, 0.95)
    speckle = noise.nearest(patch, vertebra.frame, (0.9, 0.7, 0.7))
    mix: list[tuple[str, Field | float]] = [("marrow_red", 1 - share), ("marrow_yellow", share)]
    diffuse = anatomy.plan.conditions.diffuse
    if diffuse:
        patchy = np.clip(diffuse + 0.15 * lumps, 0.0, 1.0)
        mix = [*((name, part * (1 - patchy)) for name, part in mix), ("tumour", patchy)]
    return mix, 1.0 + 0.08 * speckle


def _paint_vertebra(canvas: Canvas, anatomy: Anatomy, vertebra: Vertebra, noise: Noise) -> None:
    arch = arch_distance(canvas.grid, vertebra)
    if arch is not None:
        patch, distance = arch
        mix, gain = _marrow(patch, anatomy, vertebra, noise)
        canvas.paint(patch, canvas.coverage(distance), "cortex")
        uneven = 1.0 + 0.35 * noise.linear(patch, vertebra.frame, (1.6, 1.6, 1.6))
        canvas.paint(patch, canvas.coverage(distance + CORTEX_ARCH * uneven), mix, gain)
    box = canvas.grid.patch(vertebra.frame, *body_box(vertebra))
    if box is None:
        return
    distance = body_distance(box, vertebra)
    mix, gain = _marrow(box, anatomy, vertebra, noise)
    canvas.paint(box, canvas.coverage(distance), "cortex")
    uneven = 1.0 + 0.3 * noise.linear(box, vertebra.frame, (1.6, 1.6, 1.6))
    inside = canvas.coverage(distance + CORTEX_BODY * uneven)
    canvas.paint(box, inside, mix, gain)
    fracture = anatomy.plan.fractures.get(vertebra.name)
    if fracture is not None and fracture.acute:
        band = np.clip(0.75 + 0.3 * noise.linear(box, vertebra.frame, (3.0, 3.0, 3.0)), 0, 1)
        canvas.paint(box, inside * band, "modic_1")
    _paint_basivertebral_vein(canvas, vertebra)


def _paint_endplate_change(canvas: Canvas, body: Vertebra, upper: bool, modic: int, noise: Noise) -> None:
    """Paint a Modic change in the marrow beside an endplate: ragged, deeper in front."""
    box = canvas.grid.patch(body.frame, *body_box(body))
    if box is None:
        return
    _, v, w = box.local(body.frame)
    depth = np.float32(body.height / 2) - (w if upper else -w)
    reach = MODIC_DEPTH - 0.10 * v + 1.5 * noise.linear(box, body.frame, (2.5, 2.5, 2.5))
    inside = canvas.coverage(body_distance(box, body) + CORTEX_BODY)
    canvas.paint(box, 0.85 * inside * np.clip((reach - depth) / 2.5, 0, 1), f"modic_{modic}")


def _paint_sacrum(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint the sacrum as one bone: the union of its bodies, wings and arches."""
    found = sacrum_distance(canvas.grid, anatomy.vertebrae)
    if found is None:
        return
    patch, distance = found
    mix, gain = _marrow(patch, anatomy, anatomy.vertebra("S1"), noise)
    canvas.paint(patch, canvas.coverage(distance), "cortex")
    canvas.paint(patch, canvas.coverage(distance + CORTEX_BODY), mix, gain)


def _paint_basivertebral_vein(canvas: Canvas, vertebra: Vertebra) -> None:
    wall = vertebra.posterior_wall
    box = canvas.grid.patch(vertebra.frame, (-7, wall - 15, -4), (7, wall + 1, 4))
    if box is None:
        return
    u, v, w = box.local(vertebra.frame)
    distance = capsule(u * 0.6, v, w, ((0.0, wall - 1.0, 0.0), (0.0, wall - 13.0, 0.0)), (2.3, 0.4))
    canvas.paint(box, 0.75 * canvas.coverage(distance, 0.8), "vein")


def _paint_root(canvas: Canvas, root: ForaminalRoot) -> None:
    """Paint the fat of one foramen and the root with its ganglion below the pedicle."""
    box = root_patch(canvas.grid, root)
    if box is None:
        return
    body = root.vertebra
    u, v, w = box.local(body.frame)
    x, v0, w0 = root.centre
    fat = ellipsoid(u - x, v - (body.posterior_wall + 3.5), w + 0.36 * body.height, (13.0, 9.0, 12.5))
    canvas.paint(box, canvas.coverage(fat, 1.0), "fat")
    canvas.paint(box, canvas.coverage(root_distance(box, root)), "root")
    for place, radii in (((0.0, -1.5, -6.5), (4.0, 0.7, 1.1)), ((0.5, 1.5, -8.5), (4.0, 0.8, 0.8))):
        vein = ellipsoid(u - x - root.sign * place[0], v - v0 - place[1], w - w0 - place[2], radii)
        canvas.paint(box, 0.6 * canvas.coverage(vein), "blood_void")


def root_patch(grid: SampleGrid, root: ForaminalRoot) -> Patch | None:
    """Return the patch around a root from the canal outward, None when the grid misses it."""
    body, side = root.vertebra, root.sign
    h, wall = body.height, body.posterior_wall
    out = abs(root.centre[0]) + ROOT_REACH
    low, high = min(side * 4.0, side * (out + 4)), max(side * 4.0, side * (out + 4))
    return grid.patch(body.frame, (low, wall - 18, -1.1 * h), (high, wall + 15, 0.3 * h))


def root_distance(patch: Patch, root: ForaminalRoot) -> Field:
    """Return the distance to a root and its ganglion."""
    body, side = root.vertebra, root.sign
    h, wall = body.height, body.posterior_wall
    u, v, w = patch.local(body.frame)
    x, v0, w0 = root.centre
    ganglion = (x + side * 0.5, v0, w0)
    inner = capsule(u, v, w, ((x - side * 8, wall + 5.0, w0 + 0.4 * h), ganglion), (1.3, 1.8))
    bulb = ellipsoid(u - ganglion[0], v - v0, w - w0, (5.0, *root.radii))
    end = (side * (abs(x) + ROOT_REACH), wall - 12.0, w0 - 0.75 * h)
    outer = capsule(u, v, w, (ganglion, end), (1.9, 1.9))
    return np.minimum(np.minimum(inner, bulb), outer)


def _paint_disc(canvas: Canvas, disc: Disc, noise: Noise) -> None:
    box = canvas.grid.patch(disc.frame, *disc_box(disc))
    if box is None:
        return
    fields = disc_fields(box, disc)
    distance, margin = fields.whole, fields.margin
    grade = disc.pathology.pfirrmann
    u, v, w = box.local(disc.frame)
    middle = disc.height + disc.upper.concavity[1] + disc.lower.concavity[0]
    texture = noise.linear(box, disc.frame, (1.8, 1.8, 0.9))
    radii = (0.35 * disc.upper.width, 0.34 * disc.upper.depth, max(0.46 * middle, 1.2))
    lift = (disc.upper.concavity[1] - disc.lower.concavity[0]) / 2
    core = ellipsoid(u, v - np.float32(1.5), w - np.float32(lift), radii)
    blur = NUCLEUS_BLUR[grade]
    share = np.clip(0.5 - (core + 0.5 * texture) / blur, 0, 1)
    if grade in (2, 3):  # the dark intranuclear cleft
        share = share * (1 - 0.5 * np.exp(-(((w - lift) / 1.2) ** 2)))
    rim = np.clip(1.0 + (margin + 1.5 + 0.4 * texture) / 2.5, 0, 1) * 0.8
    nucleus = share * (1 - rim)
    mix = [
        *((name, part * nucleus) for name, part in disc.pathology.nucleus),
        ("annulus", (1 - share) * (1 - rim)),
        ("ligament", rim),
    ]
    canvas.paint(box, canvas.coverage(distance), mix, 1 + 0.08 * texture)
    plate = canvas.coverage(distance) * canvas.coverage(-(fields.faces + ENDPLATE_CARTILAGE)) * (margin < 0)
    canvas.paint(box, 0.75 * plate, "ligament")
    if disc.pathology.herniation != "none":
        beyond = np.clip((v - np.float32(disc.upper.posterior_wall - 1.0)) / 2.0, 0, 1)
        inside = canvas.coverage(distance + 0.8, 0.6) * beyond
        canvas.paint(box, inside, "herniated", 1 + 0.1 * texture)
