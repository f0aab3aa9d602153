"""Judge a bundle on the validation patients: ``python -m models.training.evaluate --model FOLDER --out DIR``.

Writes ``metrics.json``: Dice per patient at the spacing of the files, at simulated thick slices and
under changes of the signal, and the times of one 16 x 448 x 448 volume.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from lvp_workstation.inference.preprocess import prepare, restore_labels
from models.training.cases import Predict, shared_data
from models.training.onnx_session import session
from models.training.phantom_figures import phantom_figures
from models.training.validation import Judged, judge, means, thick, validation_cases

Change = Callable[[Judged], Judged]
TIMED_SHAPE, TIMED_SPACING = (16, 448, 448), (4.4, 0.67, 0.67)
RUNS = 9


def _with(case: Judged, array: NDArray[Any]) -> Judged:
    return Judged(case.name, case.volume.with_array(array), case.labels)


def background_grey(case: Judged) -> Judged:
    """Lift the whole image by 35 grey values, stored as 16 bit."""
    return _with(case, case.volume.array.astype(np.uint16) * 4 + 140)


def saturated(case: Judged) -> Judged:
    """Clip the brightest 5 %."""
    array = case.volume.array.astype(np.float32)
    return _with(
        case, np.clip(array * (255 / max(float(np.percentile(array, 95)), 1.0)), 0, 255).astype(np.uint8)
    )


def noisy(case: Judged) -> Judged:
    """Add noise of 10 % of the 99th percentile."""
    array = case.volume.array.astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 0.1 * np.percentile(array, 99), array.shape)
    return _with(case, np.abs(array + noise).astype(np.float32))


def mirrored(case: Judged) -> Judged:
    """Store the same voxels with every axis reversed and in another order."""
    volume = case.volume.flipped(0).flipped(1).flipped(2).permuted((2, 0, 1))
    return Judged(case.name, volume, case.labels[::-1, ::-1, ::-1].transpose(2, 0, 1))


def middle_slice(case: Judged) -> Judged:
    """Keep one slice, the middle one."""
    middle = case.labels.shape[0] // 2
    grid = case.volume.geometry
    affine = grid.affine.copy()
    affine[:3, 3] += affine[:3, 0] * middle
    volume = Volume(case.volume.array[middle : middle + 1], VolumeGeometry(affine, (1, *grid.shape[1:])))
    return Judged(case.name, volume, case.labels[middle : middle + 1])


CHANGES: dict[str, Change] = {
    "native": lambda case: case,
    "thick_4.5mm": thick,
    "single_middle_slice": middle_slice,
    "background_grey_35_16bit": background_grey,
    "saturated_5_percent": saturated,
    "noise_10_percent": noisy,
    "axes_reversed_and_permuted": mirrored,
}


def timing(predict: Predict) -> dict[str, Any]:
    """Median and range over nine runs after a warm-up, from `Volume` to labels, in seconds."""
    right, inferior, posterior = SAGITTAL_CANONICAL
    axes = (right, inferior, posterior)
    grid = VolumeGeometry.from_axes((0, 0, 0), axes, TIMED_SPACING, TIMED_SHAPE)
    rng = np.random.default_rng(0)
    volume = Volume((rng.random(TIMED_SHAPE) * 1000).astype(np.uint16), grid)
    rows = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        ready = prepare(volume)
        prepared = time.perf_counter()
        answer = predict(ready.array)
        predicted = time.perf_counter()
        restore_labels(answer, ready.record)
        rows.append((prepared - start, predicted - prepared, time.perf_counter() - predicted))
    values = np.array(rows[1:])
    medians = np.median(values, 0).round(3)
    total = values.sum(1)
    return {
        "shape": list(TIMED_SHAPE),
        "spacing_mm": list(TIMED_SPACING),
        "threads": 2,
        "prepare_s": medians[0],
        "network_s": medians[1],
        "restore_s": medians[2],
        "total_s": round(float(np.median(total)), 3),
        "total_range_s": [round(float(total.min()), 3), round(float(total.max()), 3)],
        "load_average": round(os.getloadavg()[0], 2),
        "machine": f"{os.cpu_count()} CPU cores, {platform.machine()}",
        "onnxruntime": ort.__version__,
    }


def evaluate(model: Path, data: Path, changes: tuple[str, ...] = tuple(CHANGES)) -> dict[str, Any]:
    """Return Dice per change and patient, their means and minima, and the times."""
    predict = session(model)
    cases = validation_cases(data)
    result: dict[str, Any] = {"dice": {}, "mean": {}, "worst": {}}
    for name in changes:
        scores = {case.name: judge(predict, CHANGES[name](case)) for case in cases}
        result["dice"][name] = {p: {k: round(v, 4) for k, v in s.items()} for p, s in scores.items()}
        result["mean"][name] = {k: round(v, 4) for k, v in means(scores).items()}
        kinds = result["mean"][name]
        result["worst"][name] = {k: round(min(s[k] for s in scores.values() if k in s), 4) for k in kinds}
        print(name, result["mean"][name], flush=True)
    result["phantoms"] = phantom_figures(predict)
    print(result["phantoms"], flush=True)
    result["timing"] = {k: v.item() if isinstance(v, np.generic) else v for k, v in timing(predict).items()}
    print(result["timing"], flush=True)
    return result


def main() -> None:
    """Evaluate as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--only", nargs="*", choices=list(CHANGES), default=list(CHANGES))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    metrics = evaluate(args.model / "model.onnx", args.data or shared_data(), tuple(args.only))
    (args.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
