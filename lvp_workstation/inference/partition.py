"""Which voxel belongs to which vertebra and disc, once the discs of the column are known.

In front, vertebrae are separated by the planes of the discs. Behind the discs the boundary goes down
by `POSTERIOR_DROP` for each millimetre backwards, because the spinous process of a vertebra reaches
down to the middle of the next body; connected posterior pieces go to one vertebra as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE
from lvp_workstation.inference.discs import DiscFit
from lvp_workstation.inference.grid import CANAL, DISC, SACRUM, VERTEBRA, ClassGrid, Index

POSTERIOR_DROP = 0.5
"""mm downward per mm backward of the boundary between posterior elements (our choice: half a body over
the 40 mm from the posterior disc edge to the spinous process)."""
FRONT_MARGIN = 15.0
BACK_MARGIN = 85.0
"""Bone further than this in front of or behind the discs (mm) is not of this column (our choice)."""
MIN_PIECE = 60.0
"""Loose pieces smaller than this (mm3) are dropped (our choice)."""
_DISC_REACH = 5.0
_POSTERIOR_START = 4.0
_WHOLE_PIECE = 0.7
_POSTERIOR_REACH = 15.0


Heights = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Partition:
    """Instance codes on a class grid.

    Attributes
    ----------
    codes
        uint8, shape of the grid: codes of `domain.labelmap`.
    vertebrae, discs
        Numbers of the instances that have voxels, ascending.
    """

    codes: NDArray[np.uint8]
    vertebrae: tuple[int, ...]
    discs: tuple[int, ...]


class Boundaries:
    """The boundaries between vertebrae, as tables over the sagittal plane and over the slices.

    The height of a voxel over the boundary at a disc is a sum of a part that depends on row and
    column and a part that depends on the slice, so a few small tables give it for every voxel.

    Parameters
    ----------
    grid
        The class grid.
    discs
        The column, caudal to cranial.
    """

    def __init__(self, grid: ClassGrid, discs: tuple[DiscFit, ...]) -> None:
        slices, rows, columns = grid.classes.shape
        side = np.arange(slices, dtype=np.float64) * grid.spacing[0]
        down: Array = (np.arange(rows, dtype=np.float64) * grid.spacing[1])[:, None]
        back: Array = (np.arange(columns, dtype=np.float64) * grid.spacing[2])[None, :]
        self._size = rows * columns
        self._discs = discs
        self._side = np.stack([(side - d.centre[0]) * d.normal[0] for d in discs]).astype(np.float32)
        along = [_project(down, back, d, d.posterior) - d.back for d in discs]
        heights = [
            _project(down, back, d, d.normal) + POSTERIOR_DROP * np.clip(behind, 0.0, None)
            for d, behind in zip(discs, along, strict=True)
        ]
        self._plane = np.stack(heights).astype(np.float32).reshape(len(discs), -1)
        self._behind = np.stack([a > _POSTERIOR_START for a in along]).reshape(len(discs), -1)
        self._column = _column_limits(down, back, discs).reshape(-1)
        self._bodies = self._footprints(np.stack(along), down[:, 0])

    def _footprints(self, along: Array, down: Array) -> Flags:
        """Whether a place lies between front and back of the disc at its row, over the whole plane."""
        nearest = np.abs(down[:, None] - np.array([d.centre[1] for d in self._discs])).argmin(axis=1)
        lengths = np.array([d.length for d in self._discs])
        row_along = along[nearest, np.arange(len(down))]
        return np.asarray((row_along > -lengths[nearest, None] - 2.0) & (row_along < 2.0)).reshape(-1)

    def height(self, flat: Index, disc: int) -> Heights:
        """Return the height in mm of flat voxel indices over the boundary at one disc."""
        side, place = np.divmod(flat, self._size)
        return np.asarray(self._plane[disc][place] + self._side[disc][side])

    def level(self, flat: Index) -> Index:
        """Return how many boundaries lie below each voxel."""
        side, place = np.divmod(flat, self._size)
        level = np.zeros(flat.size, dtype=np.intp)
        for plane, slope in zip(self._plane, self._side, strict=True):
            level += plane[place] + slope[side] > 0.0
        return level

    def behind(self, flat: Index, level: Index) -> Flags:
        """Whether voxels lie behind both discs that bound their vertebra."""
        place = flat % self._size
        lower, upper = np.clip(level - 1, 0, None), np.clip(level, None, len(self._discs) - 1)
        return np.asarray(self._behind[lower, place] & self._behind[upper, place])

    def in_column(self, flat: Index) -> Flags:
        """Whether voxels lie between the front and back limits of the column."""
        return np.asarray(self._column[flat % self._size])

    def in_bodies(self, flat: Index) -> Flags:
        """Whether voxels lie inside the bodies, above the lowest disc."""
        return np.asarray(self._bodies[flat % self._size] & (self.height(flat, 0) > 0.0))


def _project(down: Array, back: Array, disc: DiscFit, direction: Array) -> Array:
    """Return the in-plane part of the distance from a disc's centre along a direction (mm)."""
    return np.asarray((down - disc.centre[1]) * direction[1] + (back - disc.centre[2]) * direction[2])


