"""Do T1 and T2 of one patient give the same labels? Mid-slices of patients that have no volume here.

``python -m models.training.contrast --model FOLDER``: adds ``contrast`` to the bundle's ``metrics.json``.
No labels exist for these pictures: agreement is not accuracy, and patients may move between series.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.inference.preprocess import prepare, restore_labels
from models.training.card import write_card
from models.training.cases import shared_data
from models.training.evaluate import ALL_CLASSES, AXES, session
from models.training.labels import CLASS_NAMES
from models.training.validation import Predict, dice


def pairs(folder: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return T1 and T2 rows of equal pixel size of patients without a T2 SPACE series."""
    with open(folder / "overview.csv", newline="") as file:
        rows = {row["new_file_name"]: row for row in csv.DictReader(file)}
    result = []
    for name, row in rows.items():
        patient = name.removesuffix("_t1")
        other = rows.get(f"{patient}_t2")
        if not name.endswith("_t1") or other is None or f"{patient}_t2_SPACE" in rows:
            continue
        if row["PixelSpacing"] == other["PixelSpacing"]:
            result.append((row, other))
    return result


def read_slice(folder: Path, row: dict[str, str]) -> Volume:
    """Read a mid-slice as a volume of one slice."""
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / f"{row['new_file_name']}.png")))
    picture = picture[..., 0] if picture.ndim == 3 else picture
    spacing = tuple(float(v) for v in json.loads(row["PixelSpacing"]))
    grid = VolumeGeometry.from_axes((0, 0, 0), AXES, (4.0, spacing[0], spacing[1]), (1, *picture.shape))
    return Volume(picture[None], grid)


def _labels(predict: Predict, volume: Volume) -> NDArray[np.uint8]:
    ready = prepare(volume)
    return restore_labels(predict(ready.array), ready.record)


def agreement(predict: Predict, folder: Path) -> dict[str, Any]:
    """Return mean, median and 10th percentile of the Dice between the labels of T1 and T2."""
    scores: list[dict[str, float]] = []
    for first, second in pairs(folder):
        one, two = read_slice(folder, first), read_slice(folder, second)
        if one.shape == two.shape:
            scores.append(dice(_labels(predict, one), _labels(predict, two), ALL_CLASSES))
    figures: dict[str, Any] = {"patients": len(scores)}
    for label in ALL_CLASSES:
        values = [s.get(CLASS_NAMES[label], 0.0) for s in scores]
        low, middle = np.percentile(values, (10, 50))
        figures[CLASS_NAMES[label]] = {
            "mean": round(float(np.mean(values)), 4),
            "median": round(float(middle), 4),
            "percentile_10": round(float(low), 4),
        }
    return figures


def main() -> None:
    """Measure and write the card again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--data", type=Path, default=None)
    args = parser.parse_args()
    folder = (args.data or shared_data()) / "spider_midslices"
    metrics = json.loads((args.model / "metrics.json").read_text(encoding="utf-8"))
    metrics["contrast"] = agreement(session(args.model / "model.onnx"), folder)
    print(metrics["contrast"])
    print(write_card(args.model, metrics))


if __name__ == "__main__":
    main()
