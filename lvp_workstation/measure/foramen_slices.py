"""Which sagittal slices pass a neural foramen: those on which a pedicle bridges the upper half of its body.

A foramen lies below the pedicle of the upper vertebra of a level. On a sagittal slice through the canal no
bone joins body and arch; lateral to the canal the pedicle does. The first slices from the midline on which
it does show the foramen; nothing is read on slices medial to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import VERTEBRA_BASE
from lvp_workstation.measure.anatomy2d import SectionAnatomy
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import SOFTENING, Block, Patch

SIDES = ("left", "right")
PEDICLE_BACK = (1.5, 6.5)
"""Part of the pedicle's course behind the posterior wall of the body that must be bone, mm (our choice)."""
PEDICLE_UP = (-0.2, 0.65)
"""Heights above the middle of the body at which its pedicle is looked for, in body heights (our choice)."""
BRIDGED = 0.8
"""Share of that course that must be bone (our choice: masks are ragged)."""
MIN_PEDICLE_MM = 5.0
"""Least height of a bridge that is a pedicle (our choice: adult lumbar pedicles are 10-18 mm high)."""
SEARCH_MM = (6.0, 26.0)
"""Distances from the midline at which pedicles are looked for (our choice: half the width of the canal is
10-15 mm, a pedicle 8-18 mm wide)."""
LEAST_MM = 10.0
"""Nearer to the midline than this nothing is read (our choice: half the distance between the pedicles is
11-15 mm; on phantoms slices from 11.6 mm on are read, on real slabs that end 9-10 mm from a midline that
scoliosis or a torn mask had moved, masks bridged canal and arch)."""
DEPTH_MM = 4.4
"""How far beyond the medial edge of the pedicle a foramen is read (our choice: near its middle)."""
SLAB_MM = 1.5
"""Thin slices within this distance are averaged (our choice: together about one clinical slice)."""
STEP = 0.5


@dataclass(frozen=True, eq=False)
class SagittalSlice:
    """One acquired slice, or the mean of several thin ones; in the coordinates of `section`.

    Attributes
    ----------
    offset
        Distance from the midline at the level asked for, mm, positive to the patient's right.
    shift
        Move of the level's structures against the midline section, (posterior, superior), mm.
    """

    block: Block
    index: int
    offset: float
    shift: Array

    @property
    def members(self) -> tuple[int, ...]:
        """The slices that are averaged."""
        reach = int(SLAB_MM / self.block.spacing[0])
        low, high = self.index - reach, self.index + reach
        return tuple(range(max(low, 0), min(high, self.block.codes.shape[0] - 1) + 1))

    def mask(self, codes: tuple[int, ...]) -> Patch:
        """Return the soft mask of some instances."""
        members = self.members
        share = np.isin(self.block.codes[members[0] : members[-1] + 1], codes).mean(axis=0)
        soft = ndimage.gaussian_filter(share, SOFTENING, mode="nearest")
        return Patch(np.asarray(soft), 0, 0, self.block.spacing[1:])

    def signal(self) -> Patch | None:
        """Return the image, None without one."""
        if self.block.image is None:
            return None
        members = self.members
        mean = self.block.image[members[0] : members[-1] + 1].astype(np.float64).mean(axis=0)
        return Patch(mean, 0, 0, self.block.spacing[1:])

    def to_world(self, points: Array) -> Array:
        """Return points of the slice, shape (..., 2), as LPS mm, shape (..., 3)."""
        rows = -points[..., 1] / self.block.spacing[1]
        columns = points[..., 0] / self.block.spacing[2]
        index = np.full_like(rows, float(self.index))
        return self.block.geometry.index_to_world(np.stack([index, rows, columns], axis=-1))


@dataclass(frozen=True, eq=False)
class SideSlices:
    """What the slices of one side show of the foramen of a level.

    Attributes
    ----------
    slices
        Slices through the foramen, nearest to the aim first; empty when there is none.
    reach
        Distance from the midline to the outermost slice, mm.
    """

    slices: tuple[SagittalSlice, ...]
    reach: float


