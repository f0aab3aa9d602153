"""The line a curved reformat follows: the middle of the canal, or of the column while the canal is hidden."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.anatomy import CANAL
from lvp_workstation.domain.geometry import Array
from lvp_workstation.render.curved import CURVE_STEP_MM
from lvp_workstation.viewer.label_layer import LabelLayer

BEHIND_FRONT_MM = 42.0
"""How far the middle of the canal lies behind the front of the bodies (our choice: a body, half a canal)."""

SLICE_MM = 4.0
SMOOTHING = 5
"""Heights averaged into one point of the canal, and points that are smoothed together (our choice)."""

LEAST = 3


def canal_curve(layer: LabelLayer) -> tuple[Array, bool] | None:
    """Return the line from head to foot (LPS mm, shape (n, 3)) and whether it is the canal's own.

    The outline of the canal is an AI value: it is followed only where the layer shows it. Otherwise the line
    runs a fixed distance behind the places of the level names. None where there are too few.
    """
    points = _canal_points(layer)
    own = len(points) >= LEAST
    if not own:
        points = _column_points(layer)
    if len(points) < LEAST:
        return None
    heights = np.arange(points[:, 2].max(), points[:, 2].min(), -CURVE_STEP_MM)
    order = np.argsort(points[:, 2])
    sides = [np.interp(heights, points[order, 2], points[order, axis]) for axis in (0, 1)]
    return np.stack([*sides, heights], axis=-1), own


def _canal_points(layer: LabelLayer) -> Array:
    """Return the middles of the canal at each height, smoothed."""
    labels = layer.label_map
    voxels = np.argwhere(labels.mask(CANAL)[:, ::2, ::2]) * (1, 2, 2)
    if not len(voxels):
        return np.zeros((0, 3))
    points = labels.geometry.index_to_world(voxels)
    height = np.floor(points[:, 2] / SLICE_MM).astype(int)
    kinds, place, count = np.unique(height, return_inverse=True, return_counts=True)
    sums = np.zeros((len(kinds), 3))
    np.add.at(sums, place, points)
    return _smoothed(sums / count[:, None])


def _column_points(layer: LabelLayer) -> Array:
    """Return places behind the vertebrae and discs, from caudal to cranial."""
    places = [(a.middle[0], a.anterior[1] + BEHIND_FRONT_MM, a.middle[2]) for a in layer.anchors]
    return _smoothed(np.array(places).reshape(-1, 3))


def _smoothed(points: Array) -> Array:
    """Return points whose sides are averaged with those of their neighbours."""
    width = min(SMOOTHING, len(points) - 1 + len(points) % 2)
    if width < LEAST:
        return points
    padded = np.pad(points[:, :2], ((width // 2, width // 2), (0, 0)), mode="edge")
    kernel = np.ones(width) / width
    sides = [np.convolve(padded[:, axis], kernel, mode="valid") for axis in (0, 1)]
    return np.stack([*sides, points[:, 2]], axis=-1)
