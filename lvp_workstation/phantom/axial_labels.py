"""The exact structures of an axial patch: dural sac, disc, bone before and behind the canal, flavum, roots.

What lies beyond the disc's margin because of a focal herniation (the mound of a protrusion, the dome of an
extrusion, a free fragment) is a class of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.axial_anatomy import ARCH, BODY, DISC, FLAVUM, HERNIATION, ROOT, SAC
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy, Disc
from lvp_workstation.phantom.bones import arch_distance, body_box, body_distance, disc_box, disc_distance
from lvp_workstation.phantom.grid import SampleGrid
from lvp_workstation.phantom.herniation import disc_outline
from lvp_workstation.phantom.sac import canal_coordinates, canal_patch, flavum_distance, sac_distance
from lvp_workstation.phantom.sacrum import sacrum_distance
from lvp_workstation.phantom.spine import root_distance, root_patch

Labels = NDArray[np.uint8]


def axial_labels(anatomy: Anatomy, geometry: VolumeGeometry) -> Labels:
    """Return the structure at every voxel centre of a grid, in the order in which they are painted.

    Parameters
    ----------
    anatomy
        The shapes.
    geometry
        Any grid in patient LPS mm, sheared ones too.
    """
    grid = SampleGrid.of_slices(geometry)
    labels = np.zeros(grid.shape, dtype=np.uint8)
    for root in anatomy.roots:
        box = root_patch(grid, root)
        if box is not None:
            labels[box.region][root_distance(box, root) < 0] = ROOT
    _bones(grid, anatomy, labels)
    for disc in anatomy.discs:
        _disc(grid, disc, labels)
    patch = canal_patch(grid, anatomy.canal, half_width=17.0)
    if patch is not None:
        at = canal_coordinates(patch, anatomy.canal)
        view = labels[patch.region]
        view[flavum_distance(at, anatomy.canal) < 0] = FLAVUM
        view[sac_distance(grid, patch, at, anatomy) < 0] = SAC
    return labels


def _bones(grid: SampleGrid, anatomy: Anatomy, labels: Labels) -> None:
    for vertebra in anatomy.vertebrae:
        arch = arch_distance(grid, vertebra) if not vertebra.sacral else None
        if arch is not None:
            labels[arch[0].region][arch[1] < 0] = ARCH
    sacrum = sacrum_distance(grid, anatomy.vertebrae)
    if sacrum is not None:
        labels[sacrum[0].region][sacrum[1] < 0] = ARCH
    for vertebra in anatomy.vertebrae:
        box = grid.patch(vertebra.frame, *body_box(vertebra))
        if box is not None:
            labels[box.region][body_distance(box, vertebra) < 0] = BODY


def _disc(grid: SampleGrid, disc: Disc, labels: Labels) -> None:
    box = grid.patch(disc.frame, *disc_box(disc))
    if box is None:
        return
    whole = disc_distance(box, disc) < 0
    view = labels[box.region]
    if disc.pathology.herniation == "none":
        view[whole] = DISC
        return
    contained = disc_distance(box, without_herniation(disc)) < 0
    view[contained & whole] = DISC
    view[whole & ~contained] = HERNIATION


def without_herniation(disc: Disc) -> Disc:
    """Return the disc with its bulge but without its focal herniation."""
    level = replace(disc.pathology, herniation="none")
    lower = disc.lower.outline.radius * (1 + disc.lower.taper)
    rim = np.mean([disc.upper.outline.radius, lower], axis=0)
    return replace(disc, outline=disc_outline(rim, level), pathology=level)