def side_slices(block: Block, found: SectionAnatomy, n: int, side: str, slope: float) -> SideSlices:
    """Return the slices through the foramen below vertebra ``n`` on one side.

    Parameters
    ----------
    found
        Shapes of the midline section.
    side
        ``left`` or ``right`` of the patient.
    slope
        Rise of the level per mm to the patient's right: its sideways tilt.
    """
    slices = _slices(block, found, n, side, slope)
    reach = abs(slices[-1].offset) if slices else 0.0
    near = [s for s in slices if SEARCH_MM[0] <= abs(s.offset) <= SEARCH_MM[1]]
    heights = [pedicle_height(s, found, n) for s in near]
    first = next((i for i, h in enumerate(heights) if h >= MIN_PEDICLE_MM), None)
    if first is None:
        return SideSlices((), reach)
    edge = _medial_edge(near, heights, first)
    run = near[first:]
    stop = next((i for i, h in enumerate(heights[first:]) if h < MIN_PEDICLE_MM), len(run))
    shown = [s for s in run[:stop] if abs(s.offset) >= LEAST_MM]
    ordered = sorted(shown, key=lambda s: abs(abs(s.offset) - edge - DEPTH_MM))
    return SideSlices(tuple(ordered), reach)


def _slices(block: Block, found: SectionAnatomy, n: int, side: str, slope: float) -> list[SagittalSlice]:
    """Return all slices of one side from the midline outwards."""
    body = found.bodies[n]
    row = int(np.clip(-body.centre[1] / block.spacing[1], 0, block.course.size - 1))
    middle, step = float(block.course[row]), block.spacing[0]
    sign = 1.0 if side == "right" else -1.0
    result = []
    for index in range(block.codes.shape[0]):
        offset = (index - middle) * step
        if offset * sign > 0:
            result.append(SagittalSlice(block, index, offset, slope * offset * body.up))
    return sorted(result, key=lambda s: abs(s.offset))


def _medial_edge(near: list[SagittalSlice], heights: list[float], first: int) -> float:
    """Return the distance of the pedicle's medial edge from the midline, mm, between the slices."""
    outer = abs(near[first].offset)
    if first == 0:
        return outer
    inner = abs(near[first - 1].offset)
    gain = heights[first] - heights[first - 1]
    share = (MIN_PEDICLE_MM - heights[first - 1]) / max(gain, 1e-6)
    return inner + float(np.clip(share, 0.0, 1.0)) * (outer - inner)


def pedicle_height(place: SagittalSlice, found: SectionAnatomy, n: int) -> float:
    """Return the height over which bone joins body and arch of vertebra ``n`` on a slice, mm."""
    run = pedicle_rows(place, found, n)
    return 0.0 if run is None else run[1] - run[0]


def wall_frame(place: SagittalSlice, found: SectionAnatomy, n: int) -> LocalFrame | None:
    """Return the frame in the middle of the posterior wall of body ``n`` on the midline, moved to a slice."""
    body = found.bodies[n]
    if body.superior is None or body.inferior is None:
        return None
    middle = (body.superior.posterior + body.inferior.posterior) / 2
    return LocalFrame(middle + place.shift, body.up)


def pedicle_rows(place: SagittalSlice, found: SectionAnatomy, n: int) -> tuple[float, float] | None:
    """Return the lower and the upper end of the pedicle in the `wall_frame`, mm; None without one."""
    body, frame = found.bodies[n], wall_frame(place, found, n)
    if frame is None or body.superior is None or body.inferior is None:
        return None
    height = float(np.linalg.norm(body.superior.at(0.5) - body.inferior.at(0.5)))
    back = np.arange(PEDICLE_BACK[0], PEDICLE_BACK[1] + STEP, STEP)
    up = np.arange(PEDICLE_UP[0] * height, PEDICLE_UP[1] * height, STEP)
    bone = place.mask((VERTEBRA_BASE + n,)).at(frame.to_section(back[None, :], up[:, None])) >= 0.5
    runs, count = ndimage.label(bone.mean(axis=1) >= BRIDGED)
    if not count:
        return None
    rows = np.flatnonzero(runs == 1 + int(np.argmax(np.bincount(runs)[1:])))
    return float(up[rows[0]]), float(up[rows[-1]] + STEP)
