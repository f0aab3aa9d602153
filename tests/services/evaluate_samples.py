"""A labelled folder whose answer is known, and a segmenter that knows it except where it is told to err."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import SimpleITK as sitk

from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.inference.grid import CLASS_NAMES
from lvp_workstation.inference.preprocess import prepare
from lvp_workstation.inference.segmenter import Segmentation, Segmenter
from lvp_workstation.services.evaluate.witness import Witness
from tests.app.cli_samples import KnowingNetwork, KnownSpine, image_of
from tests.inference.test_levels import phantom

TRAINED, HELD = "spider_1", "spider_2"


def known_spine(seed: int = 3) -> tuple[KnownSpine, np.ndarray]:
    """Return a spine with an image of it, and its level ids."""
    classes, ids, geometry = phantom(seed)
    few = slice(5, 10)  # about the midline: all that a count needs
    affine = geometry.affine.copy()
    affine[:3, 3] += few.start * affine[:3, 0]
    classes, ids = classes[few], ids[few]
    geometry = VolumeGeometry(affine, classes.shape)
    image = (100 + 150 * classes.astype(np.uint16)).astype(np.uint16)
    return KnownSpine(classes, Volume(image, geometry)), ids


def write_case(folder: Path, case: str, volume: Volume, labels: np.ndarray) -> None:
    """Write image and labels of a case as NIfTI."""
    for what, array in (("image", volume.array), ("labels", labels)):
        path = folder / f"{case}_{what}.nii.gz"
        sitk.WriteImage(image_of(Volume(array, volume.geometry)), str(path))


def bundle(**training: Any) -> ModelBundle:
    """Return the bundle of a model that knows, with a training section."""
    empty = MappingProxyType[str, Any]({})
    manifest = MappingProxyType({"training": training})
    return ModelBundle("known", "1.0.0", "0" * 64, CLASS_NAMES, empty, manifest, Path("model.onnx"))


class KnowingSegmenter(Segmenter):
    """The real segmenter around a network that is told where it looks; counts how often it is asked."""

    def __init__(self, spine: KnownSpine, **training: Any) -> None:
        self.knowing = KnowingNetwork(spine)
        self.witness = Witness(self.knowing, CLASS_NAMES)
        self.calls = 0
        super().__init__(bundle(**training), self.witness)

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Segmentation:
        """Segment as ever, after telling the network the grid."""
        self.calls += 1
        self.knowing.grid = prepare(volume).record.network
        return super().segment(volume, progress, cancel)
