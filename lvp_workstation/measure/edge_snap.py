"""Lines drawn by hand are drawn on to the edges of the image beside them.

Only the pixels of the image decide, never a segmentation: what is snapped to is no value of a model, so
that the same line snaps to the same edge whether the AI of a level is shown or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.mark_shapes import MarkShape
from lvp_workstation.domain.volume import VolumeGeometry

REACH_MM = 2.5
"""How far from the line that was drawn an edge is looked for (our choice: half a narrow disc)."""
STEP_MM = 0.1
HALF_DARK_MM = 1.0
"""The dark line of cortical endplate is about 1 mm wide: marrow this far from its middle is bright (our
choice)."""
PRIOR_MM = 2.0
"""An edge this far from the drawn line weighs 0.61 of one on it (our choice)."""
MOST_TILT_MM = 3.0
"""Most that the two ends may be moved in different directions (our choice)."""
LEAST_CONTRAST = 0.08
"""Mean step across the edge, as a share of the signal range around the line, below which the line stays as
it was drawn (our choice)."""
HALF_LINE_MM = 0.5
"""From the middle of the dark line to the outer surface of the bone, between which heights are measured (our
choice; on phantoms it leaves 0.2 mm of disc height)."""
ALONG = np.concatenate((np.linspace(0.02, 0.2, 10), np.linspace(0.8, 0.98, 10)))
"""Places along the line that decide: near its ends, on the rims of the body, not in the hollow between."""


@dataclass(frozen=True, eq=False)
class EdgeImage:
    """An image to be looked at anywhere: voxels (slice, row, column), where they are, and the plane drawn in.

    ``normal`` is the unit normal of the plane, LPS.
    """

    array: NDArray[Any]
    geometry: VolumeGeometry
    normal: Array

    def at(self, points: Array) -> Array:
        """Return the signal at LPS points (..., 3): linear between voxels, outside that of the border."""
        top = np.array(self.geometry.shape) - 1
        index = np.clip(self.geometry.world_to_index(points), 0, top)
        low = np.minimum(index.astype(np.int64), np.maximum(top - 1, 0))
        share = index - low
        found = np.zeros(index.shape[:-1])
        for corner in product((0, 1), repeat=3):
            weight = np.prod(np.where(corner, share, 1.0 - share), axis=-1)
            place = np.minimum(low + corner, top)
            found += weight * self.array[place[..., 0], place[..., 1], place[..., 2]]
        return found


def snapped(shape: MarkShape, points: Array, image: EdgeImage) -> Array:
    """Return the points of a measurement after its endplates were drawn on to edges; others stay.

    The bright marrow of a body lies away from the disc for the endplates beside a disc, and below the line
    for the superior endplates of a lordosis.
    """
    if shape is MarkShape.LORDOSIS:
        down = np.array((0.0, 0.0, -1.0))
        return np.concatenate([snapped_line(points[:2], down, image), snapped_line(points[2:], down, image)])
    if shape in (MarkShape.DISC_HEIGHT, MarkShape.SLIP):
        apart = points[:2].mean(axis=0) - points[2:].mean(axis=0)
        first, second = snapped_line(points[:2], apart, image), snapped_line(points[2:], -apart, image)
        return np.concatenate([first, second])
    return points


def snapped_line(ends: Array, marrow: Array, image: EdgeImage) -> Array:
    """Return an endplate drawn by hand on the dark line of cortical bone beside it, unchanged without one.

    Parameters
    ----------
    ends
        Shape (2, 3), LPS mm.
    marrow
        Direction in which the bright marrow lies, LPS.
    """
    length = float(np.linalg.norm(ends[1] - ends[0]))
    across = np.cross(image.normal, ends[1] - ends[0])
    if length < 2 * REACH_MM or np.linalg.norm(across) < STEP_MM:
        return ends
    across = unit(across) * (1.0 if across @ marrow >= 0 else -1.0)
    rise, offsets, span = _darkness(ends, across, image)
    scores = _line_scores(rise, offsets)
    first, second = np.unravel_index(int(np.argmax(scores)), scores.shape)
    shift = offsets[[first, second]]
    along = shift[0] + ALONG * (shift[1] - shift[0])
    met = [float(np.interp(place, offsets, row)) for place, row in zip(along, rise, strict=True)]
    if np.mean(met) < LEAST_CONTRAST * span:
        return ends
    return np.asarray(ends + (shift - HALF_LINE_MM)[:, None] * across)


def _darkness(ends: Array, across: Array, image: EdgeImage) -> tuple[Array, Array, float]:
    """Return how dark the image is between marrow and disc at each place and offset, the offsets, the range.

    A dark disc has no brighter signal on its side; the marrow counts double.
    """
    reach = REACH_MM + HALF_DARK_MM + HALF_LINE_MM
    offsets = np.arange(-reach, reach + STEP_MM / 2, STEP_MM)
    on_line = ends[0] + ALONG[:, None] * (ends[1] - ends[0])
    signal = image.at(on_line[:, None, :] + offsets[None, :, None] * across)
    low, high = np.quantile(signal, (0.02, 0.98))
    line, half = round(HALF_LINE_MM / STEP_MM), round(HALF_DARK_MM / STEP_MM)
    signal, offsets = _averaged(signal, line), offsets[line:-line]
    here = signal[:, half:-half]
    marrow, disc = signal[:, 2 * half :] - here, signal[:, : -2 * half] - here
    dark = np.clip(marrow, 0.0, None) + 0.5 * np.clip(disc, 0.0, None)
    return dark, offsets[half:-half], max(float(high - low), 1e-9)


def _averaged(signal: Array, half: int) -> Array:
    """Return the mean over ``half`` samples on each side along the last axis, which gets shorter by them."""
    total = np.cumsum(np.pad(signal, ((0, 0), (1, 0))), axis=1)
    width = 2 * half + 1
    return np.asarray((total[:, width:] - total[:, :-width]) / width)


def _line_scores(rise: Array, offsets: Array) -> Array:
    """Return how well each line fits the steps; shape (offset of the first end, offset of the second)."""
    count, places = len(offsets), np.arange(len(ALONG))
    near = np.exp(-0.5 * (offsets / PRIOR_MM) ** 2)
    scores = np.full((count, count), -1.0)
    for first in range(count):
        second = np.flatnonzero(np.abs(offsets - offsets[first]) <= MOST_TILT_MM)
        met = np.rint(first + (second[:, None] - first) * ALONG).astype(int)
        scores[first, second] = rise[places, met].mean(axis=1) * near[first] * near[second]
    return scores