def partition(grid: ClassGrid, discs: tuple[DiscFit, ...], first: int) -> Partition:
    """Give each voxel of vertebra, disc, canal and sacrum its instance.

    Parameters
    ----------
    grid
        The class grid.
    discs
        The column, caudal to cranial.
    first
        Number of the lowest disc: 1, or 2 when a vertebra that the image cuts lies below it.
    """
    codes = np.zeros(grid.classes.size, dtype=np.uint8)
    flat = grid.classes.reshape(-1)
    limits = Boundaries(grid, discs)
    _paint_discs(grid, discs, first, codes, limits)
    bone = np.flatnonzero((flat == VERTEBRA) & (codes == 0))
    bone = bone[limits.in_column(bone)]
    codes[bone] = _bone_codes(grid, bone, limits, first)
    sacrum = np.flatnonzero(flat == SACRUM)
    codes[sacrum] = _sacrum_codes(sacrum, limits, first)
    canal = np.flatnonzero(flat == CANAL)
    codes[canal[limits.in_column(canal)]] = CANAL_CODE
    codes = _without_crumbs(grid, codes.reshape(grid.classes.shape))
    present = np.flatnonzero(np.bincount(codes.reshape(-1), minlength=256))
    vertebrae = tuple(int(c - VERTEBRA_BASE) for c in present if VERTEBRA_BASE < c < DISC_BASE)
    return Partition(codes, vertebrae, tuple(int(c - DISC_BASE) for c in present if c > DISC_BASE))


def _column_limits(down: Array, back: Array, discs: tuple[DiscFit, ...]) -> Flags:
    """Whether a place lies between the front and back limits of the column at its row."""
    fronts = np.array([d.centre + d.front * d.posterior for d in discs])
    backs = np.array([d.centre + d.back * d.posterior for d in discs])
    front = _interpolate(down[:, 0], fronts[:, 1], fronts[:, 2])[:, None]
    rear = _interpolate(down[:, 0], backs[:, 1], backs[:, 2])[:, None]
    return np.asarray((back > front - FRONT_MARGIN) & (back < rear + BACK_MARGIN))


def _interpolate(at: Array, rows: Array, columns: Array) -> Array:
    """Interpolate columns over rows; beyond the ends go on with the slope of the last pair."""
    order = np.argsort(rows)
    rows, columns = rows[order], columns[order]
    value = np.asarray(np.interp(at, rows, columns))
    if len(rows) < 2:
        return value
    for end, near, beyond in ((0, 1, at < rows[0]), (-1, -2, at > rows[-1])):
        slope = (columns[end] - columns[near]) / np.copysign(
            max(abs(rows[end] - rows[near]), 5.0), rows[end] - rows[near]
        )
        value = np.where(beyond, columns[end] + np.clip(slope, -1.0, 1.0) * (at - rows[end]), value)
    return value


