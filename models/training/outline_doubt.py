"""Fit the curve of `inference.doubt`: ``python -m models.training.outline_doubt [--data DIR]``.

Every SPIDER patient with level labels is segmented by the program as stored, with simulated 4.5 mm slices
and with these under noise. The curve is fitted on the training patients and judged on the validation
patients; its two numbers are printed, to be copied. Curves with more variables are compared with it, by
cross-validation over the training patients and on the validation patients.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import CANAL, SACRUM
from lvp_workstation.domain.labelmap import DISC_BASE, code_of
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.inference.bundle import load_bundle, read_bundle
from lvp_workstation.inference.doubt import CUT_ROWS, POOR_DICE
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from models.training.cases import SPIDER, SPIDER_LOWEST_DISC, Row, patients, read_volume, shared_data
from models.training.validation import Judged, thick

NOISE = 0.3
"""Standard deviation over the 99th percentile: enough that outlines fail (our choice)."""
PENALTY = 1.0
"""Ridge penalty on the standardised variables (our choice; the intercept is free)."""
FOLDS = 5
"""Of cross-validation, by patients."""
MODELS = {"confidence": [0], "… and disc": [0, 1], "… and size": [0, 2], "… and both": [0, 1, 2]}
"""Name to columns of `variables`."""
BINS = (0.0, 0.05, 0.2, 0.6, 1.01)
"""Edges of the stated chance in the table."""
VARIANTS = ("as stored", "4.5 mm", "4.5 mm, noise")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Outline:
    """A segmented vertebra or disc and its Dice; `confidence` 0-1, `voxels` of the volume."""

    patient: int
    variant: str
    confidence: float
    disc: bool
    voxels: int
    dice: float


@dataclass(frozen=True, eq=False)
class Curve:
    """A fitted logistic curve: `weights` of the intercept and of the variables in their own units."""

    weights: Floats

    def chance(self, variables: Floats) -> Floats:
        """Return the chance of each row of variables (n, k)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.weights[0] + variables @ self.weights[1:]))))


def fit(variables: Floats, poor: Flags) -> Curve:
    """Return the ridge-penalised logistic curve of outcomes (n,) over variables (n, k), by Newton steps."""
    middle, scale = variables.mean(0), variables.std(0)
    table = np.c_[np.ones(len(variables)), (variables - middle) / scale]
    penalty = PENALTY * np.diag([0.0] + [1.0] * variables.shape[1])
    weights = np.zeros(table.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-(table @ weights)))
        curvature = table.T @ (table * (chance * (1 - chance))[:, None]) + penalty
        weights = weights - np.linalg.solve(curvature, table.T @ (chance - poor) + penalty @ weights)
    slopes = weights[1:] / scale
    return Curve(np.r_[weights[0] - slopes @ middle, slopes])


def compare(found: NDArray[np.uint8], code: int, reference: NDArray[np.uint8]) -> float:
    """Return the Dice of one instance with the reference instance of its kind that it covers most, else 0.

    Parameters
    ----------
    found, reference
        Codes of `domain.labelmap` and SPIDER level numbers on the same voxels.
    code
        The instance.
    """
    mask = found == code
    under = reference[mask]
    is_disc = code > DISC_BASE
    under = (
        under[under >= SPIDER_LOWEST_DISC] if is_disc else under[(under > 0) & (under < SPIDER_LOWEST_DISC)]
    )
    if under.size == 0:
        return 0.0
    partner = int(np.bincount(under).argmax())
    shared = int((under == partner).sum())
    return 2.0 * shared / (int(mask.sum()) + int((reference == partner).sum()))


def outlines(segmenter: Segmenter, row: Row, variant: str, case: Judged) -> list[Outline]:
    """Segment a volume of canonical axes and compare what takes part with its levels."""
    labels = segmenter.segment(case.volume).labels
    result = []
    for instance, confidence in labels.confidence.items():
        code = code_of(instance)
        mask = labels.array == code
        disc = code > DISC_BASE
        doubtful_reference = not disc and row["posterior_levels_doubtful"] == "1"
        if instance in (CANAL, SACRUM) or doubtful_reference or mask[:, :CUT_ROWS].any():
            continue
        dice = compare(labels.array, code, case.labels)
        result.append(Outline(int(row["patient"]), variant, confidence, disc, int(mask.sum()), dice))
    return result


