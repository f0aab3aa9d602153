"""Cases in memory: real volumes with SPIDER labels, and phantoms found on disk."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.preprocess import normalise, prepare, restore_probabilities
from models.training.labels import SACRUM, sacrum_from, targets, without_edges

REPOSITORY = Path(__file__).resolve().parents[2]
Row = dict[str, str]
"""A row of `patients.csv`."""
Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""float32 [1, 1, S, H, W] to class probabilities [1, K, S, H, W]."""
SPIDER = "spider_"
"""How the files and cases of the shared patients begin."""
SPIDER_LOWEST_DISC = 201
"""Number of the L5-S1 disc in SPIDER's masks."""


@dataclass(frozen=True, eq=False)
class Case:
    """One labelled volume in canonical sagittal axes [slice, row, column].

    Attributes
    ----------
    name
        For logs.
    ratio
        float16, intensity relative to bright tissue, 0 for air (square of the normalised scale).
    target
        uint8, classes 0-4, `labels.AMBIGUOUS` or `labels.IGNORE`.
    spacing
        Slice, row and column spacing in mm.
    full_labels
        The sacrum is labelled everywhere (phantoms).
    """

    name: str
    ratio: NDArray[np.float16]
    target: NDArray[np.uint8]
    spacing: tuple[float, float, float]
    full_labels: bool = False


def shared_data() -> Path:
    """Return the folder of the shared real data (`LVP_SHARED_DATA`, default ``../shared/data``)."""
    return Path(os.environ.get("LVP_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))


def as_ratio(normalised: NDArray[np.float32]) -> NDArray[np.float16]:
    """Undo the square root of the normalised scale, so that interpolation is linear in intensity."""
    return np.asarray(np.square((normalised + 1.0) / 2.0), dtype=np.float16)


def read_volume(path: Path) -> Volume:
    """Read a NIfTI file as a `Volume` (stored values, LPS)."""
    image = sitk.ReadImage(str(path))
    directions = np.array(image.GetDirection()).reshape(3, 3)
    spacing = image.GetSpacing()
    array = sitk.GetArrayFromImage(image)
    axes = (directions[:, 2], directions[:, 1], directions[:, 0])
    geometry = VolumeGeometry.from_axes(
        image.GetOrigin(), axes, (spacing[2], spacing[1], spacing[0]), array.shape
    )
    return Volume(array, geometry)


def patients(root: Path, split: str) -> list[Row]:
    """Return the rows of `patients.csv` of one split ("train" or "validation")."""
    with open(root / "spider_space" / "patients.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if row["suggested_split"] == split]
    if not chosen:
        raise FileNotFoundError(f"no patients of the split {split!r} in {root}")
    return chosen


def spider_case(root: Path, row: Row, without_seed: tuple[str, ...] = ()) -> Case:
    """Load one SPIDER patient; the files are in canonical axes already."""
    folder, name = root / "spider_space", f"{SPIDER}{row['patient']}"
    volume = read_volume(folder / f"{name}_image.nii.gz")
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / f"{name}_labels.nii.gz")))
    levels_path = folder / f"{name}_levels.nii.gz"
    levels = sitk.GetArrayFromImage(sitk.ReadImage(str(levels_path))) if levels_path.exists() else None
    target = targets(labels, levels, volume.geometry.spacing, row["patient"] not in without_seed)
    return Case(name, as_ratio(normalise(volume.array)), target, volume.geometry.spacing)


def with_sacrum(root: Path, case: Case, predict: Predict) -> Case:
    """Add the sacrum that an earlier network is sure of to a case made by `spider_case`."""
    ready = prepare(read_volume(root / "spider_space" / f"{case.name}_image.nii.gz"))
    probability = restore_probabilities(predict(ready.array), ready.record)[SACRUM]
    return replace(case, target=sacrum_from(case.target, probability))


def write_phantom(path: Path, image: Volume, labels: NDArray[np.uint8]) -> None:
    """Store a canonical phantom as npz; the file appears only when it is complete."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        ratio=as_ratio(normalise(image.array)),
        labels=labels.astype(np.uint8),
        spacing=np.array(image.geometry.spacing),
    )
    part.rename(path)


FIRST_SCAN = 300
"""Phantoms loaded before the first step; about 5 MB of memory each."""


class PhantomPool:
    """Phantom cases in a folder that may fill while training runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cases: dict[str, Case] = {}

    def rescan(self, at_most: int = 12) -> None:
        """Load up to ``at_most`` new files, the first time up to ``FIRST_SCAN``."""
        at_most = at_most if self.cases else FIRST_SCAN
        new = [p for p in sorted(self.folder.glob("*.npz")) if ".part" not in p.name]
        for path in [p for p in new if p.name not in self.cases][:at_most]:
            with np.load(path) as data:
                spacing = tuple(float(v) for v in data["spacing"])
                target = without_edges(data["labels"], spacing[1])
                self.cases[path.name] = Case(
                    path.stem, data["ratio"], target, (spacing[0], spacing[1], spacing[2]), True
                )


def write_cases(cases: list[Case], folder: Path) -> None:
    """Store cases as npz, one file each; a file appears only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        part = folder / f"{case.name}.part"
        with open(part, "wb") as file:
            np.savez_compressed(file, ratio=case.ratio, target=case.target, spacing=np.array(case.spacing))
        part.rename(folder / f"{case.name}.npz")


def read_cases(folder: Path) -> list[Case]:
    """Read what `write_cases` wrote."""
    cases = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as data:
            a, b, c = (float(v) for v in data["spacing"])
            cases.append(Case(path.stem, data["ratio"], data["target"], (a, b, c)))
    return cases
