"""Disc candidates: flat sets of disc voxels, with merged discs split and fragments joined.

A set of voxels is one disc when it is flat. Connected components that are not flat are several discs
(or a disc and a leak) and are split into parallel planes; components that lie on one common plane,
close to each other, are pieces of one disc and are joined.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.inference.grid import CANAL, DISC, VERTEBRA, ClassGrid, Index

SURELY_FLAT_RMS = 3.3
"""Root mean square distance from its plane, in mm, up to which voxels are surely one disc (our choice: the
thickest of 221 discs of 29 SPIDER patients has 3.5)."""
FLAT_RMS = 4.5
"""Up to this distance they may be one disc, when two planes do not explain them much better."""
SEPARATION = 14.0
"""Two planes nearer than this, in mm, are one disc (our choice: the smallest distance of two discs in
those patients is 18 mm, across a fractured body)."""
MAX_TILT = np.deg2rad(40.0)
"""A disc plane tilts at most this much against the spine (our choice)."""
MIN_VOLUME = 40.0
"""Smaller components, in mm3, are crumbs and never disc candidates (our choice)."""
MIN_AREA = 18.0
"""Smallest in-plane area, in mm2, of a candidate (our choice; a collapsed disc has about 60)."""
FRAGMENT_STEP = 9.0
"""Fragments of one disc lie within this distance, in mm, of its plane (our choice)."""
FRAGMENT_GAP = 12.0
"""… and within this gap, in mm, inside the plane (our choice)."""
MAX_CANDIDATES = 64
_BRIDGE = 7.0
_BRIDGE_WIDTH = 9.0
_FLATTER = 0.65
_FAR = 22.0
_SLICE_PRIOR = 9.0
_MAX_SIDE_SLOPE = 1.2


@dataclass(frozen=True, eq=False)
class DiscFit:
    """A disc candidate in local coordinates (mm).

    Attributes
    ----------
    voxels
        Flat indices into the class grid; empty for a disc that was not segmented.
    centre, normal, posterior
        Centroid, unit normal that points cranially, unit in-plane direction that points posteriorly.
    front, back
        Extent along `posterior` relative to the centre, 2nd and 98th percentile.
    rms
        Root mean square distance from the plane.
    volume
        mm3.
    sides
        First and last coordinate across the slices.
    """

    voxels: Index
    centre: Array
    normal: Array
    posterior: Array
    front: float
    back: float
    rms: float
    volume: float
    sides: tuple[float, float]

    @property
    def length(self) -> float:
        """Anterior-posterior extent in mm."""
        return self.back - self.front

    @property
    def missing(self) -> bool:
        """Whether the disc was inferred, not segmented."""
        return self.voxels.size == 0

    @property
    def slope_deg(self) -> float:
        """Sagittal tilt in degrees: negative when the front of the disc is lower than its back."""
        return float(np.degrees(np.arctan2(self.normal[2], -self.normal[1])))


@dataclass(frozen=True, eq=False)
class SpineAxis:
    """The sagittal course of the spine: column position as a cubic of the row position (mm)."""

    coefficients: Array
    rows: tuple[float, float]

    def at(self, row: float) -> Array:
        """Return the unit cranial direction at a row position in mm."""
        slope = float(np.polyval(np.polyder(self.coefficients), np.clip(row, *self.rows)))
        slope = float(np.clip(slope, -1.2, 1.2))
        direction = np.array((0.0, -1.0, -slope))
        return np.asarray(direction / np.linalg.norm(direction))


def spine_axis(grid: ClassGrid) -> SpineAxis:
    """Return the course of the spine from the canal, else from vertebrae and discs."""
    per_class = {c: (grid.classes == c).sum(axis=0, dtype=np.int64) for c in (CANAL, VERTEBRA, DISC)}
    straight = SpineAxis(np.zeros(1), (0.0, 0.0))
    for counts in (per_class[CANAL], per_class[VERTEBRA] + per_class[DISC]):
        weights = counts.sum(axis=1)
        rows = np.flatnonzero(weights)
        if rows.size * grid.spacing[1] < 40.0:
            continue
        columns = _row_medians(counts[rows]) * grid.spacing[2]
        return _fit_axis((rows * grid.spacing[1]).astype(np.float64), columns, np.sqrt(weights[rows]))
    return straight


def _row_medians(counts: NDArray[np.int64]) -> Array:
    total = counts.cumsum(axis=1)
    return np.asarray(np.argmax(total >= total[:, -1:] / 2, axis=1), dtype=np.float64)


def _fit_axis(rows: Array, columns: Array, weights: Array) -> SpineAxis:
    """Fit the cubic twice, the second time without the rows that lie far off."""
    keep = np.ones(rows.size, dtype=bool)
    coefficients = np.zeros(4)
    degree = 3 if np.ptp(rows) > 80.0 else 1
    for _ in range(2):
        if keep.sum() <= degree + 1:
            break
        coefficients = np.polyfit(rows[keep], columns[keep], degree, w=weights[keep])
        error = np.abs(np.polyval(coefficients, rows) - columns)
        keep = error <= max(6.0, 2.0 * float(np.median(error)))
    return SpineAxis(coefficients, (float(rows[0]), float(rows[-1])))


def fit_disc(grid: ClassGrid, voxels: Index, axis: SpineAxis) -> DiscFit:
    """Fit a plane to voxels; its normal stays within `MAX_TILT` of the spine in the sagittal plane.

    The sagittal direction comes from the spread inside slices, the sideways slope from the drift of
    the slice centroids, shrunk to zero when there are too few slices to tell.
    """
    points = grid.points(voxels)
    centre = points.mean(axis=0)
    in_slice, side_slope = _spread(points)
    wanted = axis.at(float(centre[1]))
    angle = _flattest_angle(in_slice, np.arctan2(wanted[2], -wanted[1]))
    up = np.array((0.0, -np.cos(angle), np.sin(angle)))
    slope = float(np.clip(side_slope @ up[1:], -_MAX_SIDE_SLOPE, _MAX_SIDE_SLOPE))
    normal = np.array((-slope, up[1], up[2])) / np.hypot(1.0, slope)
    posterior = np.array((0.0, np.sin(angle), np.cos(angle)))
    along = (points - centre) @ posterior
    front, back = np.percentile(along, (2.0, 98.0))
    rms = float(np.sqrt(np.mean(((points - centre) @ normal) ** 2)))
    volume = voxels.size * grid.voxel_volume
    sides = (float(points[:, 0].min()), float(points[:, 0].max()))
    return DiscFit(voxels, centre, normal, posterior, float(front), float(back), rms, volume, sides)


def _spread(points: Array) -> tuple[Array, Array]:
    """Return the covariance inside slices, shape (2, 2), and the drift (row, column) per mm of slice."""
    side, plane = points[:, 0], points[:, 1:]
    _, slices, counts = np.unique(side, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(slices, plane[:, k]) / counts for k in (0, 1)], axis=1)
    inside = plane - means[slices]
    covariance = inside.T @ inside / max(len(points), 1)
    offset = side - side.mean()
    drift = offset @ (plane - plane.mean(axis=0)) / (offset @ offset + _SLICE_PRIOR * len(points))
    return covariance, np.asarray(drift)


def _flattest_angle(covariance: Array, wanted: float) -> float:
    """Return the angle (column over cranial) of least spread within `MAX_TILT` of the wanted one."""
    _, vectors = np.linalg.eigh(covariance)
    least = vectors[:, 0]
    angle = np.arctan2(least[1], -least[0])
    offset = (angle - wanted + np.pi / 2) % np.pi - np.pi / 2
    return float(wanted + np.clip(offset, -MAX_TILT, MAX_TILT))


def candidates(grid: ClassGrid, axis: SpineAxis) -> list[DiscFit]:
    """Return disc candidates in no particular order, at most `MAX_CANDIDATES`."""
    found: list[DiscFit] = []
    for voxels in _components(grid):
        found.extend(_split(grid, voxels, axis))
    found = [fit for fit in found if _big_enough(grid, fit)]
    found.sort(key=lambda fit: -fit.volume)
    return join_fragments(grid, found[:MAX_CANDIDATES], axis)


def _components(grid: ClassGrid) -> list[Index]:
    """Return the flat voxel indices of each component of the disc class above crumb size."""
    mask = grid.classes == DISC
    boxes = ndimage.find_objects(mask.astype(np.uint8))
    if not boxes:
        return []
    labels, count = ndimage.label(mask[boxes[0]])
    starts = [int(s.start) for s in boxes[0]]
    inside = np.nonzero(labels)
    flat = np.ravel_multi_index(tuple(i + s for i, s in zip(inside, starts, strict=True)), grid.classes.shape)
    of = labels[inside]
    order = np.argsort(of, kind="stable")
    groups = np.split(flat[order], np.cumsum(np.bincount(of, minlength=count + 1)[1:-1]))
    return [group for group in groups if group.size * grid.voxel_volume >= MIN_VOLUME]


def _big_enough(grid: ClassGrid, fit: DiscFit) -> bool:
    slices = np.unravel_index(fit.voxels, grid.classes.shape)[0]
    area = float(np.bincount(slices).max()) * grid.spacing[1] * grid.spacing[2]
    return area >= MIN_AREA and fit.volume >= MIN_VOLUME


def _split(grid: ClassGrid, voxels: Index, axis: SpineAxis) -> list[DiscFit]:
    """Return one fit when the voxels are flat, otherwise the discs they seem to be.

    Narrow bridges are cut first; what is still not flat becomes parallel planes.
    """
    whole = fit_disc(grid, voxels, axis)
    if whole.rms <= SURELY_FLAT_RMS:
        return [whole]
    pieces = [fit_disc(grid, piece, axis) for piece in _without_bridges(grid, voxels)]
    flatter = bool(pieces) and max(piece.rms for piece in pieces) < _FLATTER * whole.rms
    if not flatter or (len(pieces) > 1 and not _apart(pieces, axis)):
        pieces = [whole]
    found: list[DiscFit] = []
    for piece in pieces:
        found.extend([piece] if piece.rms <= SURELY_FLAT_RMS else _parallel(grid, piece, axis))
    return found


def _without_bridges(grid: ClassGrid, voxels: Index) -> list[Index]:
    """Return the components left when all that is narrower than `_BRIDGE_WIDTH` from front to back is cut."""
    index = np.stack(np.unravel_index(voxels, grid.classes.shape), axis=1)
    start = index.min(axis=0)
    box = np.zeros(index.max(axis=0) - start + 1, dtype=bool)
    box[tuple((index - start).T)] = True
    width = max(1, round(_BRIDGE_WIDTH / grid.spacing[2]))
    labels, count = ndimage.label(ndimage.binary_opening(box, np.ones((1, 1, width), dtype=bool)))
    of = labels[tuple((index - start).T)]
    pieces = [voxels[of == n] for n in range(1, count + 1)]
    return [piece for piece in pieces if piece.size * grid.voxel_volume >= 5 * MIN_VOLUME]


def _parallel(grid: ClassGrid, whole: DiscFit, axis: SpineAxis) -> list[DiscFit]:
    """Return the fewest parallel planes that explain voxels which are not flat."""
    voxels = whole.voxels
    height = (grid.points(voxels) - whole.centre) @ axis.at(float(whole.centre[1]))
    low, high = np.percentile(height, (1.0, 99.0))
    best = [whole]
    for count in range(2, int((high - low) / SEPARATION) + 2):
        fits = _planes(grid, voxels, axis, count)
        if not _apart(fits, axis):
            continue
        best = fits
        if max(fit.rms for fit in best) <= SURELY_FLAT_RMS:
            break
    if whole.rms <= FLAT_RMS and max(fit.rms for fit in best) > _FLATTER * whole.rms:
        return [whole]
    return best


def _apart(fits: list[DiscFit], axis: SpineAxis) -> bool:
    """Whether planes are as far from each other as discs are."""
    ordered = sorted(fits, key=lambda fit: -fit.centre[1])
    steps = [
        float((upper.centre - lower.centre) @ axis.at(float((lower.centre[1] + upper.centre[1]) / 2)))
        for lower, upper in itertools.pairwise(ordered)
    ]
    return len(fits) > 1 and min(steps) >= SEPARATION


def _planes(grid: ClassGrid, voxels: Index, axis: SpineAxis, count: int) -> list[DiscFit]:
    """Share voxels among planes: assign to the nearest plane, fit again, until nothing moves.

    The start is one plane at each dense place along the spine; bridges (voxels far from every plane)
    take no part in the fit and are left out at the end.
    """
    points = grid.points(voxels)
    owner = _start(points, axis, count)
    fits: list[DiscFit] = []
    for _ in range(8):
        fits = [fit_disc(grid, voxels[owner == k], axis) for k in range(count) if (owner == k).sum() > 8]
        distance = np.abs(np.stack([(points - f.centre) @ f.normal for f in fits], axis=1))
        nearest = distance.argmin(axis=1)
        nearest[distance.min(axis=1) > _BRIDGE] = -1
        if np.array_equal(nearest, owner):
            break
        owner, count = nearest, len(fits)
    parts = [voxels[owner == k] for k in range(len(fits))]
    return [fit_disc(grid, part, axis) for part in parts if part.size > 8] or fits


def _start(points: Array, axis: SpineAxis, count: int) -> NDArray[np.intp]:
    """Return a first owner per point from the densest places of the height along the spine."""
    centre = points.mean(axis=0)
    height = (points - centre) @ axis.at(float(centre[1]))
    edges = np.arange(height.min(), height.max() + 2.0, 1.0)
    profile = ndimage.gaussian_filter1d(np.histogram(height, edges)[0].astype(np.float64), 3.0)
    left = profile.copy()
    peaks = []
    for _ in range(count):
        at = int(left.argmax())
        peaks.append(edges[at] + 0.5)
        left[max(0, at - int(SEPARATION)) : at + int(SEPARATION) + 1] = -1.0
        if left.max() <= 0:
            break
    return np.asarray(np.abs(height[:, None] - np.array(peaks)).argmin(axis=1))


def join_fragments(grid: ClassGrid, fits: list[DiscFit], axis: SpineAxis) -> list[DiscFit]:
    """Join candidates that are pieces of one disc, largest first."""
    kept: list[DiscFit] = []
    waiting = sorted(fits, key=lambda fit: -fit.volume)
    for fit in waiting:
        host = next((n for n, other in enumerate(kept) if _same_disc(grid, axis, other, fit)), None)
        if host is None:
            kept.append(fit)
        else:
            kept[host] = fit_disc(grid, np.concatenate([kept[host].voxels, fit.voxels]), axis)
    return kept


def _same_disc(grid: ClassGrid, axis: SpineAxis, big: DiscFit, small: DiscFit) -> bool:
    """Whether two candidates lie on one plane, near each other, with no bone between."""
    offset = small.centre - big.centre
    if abs(float(offset @ axis.at(float(big.centre[1])))) > _FAR:
        return False
    side = max(big.sides[0] - small.sides[1], small.sides[0] - big.sides[1])
    if side > FRAGMENT_GAP + grid.spacing[0]:
        return False
    whole = fit_disc(grid, np.concatenate([big.voxels, small.voxels]), axis)
    step = abs(float(offset @ whole.normal))
    if step > FRAGMENT_STEP or whole.rms > FLAT_RMS:
        return False
    along = float(offset @ whole.posterior)
    gap = max(big.front - (along + small.back), (along + small.front) - big.back)
    if gap > FRAGMENT_GAP:
        return False
    between = grid.sample(big.centre + np.linspace(0.0, 1.0, 15)[:, None] * offset)
    return bool((between == VERTEBRA).mean() < 0.4 or step < 4.0)


def inferred_disc(centre: Array, below: DiscFit, above: DiscFit, share: float) -> DiscFit:
    """Return a disc that was not segmented, its plane between those of two others."""
    normal = (1 - share) * below.normal + share * above.normal
    normal = normal / np.linalg.norm(normal)
    posterior = np.array((0.0, normal[2], -normal[1]))
    posterior = posterior / np.linalg.norm(posterior)
    half = (below.length + above.length) / 4
    return replace(
        below,
        voxels=np.zeros(0, dtype=np.intp),
        centre=centre,
        normal=normal,
        posterior=posterior,
        front=-half,
        back=half,
        rms=1.5,
        volume=0.0,
    )
