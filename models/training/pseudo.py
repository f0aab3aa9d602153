"""Pseudo-labels: the T2 answers of an earlier bundle teach its successor T2 and T1 of many scanners.

``python -m models.training.pseudo --model FOLDER --out DIR`` reads the mid-slices of `spider_midslices`
that have no masks. For each patient with a T1 and a T2 of equal size the earlier network labels the T2;
the T1 is moved onto it by mutual information. Pixels it is not sure of are ignored. Patients are left out
when the count of discs is not the one in the table, or when the pair does not match. The validation
patients and the patients held out for measuring T1 against T2 (`held_out`) are never used.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.preprocess import normalise
from models.training.cases import Case, Predict, as_ratio, patients, shared_data, write_cases
from models.training.labels import CANAL, DISC, IGNORE, VERTEBRA
from models.training.midslices import held_out, pairs, read_slice
from models.training.onnx_session import session

SURE = 0.9
"""Pixels whose best class is less probable are ignored (our choice)."""
ZOOMS = (0.92, 1.08)
"""The answers for the T2 at these magnifications are averaged (our choice)."""
REACH_MM = 8.0
"""Patients move between series by less than this, or the pair is not used (our choice)."""
LEAST_AGREEMENT = 0.8
"""Dice of vertebrae between T2 and moved T1 below which a pair is not used (our choice)."""
BINS = 24
"""Grey levels of the joint histogram (our choice)."""
SMALLEST_DISC_MM2 = 60.0
"""Smaller patches do not count as discs (our choice)."""


def probabilities(predict: Predict, volume: Volume, zooms: tuple[float, ...] = ZOOMS) -> NDArray[np.float32]:
    """Return [K, rows, columns] of a one-slice volume on its own pixels, averaged over magnifications."""
    picture = normalise(volume.array)[0]
    shape, total = picture.shape, np.zeros(0, np.float32)
    spacing = volume.geometry.spacing[1]
    for zoom in zooms:
        scaled = ndimage.zoom(picture, spacing * zoom, order=1, mode="nearest", grid_mode=True)
        rows, columns = (-(-n // 16) * 16 for n in scaled.shape)
        padded = np.full((4, rows, columns), -1.0, np.float32)
        padded[:, : scaled.shape[0], : scaled.shape[1]] = scaled
        answer = predict(padded[None, None])[0, :, 0, : scaled.shape[0], : scaled.shape[1]]
        factors = (1.0, shape[0] / answer.shape[1], shape[1] / answer.shape[2])
        back = ndimage.zoom(answer, factors, order=1, mode="nearest", grid_mode=True)
        total = back if not total.size else total + back
    return np.asarray(total / len(zooms), np.float32)


def mutual_information(one: NDArray[np.intp], two: NDArray[np.intp]) -> float:
    """Return the normalised mutual information of two pictures of grey levels below `BINS`, from 1 on."""
    counts = np.bincount(one.ravel() * BINS + two.ravel(), minlength=BINS * BINS)
    joint = counts.reshape(BINS, BINS) / one.size

    def entropy(p: NDArray[np.float64]) -> float:
        return float(-(p[p > 0] * np.log(p[p > 0])).sum())

    return (entropy(joint.sum(1)) + entropy(joint.sum(0))) / max(entropy(joint), 1e-9)


def displacement(
    fixed: NDArray[np.float32], moving: NDArray[np.float32], reach: int, step: int = 3
) -> tuple[int, int]:
    """Return the (rows, columns) to roll ``moving`` by, so that it lies on ``fixed``; coarse, then fine.

    Both pictures are on the normalised scale, -1 to 2, and of equal size.
    """
    inner = tuple(slice(reach, n - reach, 2) for n in fixed.shape)
    a, b = (((p + 1.0) / 3.0 * (BINS - 1)).astype(np.intp) for p in (fixed, moving))

    def score(shift: tuple[int, int]) -> float:
        return mutual_information(a[inner], np.roll(b, shift, (0, 1))[inner])

    coarse = range(-reach // step * step, reach + 1, step)
    best = max(((r, c) for r in coarse for c in coarse), key=score)
    near = [(best[0] + r, best[1] + c) for r in range(1 - step, step) for c in range(1 - step, step)]
    return max(near, key=score)


def disc_count(labels: NDArray[np.uint8], spacing: float) -> int:
    """Count the patches of disc that are large enough."""
    components, count = ndimage.label(labels == DISC)
    sizes = ndimage.sum_labels(np.ones(labels.shape), components, range(1, count + 1))
    return int((np.asarray(sizes) * spacing**2 >= SMALLEST_DISC_MM2).sum())


def pseudo_cases(
    predict: Predict, first: dict[str, str], second: dict[str, str], folder: Path
) -> tuple[list[Case], str]:
    """Return the T1 and T2 cases of one patient, or none, and why."""
    t1, t2 = read_slice(folder, first), read_slice(folder, second)
    if t1.shape != t2.shape:
        return [], "size"
    spacing = t2.geometry.spacing
    p = probabilities(predict, t2)
    labels = p.argmax(0).astype(np.uint8)
    if disc_count(labels, spacing[1]) != int(second["num_discs"]):
        return [], "count"
    moved = _onto(t2, t1)
    other = probabilities(predict, t1.with_array(moved), (1.0,)).argmax(0)
    for label in (VERTEBRA, CANAL):
        overlap = 2 * ((labels == label) & (other == label)).sum()
        if overlap < LEAST_AGREEMENT * ((labels == label).sum() + (other == label).sum()):
            return [], "match"
    target = np.where(p.max(0) >= SURE, labels, IGNORE).astype(np.uint8)[None]
    name = second["new_file_name"].removesuffix("_t2")
    images = ((f"{name}_t2", t2.array), (f"{name}_t1", moved))
    return [Case(n, as_ratio(normalise(a)), target, spacing) for n, a in images], "used"


def _onto(fixed: Volume, moving: Volume) -> NDArray[np.generic]:
    """Move one slice in its plane onto another of equal size."""
    reach = round(REACH_MM / fixed.geometry.spacing[1])
    a, b = normalise(fixed.array)[0], normalise(moving.array)[0]
    shift = displacement(a, b, reach)
    return np.asarray(np.roll(moving.array, shift, (1, 2)))


def make_pseudo(predict: Predict, data: Path, out: Path) -> dict[str, int]:
    """Write the cases of all patients that may be used; return how many patients went which way."""
    folder = data / "spider_midslices"
    never = {row["patient"] for row in patients(data, "validation")}
    counts: dict[str, int] = {}
    for first, second in pairs(folder):
        patient = first["new_file_name"].removesuffix("_t1")
        if patient in never or held_out(patient):
            continue
        found, why = pseudo_cases(predict, first, second, folder)
        write_cases(found, out)
        counts[why] = counts.get(why, 0) + 1
        print(f"patient {patient}: {why}", flush=True)
    return counts


def main() -> None:
    """Make the pseudo-labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    args = parser.parse_args()
    counts = make_pseudo(session(args.model / "model.onnx"), args.data or shared_data(), args.out)
    print("; ".join(f"{why} {n}" for why, n in sorted(counts.items())))


if __name__ == "__main__":
    main()
