"""Paint tumour, infection, surgery and metal over a healthy or worn spine."""

from __future__ import annotations

import numpy as np

from lvp_workstation.phantom.anatomy import Anatomy, Disc, Vertebra
from lvp_workstation.phantom.bones import body_box, body_distance, disc_box, disc_distance
from lvp_workstation.phantom.canvas import Canvas
from lvp_workstation.phantom.conditions import Lesion
from lvp_workstation.phantom.grid import Field, Patch
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.shapes import capsule, ellipsoid, rounded_box

CORTEX = 0.8
SCREW_RADIUS = 3.0
VOID_MARGIN = 3.5
"""Signal is lost this far around a screw on turbo spin echo, mm (our choice; titanium at 1.5 T)."""
PILE_UP = 1.3
"""Gain of the bright rim beside the void (our choice)."""
OEDEMA_DEPTH = 13.0
"""Oedema of an infected level reaches this far into the bodies, mm (our choice)."""


def paint_marrow_conditions(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint what replaces marrow and disc; called after the discs, before the sac."""
    conditions = anatomy.plan.conditions
    for name, lesion in conditions.lesions.items():
        _paint_lesion(canvas, anatomy.vertebra(name), lesion, noise)
    for disc in anatomy.discs:
        if disc.name == conditions.discitis:
            _paint_discitis(canvas, disc, noise)


def paint_surgery(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint scar and fluid of a laminectomy, and metal with its void; called last."""
    conditions = anatomy.plan.conditions
    for name in conditions.laminectomy:
        _paint_scar(canvas, anatomy.vertebra(name), noise)
    for disc in anatomy.discs:
        if disc.name == conditions.cage:
            _paint_cage(canvas, disc)
    for name in conditions.screws:
        _paint_screws(canvas, anatomy.vertebra(name), noise)


def _paint_lesion(canvas: Canvas, body: Vertebra, lesion: Lesion, noise: Noise) -> None:
    box = canvas.grid.patch(body.frame, *body_box(body))
    if box is None:
        return
    u, v, w = box.local(body.frame)
    half = np.array([body.width, body.depth, body.height]) / 2
    x, y, z = (float(c) for c in half * lesion.place)
    ragged = 1.5 * noise.linear(box, body.frame, (2.5, 2.5, 2.5))
    radii = (1.2 * lesion.radius, lesion.radius, 0.9 * lesion.radius)
    inside = canvas.coverage(body_distance(box, body) + CORTEX)
    canvas.paint(box, inside * canvas.coverage(ellipsoid(u - x, v - y, w - z, radii) + ragged, 1.5), "tumour")


def _paint_discitis(canvas: Canvas, disc: Disc, noise: Noise) -> None:
    """Paint a disc full of fluid, oedema on both sides of it and an inflamed mantle in front."""
    for body, upper in ((disc.upper, False), (disc.lower, True)):
        box = canvas.grid.patch(body.frame, *body_box(body))
        if box is None:
            continue
        _, _, w = box.local(body.frame)
        depth = np.float32(body.height / 2) - (w if upper else -w)
        reach = OEDEMA_DEPTH + 2.5 * noise.linear(box, body.frame, (3.0, 3.0, 3.0))
        inside = canvas.coverage(body_distance(box, body) + CORTEX)
        canvas.paint(box, 0.95 * inside * np.clip((reach - depth) / 3.0, 0, 1), "phlegmon")
    low, high = disc_box(disc)
    grown = 7.0
    box = canvas.grid.patch(disc.frame, np.array(low) - grown, np.array(high) + grown)
    if box is None:
        return
    distance = disc_distance(box, disc)
    ragged = 1.2 * noise.linear(box, disc.frame, (2.0, 2.0, 1.6))
    _, v, w = box.local(disc.frame)
    front = np.clip((2.0 - v) / 8.0, 0, 1) * np.clip(1.6 - np.abs(w) / 11.0, 0, 1)
    mantle = canvas.coverage(distance - 5.0 + ragged, 2.0) * (distance > 0)
    canvas.paint(box, 0.85 * mantle * front, "phlegmon")
    canvas.paint(box, canvas.coverage(distance - 0.6 + ragged), "phlegmon")
    canvas.paint(box, canvas.coverage(distance + 2.0 + 1.5 * ragged, 1.0), "fluid")


def _paint_scar(canvas: Canvas, body: Vertebra, noise: Noise) -> None:
    """Paint scar with a pocket of fluid where laminae and spinous process were."""
    behind = body.posterior_wall + body.canal_ap + 12.0
    radii = (13.0, 14.0, 0.6 * body.height)
    low, high = (-15.0, behind - 16.0, -1.2 * body.height), (15.0, behind + 16.0, 0.4 * body.height)
    box = canvas.grid.patch(body.frame, low, high)
    if box is None:
        return
    u, v, w = box.local(body.frame)
    middle = w + np.float32(0.4 * body.height)
    ragged = 2.0 * noise.linear(box, body.frame, (3.0, 3.0, 3.0))
    scar = ellipsoid(u, v - behind, middle, radii) + ragged
    pocket = ellipsoid(u, v - np.float32(behind - 1.0), middle, (7.0, 6.0, 0.35 * body.height)) + 0.6 * ragged
    canvas.paint(box, canvas.coverage(scar, 2.0), "scar")
    canvas.paint(box, canvas.coverage(pocket, 1.5), "fluid")


def _paint_cage(canvas: Canvas, disc: Disc) -> None:
    half = (0.3 * disc.upper.width, 0.32 * disc.upper.depth, max(disc.height / 2, 3.0))
    box = canvas.grid.patch(disc.frame, tuple(-h - 8.0 for h in half), tuple(h + 8.0 for h in half))
    if box is None:
        return
    u, v, w = box.local(disc.frame)
    _paint_void(canvas, box, rounded_box(u, v, w, half, 2.0) - 1.5, w)


def _paint_screws(canvas: Canvas, body: Vertebra, noise: Noise) -> None:
    """Paint two screws through the pedicles with their heads, the void around them and the pile-up."""
    wall, level = body.posterior_wall, 0.2 * body.height
    x = body.canal_width / 2 + body.pedicle[0] / 2
    reach = x + 14.0
    low, high = (-reach, -0.35 * body.depth - 10.0, level - 18.0), (reach, wall + 36.0, level + 18.0)
    box = canvas.grid.patch(body.frame, low, high)
    if box is None:
        return
    u, v, w = box.local(body.frame)
    tip, entry, head = (
        (0.55 * x, -0.2 * body.depth, level),
        (x, wall + 14.0, level),
        (x + 1, wall + 20.0, level),
    )
    side = np.abs(u)
    screw = capsule(side, v, w, (tip, entry), (SCREW_RADIUS, SCREW_RADIUS))
    distance = np.minimum(screw, capsule(side, v, w, (entry, head), (6.0, 7.0)))
    ragged = 0.8 * noise.linear(box, body.frame, (3.0, 3.0, 3.0))
    _paint_void(canvas, box, distance - VOID_MARGIN + ragged, w - np.float32(level))


def _paint_void(canvas: Canvas, box: Patch, distance: Field, along: Field) -> None:
    """Take the signal inside a distance and pile it up just outside, on one side along the read direction."""
    rim = np.exp(-(((distance - 1.0) / 1.3) ** 2)) * np.clip(0.3 + 0.12 * along, 0, 1)
    canvas.modulate(box, 1.0 + PILE_UP * rim)
    canvas.paint(box, canvas.coverage(distance, 1.5), "metal")
