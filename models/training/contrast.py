"""Do T1 and T2 of one patient give the same labels? Mid-slices of patients kept away from all training.

``python -m models.training.contrast --model FOLDER``: adds ``contrast`` to the bundle's ``metrics.json``.
Patients with a volume here, or whose pseudo-labels may have been taught, are left out. No labels exist for
these pictures: agreement is not accuracy, and patients may move between series.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.preprocess import prepare, restore_labels
from models.training.card import write_card
from models.training.cases import Predict, shared_data
from models.training.labels import CLASS_NAMES
from models.training.midslices import has_volume, held_out, pairs, read_slice
from models.training.onnx_session import session
from models.training.phantom_figures import ALL_CLASSES
from models.training.validation import dice


def _labels(predict: Predict, volume: Volume) -> NDArray[np.uint8]:
    ready = prepare(volume)
    return restore_labels(predict(ready.array), ready.record)


def agreement(predict: Predict, folder: Path) -> dict[str, Any]:
    """Return mean, median and 10th percentile of the Dice between the labels of T1 and T2."""
    scores: list[dict[str, float]] = []
    for first, second in pairs(folder):
        patient = first["new_file_name"].removesuffix("_t1")
        if has_volume(folder, patient) or not held_out(patient):
            continue
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
