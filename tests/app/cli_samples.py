"""A study whose anatomy is known everywhere, and a network that knows it: no model is needed."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from gzip import decompress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.app import cli
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.inference.grid import CLASS_NAMES
from lvp_workstation.inference.preprocess import prepare
from lvp_workstation.inference.segmenter import Segmentation, Segmenter
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.services.analyse import Analyser
from tests.conftest import REPOSITORY
from tests.inference.test_levels import phantom

SCHEMA = json.loads((REPOSITORY / "docs" / "analysis.schema.json").read_text(encoding="utf-8"))
TIME = "2026-01-01T00:00:00Z"
RIGHT_FROM = 8
"""From this slice on, towards the patient's right, nothing is labelled, so that sides can be told."""

Array = NDArray[Any]


@dataclass(frozen=True)
class KnownSpine:
    """Classes on a grid in the patient, and an image of them."""

    classes: NDArray[np.uint8]
    volume: Volume


def known_spine(seed: int = 3) -> KnownSpine:
    """Return a spine that is labelled further to the left than to the right."""
    classes, _, geometry = phantom(seed, "herniation")
    image = (100 + 150 * classes.astype(np.uint16)).astype(np.uint16)
    classes[RIGHT_FROM:] = 0
    return KnownSpine(classes, Volume(image, geometry))


class KnowingNetwork:
    """Answers with the known classes at every point of the grid it was last told of."""

    provider, threads, note = "CPU", 1, ""

    def __init__(self, spine: KnownSpine) -> None:
        self._spine = spine
        self.grid: VolumeGeometry | None = None

    def run(self, array: NDArray[np.float32], cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Return probabilities of the known classes; background outside the known grid."""
        assert self.grid is not None
        size = self.grid.shape
        points = self.grid.index_to_world(np.indices(size).reshape(3, -1).T.astype(float))
        index = np.rint(self._spine.volume.geometry.world_to_index(points)).astype(int)
        inside = ((index >= 0) & (index < self._spine.classes.shape)).all(axis=1)
        found = np.zeros(len(points), dtype=np.uint8)
        found[inside] = self._spine.classes[tuple(index[inside].T)]
        classes = np.zeros(array.shape[2:], dtype=np.uint8)
        classes[: size[0], : size[1], : size[2]] = found.reshape(size)
        hot = classes[None] == np.arange(len(CLASS_NAMES), dtype=np.uint8)[:, None, None, None]
        return (0.96 * hot + 0.01).astype(np.float32)[None]


class KnowingSegmenter(Segmenter):
    """The real segmenter around a network that is told where it looks."""

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Segmentation:
        """Segment as ever, after telling the network the grid."""
        network = self.network
        assert isinstance(network, KnowingNetwork)
        network.grid = prepare(volume).record.network
        return super().segment(volume, progress, cancel)


def analyser_of(spine: KnownSpine) -> Callable[[int | None], Analyser]:
    """Return what stands in for `app.context.make_analyser`."""
    empty = MappingProxyType[str, Any]({})
    bundle = ModelBundle("known", "1.0.0", "0" * 64, CLASS_NAMES, empty, empty, Path("model.onnx"))
    return lambda _: Analyser(KnowingSegmenter(bundle, KnowingNetwork(spine)), lambda: TIME)


def write_dicom(folder: Path, volume: Volume, who: str = "1", position: str = "HFS") -> Path:
    """Write a volume as a sagittal T2 series of patient ``who`` and return the folder."""
    patient = Patient(f"TEST-{who}", "", f"TEST^{who}", "19600101", "F", "060Y")
    study = StudyToWrite(f"cli {who}", patient, "LUMBAR SPINE", patient_position=position, synthetic=True)
    write_series(folder, study, MrProtocol("SAG T2 TSE"), volume)
    return folder


def image_of(volume: Volume) -> sitk.Image:
    """Return a volume as a SimpleITK image, its axes in file order (column, row, slice)."""
    image = sitk.GetImageFromArray(volume.array)
    geometry = volume.geometry
    image.SetSpacing([float(s) for s in geometry.spacing[::-1]])
    image.SetOrigin([float(x) for x in geometry.origin])
    image.SetDirection([float(x) for x in geometry.directions[:, ::-1].ravel()])
    return image


def in_world(segmentation: Path, geometry: VolumeGeometry) -> Array:
    """Return a written segmentation sampled on another grid, nearest voxel."""
    image = sitk.ReadImage(str(segmentation))
    reference = image_of(Volume(np.zeros(geometry.shape, dtype=np.uint8), geometry))
    found = sitk.Resample(image, reference, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    return np.asarray(sitk.GetArrayFromImage(found))


def form_codes(segmentation: Path) -> tuple[int, int]:
    """Return qform_code and sform_code of a .nii.gz."""
    qform, sform = struct.unpack_from("<2h", decompress(segmentation.read_bytes()), 252)
    return qform, sform


def lvp(*arguments: object) -> int:
    """Run the command line in this process and return its exit code."""
    try:
        return int(cli.main([str(argument) for argument in arguments]))
    except SystemExit as error:  # argparse
        return int(error.code or 0)


def valid_document(path: Path) -> dict[str, Any]:
    """Return a JSON document that keeps the schema and holds neither null nor NaN."""
    document = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert "null" not in path.read_text(encoding="utf-8").replace('"null', "")
    for level in document["levels"].values():
        for grade in level["grades"].values():
            if "probabilities" in grade:
                assert math.isclose(sum(grade["probabilities"].values()), 1.0, abs_tol=0.001)
                assert str(grade["grade"]) in grade["probabilities"]
                assert set(grade["evidence"]) <= set(level["measurements"])
    return dict(document)


def files_of(folder: Path) -> set[str]:
    """Return the names in a folder, none where there is no folder."""
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
