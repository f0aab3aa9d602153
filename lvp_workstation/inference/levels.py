"""Names for the instances of a column, how sure they are, and whether it is a lumbar spine at all."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Array, angle_deg
from lvp_workstation.domain.labelmap import DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.inference.column import Column
from lvp_workstation.inference.ends import FLAT_DEG, L45_DEG, Below, LowerEnd
from lvp_workstation.inference.grid import Index
from lvp_workstation.inference.sacral import SacralLook

Codes = NDArray[np.uint8]

MIN_DISCS = 3
"""Discs, and vertebrae between or beside them, that make a lumbar column."""
MIN_BODY_AREA = 350.0
"""Least area in mm2 of the largest slice of a lumbar vertebra (our choice; a cervical body has about 200)."""
MAX_BEND_DEG = 45.0
"""Largest angle between two steps from disc to disc (our choice; lordosis and slip bend up to 35)."""
MIN_DISC_EXTENT = 15.0
"""Shortest anterior-posterior extent in mm of a lumbar disc (our choice; 17-52 along the disc measured,
and a tilted L5-S1 is shorter by its cosine)."""
STEP_RANGE = (17.0, 60.0)
"""Disc to disc distance in mm (our choice; 18-44 measured in adults, cervical 14-18)."""
MAX_BODIES = 17
_UNSEEN_LIMIT = 0.5
FIVE_LUMBAR = 0.84
"""Share of people with five lumbar bodies: 1 less about 12 % sacralised and 4 % lumbarised (Apazidis
2011, cited at second hand).
Without a whole-spine localizer no count from the sacrum can be surer than that."""

MIN_SACRUM = 20.0
"""Bone below the lowest disc, mm, without which it is no sacrum to count from (our choice) …"""
MIN_CUT_SACRUM = 38.0
"""… and where the image ends there: the first sacral body has to be whole (our choice: half a disc, a body
of 29 mm, and the beginning of the next)."""
SQUARE_S1 = 1.42
"""At or below this ratio of its depths S1 is squared: Wigh's 1.37, and .05 by which the ratio measured on
masks exceeded that of the shapes of 48 phantoms."""
RUDIMENTARY_HEIGHT, SHORTER = 0.57, 0.92
"""A lowest disc below these shares of the height and of the length of the next looks as above a sacralised
body (our choice: at most .57 and .95 in phantoms with one; a worn disc keeps its length: .9-1.1 in the three
of 30 SPIDER patients with such a low one) …"""
COLLAPSED = 0.40
"""… and below this share of the height whatever its length."""
RUDIMENTARY_LENGTH = 0.70
"""A lowest disc shorter than this share of the next may lie inside the sacrum (our choice: 0.74-1.23 in 29 of
those patients)."""
INNER_DISC = 0.45
"""A disc inside the sacrum that is longer than this share of the lowest one reaches over its whole depth (our
choice, after O'Driscoll's types 3 and 4; the sacrum is narrower there)."""
_PER_SIGN = 0.6
_COUNT = "there may be four or six lumbar bodies"
_REMNANT = "a disc below the lowest one was taken for S1-S2: with it, all names move up by one"

_METHOD_SEEN = "counted upward from the sacrum, five lumbar bodies assumed, no whole-spine localizer"
_METHOD_UNSEEN = (
    "sacrum not segmented: the lowest disc with a vertebra above it and none below is taken as L5-S1, "
    "five lumbar bodies assumed, no whole-spine localizer"
)
_METHOD_CUT = (
    "sacrum not in view: the position in the spine is estimated from the tilt of the lowest disc, "
    "five lumbar bodies assumed, no whole-spine localizer"
)


def level_map(column: Column, end: LowerEnd, vertebra_count: int) -> LevelMap:
    """Return the proposed level names.

    Parameters
    ----------
    column, end
        The column and its lower end, as `ends.settle_ends` gives them.
    vertebra_count
        Number of the topmost vertebra that has voxels.
    """
    seen = end.below is Below.SACRUM
    lowest = _lowest_guess(end)
    count = min(vertebra_count, MAX_BODIES - lowest)
    cut = end.below in (Below.CUT_VERTEBRA, Below.EDGE)
    method = _METHOD_SEEN if seen else _METHOD_CUT if cut else _METHOD_UNSEEN
    return LevelMap(
        vertebra_count=count,
        lowest=lowest,
        sacrum_seen=seen,
        method=method,
        confidence=_confidence(column, end),
        alternatives=_alternatives(column, end),
    )


def _lowest_guess(end: LowerEnd) -> int:
    """Return the position of ``V1`` above the last lumbar body, 0 unless the image ends too early."""
    if end.below is Below.CUT_VERTEBRA:
        return 0 if end.tilt_deg <= L45_DEG else 1 if end.tilt_deg <= -L45_DEG else 2
    if end.below is Below.EDGE:
        return 0 if end.tilt_deg <= FLAT_DEG else 1 if end.tilt_deg <= L45_DEG else 2
    return 0


def _confidence(column: Column, end: LowerEnd) -> float:
    """Return how sure the numbering is, 0-1 (our choice, to be calibrated on readings)."""
    base = {Below.SACRUM: FIVE_LUMBAR, Below.UNSEGMENTED: 0.5, Below.EDGE: 0.3, Below.CUT_VERTEBRA: 0.25}[
        end.below
    ]
    value = base * 0.75 ** min(column.notes.inferred_discs, 2) * 0.85 ** min(end.remnants, 1)
    value *= 0.8 ** min(end.doubt, 3)
    if end.below is Below.SACRUM and end.tilt_deg > FLAT_DEG:
        value *= 0.75
    if len(column.discs) < MIN_DISCS:
        value *= 0.5
    signs = _signs(end)
    sure = end.below is Below.SACRUM and not signs
    value *= _PER_SIGN ** len(signs)
    return round(value if sure else min(value, _UNSEEN_LIMIT), 3)


def _signs(end: LowerEnd) -> list[str]:
    """Return what speaks against naming from this sacrum, in words; none where it looks ordinary."""
    look, found = end.look, []
    if look is None:
        return []
    if look.length_mm < (MIN_CUT_SACRUM if look.cut else MIN_SACRUM):
        found.append(f"only {look.length_mm:.0f} mm of sacrum are in view: the lowest disc may be L4-L5")
    if look.squareness is not None and look.squareness <= SQUARE_S1:
        found.append(f"the first sacral body is squared (depth ratio {look.squareness:.2f}): {_COUNT}")
    if look.height_ratio is not None and _rudimentary(look):
        share = f"{100 * look.height_ratio:.0f} % of the height of the next"
        found.append(f"the lowest disc is narrow ({share}), as above a sacralised body: {_COUNT}")
    if look.length_ratio is not None and look.length_ratio < RUDIMENTARY_LENGTH:
        found.append("the lowest disc is short: it may be S1-S2, with it all names move down by one")
    if look.inner_disc >= INNER_DISC and not end.remnants:
        found.append(f"a disc lies inside the sacrum: {_COUNT}")
    if end.remnants:
        found.append(_REMNANT)
    return found


def _rudimentary(look: SacralLook) -> bool:
    """Whether the lowest disc is as narrow, and as short, as above a sacralised body."""
    height, length = look.height_ratio or 1.0, look.length_ratio or 1.0
    return height < COLLAPSED or (height < RUDIMENTARY_HEIGHT and length < SHORTER)


def _alternatives(column: Column, end: LowerEnd) -> tuple[str, ...]:
    """Return other readings of the count, in words."""
    found: list[str] = []
    flat = end.tilt_deg > FLAT_DEG
    if end.below is Below.SACRUM:
        found += _signs(end)
        if flat:
            found.append("the lowest disc is flatter than L5-S1 usually is: it may be L4-L5")
    elif end.below is Below.UNSEGMENTED:
        reason = "and the disc is flatter than L5-S1 usually is" if flat else "although its tilt fits L5-S1"
        found.append(f"the lowest disc may be L4-L5: no sacrum was segmented below it, {reason}")
        found.append("the lowest disc may be S1-S2, if the first sacral body is lumbarised")
    else:
        found.append("the image ends before the sacrum: all names may be one or two levels off")
    if end.remnants and end.look is None:
        found.append(_REMNANT)
    elif end.doubt and not flat and not end.remnants:
        found.append("the lowest disc may be S1-S2: its size or tilt is unusual for L5-S1")
    if end.inferred:
        found.append("the lumbosacral disc was not segmented but inferred: without it, all names move down")
    elif column.notes.inferred_discs:
        found.append("a disc was inferred in a gap of two bodies: without it, all names above move down")
    if end.below is Below.SACRUM:
        found.append("four or six lumbar bodies cannot be excluded without a whole-spine localizer")
    return tuple(found)


def lumbar(labels: LabelMap) -> bool:
    """Return whether at least three discs and three vertebrae of lumbar size form a column.

    A disc counts when it is long enough and its distance to the next one is that of a lumbar spine; a
    vertebra when its largest slice is a lumbar body's. The instances must follow each other.
    """
    flat = np.flatnonzero(labels.array)
    codes = labels.array.reshape(-1)[flat]
    centres = _disc_centres(labels, flat[codes > DISC_BASE], codes[codes > DISC_BASE])
    bone = (codes > VERTEBRA_BASE) & (codes < DISC_BASE)
    areas = _largest_areas(labels, flat[bone], codes[bone])
    big = [n for n, area in areas.items() if area >= MIN_BODY_AREA]
    return any(_in_a_row(n, centres, big) for n in centres)


def _in_a_row(first: int, centres: dict[int, Array], big: list[int]) -> bool:
    """Whether three discs from ``first`` upward follow each other with bodies between and beside them."""
    numbers = range(first, first + MIN_DISCS)
    if any(n not in centres for n in numbers):
        return False
    steps = [centres[n + 1] - centres[n] for n in numbers[:-1]]
    lengths = [float(np.linalg.norm(step)) for step in steps]
    bodies = sum(n in big for n in range(first - 1, first + MIN_DISCS))
    if bodies < MIN_DISCS or not all(STEP_RANGE[0] <= length <= STEP_RANGE[1] for length in lengths):
        return False
    return all(angle_deg(a, b) <= MAX_BEND_DEG for a, b in itertools.pairwise(steps))


def _largest_areas(labels: LabelMap, flat: Index, codes: Codes) -> dict[int, float]:
    """Return the largest sagittal cross-section in mm2 of each vertebra, by its number."""
    axis = int(np.argmax(np.abs(labels.geometry.directions[0])))
    spacing = [s for a, s in enumerate(labels.geometry.spacing) if a != axis]
    size = labels.geometry.shape[axis]
    side = np.unravel_index(flat, labels.geometry.shape)[axis]
    counts = np.bincount(codes.astype(np.intp) * size + side, minlength=256 * size).reshape(256, size)
    largest = counts.max(axis=1) * spacing[0] * spacing[1]
    return {int(c) - VERTEBRA_BASE: float(largest[c]) for c in np.flatnonzero(largest)}


def _disc_centres(labels: LabelMap, flat: Index, codes: Codes) -> dict[int, Array]:
    """Return the centroid in LPS mm of each disc that is long enough for a lumbar one, by its number."""
    points = labels.geometry.index_to_world(np.stack(np.unravel_index(flat, labels.geometry.shape), axis=1))
    found: dict[int, Array] = {}
    for code in np.unique(codes):
        own = points[codes == code]
        front, back = np.percentile(own[:, 1], (2.0, 98.0))
        if back - front >= MIN_DISC_EXTENT:
            found[int(code) - DISC_BASE] = np.asarray(own.mean(axis=0))
    return found
