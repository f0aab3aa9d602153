"""Exact label maps of a phantom on any grid, drawn the way the SPIDER reference is drawn.

Bodies and discs leave the thin dark endplate between them unlabelled; the canal class is the dural
sac from the top of the image to its tip; S1 and everything below is one sacrum class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import CANAL_LABEL, SACRUM_LABEL, Anatomy, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_box, body_distance, disc_box, disc_distance
from lvp_workstation.phantom.grid import Field, Patch, SampleGrid
from lvp_workstation.phantom.sac import canal_coordinates, canal_patch, sac_distance
from lvp_workstation.phantom.sacrum import remnant_distance, remnants, sacrum_distance

ENDPLATE_GAP_MM = 0.3
"""How far inside the outer bone surface the vertebra class begins (SPIDER leaves cortex out)."""


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
            _claim(labels, depth, box, disc_distance(box, disc), disc.label)
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


def _claim(labels: NDArray[np.uint8], depth: Field, patch: Patch, distance: Field, value: int) -> None:
    """Give a label to the voxels that lie deeper in this shape than in any before."""
    view = depth[patch.region]
    inside = distance < view
    labels[patch.region][inside] = value
    view[inside] = distance[inside]
