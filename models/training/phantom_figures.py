"""Dice on phantoms that no training sees: mixed ones by contrast, and each kind of patient by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.preprocess import prepare, restore_labels
from lvp_workstation.phantom.generate import label_volume, make_phantom
from models.training.cases import Predict
from models.training.labels import CANAL, CLASS_NAMES, DISC, SACRUM, VERTEBRA
from models.training.phantoms import EVALUATION_SEEDS, SERIES, classes
from models.training.validation import dice

ALL_CLASSES = (VERTEBRA, DISC, CANAL, SACRUM)
MIXED = tuple(("random", EVALUATION_SEEDS + n) for n in range(1, 6))
NAMED = (
    ("normal", 900_011),
    ("degenerate", 900_011),
    ("herniation", 900_011),
    ("stenosis", 900_011),
    ("listhesis", 900_011),
    ("scoliosis", 900_011),
    ("fracture", 900_011),
    ("transitional", 900_012),
    ("transitional", 900_013),
    ("transitional", 900_019),
)
"""Preset and seed; the transitional ones have six lumbar bodies, a sacralised fifth, and four bodies."""

Scores = list[tuple[str, str, dict[str, float]]]
"""Preset, series role, Dice by class."""


def phantom_volumes(
    chosen: tuple[tuple[str, int], ...],
) -> Iterator[tuple[str, str, Volume, NDArray[np.uint8]]]:
    """Make the phantoms; yield preset, series role, volume and true classes on its voxels."""
    for preset, seed in chosen:
        study = make_phantom(seed, preset, SERIES)
        for series in study.series:
            truth = classes(label_volume(study, series.volume.geometry))
            yield preset, series.role, series.volume, truth


def phantom_figures(predict: Predict) -> dict[str, Any]:
    """Return mean Dice by class, sacrum included: mixed phantoms by series role, named ones by preset."""
    mixed, named = (_scores(predict, chosen) for chosen in (MIXED, NAMED))
    return {
        "seeds": [seed for _, seed in MIXED],
        "dice": {role: _means([s for _, r, s in mixed if r == role]) for role in SERIES},
        "presets": {preset: _means([s for p, _, s in named if p == preset]) for preset, _ in NAMED},
    }


def _scores(predict: Predict, chosen: tuple[tuple[str, int], ...]) -> Scores:
    found = []
    for preset, role, volume, truth in phantom_volumes(chosen):
        ready = prepare(volume)
        guess = restore_labels(predict(ready.array), ready.record)
        found.append((preset, role, dice(guess, truth, ALL_CLASSES)))
    return found


def _means(scores: list[dict[str, float]]) -> dict[str, float]:
    names = [CLASS_NAMES[label] for label in ALL_CLASSES]
    return {n: round(float(np.mean([s[n] for s in scores if n in s])), 4) for n in names}
