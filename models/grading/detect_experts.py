"""The detector view on the expert-graded patients, by graders that did not see the patient.

Run from the repository root, after `fit_experts`:
``.venv/bin/python -m models.grading.detect_experts DATA [--cache DIR] [--write]``.

* Mid-slices have no boxes: sensitivity, specificity and accuracy of the class of each disc.
* ``spider_space`` volumes have masks: the V-Net's boxes against those of the reference masks, as
  precision-recall curves and mAP@0.5. The graders are those of the patient's fold; what the learned grader
  says comes from its answers on the same patient's mid-slice, by networks that did not see him. The V-Net
  was trained on 24 of the 30 volumes: the six others stand apart.

``--write`` writes ``models/grading/detections.json``.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.evaluation.detection import NORMAL, DiscRow, curves, detection_figures
from lvp_workstation.grading.detector import DiscClass, classify
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.herniation import contour_chances
from lvp_workstation.grading.logistic import OrdinalModel
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.disc_grader import with_answers
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.measure.boxes import disc_box, middle_slice
from lvp_workstation.measure.spine import measure_spine
from models.grading.experts import ExpertDiscs, read_experts
from models.grading.fitting import FOLDS, fit, fold_of
from models.grading.logits import read_logits
from models.grading.recipes import DISPLACED, HERNIATED, SLIPPED
from models.grading.volumes import VALIDATION, load_case, volume_patients

OUTPUT = Path("models/grading/detections.json")
Models = tuple[OrdinalModel, OrdinalModel, OrdinalModel]


def true_class(grades: dict[str, int]) -> str:
    """Return the class that expert grades give a disc."""
    if grades["Spondylolisthesis"]:
        return DiscClass.SLIPPED.value
    displaced = grades["Disc bulging"] or grades["Disc herniation"]
    return DiscClass.DISPLACED.value if displaced else NORMAL


def fold_models(experts: ExpertDiscs) -> dict[int, Models]:
    """Return the models of displacement, herniation and slip that did not see the patients of each fold."""
    discs = experts.discs()
    found = {}
    for number in range(FOLDS):
        others = [s for s in discs if fold_of(s) != number]
        found[number] = (fit(DISPLACED, others), fit(HERNIATED, others), fit(SLIPPED, others))
    return found


def graded(models: Models, features: dict[str, float]) -> tuple[str, float] | None:
    """Return class and score of a disc as the program would state them, None where it gives none."""
    displaced, herniated, slipped = models
    if not (displaced.usable(features) and herniated.usable(features)):
        return None
    stated = contour_chances(displaced.probability(features), herniated.probability(features), features)
    slip = slipped.probability(features) if slipped.usable(features) else 0.0
    kind, score = classify(1.0 - stated["none"], slip)
    return kind.value, score


def slice_rows(experts: ExpertDiscs, models: dict[int, Models]) -> list[DiscRow]:
    """Return a row for each disc of the mid-slices."""
    rows = []
    for sample in experts.discs():
        found = graded(models[fold_of(sample)], sample.features)
        truth = true_class(sample.grades)
        named = None if found is None else found[0]
        rows.append(DiscRow(sample.patient, f"disc {sample.number}", truth, named=named))
    return rows


def volume_rows(
    folder: Path, cache: Path, experts: ExpertDiscs, models: dict[int, Models]
) -> Iterable[DiscRow]:
    """Return rows of labelled and of detected discs of the volumes."""
    bundle = load_bundle()
    segmenter = Segmenter(bundle, OnnxSession(bundle.model_path, 2))
    answers = read_logits()
    for patient in volume_patients(folder):
        case = load_case(folder, patient)
        if case is None:
            continue
        volume, reference = case
        yield from _true_rows(patient, reference, experts)
        labels, levels = _segmented(segmenter, volume, cache / bundle.sha256[:16] / f"volume_{patient}.npz")
        provenance = Provenance(Provenance.AI, "shipped V-Net", "")
        measures = measure_spine(labels, levels, volume, Weighting.T2, provenance)
        known = {d: answers.get((patient, int(d[1:]) + levels.lowest), {}) for d in measures.discs}
        measures = with_answers(measures, known)
        index = middle_slice(labels)
        for disc in measures.discs:
            found = graded(models[int(patient) % FOLDS], disc_features(measures, disc))
            box = disc_box(labels.mask(disc), labels.geometry, index)
            if found is not None and box is not None:
                corners = tuple(map(tuple, box.tolist()))
                yield DiscRow(patient, disc, given=found[0], score=found[1], given_box=corners)


def _true_rows(patient: str, labels: LabelMap, experts: ExpertDiscs) -> Iterable[DiscRow]:
    index = middle_slice(labels)
    for disc in (name for name in labels.instances if name.startswith("D")):
        box = disc_box(labels.mask(disc), labels.geometry, index)
        grades = experts.graded.get((patient, int(disc[1:])))
        if box is not None:
            truth = "" if grades is None else true_class(grades)
            yield DiscRow(patient, disc, truth, tuple(map(tuple, box.tolist())))


def _segmented(segmenter: Segmenter, volume: Volume, kept: Path) -> tuple[LabelMap, LevelMap]:
    if not kept.exists():
        made = segmenter.segment(volume)
        kept.parent.mkdir(parents=True, exist_ok=True)
        lowest = (made.levels.vertebra_count, made.levels.lowest, int(made.levels.sacrum_seen))
        np.savez_compressed(kept, codes=made.labels.array, levels=lowest)
    with np.load(kept) as stored:
        count, lowest_, sacrum = (int(v) for v in stored["levels"])
        levels = LevelMap(count, lowest=lowest_, sacrum_seen=bool(sacrum))
        return LabelMap(stored["codes"], volume.geometry), levels


def summary(rows: Sequence[DiscRow]) -> dict[str, Any]:
    """Return the figures of some rows, each with its interval over patients, and the curves."""
    found: dict[str, Any] = {
        name: {"value": f.value, "interval": [f.low, f.high], "n": f.n}
        for name, f in detection_figures(rows).items()
    }
    found["patients"] = len({row.patient for row in rows})
    found["curves"] = {
        curve.kind: [[round(float(r), 3), round(float(p), 3)] for r, p in _thinned(curve)]
        for curve in curves(rows)
    }
    return found


def _thinned(curve: Any) -> list[tuple[float, float]]:
    """Return at most 40 points of a curve."""
    points = list(zip(curve.recall.tolist(), curve.precision.tolist(), strict=True))
    return points[:: max(1, len(points) // 40)]


def main() -> None:
    """Print the figures, and write them when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    experts = read_experts(options.data / "spider_midslices", options.cache)
    models = fold_models(experts)
    slices = summary(slice_rows(experts, models))
    volumes = list(volume_rows(options.data, options.cache, experts, models))
    found = {
        "mid-slices": slices,
        "volumes": summary(volumes),
        "volumes the V-Net never saw": summary([r for r in volumes if r.patient in VALIDATION]),
    }
    for name, figures in found.items():
        sys.stdout.write(f"{name}: {figures['patients']} patients\n")
        for key, row in figures.items():
            if isinstance(row, dict) and "value" in row:
                low, high = row["interval"]
                sys.stdout.write(f"    {key} {row['value']:.3f} ({low:.3f} to {high:.3f}), n {row['n']}\n")
    if options.write:
        OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
