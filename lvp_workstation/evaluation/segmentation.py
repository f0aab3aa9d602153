"""From the scores of single images to the figures of a segmentation evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.evaluation.calibration import Reliability, reliability
from lvp_workstation.evaluation.conventions import STRUCTURES
from lvp_workstation.evaluation.figures import Figure, counted, median, over_patients, pooled, resampled
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.evaluation.scoring import ImageScore, InstanceScore

FAILED_DICE = 0.8
"""A vertebra or disc below this Dice counts as failed (issue: "this instance has Dice < 0.8")."""

NATIVE, THICK = "native", "thick"
ALL = "all"
TOTAL, REFERENCE = "total", "reference"
"""Steps of `ScoredImage.seconds` beside those of the segmenter: all of them, and one fixed convolution."""


@dataclass(frozen=True)
class ScoredImage:
    """All that is kept of one evaluated image.

    Attributes
    ----------
    key, patient, group
        Its name, whose it is, and its kind (such as ``sag_t1``), empty where all are alike.
    unseen
        Whether the model never trained on the patient; None when the manifest does not tell.
    arms
        ``native`` and, where slices are thin enough to merge, ``thick``.
    seconds
        By step, of the native image; `TOTAL` and `REFERENCE` included.
    voxels
        Structure (and ``all``) to the reliability of its voxels, native.
    """

    key: str
    patient: str
    arms: Mapping[str, ImageScore]
    group: str = ""
    unseen: bool | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    voxels: Mapping[str, Reliability] = field(default_factory=dict)


def figures_of(images: Sequence[ScoredImage]) -> dict[str, Figure]:
    """Return every figure of an evaluation by its documented name."""
    found = _subset(images)
    groups = sorted({image.group for image in images if image.group})
    if len(groups) > 1:
        for group in groups:
            found |= _suffixed(_subset([i for i in images if i.group == group]), f"_{group}")
    if any(i.unseen is False for i in images):
        found |= _suffixed(_subset([i for i in images if i.unseen]), "_unseen")
    return found


def _suffixed(figures: Mapping[str, Figure], suffix: str) -> dict[str, Figure]:
    return {f"{name}{suffix}": figure for name, figure in figures.items()}


def _subset(images: Sequence[ScoredImage]) -> dict[str, Figure]:
    found: dict[str, Figure | None] = {}
    for arm, suffix in ((NATIVE, ""), (THICK, "_thick")):
        scores = [(i.patient, i.arms[arm]) for i in images if arm in i.arms]
        rows = _overlap(scores) | _levels(scores)
        found |= {f"{name}{suffix}": figure for name, figure in rows.items()}
    found |= _times(images) | _confidence(images)
    return {name: figure for name, figure in found.items() if figure is not None}


Scores = Sequence[tuple[str, ImageScore]]


def _overlap(scores: Scores) -> dict[str, Figure | None]:
    found: dict[str, Figure | None] = {}
    for structure in (s.value for s in STRUCTURES):
        dice = [(p, s.dice[structure]) for p, s in scores if structure in s.dice]
        found[f"dice_{structure}"] = over_patients(dice)
        found[f"worst_dice_{structure}"] = over_patients(dice, np.min)
        hd95 = [(p, s.hd95_mm[structure]) for p, s in scores if structure in s.hd95_mm]
        found[f"hd95_{structure}"] = over_patients(hd95, decimals=3)
        found[f"worst_hd95_{structure}"] = over_patients(hd95, np.max, decimals=3)
        assd = [(p, s.assd_mm[structure]) for p, s in scores if structure in s.assd_mm]
        found[f"assd_{structure}"] = over_patients(assd, decimals=3)
    for level in dict.fromkeys(name for _, s in scores for name in s.level_dice):
        rows = [(p, s.level_dice[level]) for p, s in scores if level in s.level_dice]
        found[f"dice_level_{level}"] = over_patients(rows)
    return found


def _levels(scores: Scores) -> dict[str, Figure | None]:
    if not scores:
        return {}
    honest = [(p, s.levels_total if s.uncertain else s.levels_right, s.levels_total) for p, s in scores]
    return {
        "level_identification": pooled((p, s.levels_right, s.levels_total) for p, s in scores),
        "level_right_or_uncertain": pooled(honest),
        "failures": counted(sum(not s.lumbar for _, s in scores), len(scores)),
    }


def _times(images: Sequence[ScoredImage]) -> dict[str, Figure | None]:
    steps = dict.fromkeys(step for image in images for step in image.seconds)
    found: dict[str, Figure | None] = {}
    for step in steps:
        rows = [(i.patient, i.seconds[step]) for i in images if step in i.seconds]
        name = "seconds_median" if step == TOTAL else f"seconds_{step}_median"
        found[name] = over_patients(rows, median)
    both = [i for i in images if i.seconds.get(REFERENCE) and TOTAL in i.seconds]
    ratios = [(i.patient, i.seconds[TOTAL] / i.seconds[REFERENCE]) for i in both]
    found["seconds_ratio_median"] = over_patients(ratios, median, 2)
    return found


def _confidence(images: Sequence[ScoredImage]) -> dict[str, Figure | None]:
    tables = [(i.patient, i.voxels[ALL]) for i in images if ALL in i.voxels]
    instances = [(i.patient, one) for i in images for one in i.arms[NATIVE].instances]
    return {
        "ece_voxel": resampled(
            lambda chosen: added(tables[k][1] for k in chosen).error,
            [p for p, _ in tables],
            int(sum(t.total for _, t in tables)),
        )
        if tables
        else None,
        "auc_instance_failure": failure_auc(instances),
    }


def added(tables: Iterable[Reliability]) -> Reliability:
    """Return all tables as one."""
    return sum(tables, Reliability.empty())


def failure_auc(instances: Sequence[tuple[str, InstanceScore]]) -> Figure | None:
    """Return how well a low confidence tells failed vertebrae and discs from good ones (AUC)."""
    if not instances:
        return None
    scores = np.array([1.0 - one.confidence for _, one in instances])
    failed = np.array([one.dice < FAILED_DICE for _, one in instances])
    return resampled(
        lambda chosen: auc(scores[chosen], failed[chosen]),
        [p for p, _ in instances],
        len(instances),
    )


def instance_reliability(images: Sequence[ScoredImage]) -> Reliability:
    """Return how often instances of a confidence reach the Dice that counts as good."""
    rows = [one for i in images for one in i.arms[NATIVE].instances]
    return reliability([r.confidence for r in rows], [r.dice >= FAILED_DICE for r in rows])


def worst_first(images: Iterable[ScoredImage]) -> list[ScoredImage]:
    """Return images from the lowest mean Dice over structures to the highest."""
    return sorted(images, key=lambda i: (i.arms[NATIVE].mean_dice, i.key))
