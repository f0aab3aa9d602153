"""What the labels of SPIDER do and do not say, as training targets.

SPIDER has no sacrum. Its label 0 therefore means "background or sacrum" (`AMBIGUOUS`) near the
sacrum; above the lowest disc it is background. Two geometric facts add a little more:

* directly below the lowest disc (L5-S1) lies the body of S1: a small region there, well inside the
  end plate, is taught as sacrum (`s1_seed`), the only real voxels that teach that class;
* beyond the uppermost labelled vertebra a cut, unlabelled vertebra may follow: that band is ignored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

BACKGROUND, VERTEBRA, DISC, CANAL, SACRUM = range(5)
CLASS_NAMES = ("background", "vertebra", "disc", "canal", "sacrum")
AMBIGUOUS = 5
"""Target value: background or sacrum."""
IGNORE = 255

SEED_DEPTH_MM = (2.0, 12.0)
"""Distance of the S1 seed from the lower face of the disc (our choice)."""
SEED_REACH = 0.6
"""Half-width of the seed as a share of the half-depth of the disc (our choice)."""
SURE_ABOVE_MM = 12.0
"""Further above the plane of the lowest disc than this there is no sacrum (our choice)."""
SURE_BEFORE_MM = 12.0
"""Further before the lowest disc than this, measured along it, there is none either (our choice)."""
DISC_BAND_MM = 1.6
"""Phantom discs are drawn to the end plate, SPIDER's are not: so much beside their edge is ignored."""
RIM_MM = 1.0
"""So much background beside the vertebrae and the canal of a phantom is ignored (our choice)."""
SURE_SACRUM = 0.9
"""Probability from which an earlier network's sacrum is taught on real images (our choice)."""
_IN_PLANE = np.zeros((3, 3, 3), dtype=bool)
_IN_PLANE[1, 1, :] = _IN_PLANE[1, :, 1] = True

Labels = NDArray[np.uint8]


def lowest_disc(labels: Labels, levels: Labels | None) -> NDArray[np.bool_]:
    """Return the mask of the L5-S1 disc: SPIDER instance 201, or the lowest sizeable disc."""
    if levels is not None and (levels == 201).any():
        return np.asarray(levels == 201)
    components, count = ndimage.label(labels == DISC)
    sizes = ndimage.sum_labels(np.ones(labels.shape), components, range(1, count + 1))
    rows = [float(c[1]) for c in ndimage.center_of_mass(components > 0, components, range(1, count + 1))]
    best = max((n for n in range(count) if sizes[n] > 0.2 * max(sizes)), key=lambda n: rows[n])
    return np.asarray(components == best + 1)


def targets(
    labels: Labels, levels: Labels | None, spacing: tuple[float, float, float], seed: bool = True
) -> Labels:
    """Turn SPIDER labels [slice, row, column] into training targets on the same grid.

    ``seed=False`` leaves the S1 seed out: a severe slip puts it beside the bone.
    """
    result = labels.copy()
    disc = lowest_disc(labels, levels)
    along, depth = _disc_frame(disc, spacing)
    free = labels == BACKGROUND
    front = -float(np.percentile(np.abs(along[disc]), 97)) - SURE_BEFORE_MM
    result[free & (depth > -SURE_ABOVE_MM) & (along > front)] = AMBIGUOUS
    if seed and levels is not None:
        result[free & s1_seed(disc, along, depth)] = SACRUM
    _ignore_top(result, labels)
    return result


def without_edges(labels: Labels, plane_spacing: float) -> Labels:
    """Ignore edges that a phantom draws otherwise than SPIDER, so that real images teach them.

    Both sides of the edge of a disc, and the background next to vertebrae and canal, which SPIDER draws
    a little larger.
    """
    result = labels.copy()
    for label in (VERTEBRA, CANAL):
        grown = ndimage.binary_dilation(labels == label, _IN_PLANE, max(1, round(RIM_MM / plane_spacing)))
        result[grown & (labels == BACKGROUND)] = IGNORE
    disc = labels == DISC
    reach = max(1, round(DISC_BAND_MM / plane_spacing))
    grown = ndimage.binary_dilation(disc, _IN_PLANE, reach)
    core = ndimage.binary_erosion(disc, _IN_PLANE, reach, border_value=1)
    result[grown & ~core] = IGNORE
    return result


def sacrum_from(target: Labels, probability: NDArray[np.float32]) -> Labels:
    """Teach as sacrum what an earlier network is sure of where SPIDER's label leaves it open.

    Only the largest connected region counts, and only when it meets the S1 seed, if there is one.

    Parameters
    ----------
    target
        As `targets` returns it, [slice, row, column].
    probability
        The earlier network's probability of the sacrum on the same voxels.
    """
    seed = target == SACRUM
    sure = (probability > SURE_SACRUM) & ((target == AMBIGUOUS) | seed)
    regions, count = ndimage.label(sure)
    if not count:
        return target
    largest = regions == 1 + int(np.argmax(ndimage.sum_labels(sure, regions, range(1, count + 1))))
    if seed.any() and not (largest & seed).any():
        return target
    result = target.copy()
    result[largest] = SACRUM
    return result


def s1_seed(
    disc: NDArray[np.bool_], along: NDArray[np.float32], depth: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return the voxels that are surely the body of S1, given the frame of the disc above it."""
    half = float(np.percentile(np.abs(along[disc]), 97))
    thickness = float(np.percentile(depth[disc], 95))
    start, stop = SEED_DEPTH_MM
    below = depth - thickness
    taper = SEED_REACH * half * (1.0 - 0.3 * np.clip(below, 0, None) / stop)
    area = disc.sum((1, 2))
    slices = area > 0.6 * area.max()
    inside = (below > start) & (below < stop) & (np.abs(along) < taper)
    return np.asarray(inside & slices[:, None, None])


def _disc_frame(
    disc: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return, for every voxel, mm along the disc (to posterior) and mm below its middle plane."""
    points = np.argwhere(disc)[:, 1:] * np.array(spacing[1:])
    centre = points.mean(0)
    _, vectors = np.linalg.eigh(np.cov((points - centre).T))
    normal = vectors[:, 0] * (1 if vectors[0, 0] > 0 else -1)
    rows = np.arange(disc.shape[1])[:, None] * spacing[1] - centre[0]
    columns = np.arange(disc.shape[2])[None, :] * spacing[2] - centre[1]
    depth = (rows * normal[0] + columns * normal[1]).astype(np.float32)
    along = (columns * normal[0] - rows * normal[1]).astype(np.float32)
    return np.broadcast_to(along, disc.shape), np.broadcast_to(depth, disc.shape)


def _ignore_top(result: Labels, labels: Labels, margin: int = 6) -> None:
    """Ignore unlabelled voxels beyond the uppermost vertebra, near the spine."""
    bone = labels == VERTEBRA
    top = int(np.flatnonzero(bone.any(axis=(0, 2)))[0])
    if top < 3:
        return
    columns = np.flatnonzero(bone[:, top : top + 25].any(axis=(0, 1)))
    band = result[:, :top, max(columns[0] - margin, 0) : columns[-1] + margin]
    band[band == BACKGROUND] = IGNORE
