"""The scores of one segmented image against its reference, as plain values that add up over images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId, LevelMap, Structure
from lvp_workstation.domain.labelmap import LabelMap, code_of, structure_of
from lvp_workstation.evaluation.conventions import (
    CLASS_OF,
    DISC_IDS,
    LEVEL_NAMES,
    Reference,
    classes_of_labelmap,
    ids_of_labelmap,
    is_disc,
)
from lvp_workstation.evaluation.overlap import Spacing, level_identification, surface_distance

Counts = NDArray[np.intp]


@dataclass(frozen=True)
class InstanceScore:
    """A predicted vertebra or disc: what the model said of it, and how well it fits."""

    structure: str
    confidence: float
    dice: float
    instance: InstanceId = ""


@dataclass(frozen=True)
class ImageScore:
    """How one segmented image agrees with its reference.

    Attributes
    ----------
    dice, hd95_mm, assd_mm
        By structure that the reference holds; distances only where the prediction is not empty.
    level_dice
        By level name, of every labelled vertebra and disc.
    levels_right, levels_total, wrong_levels
        Labelled discs that carry the right level, all of them, and (reference, predicted) of others.
    lumbar
        Whether a lumbar column was found; without one no level has a name.
    uncertain
        Whether the program itself called its numbering uncertain.
    instances
        Predicted vertebrae and discs that lie on a labelled one.
    """

    dice: Mapping[str, float]
    hd95_mm: Mapping[str, float]
    assd_mm: Mapping[str, float]
    level_dice: Mapping[str, float] = field(default_factory=dict)
    levels_right: int = 0
    levels_total: int = 0
    wrong_levels: tuple[tuple[str, str], ...] = ()
    lumbar: bool = True
    uncertain: bool = False
    instances: tuple[InstanceScore, ...] = ()

    @property
    def mean_dice(self) -> float:
        """Mean over the structures, by which images are ranked."""
        return float(np.mean(list(self.dice.values()))) if self.dice else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> ImageScore:
        """Return the score that `to_json` wrote."""
        wrong = tuple((str(a), str(b)) for a, b in row["wrong_levels"])
        instances = tuple(InstanceScore(**one) for one in row["instances"])
        return cls(**{**row, "wrong_levels": wrong, "instances": instances})


def score_image(
    labels: LabelMap,
    levels: LevelMap,
    reference: Reference,
    spacing: Spacing,
    *,
    lumbar: bool = True,
    uncertain: bool = False,
) -> ImageScore:
    """Score one segmentation.

    Parameters
    ----------
    labels, levels
        What was predicted, on the grid of the reference.
    reference
        The labels to compare with; structures that it does not hold are not judged.
    spacing
        Of the three axes in mm.
    """
    predicted = classes_of_labelmap(labels)
    dice, hd95, assd = _structures(predicted, reference, spacing)
    base = ImageScore(dice, hd95, assd, lumbar=lumbar, uncertain=uncertain)
    if reference.ids is None:
        return base
    ids = ids_of_labelmap(labels, levels) if lumbar else np.zeros_like(reference.ids)
    found = level_identification(ids, reference.ids, DISC_IDS)
    return ImageScore(
        dice,
        hd95,
        assd,
        _level_dice(_joint(ids, reference.ids)),
        found.right,
        found.total,
        tuple((level_name(a), level_name(b)) for a, b in found.wrong),
        lumbar,
        uncertain,
        _instances(labels, _joint(labels.array, reference.ids)),
    )


def level_name(value: int) -> str:
    """Return the name of an exported id, "nothing" for 0."""
    return LEVEL_NAMES.get(value, "nothing" if value == 0 else f"id {value}")


def _structures(
    predicted: NDArray[np.uint8], reference: Reference, spacing: Spacing
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    counts = _joint(predicted, reference.classes)
    dice, hd95, assd = {}, {}, {}
    for structure in reference.structures:
        number = CLASS_OF[structure]
        dice[structure.value] = _dice(counts, number, number)
        found = surface_distance(predicted == number, reference.classes == number, spacing)
        if found is not None:
            hd95[structure.value], assd[structure.value] = round(found.hd95, 3), round(found.assd, 3)
    return dice, hd95, assd


def _joint(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Counts:
    """Return how many voxels have each pair of values, shape (256, 256)."""
    pairs = first.astype(np.uint16).reshape(-1) * np.uint16(256) + second.reshape(-1)
    return np.bincount(pairs, minlength=65536).reshape(256, 256)


def _dice(counts: Counts, first: int, second: int) -> float:
    """Return the Dice of two values; where neither exists nothing agrees: 0."""
    sizes = int(counts[first].sum()) + int(counts[:, second].sum())
    return round(2.0 * int(counts[first, second]) / max(sizes, 1), 5)


def _level_dice(counts: Counts) -> dict[str, float]:
    present = [int(v) for v in np.flatnonzero(counts.sum(axis=0)) if v]
    return {level_name(value): _dice(counts, value, value) for value in present}


def _instances(labels: LabelMap, counts: Counts) -> tuple[InstanceScore, ...]:
    """Return each predicted vertebra and disc with the labelled one that it overlaps most."""
    rows = []
    for instance in labels.instances:
        best = _partner(instance, counts)
        if best and instance in labels.confidence:
            dice = _dice(counts, code_of(instance), best)
            kind = structure_of(instance).value
            rows.append(InstanceScore(kind, round(float(labels.confidence[instance]), 4), dice, instance))
    return tuple(rows)


def _partner(instance: InstanceId, counts: Counts) -> int:
    """Return the labelled vertebra or disc under an instance, 0 when there is none of its kind."""
    kind = structure_of(instance)
    if kind not in (Structure.VERTEBRA, Structure.DISC):
        return 0
    row = counts[code_of(instance)].copy()
    for value in range(256):
        if value == 0 or is_disc(value) is not (kind is Structure.DISC):
            row[value] = 0
    return int(row.argmax()) if row.any() else 0
