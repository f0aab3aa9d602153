"""Width and height of a neural foramen on one sagittal slice.

Width: from the posterior margin of the disc, a little above its middle, back to the facet. The upper facet
is often missing in masks, so its front is found in the image: the line along which bright fat ends in dark
cortex. Height: through the middle of the width, from the pedicle above to the bone below, from the masks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import DISC_BASE, SACRUM_CODE, VERTEBRA_BASE
from lvp_workstation.measure.anatomy2d import MAX_CORTEX, SectionAnatomy
from lvp_workstation.measure.foramen_fat import fat_level
from lvp_workstation.measure.foramen_slices import SagittalSlice
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import Patch

LEVEL = 0.15
"""Height of the width above the middle of the disc, in disc heights (our choice: just above it the facet
comes nearest to the disc)."""
MIN_DISC_MM2 = 40.0
"""Least area of the disc on a slice on which the foramen is read (our choice)."""
POSTERIOR_MM = 10.0
"""The posterior part of the disc, whose middle is the level of the foramen (our choice)."""
HALF_WINDOW_MM = 3.0
"""The front of the facet is traced this far above and below the level (our choice)."""
AHEAD_MM, BEHIND_MM = 3.0, 16.0
MIN_WIDTH_MM, MAX_WIDTH_MM, USUAL_WIDTH_MM = 0.5, 14.0, 5.5
"""Widths that are believed, and the one that wins between equal edges, mm (our choice; adults have 5-12)."""
FROM_USUAL, BEND = 0.04, 0.03
"""Price of a millimetre away from the usual width and of one step of bend of the traced line, in shares of
the brightness of fat (our choice)."""
MIN_DROP = 0.2
"""Mean drop of signal along the line, in shares of the brightness of fat, below which there is no facet
(our choice)."""
FAT_BETWEEN = 0.85
"""Least signal, relative to the brightest fat nearby, that a width passes at its brightest point (our choice:
on phantoms 97 % of open foramina do and 39 % of those in which disc and facet touch)."""
MIN_HEIGHT_MM, MAX_HEIGHT_MM = 4.0, 30.0
"""Beyond these no adult foramen reaches (our choice; adults have 11-23 mm): bone is missing."""
ROW, STEP = 0.5, 0.25
FAT_QUANTILE = 0.97
SMOOTH_MM = 0.3


@dataclass(frozen=True, eq=False)
class ForamenShape:
    """A foramen on a slice, in the coordinates of the slice.

    Attributes
    ----------
    width
        Its ends, front and back; None where no facet is seen, or no fat in front of it.
    height
        Its ends, top and bottom; None where bone above or below is missing.
    """

    place: SagittalSlice
    width: tuple[Array, Array] | None
    height: tuple[Array, Array] | None


def bones_of(n: int) -> tuple[int, int]:
    """Return the codes of the vertebrae above and below disc ``n``."""
    return VERTEBRA_BASE + n, SACRUM_CODE if n == 1 else VERTEBRA_BASE + n - 1


def aim_at(place: SagittalSlice, found: SectionAnatomy, n: int) -> LocalFrame | None:
    """Return the frame of the foramen of disc ``n``: origin on the posterior margin of the disc.

    None where the slice does not show enough of the disc.
    """
    disc = place.mask((DISC_BASE + n,))
    if disc.area < MIN_DISC_MM2:
        return None
    frame = LocalFrame(found.discs[n].centre + place.shift, found.disc_up(n))
    back, up = frame.to_local(disc.points(disc.inside))
    rear = float(np.quantile(back, 0.98))
    low, high = np.quantile(up[back >= rear - POSTERIOR_MM], (0.05, 0.95))
    level = (low + high) / 2 + LEVEL * (high - low)
    return LocalFrame(frame.to_section(np.array(rear), np.array(level)), frame.up)


def find_shape(place: SagittalSlice, aim: LocalFrame, n: int, gap: float) -> ForamenShape:
    """Return width and height of a foramen.

    Parameters
    ----------
    aim
        From `aim_at`.
    gap
        Thickness of the unlabelled endplates, mm: half of it is added to bone masks, as elsewhere.
    """
    image = place.signal()
    width = None if image is None else _width(image, place, aim, n)
    usual = aim.to_section(np.array(USUAL_WIDTH_MM / 2), np.array(0.0))
    middle = usual if width is None else (width[0] + width[1]) / 2
    height = _height(place, aim.up, middle, n, min(gap / 2, MAX_CORTEX))
    return ForamenShape(place, width, height)


def _width(image: Patch, place: SagittalSlice, aim: LocalFrame, n: int) -> tuple[Array, Array] | None:
    up = np.arange(-HALF_WINDOW_MM, HALF_WINDOW_MM + 0.01, ROW)
    back = np.arange(-AHEAD_MM, BEHIND_MM, STEP)
    points = aim.to_section(back[None, :], up[:, None])
    soft = Patch(
        ndimage.gaussian_filter(image.values, [SMOOTH_MM / mm for mm in image.spacing]), 0, 0, image.spacing
    )
    values = soft.at(points)
    taken = place.mask((DISC_BASE + n, *bones_of(n))).at(points) >= 0.5
    front = np.array([_leaves(row, back) for row in taken])
    drop = _drop(values)
    rel = back[None, :] - front[:, None]
    price = FROM_USUAL * np.abs(rel - USUAL_WIDTH_MM)
    allowed = (rel >= MIN_WIDTH_MM) & (rel <= MAX_WIDTH_MM)
    path = _best_line(np.where(allowed, drop - price, -9.0))
    if drop[np.arange(up.size), path].mean() < MIN_DROP:
        return None
    ends = _refined(values, back, front, path)
    if ends[1] <= ends[0]:
        return None
    line = aim.to_section(np.linspace(*ends, 41), np.zeros(41))
    if image.at(line).max() < FAT_BETWEEN * fat_level(place, aim, image):
        return None
    return line[0], line[-1]


def _leaves(taken: NDArray[np.bool_], back: Array) -> float:
    """Return where a row leaves the disc or body; the origin where it starts outside of them."""
    free = np.flatnonzero(~taken)
    return float(back[free[0]]) if taken[0] and free.size else 0.0


def _drop(values: Array) -> Array:
    """Return the mean of the millimetre before minus the least signal of what follows, relative to fat."""
    before = np.mean([np.roll(values, k, axis=1) for k in range(1, round(1.0 / STEP) + 1)], axis=0)
    after = np.min([np.roll(values, -k, axis=1) for k in range(round(1.5 / STEP) + 1)], axis=0)
    return np.asarray((before - after) / max(float(np.quantile(values, FAT_QUANTILE)), 1e-6))


def _best_line(score: Array) -> NDArray[np.intp]:
    """Return the column of each row of the line with the greatest score, by dynamic programming."""
    reach = round(0.75 / STEP)
    moves = np.arange(-reach, reach + 1)
    best = score.copy()
    came = np.zeros(score.shape, dtype=np.intp)
    columns = np.arange(score.shape[1])
    for row in range(1, score.shape[0]):
        options = np.stack([np.roll(best[row - 1], m) - BEND * abs(m) for m in moves])
        choice = options.argmax(axis=0)
        came[row] = np.clip(columns - moves[choice], 0, columns[-1])
        best[row] += options.max(axis=0)
    path = [int(best[-1].argmax())]
    for row in range(score.shape[0] - 1, 0, -1):
        path.append(int(came[row, path[-1]]))
    return np.array(path[::-1], dtype=np.intp)


def _refined(values: Array, back: Array, front: Array, path: NDArray[np.intp]) -> tuple[float, float]:
    """Return the ends of the width: the steepest rise behind the disc, the steepest fall at the facet."""
    slope = np.gradient(values, STEP, axis=1)
    first, last = [], []
    middle = path.size // 2
    for row in range(middle - 2, middle + 3):
        edge = path[row]
        near = np.flatnonzero((back >= front[row] - 1.0) & (back <= min(front[row] + 3.0, back[edge] - STEP)))
        first.append(back[near[np.argmax(slope[row, near])]] if near.size else front[row])
        window = slice(max(edge - 2, 0), edge + round(1.5 / STEP) + 1)
        last.append(back[window][np.argmin(slope[row, window])])
    return float(np.median(first)), float(np.median(last))


def _height(
    place: SagittalSlice, up: Array, middle: Array, n: int, cortex: float
) -> tuple[Array, Array] | None:
    """Return the ends of the free stretch above and below a point along the disc's axis."""
    upper, lower = (place.mask((code,)) for code in bones_of(n))
    steps = np.arange(0.0, MAX_HEIGHT_MM, STEP)
    above = upper.at(middle + steps[:, None] * up) >= 0.5
    below = lower.at(middle - steps[:, None] * up) >= 0.5
    if not above.any() or not below.any():
        return None
    top, bottom = float(steps[np.argmax(above)]) - cortex, float(steps[np.argmax(below)]) - cortex
    if not MIN_HEIGHT_MM <= top + bottom <= MAX_HEIGHT_MM:
        return None
    return middle + top * up, middle - bottom * up
