"""Exact label maps of a phantom on any grid, drawn the way the SPIDER reference is drawn.

Bodies and discs leave the thin dark endplate between them unlabelled; the canal class is the dural
sac from the top of the image to its tip; S1 and everything below is one sacrum class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import CANAL_LABEL, SACRUM_LABEL, Anatomy, Disc, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_box, body_distance, disc_box, disc_fields
from lvp_workstation.phantom.grid import Field, Patch, SampleGrid
from lvp_workstation.phantom.sac import canal_coordinates, canal_patch, sac_distance
from lvp_workstation.phantom.sacrum import remnant_distance, remnants, sacrum_distance

ENDPLATE_GAP_MM = 0.7
"""How far inside the outer bone surface the vertebra class begins."""
DISC_FACE_GAP_MM = 0.6
"""How far inside the bony endplates the disc class begins. SPIDER leaves 1.3-1.9 mm between disc and
vertebra unlabelled (measured on patients 5, 22, 34 and 200)."""


def label_anatomy(anatomy: Anatomy, geometry: VolumeGeometry) -> NDArray[np.uint8]:
    """Return the label map of the shapes at the voxel centres of a grid.

    Parameters
    ----------
    anatomy
        The shapes.
    geometry
        Any grid in patient LPS mm.

    Returns
    -------
    ndarray
        uint8, ``geometry.shape``, TotalSpineSeg ids; left and right follow patient LPS.
    """
    grid = SampleGrid.of_slices(geometry)
    labels = np.zeros(grid.shape, dtype=np.uint8)
    patch = canal_patch(grid, anatomy.canal)
    if patch is not None:
        inside = sac_distance(grid, patch, canal_coordinates(patch, anatomy.canal), anatomy) < 0
        labels[patch.region][inside] = CANAL_LABEL
    depth = np.zeros(grid.shape, dtype=np.float32)
    for vertebra in anatomy.vertebrae:
        for part, distance in _vertebra_parts(grid, vertebra):
            _claim(labels, depth, part, distance + np.float32(ENDPLATE_GAP_MM), vertebra.label)
    sacrum = sacrum_distance(grid, anatomy.vertebrae)
    if sacrum is not None:
        _claim(labels, depth, sacrum[0], sacrum[1] + np.float32(ENDPLATE_GAP_MM), SACRUM_LABEL)
    for remnant in remnants(anatomy.vertebrae):
        box = grid.patch(remnant.frame, *remnant.box)
        if box is not None:
            _claim(labels, depth, box, remnant_distance(box, remnant), SACRUM_LABEL)
    for disc in anatomy.discs:
        box = grid.patch(disc.frame, *disc_box(disc))
        if box is not None:
            _claim(labels, depth, box, _disc_class(box, disc), disc.label)
    return labels


def _vertebra_parts(grid: SampleGrid, vertebra: Vertebra) -> list[tuple[Patch, Field]]:
    parts: list[tuple[Patch, Field]] = []
    if vertebra.sacral:
        return parts
    box = grid.patch(vertebra.frame, *body_box(vertebra))
    if box is not None:
        parts.append((box, body_distance(box, vertebra)))
    arch = arch_distance(grid, vertebra)
    if arch is not None:
        parts.append(arch)
    return parts


def _disc_class(patch: Patch, disc: Disc) -> Field:
    """Return the distance to the disc as it is labelled: its faces a little inside the endplates."""
    fields = disc_fields(patch, disc)
    inset = np.float32(face_gap(disc))
    return np.where(fields.margin < 0, np.maximum(fields.whole, fields.faces + inset), fields.whole)


def face_gap(disc: Disc) -> float:
    """Return how far the disc class stays from each bony endplate, mm."""
    return min(DISC_FACE_GAP_MM, 0.2 * disc.height)


def _claim(labels: NDArray[np.uint8], depth: Field, patch: Patch, distance: Field, value: int) -> None:
    """Give a label to the voxels that lie deeper in this shape than in any before."""
    view = depth[patch.region]
    inside = distance < view
    labels[patch.region][inside] = value
    view[inside] = distance[inside]
