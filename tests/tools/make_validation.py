"""Write ``docs/validation.md``: the whole segmentation, counting included, on the validation patients.

Run ``python -m tests.tools.make_validation`` from the repository root; the real data folder is found as
in the tests (``LVP_SHARED_DATA``, else ``../shared/data``). The model card has the network alone; here
post-processing and level names are part of what is judged and timed.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from scipy import ndimage

from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.evaluation.overlap import (
    SPIDER_DISCS,
    LevelIdentification,
    level_identification,
    spider_to_level_ids,
)
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.reference import reference_seconds
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from tests.tools.make_results import KINDS, REPOSITORY, TAIL, class_overlap

PATIENTS = (7, 41, 50, 81, 110, 209)
THREADS = 2
MERGED = 5
TIMED = (((16, 448, 448), (4.4, 0.67, 0.67)), ((60, 512, 512), (0.9, 0.5, 0.5)))
RUNS = 9
AXES = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))

HEAD = """# Segmentation and level names on the validation patients

Written by `python -m tests.tools.make_validation` with {model} on {provider}, {threads} threads. Six patients
of one hospital, mostly one scanner, never trained on: a first orientation, not proof of performance.
SPIDER counts every spine as if it had five lumbar bodies, and labels no sacrum.

Dice by class after post-processing; levels = labelled discs whose majority predicted label carries the right
level, of all labelled discs. Thick slices are means of five slices (4.5 mm).

| patient | vertebra | disc | canal | levels | thick: vertebra | disc | canal | levels |
|---|---|---|---|---|---|---|---|---|
"""

TIME = """
From `Volume` to `LabelMap` with level names, patient 7 resampled, median (range) of {runs} runs after a
warm-up; beside it the ratio to a fixed convolution timed in the same run (`inference.reference`), which
does not depend on the machine's speed. Load average {load:.1f} before.

| voxels | spacing, mm | seconds | ratio |
|---|---|---|---|
"""
TIMED_ROW = "| {shape} | {spacing} | **{median:.2f}** ({low:.2f}-{high:.2f}) | {ratio:.0f} |\n"

Labels = NDArray[np.uint8]


def _read(path: Path) -> Labels:
    return np.asarray(sitk.GetArrayFromImage(sitk.ReadImage(str(path))), dtype=np.uint8)


def _volume(array: Labels, spacing: tuple[float, float, float]) -> Volume:
    return Volume(array, VolumeGeometry.from_axes((0, 0, 0), AXES, spacing, array.shape))


def _thick(array: Labels) -> Labels:
    groups = array[: len(array) // MERGED * MERGED].reshape(-1, MERGED, *array.shape[1:])
    return np.rint(groups.mean(axis=1)).astype(np.uint8)


def _middle(array: Labels) -> Labels:
    return array[: len(array) // MERGED * MERGED][MERGED // 2 :: MERGED]


def judge(
    segmenter: Segmenter, folder: Path, patient: int, thick: bool
) -> tuple[list[float], LevelIdentification]:
    """Return Dice by class and the identified levels of one patient."""
    image, labels, levels = (
        _read(folder / f"spider_{patient}_{k}.nii.gz") for k in ("image", "labels", "levels")
    )
    spacing = (0.9 * MERGED, 0.8, 0.8) if thick else (0.9, 0.8, 0.8)
    if thick:
        image, labels, levels = _thick(image), _middle(labels), _middle(levels)
    found = segmenter.segment(_volume(image, spacing))
    exported, _ = found.labels.exported(found.levels)
    scores = class_overlap(exported, labels)
    return [scores[k] for k in KINDS], level_identification(
        exported, spider_to_level_ids(levels), SPIDER_DISCS
    )


def timed(
    segmenter: Segmenter, folder: Path, shape: tuple[int, int, int], spacing: tuple[float, float, float]
) -> str:
    """Return the row of one size of volume."""
    image = _read(folder / f"spider_{PATIENTS[0]}_image.nii.gz")
    factors = [wanted / size for wanted, size in zip(shape, image.shape, strict=True)]
    volume = _volume(ndimage.zoom(image, factors, order=1), spacing)
    seconds = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        segmenter.segment(volume)
        seconds.append(time.perf_counter() - began)
    kept, reference = seconds[1:], reference_seconds(THREADS)
    median = statistics.median(kept)
    return TIMED_ROW.format(
        shape=" x ".join(map(str, shape)),
        spacing=" x ".join(map(str, spacing)),
        median=median,
        low=min(kept),
        high=max(kept),
        ratio=median / reference,
    )


def page(segmenter: Segmenter, folder: Path) -> str:
    """Return the whole page."""
    load = os.getloadavg()[0]
    rows = [timed(segmenter, folder, shape, spacing) for shape, spacing in TIMED]
    network = segmenter.network
    text = HEAD.format(model=segmenter.bundle.title, provider=network.provider, threads=network.threads)
    sums, right, total = np.zeros(6), [0, 0], [0, 0]
    for patient in PATIENTS:
        cells = []
        for n, thick in enumerate((False, True)):
            scores, levels = judge(segmenter, folder, patient, thick)
            sums[3 * n : 3 * n + 3] += scores
            right[n], total[n] = right[n] + levels.right, total[n] + levels.total
            cells += [*(f"{s:.3f}" for s in scores), f"{levels.right} of {levels.total}"]
        text += f"| {patient} | {' | '.join(cells)} |\n"
    means = [f"**{value / len(PATIENTS):.3f}**" for value in sums]
    counts = [f"**{r} of {t}**" for r, t in zip(right, total, strict=True)]
    text += f"| **mean** | {' | '.join([*means[:3], counts[0], *means[3:], counts[1]])} |\n"
    text += TIME.format(runs=RUNS, load=load) + "".join(rows)
    return text + TAIL


def main() -> None:
    """Write the page."""
    data = Path(os.environ.get("LVP_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = data / "spider_space"
    if not folder.is_dir():
        raise SystemExit(f"real data is absent: {folder} does not exist (set LVP_SHARED_DATA)")
    bundle = load_bundle()
    segmenter = Segmenter(bundle, OnnxSession(bundle.model_path, THREADS))
    (REPOSITORY / "docs" / "validation.md").write_text(page(segmenter, folder), encoding="utf-8")


if __name__ == "__main__":
    main()
