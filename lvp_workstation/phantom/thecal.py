"""Paint the dural sac: CSF, cord and conus, rootlets, flavum and dura."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.canvas import Canvas
from lvp_workstation.phantom.grid import WORLD, Field
from lvp_workstation.phantom.noise import Noise
from lvp_workstation.phantom.sac import (
    DURA_THICKNESS,
    CanalCoordinates,
    canal_coordinates,
    canal_patch,
    flavum_distance,
    sac_distance,
)
from lvp_workstation.phantom.shapes import ellipse

CORD_RADII = (4.6, 3.6)
CONUS_LENGTH = 28.0
ROOTLETS = 30
FLOW_VOID = 0.22
"""Loss of CSF signal where it pulsates, mostly around cord and conus (our choice)."""


def paint_sac(canvas: Canvas, anatomy: Anatomy, noise: Noise) -> None:
    """Paint ligamentum flavum, dura, CSF and what floats in it."""
    canal = anatomy.canal
    patch = canal_patch(canvas.grid, canal, half_width=17.0)
    if patch is None:
        return
    at = canal_coordinates(patch, canal)
    sac = sac_distance(canvas.grid, patch, at, anatomy)
    canvas.paint(patch, canvas.coverage(flavum_distance(at, canal)), "flavum")
    canvas.paint(patch, canvas.coverage(sac - DURA_THICKNESS), "dura")
    inside = canvas.coverage(sac)
    pulse = noise.linear(patch, WORLD, (2.5, 2.5, 7.0))
    flow = FLOW_VOID * np.clip(pulse - 0.8, 0.0, 1.5) * np.clip((canal.conus_s + 40 - at.s) / 60, 0.0, 1.0)
    canvas.paint(patch, inside, "csf", 1.0 + 0.02 * np.minimum(pulse, 1.0) - flow)
    canvas.paint(patch, inside * canvas.coverage(_cord(at, anatomy)), "cord")
    rng = np.random.default_rng([anatomy.seed, 7])
    for distance in _rootlets(rng, at, anatomy):
        canvas.paint(patch, inside * canvas.coverage(distance), "root")


def _cord(at: CanalCoordinates, anatomy: Anatomy) -> Field:
    canal = anatomy.canal
    middle = (at.table(canal.sac_front) + at.table(canal.sac_back)) / 2 + 0.8
    left = np.float32(canal.conus_s) - at.s
    taper = np.clip(left / CONUS_LENGTH, 0, 1) ** 0.6
    body = ellipse(at.x, at.q - middle, CORD_RADII[0] * taper + 0.05, CORD_RADII[1] * taper + 0.05)
    return np.asarray(np.maximum(body, -left), dtype=np.float32)


def _rootlets(rng: np.random.Generator, at: CanalCoordinates, anatomy: Anatomy) -> Iterator[Field]:
    """Yield the distances to the rootlets: from the conus dorsally down, each leaving at its level."""
    exits = [_exit_s(anatomy, d.frame.origin) for d in anatomy.discs if d.upper.name.startswith("L")]
    exits += [exits[-1] + 25.0, exits[-1] + 45.0]
    for number in range(ROOTLETS):
        rank = (number // 2) % len(exits)
        start = anatomy.canal.conus_s - float(rng.uniform(0, 25))
        x, q = _rootlet_path(rng, anatomy, start, exits[rank], rank / len(exits), number % 2 == 0)
        radius = np.float32(rng.uniform(0.45, 0.78))
        distance = np.sqrt((at.x - at.table(x)) ** 2 + (at.q - at.table(q)) ** 2) - radius
        yield np.maximum(distance, np.maximum(np.float32(start) - at.s, at.s - np.float32(exits[rank])))


def _rootlet_path(
    rng: np.random.Generator, anatomy: Anatomy, start: float, end: float, rank: float, left: bool
) -> tuple[Array, Array]:
    """Return lateral and posterior position of a rootlet along the canal, mm.

    Rootlets that leave early lie laterally, late ones near the midline; all lie dorsally and swing
    to the anterolateral exit at the end. Positions scale with the sac, so they crowd where it narrows.
    """
    canal = anatomy.canal
    sign = 1.0 if left else -1.0
    run = np.clip((canal.s - start) / max(end - start, 10.0), 0, 1.05)
    aside = sign * (0.12 + 0.42 * (1 - rank) + 0.05 * float(rng.standard_normal()))
    lateral = aside + sign * (0.85 - abs(aside)) * run**5
    wave = 0.06 * np.sin(canal.s / rng.uniform(9, 16) + rng.uniform(0, 6))
    dorsal = 0.62 - 0.55 * np.abs(lateral) + 0.12 * float(rng.standard_normal())
    dorsal = dorsal * np.clip(run * 4, 0, 1) - 0.5 * run**6 + wave
    middle = (canal.sac_front + canal.sac_back) / 2
    half = (canal.sac_back - canal.sac_front) / 2
    return (lateral + wave) * canal.sac_half_width, middle + np.clip(dorsal, -0.8, 0.8) * half


def _exit_s(anatomy: Anatomy, point: Array) -> float:
    canal = anatomy.canal
    return float(canal.s[np.argmin(np.linalg.norm(canal.curve[:, 1:] - point[1:], axis=1))])
