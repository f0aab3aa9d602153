"""One anatomy in other contrasts: ``python -m models.training.contrast_pairs --model BUNDLE``.

Two tables of the Dice between answers of the network. Phantoms that no training sees, imaged in T2, T1 and
STIR on the same voxels; and the validation patients, as stored against a simulated T1 and STIR, made by
multiplying the signal of what is labelled, and of bright fat outside, by `FACTORS`.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
from scipy import ndimage

from lvp_workstation.phantom.generate import make_phantom
from models.training.cases import Predict, shared_data
from models.training.contact_sheets import labels_of
from models.training.labels import CANAL, CLASS_NAMES, DISC, VERTEBRA
from models.training.onnx_session import session
from models.training.phantom_figures import ALL_CLASSES, MIXED
from models.training.phantoms import SERIES
from models.training.validation import JUDGED, Judged, dice, validation_cases

FACTORS = {
    "simulated T1": {VERTEBRA: 1.3, DISC: 0.8, CANAL: 0.25},
    "simulated STIR": {VERTEBRA: 0.3, DISC: 1.2, CANAL: 1.3},
}
"""Signal of a structure against T2 (our choice, by the look of such series)."""
FAT_ABOVE, FAT_FACTOR = 85.0, {"simulated T1": 1.0, "simulated STIR": 0.25}
"""Percentile above which an unlabelled voxel counts as fat, and what becomes of its signal (our choice)."""
SMOOTH = (0.0, 0.7, 0.7)
"""Blur of the factors in voxels, so that no drawn edge is added."""

Scores = dict[str, float]


def simulated(case: Judged, kind: str) -> Judged:
    """Return a labelled volume with the signal of another sequence."""
    array = case.volume.array.astype(np.float32)
    factor = np.ones_like(array)
    for label, value in FACTORS[kind].items():
        factor[case.labels == label] = value
    bright = (case.labels == 0) & (array > np.percentile(array[array > 0], FAT_ABOVE))
    factor[bright] = FAT_FACTOR[kind]
    changed = array * ndimage.gaussian_filter(factor, SMOOTH)
    return Judged(case.name, case.volume.with_array(changed.astype(np.float32)), case.labels)


def phantom_pairs(predict: Predict) -> dict[str, list[Scores]]:
    """Return the Dice between the answers to two series of each mixed phantom, by pair."""
    found: dict[str, list[Scores]] = {}
    for preset, seed in MIXED:
        study = make_phantom(seed, preset, SERIES)
        answers = {series.role: labels_of(predict, series.volume) for series in study.series}
        for one, other in itertools.combinations(SERIES, 2):
            key = f"phantoms, {_words(one)} and {_words(other)}"
            found.setdefault(key, []).append(dice(answers[other], answers[one], ALL_CLASSES))
    return found


def _words(role: str) -> str:
    return role.removeprefix("sag_").upper()


def simulated_pairs(predict: Predict, cases: list[Judged]) -> dict[str, list[Scores]]:
    """Return the Dice between the answers to a patient as stored and in a simulated contrast."""
    found: dict[str, list[Scores]] = {}
    for case in cases:
        plain = labels_of(predict, case.volume)
        for kind in FACTORS:
            changed = labels_of(predict, simulated(case, kind).volume)
            found.setdefault(f"patients, T2 and {kind}", []).append(dice(changed, plain, JUDGED))
            found.setdefault(f"patients, {kind} and labels", []).append(dice(changed, case.labels, JUDGED))
    return found


def table(found: dict[str, list[Scores]]) -> str:
    """Write mean and lowest Dice as Markdown."""
    names = [CLASS_NAMES[label] for label in ALL_CLASSES]
    lines = [f"| pair | number | {' | '.join(names)} |", "|---" * (2 + len(names)) + "|"]
    for key, scores in found.items():
        cells = [_cell([s[name] for s in scores if name in s]) for name in names]
        lines.append(f"| {key} | {len(scores)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.3f})" if values else "–"


def main() -> None:
    """Print both tables as one: mean and (lowest) Dice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--data", type=Path, default=None)
    args = parser.parse_args()
    predict = session(args.model / "model.onnx")
    cases = validation_cases(args.data or shared_data())
    print(table(phantom_pairs(predict) | simulated_pairs(predict, cases)))


if __name__ == "__main__":
    main()