def collect(segmenter: Segmenter, root: Path, split: str) -> list[Outline]:
    """Judge all variants of the patients of one split ("train" or "validation") that have level labels."""
    result = []
    for row in (row for row in patients(root, split) if row["has_levels"] == "1"):
        stem = root / "spider_space" / f"{SPIDER}{row['patient']}"
        levels = sitk.GetArrayFromImage(sitk.ReadImage(f"{stem}_levels.nii.gz"))
        stored = Judged(stem.name, read_volume(Path(f"{stem}_image.nii.gz")), levels)
        coarse = thick(stored)
        for variant, case in zip(
            VARIANTS, (stored, coarse, _noisy(coarse, int(row["patient"]))), strict=True
        ):
            result += outlines(segmenter, row, variant, case)
        print(stem.name, len(result), flush=True)
    return result


def _noisy(case: Judged, seed: int) -> Judged:
    array = case.volume.array.astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, NOISE * np.percentile(array, 99), array.shape)
    return Judged(case.name, case.volume.with_array(np.abs(array + noise).astype(np.float32)), case.labels)


def variables(rows: Sequence[Outline]) -> Floats:
    """Return 1 - confidence, disc or not, and the logarithm of the voxel count: (n, 3)."""
    return np.array([[1 - o.confidence, float(o.disc), np.log(max(o.voxels, 1))] for o in rows])


def poor(rows: Sequence[Outline]) -> Flags:
    """Return which outlines are poor."""
    return np.array([o.dice < POOR_DICE for o in rows])


def log_loss(chance: Floats, outcome: Flags) -> float:
    """Return the mean negative log likelihood."""
    return float(-np.mean(np.log(np.where(outcome, chance, 1 - chance))))


def cross_validated(rows: Sequence[Outline], columns: list[int]) -> float:
    """Return the log loss over patients held out in turn."""
    table, outcome = variables(rows)[:, columns], poor(rows)
    patient = np.array([o.patient for o in rows])
    chance = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = np.isin(patient, np.unique(patient)[fold::FOLDS])
        chance[held] = fit(table[~held], outcome[~held]).chance(table[held])
    return log_loss(chance, outcome)


def report(train: Sequence[Outline], judged: Sequence[Outline]) -> str:
    """Return the two numbers, how the curve does on what is judged, and how other curves do."""
    curve, outcome = fit(variables(train)[:, [0]], poor(train)), poor(judged)
    chance = curve.chance(variables(judged)[:, [0]])
    base = poor(train).mean()
    lines = [f"_INTERCEPT = {curve.weights[0]:.3f}", f"_SLOPE = {curve.weights[1]:.3f}"]
    lines += [f"even at confidence {1 + curve.weights[0] / curve.weights[1]:.4f}"]
    lines += [
        f"fitted on {len(train)} ({poor(train).sum()} poor), judged on {len(judged)} ({outcome.sum()} poor)"
    ]
    for low, high in itertools.pairwise(BINS):
        here = (chance >= low) & (chance < high)
        if here.any():
            told, seen = chance[here].mean(), outcome[here].mean()
            lines.append(
                f"{low:.2f}-{min(high, 1):.2f} number {here.sum()} stated {told:.3f} seen {seen:.3f}"
            )
    brier, plain = np.mean((chance - outcome) ** 2), np.mean((base - outcome) ** 2)
    lines.append(f"Brier {brier:.3f}, mean rate {plain:.3f}; AUC {auc(chance, outcome) or math.nan:.3f}")
    for variant in VARIANTS:
        here = np.array([o.variant == variant for o in judged])
        told, seen = chance[here].mean(), outcome[here].mean()
        lines.append(f"{variant}: number {here.sum()} stated {told:.3f} seen {seen:.3f}")
    for name, columns in MODELS.items():
        other = fit(variables(train)[:, columns], poor(train)).chance(variables(judged)[:, columns])
        held = cross_validated(train, columns)
        lines.append(f"log loss, {name}: {held:.4f} held out, {log_loss(other, outcome):.4f} validation")
    return "\n".join(lines)


def main() -> None:
    """Fit and judge as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--model", type=Path, default=None, help="bundle folder; the newest when not given")
    args = parser.parse_args()
    bundle = read_bundle(args.model) if args.model else load_bundle()
    segmenter = Segmenter(bundle, OnnxSession(bundle.model_path))
    root = args.data or shared_data()
    train, judged = (collect(segmenter, root, split) for split in ("train", "validation"))
    print(bundle.title)
    print(report(train, judged))


if __name__ == "__main__":
    main()
