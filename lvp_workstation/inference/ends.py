"""The two ends of the column: is the lowest disc the lumbosacral one, and is a disc missing at an end.

Measured in 29 SPIDER patients (supine; sagittal tilt of the disc plane, negative = front lower):
L5-S1 -21° … -54°, L4-L5 -5° … -27°, L3-L4 -9° … +9°. The limits below are our choice from that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.inference.column import Column, profile
from lvp_workstation.inference.discs import DiscFit, inferred_disc
from lvp_workstation.inference.grid import SACRUM, VERTEBRA, ClassGrid
from lvp_workstation.inference.sacral import SacralLook, look_at_sacrum

STEEP_DEG = -24.0
"""At or below this tilt a disc is more likely L5-S1 than L4-L5."""
VERY_STEEP_DEG = -34.0
"""At or below this tilt it is L5-S1 even when a whole body of bone seems to lie below it."""
FLAT_DEG = -18.0
"""Above this tilt the lowest disc is hardly L5-S1."""
L45_DEG = -7.0
"""Above this tilt a disc is more likely L3-L4 than L4-L5."""
SMALL_DISC = 0.72
"""A disc shorter than this share of the next one above looks like a remnant of S1-S2 …"""
TINY_DISC = 0.5
"""… and shorter than this, with sacrum below it, it is one."""
_MARGIN = 3.0
_SACRAL_SHARE = 0.35
_MIXED_SHARE = 0.2
_OUTSIDE_COLUMN = 5
_TOP_RATIO = 1.45
_NEXT_REACH = 20
_SIDES = np.array(((0.0, 0.0, 0.0), (-6.0, 0.0, 0.0), (6.0, 0.0, 0.0)))


class Below(StrEnum):
    """What lies under the lowest disc of the column."""

    SACRUM = "sacrum"
    """Sacrum was segmented."""
    UNSEGMENTED = "unsegmented"
    """Nothing was segmented, or bone that looks like the first sacral body."""
    CUT_VERTEBRA = "cut vertebra"
    """A vertebra that the lower edge of the image cuts; its own disc is not in view."""
    EDGE = "edge"
    """The image ends right below the disc."""


@dataclass(frozen=True)
class LowerEnd:
    """What was found at the lower end.

    Attributes
    ----------
    below
        What lies under the lowest disc.
    doubt
        0-4: how much the lowest disc of the column resembles one of its neighbours instead.
    remnants
        Discs inside the sacrum that were left out.
    inferred
        Whether the lumbosacral disc itself was inferred.
    tilt_deg
        Sagittal tilt of the lowest disc.
    look
        What the sacrum looks like; only where it was segmented.
    """

    below: Below
    doubt: int = 0
    remnants: int = 0
    inferred: bool = False
    tilt_deg: float = 0.0
    look: SacralLook | None = None


def settle_ends(grid: ClassGrid, column: Column) -> tuple[Column, LowerEnd]:
    """Return the column with its ends put right, and what was found at the lower end."""
    if len(column.discs) < 2:
        end = LowerEnd(_kind(grid, column)[0]) if column.discs else LowerEnd(Below.UNSEGMENTED)
        return column, end
    column, remnants, doubt = _without_remnants(grid, column)
    below, body = _kind(grid, column, remnants)
    if body is not None:
        column = _with_lowest(column, body)
    column = _with_top(grid, column)
    lowest = column.discs[0]
    doubt += int(below is not Below.SACRUM and lowest.slope_deg > FLAT_DEG) + int(body is not None)
    look = look_at_sacrum(grid, column) if below is Below.SACRUM else None
    return column, LowerEnd(below, doubt, remnants, body is not None, lowest.slope_deg, look)


def _without_remnants(grid: ClassGrid, column: Column) -> tuple[Column, int, int]:
    """Leave out discs at the lower end that lie inside the sacrum; return column, their number, doubt."""
    dropped, doubt = 0, 0
    while len(column.discs) > 3:
        cues = _remnant_cues(grid, column.discs[0], column.discs[1])
        if cues < 2:
            doubt = max(doubt, cues)
            break
        dropped += 1
        doubt = max(doubt, int(cues == 2))
        column = replace(column, discs=column.discs[1:], rejected=(*column.rejected, column.discs[0]))
    return column, dropped, doubt


def _remnant_cues(grid: ClassGrid, lowest: DiscFit, above: DiscFit) -> int:
    """Count what speaks for the lowest disc being S1-S2 and the one above it being L5-S1.

    Its size and sacrum above it are cues of their own; tilt only supports them, because a slip tilts
    the lowest lumbar discs in the same way.
    """
    shares = profile(grid, lowest.centre, above.centre, above.posterior, 2.0).mean(axis=0)
    ratio = lowest.length / max(above.length, 1.0)
    small = int(ratio < SMALL_DISC or lowest.volume < 0.3 * above.volume)
    if ratio < TINY_DISC and _sacral_share(grid, lowest, 25.0) >= _MIXED_SHARE:
        small += 1
    sacral = 2 * int(shares[SACRUM] > 0.2)
    steep = above.slope_deg <= STEEP_DEG - 3.0
    kyphotic = lowest.slope_deg >= above.slope_deg - 3.0
    tilt = int(steep) + int(kyphotic) - int(above.slope_deg > FLAT_DEG)
    return small + sacral + tilt if small or sacral else int(tilt > 0)


def _kind(grid: ClassGrid, column: Column, remnants: int = 0) -> tuple[Below, DiscFit | None]:
    """Return what lies below the lowest disc, and the lumbosacral disc to infer when it was missed."""
    lowest, spacing = column.discs[0], column.spacing
    shares = _profile_below(grid, lowest, spacing)
    sacral_share = _sacral_share(grid, lowest, (1.8 if remnants else 0.85) * spacing)
    if shares[: round(0.45 * spacing), SACRUM].mean() >= _SACRAL_SHARE or sacral_share >= _MIXED_SHARE:
        flat = lowest.slope_deg > FLAT_DEG and not remnants
        return (Below.CUT_VERTEBRA if flat and _ends_soon(shares, spacing) else Below.SACRUM), None
    run = _run(shares[:, VERTEBRA])
    sacral = bool(run < len(shares) and (shares[run : run + _NEXT_REACH, SACRUM] >= 0.5).sum() >= 5)
    outside = shares[:, _OUTSIDE_COLUMN] > 0.5
    if run < 0.4 * spacing:
        near_edge = bool(outside[: round(0.4 * spacing)].any())
        return (Below.SACRUM if sacral else Below.EDGE if near_edge else Below.UNSEGMENTED), None
    kind = Below.SACRUM if sacral else Below.UNSEGMENTED
    whole_body = run >= (0.62 if sacral else 0.55) * spacing
    steepest = VERY_STEEP_DEG if sacral and whole_body else STEEP_DEG
    if remnants or lowest.slope_deg <= steepest or len(column.discs) < 2:
        return kind, None
    if not sacral and bool(outside[: round(1.15 * spacing)].any()):
        return Below.CUT_VERTEBRA, None
    return kind, _below_body(column, run + _MARGIN + 3.0) if whole_body else None


def _ends_soon(shares: Array, spacing: float) -> bool:
    """Whether the image ends less than one body below a disc, given the class shares below it."""
    return bool((shares[: round(spacing), _OUTSIDE_COLUMN] > 0.5).any())


def _sacral_share(grid: ClassGrid, lowest: DiscFit, depth: float) -> float:
    """Return how much of the bone right below a disc, over its whole length, is sacrum.

    A network that is unsure about the first sacral body paints it partly as vertebra; a fifth lumbar
    body, whose disc was missed, it does not paint as sacrum.
    """
    down = np.arange(_MARGIN, depth, 2.0)[:, None, None]
    along = np.arange(lowest.front, lowest.back, 2.0)[None, :, None]
    side = np.clip(_SIDES, lowest.sides[0] - lowest.centre[0], lowest.sides[1] - lowest.centre[0])
    plane = lowest.centre - down * lowest.normal + along * lowest.posterior
    found = grid.sample(plane[None] + side[:, None, None])
    bone = int(np.isin(found, (VERTEBRA, SACRUM)).sum())
    return float((found == SACRUM).sum()) / bone if bone > 0.15 * found.size else 0.0


def _profile_below(grid: ClassGrid, lowest: DiscFit, spacing: float) -> Array:
    """Return class shares below a disc, on the side where most is segmented (a curved spine leaves it)."""
    start, end = (lowest.centre - reach * lowest.normal for reach in (_MARGIN, 1.6 * spacing))
    sides = [profile(grid, start + side, end + side, lowest.posterior) for side in _SIDES]
    filled = [float(shares[: round(spacing), [VERTEBRA, SACRUM]].sum()) for shares in sides]
    best = int(np.argmax(filled))
    return sides[best] if filled[best] > 1.25 * filled[0] else sides[0]


def _run(bone: Array) -> int:
    """Return for how many steps bone goes on from the start; holes up to 4 steps are bridged."""
    solid = bone >= 0.4
    start = int(np.argmax(solid[:8])) if solid[:8].any() else 0
    gaps = np.flatnonzero(~solid[start:])
    if not solid[:8].any():
        return 0
    for gap in gaps:
        if not solid[start + gap : start + gap + 5].any():
            return start + int(gap)
    return len(bone)


def _below_body(column: Column, distance: float) -> DiscFit:
    """Return a disc inferred below a body that has none, tilted on by the usual lordosis."""
    lowest, above = column.discs[0], column.discs[1]
    centre = lowest.centre - min(distance, 1.25 * column.spacing) * lowest.normal
    return inferred_disc(centre, lowest, above, -0.8)


def _with_lowest(column: Column, disc: DiscFit) -> Column:
    notes = replace(column.notes, inferred_discs=column.notes.inferred_discs + 1)
    return replace(column, discs=(disc, *column.discs), notes=notes)


def _with_top(grid: ClassGrid, column: Column) -> Column:
    """Infer discs above the topmost one while bone goes on for much more than one body."""
    for _ in range(3):
        top, spacing = column.discs[-1], column.spacing
        end = top.centre + 2.2 * spacing * top.normal
        shares = profile(grid, top.centre + _MARGIN * top.normal, end, top.posterior)
        run = _run(shares[:, VERTEBRA])
        if run + _MARGIN < _TOP_RATIO * spacing:
            break
        window = shares[round(0.75 * spacing) : round(1.25 * spacing), VERTEBRA]
        at = round(0.75 * spacing) + int(
            np.argmin(window + 0.02 * np.abs(np.arange(len(window)) - len(window) / 2))
        )
        centre = top.centre + (at + _MARGIN) * top.normal
        disc = inferred_disc(centre, column.discs[-2], top, 1.3)
        notes = replace(column.notes, inferred_discs=column.notes.inferred_discs + 1)
        column = replace(column, discs=(*column.discs, disc), notes=notes)
    return column
