"""Dice of whole volumes on their own voxels, through the program's own preprocessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.preprocess import prepare, restore_labels
from models.training.cases import Predict, Row, patients, read_volume
from models.training.labels import CANAL, CLASS_NAMES, DISC, VERTEBRA

JUDGED = (VERTEBRA, DISC, CANAL)


@dataclass(frozen=True, eq=False)
class Judged:
    """A validation volume with its labels on the same voxels."""

    name: str
    volume: Volume
    labels: NDArray[np.uint8]


def judged_cases(root: Path, rows: Sequence[Row]) -> list[Judged]:
    """Load SPIDER patients at the spacing of the files."""
    result = []
    for row in rows:
        folder, name = root / "spider_space", f"spider_{row['patient']}"
        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / f"{name}_labels.nii.gz")))
        result.append(Judged(name, read_volume(folder / f"{name}_image.nii.gz"), labels))
    return result


def validation_cases(root: Path) -> list[Judged]:
    """Load the validation patients."""
    return judged_cases(root, patients(root, "validation"))


def thick(case: Judged, group: int = 5) -> Judged:
    """Simulate thick slices: means of ``group`` slices, labels of the middle one (0.9 to 4.5 mm for 5)."""
    geometry = case.volume.geometry
    count = geometry.shape[0] // group
    array = case.volume.array[: count * group].astype(np.float32)
    array = array.reshape(count, group, *array.shape[1:]).mean(1)
    affine = geometry.affine.copy()
    affine[:3, 3] += affine[:3, 0] * (group - 1) / 2
    affine[:3, 0] *= group
    grid = VolumeGeometry(affine, array.shape)
    return Judged(case.name, Volume(array, grid), case.labels[group // 2 : count * group : group])


def dice(
    prediction: NDArray[np.uint8], labels: NDArray[np.uint8], judged: tuple[int, ...] = JUDGED
) -> dict[str, float]:
    """Return the Dice of each judged class that the labels hold."""
    scores = {}
    for label in judged:
        truth, guess = labels == label, prediction == label
        total = int(truth.sum()) + int(guess.sum())
        if truth.any():
            scores[CLASS_NAMES[label]] = 2.0 * int((truth & guess).sum()) / total
    return scores


def judge(predict: Predict, case: Judged) -> dict[str, float]:
    """Segment one volume and compare it with its labels."""
    ready = prepare(case.volume)
    return dice(restore_labels(predict(ready.array), ready.record), case.labels)


def means(scores: dict[str, dict[str, float]]) -> dict[str, float]:
    """Average over patients, for the classes that any of them has."""
    names = [CLASS_NAMES[label] for label in JUDGED]
    found = {n: [s[n] for s in scores.values() if n in s] for n in names}
    return {n: float(np.mean(values)) for n, values in found.items() if values}
