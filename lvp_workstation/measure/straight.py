"""The image around a disc on a grid that follows the disc: columns run from its front to its back.

Rows lie at shares of the local disc height inside the disc, and at distances in mm from its surfaces in the
bodies above and below, so that wedged, curved and turned discs become alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.outline import LocalFrame
from lvp_workstation.measure.section import Patch, Section
from lvp_workstation.measure.shapes import DiscShape

SHARES = np.linspace(0.03, 0.97, 24)
"""Shares of the disc's depth, from the front, of the columns."""
LAYERS = np.linspace(-0.45, 0.45, 9)
"""Shares of the local height, from the lower to the upper surface, of the rows inside the disc."""
REACH_MM = np.arange(0.0, 14.5, 0.5)
"""Distances from the surface of the disc of the rows in a body, mm."""
SMOOTH_COLUMNS = 1.0
"""Standard deviation of the smoothing of the surfaces, columns (our choice: the staircase of the mask)."""


@dataclass(frozen=True, eq=False)
class StraightDisc:
    """Image samples around a disc, stored values; NaN where the image ends.

    Attributes
    ----------
    inside
        Shape (9, 24): rows of `LAYERS`, lower surface first.
    above, below
        Shape (29, 24): rows of `REACH_MM` away from the disc.
    top, bottom
        Surfaces of the disc along its axis at the columns, mm from its centre.
    back
        Posterior coordinates of the columns, mm from the centre.
    """

    inside: Array
    above: Array
    below: Array
    top: Array
    bottom: Array
    back: Array

    def body(self, upper: bool) -> Array:
        """Return the samples of the body above or below."""
        return self.above if upper else self.below


def straighten(image: Patch, disc: DiscShape, up: Array) -> StraightDisc | None:
    """Return the image around a disc, None when its outline is too short.

    Parameters
    ----------
    image
        The section, see `section_image`.
    up
        Direction of the spine at the disc, unit vector: rows leave the disc along it.
    """
    outline = disc.outline
    if np.ptp(outline.back) < 10.0:
        return None
    frame = LocalFrame(disc.centre, disc.up)
    back = outline.back[0] + SHARES * (outline.back[-1] - outline.back[0])
    top = ndimage.gaussian_filter1d(np.interp(back, outline.back, outline.top), SMOOTH_COLUMNS)
    bottom = ndimage.gaussian_filter1d(np.interp(back, outline.back, outline.bottom), SMOOTH_COLUMNS)
    heights = (top + bottom) / 2 + LAYERS[:, None] * (top - bottom)
    wide = np.broadcast_to(back, heights.shape)
    inside = _sample(image, _points(frame, wide, heights))
    step = REACH_MM[:, None, None] * up
    above = _sample(image, _points(frame, back, top) + step)
    below = _sample(image, _points(frame, back, bottom) - step)
    return StraightDisc(inside, above, below, top, bottom, back)


def _sample(image: Patch, points: Array) -> Array:
    """Return values at section points, NaN outside of the image."""
    rows = -points[..., 1] / image.spacing[0] - image.row
    columns = points[..., 0] / image.spacing[1] - image.column
    place = np.stack([rows, columns])
    return np.asarray(ndimage.map_coordinates(image.values, place, order=1, cval=np.nan))


def _points(frame: LocalFrame, back: Array, up: Array) -> Array:
    return frame.origin + back[..., None] * frame.back + up[..., None] * frame.up


def section_image(section: Section) -> Patch | None:
    """Return the image of the whole section, None without an image."""
    rows, columns = section.block.codes.shape[1:]
    return section.picture((slice(0, 0), slice(0, rows), slice(0, columns)))


def companion_image(section: Section, companion: Volume) -> Patch:
    """Return another volume of the same patient on the grid of a section; NaN outside of it.

    Parameters
    ----------
    companion
        A series of the same frame of reference; the caller sees to that.
    """
    rows, columns = section.block.codes.shape[1:]
    grid = np.stack(
        np.meshgrid(
            np.arange(columns) * section.spacing[1], -np.arange(rows) * section.spacing[0], indexing="xy"
        ),
        axis=-1,
    )
    index = companion.geometry.world_to_index(section.to_world(grid))
    index[..., 0] = _within_half(index[..., 0], companion.shape[0])
    values = ndimage.map_coordinates(
        companion.array.astype(np.float64), np.moveaxis(index, -1, 0), order=1, cval=np.nan
    )
    return Patch(values, 0, 0, section.spacing)


def _within_half(index: Array, count: int) -> Array:
    """Move positions within half a slice outside the stack onto its outer slices."""
    near = (index >= -0.5) & (index <= count - 0.5)
    return np.where(near, np.clip(index, 0, count - 1), index)
