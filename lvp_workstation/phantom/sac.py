"""The dural sac and what it holds, in coordinates along the canal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.anatomy import Anatomy, CanalTables, Disc, Vertebra
from lvp_workstation.phantom.arches import PartDistance, facet_growth_parts
from lvp_workstation.phantom.bones import body_box, body_distance, disc_box, disc_distance
from lvp_workstation.phantom.grid import WORLD, Field, Frame, Patch, SampleGrid, inner_region
from lvp_workstation.phantom.shapes import ellipse, smooth_max

REACH_MM = 34.0
NODE_MM = 1.0
FLAVUM_OUTSIDE = 1.5
"""Part of the ligamentum flavum outside the border of the canal, mm (our choice)."""
FLAVUM_HEALTHY = 1.7
"""Part of a healthy ligamentum flavum inside the border of the canal, mm."""
FLAVUM_MIDLINE = 0.3
"""Share of that in the midline, where the two sides meet; hypertrophy closes the gap (our choice)."""
FLAVUM_FROM = 0.15
"""Nearness to a disc, 0-1, from which on the ligamentum flavum lines the canal (our choice)."""
DURA_THICKNESS = 0.45
"""As it is seen, mm (our choice)."""
DURA_CLEARANCE = 0.5
"""Distance that the sac keeps from a disc or a body that presses on it, mm (our choice)."""


@dataclass(frozen=True, eq=False)
class _Lookup:
    """Arc length and posterior offset on a grid of the (posterior, superior) plane."""

    origin: Array
    s: Field
    q: Field


@lru_cache(maxsize=8)
def _lookup(canal: CanalTables) -> _Lookup:
    plane = canal.curve[:, 1:]
    low, high = plane.min(axis=0) - REACH_MM, plane.max(axis=0) + REACH_MM
    y = np.arange(low[0], high[0], NODE_MM)
    z = np.arange(low[1], high[1], NODE_MM)
    nodes = np.stack(np.meshgrid(y, z, indexing="ij"), axis=-1)
    index = cKDTree(plane).query(nodes.reshape(-1, 2))[1].reshape(nodes.shape[:2])
    offset = nodes - plane[index]
    normal = canal.normals[index]
    tangent = np.stack([normal[..., 1], -normal[..., 0]], axis=-1)
    s = canal.s[index] + (offset * tangent).sum(-1)
    q = (offset * normal).sum(-1)
    return _Lookup(low, s.astype(np.float32), q.astype(np.float32))


@dataclass(frozen=True, eq=False)
class CanalCoordinates:
    """Points in canal coordinates: left of the curve, behind it, and arc length from the top, mm."""

    x: Field
    q: Field
    s: Field
    bins: np.ndarray[tuple[int, ...], np.dtype[np.intp]]

    def table(self, values: Array) -> Field:
        """Return a table of `CanalTables` at the points."""
        return np.asarray(values.astype(np.float32)[self.bins])


def canal_coordinates(patch: Patch, canal: CanalTables) -> CanalCoordinates:
    """Return the canal coordinates of a patch."""
    lookup = _lookup(canal)
    x, y, z = patch.local(WORLD)
    y, z = np.broadcast_arrays(y, z)
    index = np.stack([(y - lookup.origin[0]) / NODE_MM, (z - lookup.origin[1]) / NODE_MM])
    s = ndimage.map_coordinates(lookup.s, index, order=1, mode="nearest")
    q = ndimage.map_coordinates(lookup.q, index, order=1, mode="nearest")
    bins = np.clip((s / canal.step).astype(np.intp), 0, canal.s.size - 1)
    lateral = canal.curve[:, 0].astype(np.float32)[bins]
    return CanalCoordinates(np.asarray(x - lateral, dtype=np.float32), q, s, bins)


def canal_patch(grid: SampleGrid, canal: CanalTables, half_width: float = 22.0) -> Patch | None:
    """Return the patch around the whole canal."""
    low, high = canal.curve.min(axis=0), canal.curve.max(axis=0)
    low = low - np.array([half_width, 16.0, 0.0])
    high = high + np.array([half_width, 18.0, 0.0])
    return grid.patch(WORLD, low, high, margin=0.0)


def canal_distance(at: CanalCoordinates, canal: CanalTables) -> Field:
    """Return the distance to the bony and ligamentous canal."""
    front, back = at.table(canal.wall), at.table(canal.back)
    return ellipse(at.x, at.q - (front + back) / 2, at.table(canal.half_width), (back - front) / 2)


def flavum_distance(at: CanalCoordinates, canal: CanalTables) -> Field:
    """Return the distance to the ligamentum flavum: the posterolateral lining at disc level."""
    border = canal_distance(at, canal)
    middle = (at.table(canal.wall) + at.table(canal.back)) / 2
    flavum = at.table(canal.flavum)
    thin = np.clip(FLAVUM_MIDLINE + 0.35 * (flavum - FLAVUM_HEALTHY), FLAVUM_MIDLINE, 1.0)
    shell = np.maximum(border - FLAVUM_OUTSIDE, -(border + flavum * np.clip(np.abs(at.x) / 4.0, thin, 1.0)))
    lateral = middle + 1.0 - at.q - 0.25 * np.abs(at.x)
    level = (FLAVUM_FROM - at.table(canal.disc_weight)) * 12.0
    return np.asarray(np.maximum(np.maximum(shell, lateral), level), dtype=np.float32)


def sac_distance(grid: SampleGrid, patch: Patch, at: CanalCoordinates, anatomy: Anatomy) -> Field:
    """Return the distance to the dural sac, pushed aside by discs, facets and slipped bodies."""
    distance = free_sac_distance(at, anatomy.canal)
    for disc in anatomy.discs:
        _push(grid, patch, distance, disc)
    return distance


def free_sac_distance(at: CanalCoordinates, canal: CanalTables) -> Field:
    """Return the distance to the sac of the tables, with nothing pressing on it."""
    front, back = at.table(canal.sac_front), at.table(canal.sac_back)
    distance = ellipse(at.x, at.q - (front + back) / 2, at.table(canal.sac_half_width), (back - front) / 2)
    ends = np.maximum(at.s - np.float32(canal.s[-1] - 1.0), 2.0 - at.s)
    return np.asarray(np.maximum(distance, ends))


def _push(grid: SampleGrid, patch: Patch, distance: Field, disc: Disc) -> None:
    """Cut a disc, and its bodies where one has slipped, out of the sac in place."""
    low, high = disc_box(disc)
    _cut(grid, patch, distance, disc.frame, (low[0] * 0.7, 0.0, low[2]), (high[0] * 0.7, *high[1:]), disc)
    for part, *box, _ in facet_growth_parts(disc.lower, minimum=0.5):
        _cut(grid, patch, distance, disc.lower.frame, box[0], box[1], part)
    if abs(disc.pathology.slip) > 1.5:
        for body in (disc.upper, disc.lower):
            low, high = body_box(body)
            _cut(
                grid,
                patch,
                distance,
                body.frame,
                (low[0] * 0.7, 0.0, low[2]),
                (high[0] * 0.7, *high[1:]),
                body,
            )


def _cut(
    grid: SampleGrid,
    patch: Patch,
    distance: Field,
    frame: Frame,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    shape: Disc | Vertebra | PartDistance,
) -> None:
    inner = grid.patch(frame, low, high)
    both = None if inner is None else _overlap(grid, inner, patch)
    if both is None:
        return
    if isinstance(shape, Disc):
        obstacle = disc_distance(both, shape)
    elif isinstance(shape, Vertebra):
        obstacle = body_distance(both, shape)
    else:
        obstacle = shape(*both.local(frame))
    view = inner_region(both, patch)
    distance[view] = smooth_max(distance[view], np.float32(DURA_CLEARANCE) - obstacle, 1.0)


def _overlap(grid: SampleGrid, a: Patch, b: Patch) -> Patch | None:
    region = tuple(
        slice(max(p.start, q.start), min(p.stop, q.stop)) for p, q in zip(a.region, b.region, strict=True)
    )
    if any(part.stop <= part.start for part in region):
        return None
    return grid.cut((region[0], region[1], region[2]))
