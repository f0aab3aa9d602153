"""The plane of a disc, found in three ways that must agree.

1. The landmarks: bisector of the endplates in the mid-sagittal section, tilt of the mask sideways.
2. The disc's own principal plane: its middle surface, half way between its upper and its lower surface.
3. The endplates of both neighbours as surfaces across the slices.

Each gives two slopes against one frame: along back (the sagittal angle) and along left (the coronal tilt).
The plane takes their weighted means; how far they differ tells how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.anatomy import SACRUM, InstanceId, disc_id, instance_number, vertebra_id
from lvp_workstation.domain.geometry import Array, plane_angle_deg, unit
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.planning.clouds import Cloud, Frame
from lvp_workstation.planning.robust import robust_fit

LANDMARKS, DISC, ENDPLATES = "landmarks", "disc", "endplates"
WEIGHTS: Mapping[str, tuple[float, float]] = {LANDMARKS: (1.0, 0.3), DISC: (0.7, 1.0), ENDPLATES: (2.5, 1.0)}
"""Weights of the sagittal slope and of the sideways slope (our choice: about the inverse squared errors of
each way on 24 phantoms, 0.94, 1.17 and 0.67 degrees sagittally, 0.80, 0.43 and 0.46 sideways)."""
NEAR_DEG = 1.5
"""Beyond this angle from the mean a way counts less, by the square of the distance (our choice)."""
ROUNDS = 5
CELL_MM = 1.5
"""Width of the columns in which surfaces are read (our choice: about two pixels)."""
SURFACE_SD_MM = 0.7
"""Standard deviation of a surface in one column (our choice: one pixel)."""
SIDEWAYS_PRIOR = 0.06
"""Standard deviation of the sideways slope about that of the landmarks, radians: it holds the slope where a
narrow slab cannot tell it (our choice)."""
ALIKE_MM = 4.0
"""Errors of a surface are alike within this distance sideways: nearer slices add nothing (our choice)."""
REACH_MM = 18.0
"""Distance from the middle within which surfaces are read sideways: further out the rims round off (our
choice)."""
BODY_MM = 22.0
"""Depth of a vertebra that is searched for its endplate (our choice: less than a body's height)."""
MIN_CELLS = 12


@dataclass(frozen=True, eq=False)
class DiscPlane:
    """The plane of one disc.

    Attributes
    ----------
    frame
        Origin in the middle of the disc; ``up`` is the normal.
    spread_deg
        Angle between the plane and the second nearest of the ways it was found in: of three ways one may
        err.
    ways
        Names of the ways that gave a plane.
    behind
        Posterior coordinate of the disc's posterior margin in the frame, mm.
    """

    instance: InstanceId
    frame: Frame
    spread_deg: float
    ways: tuple[str, ...]
    behind: float


def find_disc_plane(
    landmarks: DiscLandmarks, clouds: Mapping[InstanceId, Cloud], left: Array
) -> DiscPlane | None:
    """Return the plane of a disc, None when its mask is too small to carry one.

    Parameters
    ----------
    landmarks
        Centroid and axis from the mid-sagittal section.
    clouds
        Points of the structures, see `clouds_of`.
    left
        Direction to the patient's left.
    """
    number = instance_number(landmarks.instance)
    disc = clouds.get(disc_id(number))
    if disc is None:
        return None
    frame = Frame.at(np.array(landmarks.centroid), unit(landmarks.normal), left)
    slopes = {LANDMARKS: np.zeros(2)}
    middle = _middle_surface(disc, frame)
    if middle is None:
        return None
    slopes[DISC] = middle[1:]
    plates = _endplates(number, clouds, frame, _depth(disc, frame))
    if plates is not None:
        slopes[ENDPLATES] = plates
    normal = frame.tilted(*_mean_slopes(slopes))
    apart = sorted(plane_angle_deg(normal, frame.tilted(*slope)) for slope in slopes.values())
    across, _, _ = frame.local(disc.points)
    # only the middle is moved along the axis: surfaces tell it better than the centroid of a herniated mask
    centre = frame.world(0.0 if disc.cut_sideways else float(np.median(across)), 0.0, middle[0])
    final = Frame.at(centre, normal, left)
    _, back, _ = final.local(disc.points)
    return DiscPlane(landmarks.instance, final, apart[1], tuple(slopes), float(np.quantile(back, 0.98)))


def _mean_slopes(slopes: Mapping[str, Array]) -> Array:
    """Return the weighted mean slopes; a way that lies far from the others counts less."""
    values = np.array(list(slopes.values()))
    weights = np.array([WEIGHTS[way] for way in slopes])
    mean = np.median(values, axis=0)
    for _ in range(ROUNDS):
        apart = np.degrees(np.linalg.norm(values - mean, axis=1))
        doubted = weights * np.minimum(1.0, (NEAR_DEG / np.maximum(apart, 1e-9)) ** 2)[:, None]
        mean = np.sum(doubted * values, axis=0) / doubted.sum(axis=0)
    return np.asarray(mean)


def _depth(disc: Cloud, frame: Frame) -> tuple[float, float]:
    """Return the front and the back of a disc without its rounded ends, mm."""
    _, back, _ = frame.local(disc.points)
    low, high = np.quantile(back, (0.08, 0.92))
    return float(low), float(high)


def _middle_surface(disc: Cloud, frame: Frame) -> Array | None:
    """Return height in the middle and slopes along back and left of a disc's middle surface."""
    turned, total = frame, np.zeros(3)
    for _ in range(2):
        cells = _cells(disc, turned, _depth(disc, turned))
        found = None if cells is None else _plane_through(cells, (cells.top + cells.bottom) / 2)
        if found is None:
            return None
        total = np.array([found[0], *(total[1:] + found[1:])])
        turned = Frame.at(frame.origin, frame.tilted(*total[1:]), frame.left)
    return total


def _endplates(
    number: int, clouds: Mapping[InstanceId, Cloud], frame: Frame, depth: tuple[float, float]
) -> Array | None:
    """Return the mean slopes of both endplates, None unless both neighbours were segmented."""
    below = vertebra_id(number - 1) if number > 1 else SACRUM
    inner = (depth[0] + 1.0, depth[1] - 2.0)
    slopes = []
    for instance, upper in ((vertebra_id(number), True), (below, False)):
        bone = clouds.get(instance)
        if bone is None:
            return None
        _, back, up = frame.local(bone.points)
        near = (up > -2.0) & (up < BODY_MM) if upper else (up < 2.0) & (up > -BODY_MM)
        cells = _cells(bone.part(near & (back > inner[0]) & (back < inner[1])), frame, inner)
        found = None if cells is None else _plane_through(cells, cells.bottom if upper else cells.top)
        if found is None:
            return None
        slopes.append(found[1:])
    return np.asarray(np.mean(slopes, axis=0))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Columns of a mask along the axis: their places, and their uppermost and lowest voxel."""

    left: Array
    back: Array
    top: Array
    bottom: Array


def _cells(cloud: Cloud, frame: Frame, depth: tuple[float, float]) -> _Cells | None:
    left, back, up = frame.local(cloud.points)
    keep = (back >= depth[0]) & (back <= depth[1]) & (np.abs(left) <= REACH_MM)
    if keep.sum() < MIN_CELLS:
        return None
    left, back, up, slices = left[keep], back[keep], up[keep], cloud.slices[keep]
    key = slices * 1000 + np.round((back - depth[0]) / CELL_MM).astype(int)
    order = np.argsort(key, kind="stable")
    key, up = key[order], up[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    if starts.size < MIN_CELLS:
        return None
    sizes = np.diff(np.append(starts, key.size))
    across, behind = (np.add.reduceat(values[order], starts) / sizes for values in (left, back))
    return _Cells(across, behind, np.maximum.reduceat(up, starts), np.minimum.reduceat(up, starts))


def _plane_through(cells: _Cells, heights: Array) -> Array | None:
    """Return height and slopes (back, left) of the plane through the columns' heights."""
    rows = np.stack([np.ones(heights.size), cells.back, cells.left], axis=1) / SURFACE_SD_MM
    wide = float(np.ptp(cells.left)) / ALIKE_MM + 1.0
    held = np.array([[0.0, 0.0, np.sqrt(heights.size / wide) / SIDEWAYS_PRIOR]])
    fit = robust_fit(np.vstack([rows, held]), np.append(heights / SURFACE_SD_MM, 0.0), tuning=1.0)
    return fit.values if np.abs(fit.values[1:]).max() < 1.0 else None
