"""Where a disc lies and how it is tilted, from its voxels alone."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import SUPERIOR, Plane
from lvp_workstation.domain.labelmap import LabelMap


def place_in(labels: LabelMap, target: InstanceId) -> Plane | None:
    """Return middle and plane of a disc (LPS mm, normal superior), None when it is not in the labels.

    The plane is the one that its voxels lie closest to.
    """
    voxels = np.argwhere(labels.mask(target))
    if not len(voxels):
        return None
    points = labels.geometry.index_to_world(voxels.astype(float))
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle, full_matrices=False)[2][-1]
    return Plane(middle, normal if normal @ SUPERIOR > 0 else -normal)
