"""Fat around the exiting root on one sagittal slice, side by side as Lee 2010 reads it.

On T1 and on T2 without fat suppression the root is grey in bright fat below its pedicle. The fat is looked
for along rays from the root; a ray ends at cortical bone. Signals are relative to the brightest fat near
the foramen on the same slice, so that coil sensitivity cancels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import CANAL_CODE, VERTEBRA_BASE
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.foramen_slices import SagittalSlice, pedicle_rows, wall_frame
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import Patch

DIRECTIONS = {"anterior": 180.0, "posterior": 0.0, "above": 90.0, "below": 270.0}
"""Directions around the root, degrees from posterior towards superior."""
FAT_WINDOW_MM = (35.0, 8.0, 25.0)
"""Part of the slice in which the brightest fat is looked for: above and below, in front of and behind the
posterior margin of the disc (our choice: several foramina)."""
FAT_QUANTILE = 0.97
ROOT_BELOW_MM, ROOT_BEHIND_MM = (2.5, 7.5), (1.5, 7.0)
"""Where the middle of the root is looked for, below the pedicle and behind the body (our choice: a root is
4-6 mm thick with a little fat around it)."""
ROOT_GREY, ODD_WEIGHT = (0.48, 0.1), 4.0
"""Usual signal of a root over that of fat with its spread, and the price of leaving it (our choice)."""
ROOT_RADIUS_MM, RING_MM = 1.6, (2.6, 4.2)
RAY_START_MM, RAY_STEP, RAY_HALF_ANGLE, RAYS = 0.4, 0.2, 32.5, 7
ROOT_CORE_MM, RAY_MM, ROOM_MM = 1.0, 5.5, 9.0
"""Rays for fat begin inside the root and end where fat would no longer touch it; room is looked for
further (our choice)."""
DARK, EDGE, GREY, BRIGHT = 0.30, 0.38, 0.55, 0.85
"""Signal over that of fat of cortical bone (a ray ends), of its edge beside a grey root, from which fat
begins to count, and from which it counts fully (our choice; roots have 0.4-0.6)."""
BOX_MM = 9.0
"""Height and depth of the root's part of the foramen, from the pedicle down and the body back, mm."""
WALL_ROWS_MM = (2.0, 7.0)
"""Part of the body's wall below the pedicle that bounds the root in front, mm."""
STEP = 0.35
SMOOTH_MM = 0.3


@dataclass(frozen=True)
class RootFat:
    """What surrounds a root on a slice.

    Attributes
    ----------
    anterior, posterior, above, below
        Share of the rays to each side that meet fat, 0-1.
    across, along
        Room between cortical bone in front and behind, and above and below, through the root, mm.
    share, dark
        Share of fat and of cortical bone in the root's part of the foramen, 0-1.
    bright, brightest
        Upper quartile and 90th percentile of the signal there, relative to fat.
    """

    anterior: float
    posterior: float
    above: float
    below: float
    across: float
    along: float
    share: float
    dark: float
    bright: float
    brightest: float


def root_fat(place: SagittalSlice, found: SectionAnatomy, aim: LocalFrame, n: int) -> RootFat | None:
    """Return the fat around the root in a foramen, None without an image or a pedicle above the root.

    The image must not be fat-suppressed; the caller decides.
    """
    image = place.signal()
    if image is None:
        return None
    corner = _corner(place, found, n)
    level = fat_level(place, aim, image)
    if corner is None or not level > 0:
        return None
    spread = [SMOOTH_MM / step for step in image.spacing]
    soft = Patch(ndimage.gaussian_filter(image.values, spread) / level, 0, 0, image.spacing)
    root = LocalFrame(_find_root(soft, corner), corner.up)
    sides = {name: _touching(soft, root, angle) for name, angle in DIRECTIONS.items()}
    room = {name: _room(soft, root, angle) for name, angle in DIRECTIONS.items()}
    down, back = np.arange(0.3, BOX_MM, STEP), np.arange(0.3, BOX_MM, STEP)
    box = soft.at(corner.to_section(back[None, :], -down[:, None]))
    return RootFat(
        **sides,
        across=room["anterior"] + room["posterior"],
        along=room["above"] + room["below"],
        share=float(_fatty(box).mean()),
        dark=float((box < DARK).mean()),
        bright=float(np.quantile(box, 0.75)),
        brightest=float(np.quantile(box, 0.9)),
    )


