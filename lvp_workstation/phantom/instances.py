"""The exact labels of a phantom as instances with their true names: a segmentation without errors."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.generate import PhantomStudy, label_volume


def instance_labels(study: PhantomStudy, geometry: VolumeGeometry) -> tuple[LabelMap, LevelMap]:
    """Return the exact label map of a phantom by instance, and the names of the instances.

    Parameters
    ----------
    study
        The phantom.
    geometry
        Any grid in patient LPS mm; the labels are drawn at its voxel centres.
    """
    anatomy, exact = study.anatomy, label_volume(study, geometry)
    bones = [v for v in anatomy.vertebrae if not v.sacral][::-1]
    codes = np.where(np.isin(exact, (CANAL_CODE, SACRUM_CODE)), exact, 0).astype(np.uint8)
    for number, bone in enumerate(bones, start=1):
        codes[exact == bone.label] = VERTEBRA_BASE + number
    for number, disc in enumerate(anatomy.discs[::-1], start=1):
        codes[exact == disc.label] = DISC_BASE + number
    return LabelMap(codes, geometry), LevelMap(len(bones), lumbar_count=anatomy.plan.lumbar_count)
