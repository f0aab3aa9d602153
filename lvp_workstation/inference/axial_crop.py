"""From an acquired axial series to the patch that the axial network sees: upright, centred, 0.7 mm pixels.

The patch is placed by the disc's landmarks in patient space: columns to patient Left, rows to Posterior and
the middle of the patch behind the disc, where disc, canal and facets meet. Slices stay as acquired. Those of
a block that lies oblique to the disc are shifted along the disc's axis, so that the canal stays in the
middle: the patch is an affine grid whose slice axis need not be at right angles to the slices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.geometry import Array, unit, vector
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import COLUMN, ROW, Volume, VolumeGeometry, to_canonical
from lvp_workstation.inference.preprocess import normalise

AXIAL_CANONICAL = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
"""Slices to Superior, rows to Posterior, columns to Left."""
PIXEL_MM = 0.7
SIDE = 112
"""Rows and columns of a patch: 78 mm, the whole disc with facets and laminae."""
BEHIND_MM = 14.0
"""The middle of the patch lies this far behind the middle of the disc (our choice)."""
REACH_MM = 13.0
MAX_SLICES = 7
"""Slices used around a disc: within 13 mm of its middle, at most seven (our choice)."""
MIN_COSINE = 0.6
"""Slices more oblique to the disc than 53 degrees show neither its contour nor a recess (our choice)."""

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AxialCrop:
    """A patch of an axial series around one disc.

    Attributes
    ----------
    image
        float32, shape (slices, rows, columns), stored values.
    geometry
        Its grid, LPS mm; slices upward, rows to Posterior, columns to Left.
    source_sop_uids
        One a slice, empty for research files.
    offsets
        Distance of each slice above the middle of the disc along the disc's axis, mm.
    """

    image: Float32
    geometry: VolumeGeometry
    source_sop_uids: tuple[str, ...]
    offsets: tuple[float, ...]

    def network_input(self) -> Float32:
        """Return the normalised patch, shape (1, 1, slices, rows, columns)."""
        return normalise(self.image)[None, None]


def upright_axes(normal: Array) -> tuple[Array, Array]:
    """Return the directions to Left and to Posterior in a plane with an upward normal, LPS."""
    sideways = vector((1.0, 0.0, 0.0))
    left = unit(sideways - (sideways @ normal) * normal)
    return vector(left), vector(np.cross(normal, left))


def crop_around(volume: Volume, disc: DiscLandmarks, side: int = SIDE) -> AxialCrop | None:
    """Return the patch of a series around a disc; None where no slice crosses it usably.

    Parameters
    ----------
    volume
        An axial series, any handedness and slice order.
    disc
        Centroid and upward axis, in the frame of reference of the series.
    side
        Rows and columns of the patch.
    """
    series = to_canonical(volume, AXIAL_CANONICAL)
    upward = unit(disc.normal)
    across = series.geometry.slice_normal
    cosine = float(across @ upward)
    if cosine < MIN_COSINE:
        return None
    _, behind = upright_axes(vector(upward))
    anchor = vector(disc.centroid) + BEHIND_MM * behind
    places = series.geometry.index_to_world([(k, 0, 0) for k in range(series.shape[0])])
    offsets = (places - anchor) @ across / cosine
    near = np.flatnonzero(np.abs(offsets) <= REACH_MM)
    if near.size == 0:
        return None
    kept = np.sort(near[np.argsort(np.abs(offsets[near]), kind="stable")][:MAX_SLICES])
    chosen = offsets[kept]
    geometry = _grid(series.geometry, anchor, vector(upward), chosen, side)
    uids = tuple(series.source_sop_uids[k] for k in kept) if series.source_sop_uids else ()
    image = _sampled(series, kept, geometry)
    if image is None:
        return None
    return AxialCrop(image, geometry, uids, tuple(float(x) for x in chosen))


def _grid(series: VolumeGeometry, anchor: Array, upward: Array, offsets: Array, side: int) -> VolumeGeometry:
    across = series.slice_normal
    left, behind = upright_axes(across)
    step = series.spacing[0] * float(series.directions[:, 0] @ across) / float(across @ upward)
    back = (side - 1) / 2 * PIXEL_MM
    origin = anchor + offsets[0] * upward - back * (left + behind)
    return VolumeGeometry.from_axes(
        origin,
        (upward, behind, left),
        (step, PIXEL_MM, PIXEL_MM),
        (offsets.size, side, side),
        series.frame_of_reference_uid,
    )


def _sampled(series: Volume, kept: NDArray[np.intp], geometry: VolumeGeometry) -> Float32 | None:
    """Return the slices on the pixels of the patch, bilinear; None when most of it lies outside the image."""
    rows, columns = np.meshgrid(*(np.arange(n) for n in geometry.shape[1:]), indexing="ij")
    blur = [0.5 * np.sqrt(max((PIXEL_MM / p) ** 2 - 1.0, 0.0)) for p in series.geometry.spacing[ROW:]]
    result = np.empty(geometry.shape, dtype=np.float32)
    for n, k in enumerate(kept):
        index = np.stack([np.full(rows.shape, n), rows, columns], axis=-1)
        place = series.geometry.world_to_index(geometry.index_to_world(index))
        if _outside(place, series.geometry) > 0.4:
            return None
        plane = series.array[k].astype(np.float32)
        plane = ndimage.gaussian_filter(plane, blur) if max(blur) > 0.3 else plane
        result[n] = ndimage.map_coordinates(
            plane, [place[..., ROW], place[..., COLUMN]], order=1, mode="constant", cval=float(plane.min())
        )
    return result


def _outside(place: Array, geometry: VolumeGeometry) -> float:
    """Return the share of pixels outside the image."""
    size = np.array(geometry.shape[1:])
    inside = (place[..., 1:] >= -0.5) & (place[..., 1:] <= size - 0.5)
    return float(1.0 - inside.all(axis=-1).mean())
