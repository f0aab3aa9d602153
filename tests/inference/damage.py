"""Simulated mistakes of a network, for label arrays in canonical sagittal axes.

Every function takes and returns class arrays (0 background, 1 vertebra, 2 disc, 3 canal, 4 sacrum) of
shape (slices, rows, columns); ``levels`` are reference instances (discs 201 … from below).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Labels = NDArray[np.uint8]
SPACING = (0.9, 0.8, 0.8)


def dropout(classes: Labels, rng: np.random.Generator) -> Labels:
    """Lose 25 % of the voxels and random blocks of 4 x 8 x 8 voxels."""
    out = classes.copy()
    out[rng.random(out.shape) < 0.25] = 0
    coarse = rng.random([n // k + 1 for n, k in zip(out.shape, (4, 8, 8), strict=True)]) < 0.12
    blocks = np.kron(coarse, np.ones((4, 8, 8), dtype=bool))
    out[blocks[: out.shape[0], : out.shape[1], : out.shape[2]]] = 0
    return out


def centre(levels: Labels, value: int) -> NDArray[np.float64]:
    """Return the centroid of a reference instance in voxels."""
    return np.asarray(np.argwhere(levels == value).mean(axis=0))


def merged(classes: Labels, levels: Labels, lower: int, offset: float) -> Labels:
    """Join disc ``lower`` and the next one by a strip of disc 6 mm wide, ``offset`` mm behind the centres."""
    out = classes.copy()
    a, b = centre(levels, lower), centre(levels, lower + 1)
    for t in np.linspace(0.0, 1.0, 120):
        _, r, c = a + t * (b - a)
        column = round(c + offset / SPACING[2])
        part = out[:, round(r), column - 4 : column + 4]
        part[part == 1] = 2
    return out


def sacral_disc(classes: Labels, levels: Labels, between: int) -> Labels:
    """Add a small disc 30 mm below the lowest one, with class ``between`` for the bone above it."""
    out = classes.copy()
    points = np.argwhere(levels == 201) * SPACING
    low, high = points[:, 2] < np.percentile(points[:, 2], 20), points[:, 2] > np.percentile(points[:, 2], 80)
    edge = points[high].mean(axis=0)[1:] - points[low].mean(axis=0)[1:]
    along = edge / np.linalg.norm(edge)
    down = np.array((along[1], -along[0]))
    down = down if down[0] > 0 else -down
    start = points.mean(axis=0)
    r, c = np.meshgrid(
        *(np.arange(n) * s for n, s in zip(out.shape[1:], SPACING[1:], strict=True)), indexing="ij"
    )
    depth = (r - start[1]) * down[0] + (c - start[2]) * down[1]
    side = (r - start[1]) * along[0] + (c - start[2]) * along[1]
    half = 15.0 - 0.17 * depth
    body = (depth > 5.0) & (depth < 27.0) & (np.abs(side) < half)
    disc = (depth >= 27.0) & (depth < 32.0) & (np.abs(side) < 10.0)
    below = (depth >= 32.0) & (depth < 55.0) & (np.abs(side) < 9.0)
    middle = slice(out.shape[0] // 4, max(out.shape[0] * 3 // 4, out.shape[0] // 4 + 1))
    for mask, value in ((body | below, between), (disc, 2)):
        part = out[middle]
        part[(part == 0) & mask] = value
    return out


def with_sacrum(classes: Labels, levels: Labels) -> Labels:
    """Add a sacrum below the lowest disc."""
    out = sacral_disc(classes, levels, 4)
    out[(out == 2) & (classes != 2)] = 4
    return out


def lost_disc(classes: Labels, levels: Labels, value: int, becomes: int) -> Labels:
    """Turn one disc into another class."""
    out = classes.copy()
    out[levels == value] = becomes
    return out


def split_disc(classes: Labels, levels: Labels, value: int) -> Labels:
    """Cut a disc into a front and a back piece 6 mm apart."""
    out = classes.copy()
    c = round(centre(levels, value)[2])
    part, own = out[:, :, c - 4 : c + 4], levels[:, :, c - 4 : c + 4] == value
    part[own] = 0
    return out


def blobs(classes: Labels, rng: np.random.Generator, count: int = 12) -> Labels:
    """Add round pieces of disc and vertebra in the background."""
    out = classes.copy()
    size = np.array(out.shape)
    for n in range(count):
        where = rng.random(3) * size
        radius = rng.uniform(3.0, 10.0)
        axes = [(np.arange(k) - w) * s for k, w, s in zip(size, where, SPACING, strict=True)]
        distance = axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2
        out[(distance < radius**2) & (out == 0)] = 1 + n % 2
    return out


def ragged(classes: Labels, rng: np.random.Generator, reach: float = 2.0) -> Labels:
    """Move every border by a smooth random displacement of about ``reach`` voxels, slice by slice."""
    out = np.empty_like(classes)
    rows, columns = np.mgrid[: classes.shape[1], : classes.shape[2]]
    for n, plane in enumerate(classes):
        shift = [ndimage.gaussian_filter(rng.standard_normal(plane.shape), 4.0) for _ in range(2)]
        r, c = (
            np.clip(np.rint(g + reach * s / s.std()), 0, k - 1).astype(int)
            for g, s, k in zip((rows, columns), shift, plane.shape, strict=True)
        )
        out[n] = plane[r, c]
    return out
