"""A label map as the columns of a row, and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from lvp_workstation.domain.errors import StorageProblem
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import VolumeGeometry

_ZLIB_LEVEL = 1


def label_columns(labels: LabelMap) -> dict[str, Any]:
    """Return the columns ``sha256``, ``header`` and ``voxels``."""
    header = {
        "shape": list(labels.geometry.shape),
        "affine": labels.geometry.affine.tolist(),
        "frame_of_reference_uid": labels.geometry.frame_of_reference_uid,
        "confidence": dict(labels.confidence),
    }
    return {
        "sha256": labels_sha256(labels.array),
        "header": json.dumps(header),
        "voxels": zlib.compress(np.ascontiguousarray(labels.array).tobytes(), _ZLIB_LEVEL),
    }


def label_map_of(row: Any) -> LabelMap:
    """Return the label map of a row.

    Raises
    ------
    StorageProblem
        When the voxels do not match their hash.
    """
    header = json.loads(row.header)
    shape: Sequence[int] = header["shape"]
    array = np.frombuffer(zlib.decompress(row.voxels), dtype=np.uint8).reshape(shape)
    if labels_sha256(array) != row.sha256:
        raise StorageProblem("A stored segmentation is damaged; run the analysis again.")
    geometry = VolumeGeometry(
        np.array(header["affine"]), (shape[0], shape[1], shape[2]), header["frame_of_reference_uid"]
    )
    return LabelMap(array, geometry, header["confidence"])