def _corner(place: SagittalSlice, found: SectionAnatomy, n: int) -> LocalFrame | None:
    """Return the frame whose origin is the corner between body and pedicle above the root."""
    frame, rows = wall_frame(place, found, n), pedicle_rows(place, found, n)
    if frame is None or rows is None:
        return None
    up, back = rows[0] - np.arange(*WALL_ROWS_MM, 0.5), np.arange(-8.0, 6.0, STEP)
    bone = place.mask((VERTEBRA_BASE + n,)).at(frame.to_section(back[None, :], up[:, None])) >= 0.5
    walls = [float(back[np.argmin(row)]) for row in bone if row[0] and not row.all()]
    wall = float(np.median(walls)) if walls else 0.0
    return LocalFrame(frame.to_section(np.array(wall), np.array(rows[0])), frame.up)


def fat_level(place: SagittalSlice, aim: LocalFrame, image: Patch) -> float:
    """Return the signal of the brightest fat near a foramen, 0 without any; ``aim`` from `aim_at`."""
    reach, ahead, behind = FAT_WINDOW_MM
    up, back = np.arange(-reach, reach, 0.7), np.arange(-ahead, behind, 0.7)
    points = aim.to_section(back[None, :], up[:, None])
    fluid = place.mask((CANAL_CODE,)).at(points) > 0.05
    return float(np.quantile(image.at(points)[~fluid], FAT_QUANTILE)) if (~fluid).any() else 0.0


def _find_root(soft: Patch, corner: LocalFrame) -> Array:
    """Return the middle of the root: the grey disc that stands out most against what surrounds it."""
    back = np.arange(*ROOT_BEHIND_MM, STEP)
    down = np.arange(*ROOT_BELOW_MM, STEP)
    centres = corner.to_section(back[None, :], -down[:, None])
    inner = soft.at(centres[..., None, :] + _ring(0.0, ROOT_RADIUS_MM)).mean(axis=-1)
    outer = soft.at(centres[..., None, :] + _ring(*RING_MM)).mean(axis=-1)
    odd = np.abs(inner - ROOT_GREY[0]) - ROOT_GREY[1]
    score = outer - inner - ODD_WEIGHT * np.maximum(odd, 0.0)
    row, column = np.unravel_index(int(np.argmax(score)), inner.shape)
    return np.asarray(centres[row, column])


def _ring(inner: float, outer: float) -> Array:
    """Return offsets, shape (n, 2), that fill a ring."""
    steps = np.arange(-outer, outer + 0.01, 0.5)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    radius = np.linalg.norm(offsets, axis=1)
    return np.asarray(offsets[(radius >= inner) & (radius <= outer)])


def _ray(root: LocalFrame, angle: float, reach: float) -> tuple[Array, Array]:
    """Return the radii of a fan of rays to one side, and its points, shape (rays, radii, 2)."""
    angles = np.radians(angle + np.linspace(-RAY_HALF_ANGLE, RAY_HALF_ANGLE, RAYS))[:, None]
    radius = np.arange(RAY_START_MM, reach, RAY_STEP)
    return radius, root.to_section(radius * np.cos(angles), radius * np.sin(angles))


def _touching(soft: Patch, root: LocalFrame, angle: float) -> float:
    """Return the share of the rays to one side of a root that meet fat before cortical bone, 0-1."""
    radius, points = _ray(root, angle, RAY_MM)
    values = soft.at(points)[:, radius >= ROOT_CORE_MM]
    lumen = np.logical_and.accumulate(values >= DARK, axis=1)
    return float(_fatty(np.where(lumen, values, 0.0).max(axis=1)).mean())


def _room(soft: Patch, root: LocalFrame, angle: float) -> float:
    """Return the median distance from the middle of a root to cortical bone on one side, mm."""
    radius, points = _ray(root, angle, ROOM_MM)
    dark = soft.at(points) < EDGE
    return float(np.median(np.where(dark.any(axis=1), radius[dark.argmax(axis=1)], ROOM_MM)))


def _fatty(values: Array) -> Array:
    return np.asarray(np.clip((values - GREY) / (BRIGHT - GREY), 0.0, 1.0))
