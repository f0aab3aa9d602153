"""The posterior margin of a disc: from its mask, and on T2 from where dark annulus ends against fluid or fat.

A disc mask often ends at the corners of the bodies while the dark annulus goes on to the sac. On lines along
the axis of the disc space the signal is followed backward from the mask to the half level between the annulus
and the first bright tissue behind it. Depths count from the line that joins the posterior corners; where the
bodies have slipped, from no further forward than `SLIP_MM` before the rearmost corner, so that the disc
uncovered by a slip is no bulge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.canal import CanalLine
from lvp_workstation.measure.discs import disc_frame
from lvp_workstation.measure.section import Patch
from lvp_workstation.measure.shapes import Endplate
from lvp_workstation.measure.signal import CSF_QUANTILE, CSF_WINDOW_MM, MIN_SAMPLES

STEP = 0.25
"""Sampling distance along a line, mm."""
LINES = 0.3
"""Distance of the lines, mm."""
FRONT_MM, REACH_MM = -8.0, 18.0
"""A margin is looked for this far before and behind the corner line, mm."""
BULGE_REACH = 8.0
"""The mask is followed this far above and below the disc space, mm (our choice: herniations migrate)."""
SLIP_MM = 1.0
"""See above (our choice: half of 2 mm, a step that is no slip)."""
LINING_AT, LINING_MM = (1.0, 4.0), (1.0, 0.3)
"""Ligament, dura and unresolved fat that an image does not tell from the annulus, mm, by the depth of its
margin behind the corner line: a disc that bulges presses the fat away. The depth counts from this far behind
the corner line. Fitted to 80 discs of 16 phantoms (truth = 1.21 margin - 1.1 mm with the V-Net's masks,
1.25 margin - 1.3 mm with exact ones)."""
FOLLOWED_MM, THICK_MM = 2.5, 2.0
"""Above and below the disc space the image is followed as long as a margin this deep has this much dark
tissue in front of it, mm (our choice: a migrated herniation, not the dura alone)."""
BRIGHT = 0.45
"""Share of the way from the darkest annulus to fluid at which tissue is no disc any more (our choice: fat of
T2 spin echoes is brighter, the nucleus of an extruded disc darker)."""
START_MM = 1.5
"""The annulus is the darkest place within this distance of the mask's margin, mm (our choice)."""
CANAL_SHARE = 0.75
"""Share of the canal mask's depth through which a disc may reach (our choice: beyond, it is another dark
tissue of a canal without fluid)."""
TORN_MM = -3.0
"""A margin further in front of the corners is none, mm (our choice: a torn mask or a wrong corner)."""
RIM_MM = -0.5
"""A mask that ends further in front of the corner line counts as ending here, mm (our choice)."""


