"""Area of the dural sac in the plane of a disc from a sagittal label map, where no axial image shows it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance, as_points
from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES, SAC, AxialBlock
from lvp_workstation.domain.geometry import Array, unit, vector
from lvp_workstation.domain.labelmap import CANAL_CODE, LabelMap
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.measure.axial_slice import AxialSlice

PIXEL_MM, SIDE = 0.7, 80
BEHIND_MM = 22.0
"""The plane is centred this far behind the middle of the disc, about on the canal (our choice)."""
MIN_SLICES = 5
SOURCE = "sagittal reformat"


def reformat_sac_areas(
    labels: LabelMap, discs: Mapping[InstanceId, DiscLandmarks], provenance: Provenance
) -> tuple[dict[tuple[InstanceId, str], Measurement], tuple[InstanceId, ...]]:
    """Return ``sac_area`` of every disc whose plane the canal of a sagittal label map crosses.

    Parameters
    ----------
    labels
        Instance codes of a sagittal series of at least five slices.
    discs
        Centroid and axis of the discs, LPS.
    provenance
        Of the segmentation.

    Returns
    -------
    dict, tuple
        The areas, and the discs whose sac the slices cut off: it reaches beyond the middle of the outermost
        slice, and its area is not known. An area is that of the reformatted mask, linear between slices; its
        uncertainty grows with the distance of the slices.
    """
    grid = labels.geometry
    if grid.image_plane is not ImagePlane.SAGITTAL or grid.shape[0] < MIN_SLICES:
        return {}, ()
    canal = (labels.array == CANAL_CODE).astype(np.float32)
    found, cut = {}, []
    for name, disc in discs.items():
        sac = AxialSlice(_reformat(canal, grid, disc), 0)
        if sac.sac is None:
            continue
        outline = sac.sac.outline
        if _leaves(grid, sac.to_world(outline)):
            cut.append(name)
            continue
        around = float(np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1).sum())
        found[name, "sac_area"] = Measurement(
            "sac_area",
            name,
            Formula.POLYGON_AREA,
            as_points(*sac.to_world(outline)),
            provenance,
            (),
            round(0.1 * grid.spacing[0] * around, 2),
            SOURCE,
            grid.frame_of_reference_uid,
        )
    return found, tuple(cut)


def _leaves(grid: VolumeGeometry, outline: Array) -> bool:
    """Return whether an outline, LPS of shape (n, 3), reaches beyond the middle of an outermost slice."""
    slices = grid.world_to_index(outline)[:, 0]
    return bool(slices.min() < 0 or slices.max() > grid.shape[0] - 1)


def _reformat(
    canal: np.ndarray[tuple[int, ...], np.dtype[np.float32]], grid: VolumeGeometry, disc: DiscLandmarks
) -> AxialBlock:
    """Return the canal in the plane of a disc as a block of one slice."""
    up = unit(disc.normal)
    sideways = vector((1.0, 0.0, 0.0))
    left = unit(sideways - (sideways @ up) * up)
    behind = np.cross(up, left)
    half = (SIDE - 1) / 2 * PIXEL_MM
    origin = vector(disc.centroid) + BEHIND_MM * behind - half * (left + behind)
    plane = VolumeGeometry.from_axes(
        origin, (up, behind, left), (1.0, PIXEL_MM, PIXEL_MM), (1, SIDE, SIDE), grid.frame_of_reference_uid
    )
    index = np.stack(np.meshgrid([0], np.arange(SIDE), np.arange(SIDE), indexing="ij"), axis=-1)
    place = np.moveaxis(grid.world_to_index(plane.index_to_world(index)), -1, 0)
    chances = np.zeros((len(AXIAL_CLASSES), *plane.shape), dtype=np.float32)
    chances[SAC] = ndimage.map_coordinates(canal, place, order=1, mode="constant")
    return AxialBlock(disc, chances, plane, (0.0,))