def _paint_discs(
    grid: ClassGrid,
    discs: tuple[DiscFit, ...],
    first: int,
    codes: NDArray[np.uint8],
    limits: Boundaries,
) -> None:
    """Write disc codes: the voxels of each fit, then loose disc voxels near a plane."""
    for number, disc in enumerate(discs, first):
        codes[disc.voxels] = DISC_BASE + number
    loose = np.flatnonzero((grid.classes.reshape(-1) == DISC) & (codes == 0))
    if loose.size == 0:
        return
    points = grid.points(loose)
    distance = np.stack([_outside_disc(points, disc) for disc in discs], axis=1)
    nearest = distance.argmin(axis=1)
    near = distance[np.arange(len(points)), nearest] <= 0.0
    codes[loose[near]] = (DISC_BASE + first + nearest[near]).astype(np.uint8)
    bridge = loose[~near]
    bridge = bridge[limits.in_bodies(bridge)]
    codes[bridge] = _bone_codes(grid, bridge, limits, first)


def _outside_disc(points: Array, disc: DiscFit) -> Array:
    """Return how far (mm) points lie outside the slab of a disc, negative inside it."""
    offset = points - disc.centre
    along = np.einsum("nk,k->n", offset, disc.posterior)
    thick = np.abs(np.einsum("nk,k->n", offset, disc.normal)) - max(_DISC_REACH, 2.2 * disc.rms)
    return np.asarray(np.maximum(thick, np.maximum(disc.front - along, along - disc.back) - _DISC_REACH))


def _bone_codes(grid: ClassGrid, bone: Index, limits: Boundaries, first: int) -> NDArray[np.uint8]:
    """Return the code of each voxel of vertebral bone.

    Below the lowest disc, bone just behind it is still the lowest vertebra's (its posterior elements
    reach down there); the rest is the first sacral body, which real training labels do not hold.
    """
    level = limits.level(bone)
    posterior = limits.behind(bone, level)
    level = _whole_pieces(grid, bone, level, posterior)
    codes = (VERTEBRA_BASE + first - 1 + level).astype(np.uint8)
    if first == 1:
        low = np.flatnonzero(level == 0)
        own = posterior[low] & (limits.height(bone[low], 0) > -_POSTERIOR_REACH)
        codes[low] = np.where(own, VERTEBRA_BASE + 1, SACRUM_CODE)
    return codes


def _whole_pieces(grid: ClassGrid, bone: Index, level: Index, posterior: Flags) -> Index:
    """Give each connected posterior piece to one vertebra when most of it already belongs there."""
    back = bone[posterior]
    if back.size == 0:
        return level
    mask = np.zeros(grid.classes.shape, dtype=bool)
    mask.reshape(-1)[back] = True
    labels, pieces = ndimage.label(mask)
    piece = labels.reshape(-1)[back]
    width = int(level.max()) + 1
    votes = np.bincount(piece * width + level[posterior], minlength=(pieces + 1) * width)
    votes = votes.reshape(pieces + 1, width)
    share = votes.max(axis=1) / np.maximum(votes.sum(axis=1), 1)
    result = level.copy()
    whole = share[piece] >= _WHOLE_PIECE
    result[np.flatnonzero(posterior)[whole]] = votes.argmax(axis=1)[piece][whole]
    return result


def _sacrum_codes(sacrum: Index, limits: Boundaries, first: int) -> NDArray[np.uint8]:
    """Return codes of sacrum voxels; those inside the bodies above the lowest disc are vertebra."""
    codes = np.full(sacrum.size, SACRUM_CODE, dtype=np.uint8)
    body = np.flatnonzero(limits.in_bodies(sacrum) & (limits.height(sacrum, 0) > 3.0))
    codes[body] = (VERTEBRA_BASE + first - 1 + limits.level(sacrum[body])).astype(np.uint8)
    return codes


def _without_crumbs(grid: ClassGrid, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drop loose pieces that are too small to mean anything."""
    labels, _ = ndimage.label(codes > 0)
    small = np.bincount(labels.reshape(-1)) * grid.voxel_volume < MIN_PIECE
    small[0] = False
    return np.where(small[labels], 0, codes).astype(np.uint8)