@dataclass(frozen=True, eq=False)
class View:
    """What the image shows behind a disc: the section, the canal of the midline, the signal of the fluid."""

    image: Patch
    canal: CanalLine
    fluid: float


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines along the axis of a disc space.

    Attributes
    ----------
    base
        Section points of depth 0, shape (lines, 2).
    back
        Unit direction of the lines.
    between
        Lines between the corners; the others lie above or below the disc space.
    grid
        Section points of all depths, shape (lines, depths, 2).
    """

    base: Array
    back: Array
    between: NDArray[np.bool_]
    grid: Array


DEPTHS = np.arange(FRONT_MM, REACH_MM, STEP)


def fluid_level(image: Patch, canal: CanalLine, height: float) -> float | None:
    """Return the signal of the fluid within 30 mm of a superior coordinate, None where there is no canal."""
    points = canal.patch.points(canal.patch.values >= 0.75)
    near = points[np.abs(points[:, 1] - height) <= CSF_WINDOW_MM]
    return float(np.quantile(image.at(near), CSF_QUANTILE)) if len(near) >= MIN_SAMPLES else None


def capped(plate: Endplate, limit: Endplate | None) -> Endplate:
    """Return an endplate whose posterior corner lies no further back than that of another one."""
    if limit is None:
        return plate
    beyond = float((limit.posterior - plate.posterior) @ plate.forward)
    return replace(plate, posterior=plate.posterior + max(0.0, beyond) * plate.forward)


def bulge(
    patch: Patch, upper: Endplate, lower: Endplate, view: View | None = None
) -> tuple[float, Array, Array] | None:
    """Return the posterior bulge of a disc.

    Parameters
    ----------
    patch
        Soft mask of the disc.
    view
        The T2 image; None leaves the margin to the mask.

    Returns
    -------
    tuple
        Depth in mm beyond the line that joins the posterior corners (negative when the disc stays in
        front of it), the foot on the line, and the rearmost point. None where there is no margin.
    """
    lines = _lines(upper, lower)
    if lines is None:
        return None
    edge, zero = _mask_edge(patch, lines.grid), np.zeros(len(lines.base))
    if view is not None:
        seen = _seen(view, lines, edge)
        known = np.isfinite(seen)
        edge, zero = np.where(known, seen, edge), np.where(known, np.interp(seen, LINING_AT, LINING_MM), 0.0)
    depth = edge - zero
    slip = abs(float((upper.posterior - lower.posterior) @ lines.back))
    if not np.isfinite(depth).any() or float(np.nanmax(depth)) < TORN_MM - slip:
        return None
    best = int(np.nanargmax(depth))
    foot = lines.base[best] + zero[best] * lines.back
    return float(depth[best]), foot, foot + float(depth[best]) * lines.back


def _lines(upper: Endplate, lower: Endplate) -> _Lines | None:
    frame = disc_frame(upper, lower)
    axis, back = frame.up, frame.back
    along = upper.posterior - lower.posterior
    length, step = float(along @ axis), float(along @ back)
    if length > 30.0:
        return None
    length = max(length, 0.0)
    inner = np.linspace(0.0, length, max(1, round(length / LINES)) + 1)
    outer = np.arange(LINES, BULGE_REACH, LINES)
    heights = np.concatenate([-outer[::-1], inner, length + outer])
    share = np.clip(heights / length, 0.0, 1.0) if length > LINES else np.full(heights.size, 0.5)
    start = np.maximum(share * step, max(0.0, step) - SLIP_MM)
    base = lower.posterior + np.outer(heights, axis) + np.outer(start, back)
    between = (heights >= 0.0) & (heights <= length)
    return _Lines(base, back, between, base[:, None, :] + DEPTHS[:, None] * back)


def _mask_edge(patch: Patch, grid: Array) -> Array:
    """Return the depth of the rearmost crossing of one half on each line, NaN without one."""
    values = patch.at(grid)
    inside = values >= 0.5
    last = DEPTHS.size - 1 - inside[:, ::-1].argmax(axis=1)
    following = np.minimum(last + 1, DEPTHS.size - 1)
    row = np.arange(len(values))
    here, there = values[row, last], values[row, following]
    share = np.clip((here - 0.5) / np.maximum(here - there, 1e-9), 0.0, 1.0)
    return np.where(inside.any(axis=1), DEPTHS[last] + share * STEP, np.nan)


def _seen(view: View, lines: _Lines, mask: Array) -> Array:
    """Return the depth at which the annulus ends on each line, NaN where nothing shows it.

    Where dark tissue goes on through most of the canal, the front of the canal mask is the margin.
    """
    values = ndimage.gaussian_filter1d(view.image.at(lines.grid), 1.0, axis=0, mode="nearest")
    front, last = _canal(view.canal, lines.grid)
    ends = np.where(np.isnan(mask), RIM_MM, np.maximum(mask, RIM_MM))
    seen = np.full(len(values), np.nan)
    for k in np.flatnonzero(lines.between & np.isfinite(front)):
        edge = _half_level(values[k], view.fluid, float(ends[k]))
        seen[k] = max(front[k], ends[k]) if edge > last[k] else edge
    inner = np.flatnonzero(lines.between)
    _follow(values, seen, last, range(int(inner[0]) - 1, -1, -1), view.fluid)
    _follow(values, seen, last, range(int(inner[-1]) + 1, len(values)), view.fluid)
    return seen


def _follow(values: Array, seen: Array, last: Array, order: range, fluid: float) -> None:
    """Add the margins of the lines above or below the disc space to ``seen``, outward from the disc."""
    for k in order:
        before = float(seen[k - order.step])
        if not before >= FOLLOWED_MM:
            return
        edge = _half_level(values[k], fluid, before - START_MM)
        solid = (edge - DEPTHS > STEP) & (edge - DEPTHS <= THICK_MM)
        if not FOLLOWED_MM <= edge <= last[k] or (values[k, solid] >= BRIGHT * fluid).any():
            return
        seen[k] = edge


def _canal(canal: CanalLine, grid: Array) -> tuple[Array, Array]:
    """Return the depth of the front of the canal on each line and the last depth a disc may reach.

    A gap of the canal mask is bridged. Above and below the canal: NaN and minus infinity.
    """
    heights, places = grid[..., 1], grid[..., 0]
    rear = np.interp(heights, canal.s[::-1], canal.back[::-1])
    within = (places >= canal.front_at(heights)) & (places <= rear) & (DEPTHS >= RIM_MM)
    known, first = within.any(axis=1), DEPTHS[within.argmax(axis=1)]
    last = first + CANAL_SHARE * STEP * within.sum(axis=1)
    return np.where(known, first, np.nan), np.where(known, last, -np.inf)


def _half_level(values: Array, fluid: float, end: float) -> float:
    """Return the depth where a line leaves dark tissue near ``end``; NaN where there is none, infinite where
    nothing bright follows."""
    near = np.flatnonzero(np.abs(DEPTHS - end) <= START_MM)
    start = int(near[np.argmin(values[near])])
    dark = float(values[start])
    bright = np.flatnonzero(values[start:] >= dark + BRIGHT * (fluid - dark))
    if dark >= BRIGHT * fluid:
        return float("nan")
    if not bright.size:
        return float("inf")
    peak = start + int(bright[0])
    while peak + 1 < values.size and values[peak + 1] > values[peak]:
        peak += 1
    half = (float(values[start:peak].min()) + min(float(values[peak]), fluid)) / 2
    above = start + int(np.argmax(values[start : peak + 1] >= half))
    low, high = float(values[above - 1]), float(values[above])
    return float(DEPTHS[above] - STEP * (high - half) / max(high - low, 1e-9))
