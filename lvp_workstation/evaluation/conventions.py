"""What the numbers of a labelled image mean: the conventions that are read, told apart by their values.

Whatever a folder uses becomes one `Reference`: a class of every voxel and, where instances are
labelled, the level ids that the program exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import LevelMap, Structure
from lvp_workstation.domain.labelmap import (
    CANAL_CODE,
    DISC_BASE,
    LEVEL_IDS,
    LOWEST_DISC_ID,
    MAX_INSTANCES,
    SACRUM_CODE,
    VERTEBRA_BASE,
    LabelMap,
)
from lvp_workstation.evaluation.overlap import spider_to_level_ids

Codes = NDArray[np.uint8]

STRUCTURES = (Structure.VERTEBRA, Structure.DISC, Structure.CANAL, Structure.SACRUM)
VERTEBRA, DISC, CANAL, SACRUM = 1, 2, 3, 4
CLASS_OF = MappingProxyType({structure: n for n, structure in enumerate(STRUCTURES, start=1)})
"""Structure to the class number of `Reference.classes`."""

CORD_ID = 1
VERTEBRA_IDS = range(11, 47)
"""TotalSpineSeg: C1 11 … L6 46, ours included."""
DISC_IDS = range(60, LOWEST_DISC_ID + 1)
"""TotalSpineSeg: C2-C3 63 … the lowest disc 100, ours included."""
SPIDER_VERTEBRAE, SPIDER_CANAL, SPIDER_CUT, SPIDER_DISCS = (
    range(1, 26),
    100,
    range(101, 126),
    range(201, 226),
)
"""SPIDER masks: vertebrae from below, canal, vertebrae that the image cuts, discs from below
(van der Graaf 2024, doi:10.1038/s41597-024-03090-w)."""

LEVEL_NAMES = MappingProxyType(
    {
        **{value: name for name, value in reversed(list(LEVEL_IDS.items()))},
        LEVEL_IDS["T12-L1"]: "T12-L1",
        LOWEST_DISC_ID: "L5-S1",
    }
)
"""Exported id to a level name; 100 is the lowest disc above the sacrum whatever its name."""


class Convention(StrEnum):
    """What the numbers of a label file stand for."""

    CLASSES = "classes: 1 vertebra, 2 disc, 3 canal, 4 sacrum"
    SPIDER = "SPIDER instances from below: vertebrae 1 …, discs 201 …, canal 100"
    LEVEL_IDS = "level ids: TotalSpineSeg numbers, as this program exports them"
    PREDICTION = "what is predicted on T2 (no labels: agreement, not accuracy)"


@dataclass(frozen=True, eq=False)
class Reference:
    """The labels of an image in one form.

    Attributes
    ----------
    classes
        uint8, shape (slices, rows, columns): 0 or the class of `CLASS_OF`.
    ids
        uint8, exported level ids of vertebrae and discs, 0 elsewhere; None without instances.
    labels, levels
        The conventions found, ``levels`` None where no level is labelled.
    judged
        Structures that are judged even where the labels hold none of them; None: those that are labelled.
    """

    classes: Codes
    ids: Codes | None
    labels: Convention
    levels: Convention | None
    judged: tuple[Structure, ...] | None = None

    @property
    def structures(self) -> tuple[Structure, ...]:
        """Structures that are judged."""
        if self.judged is not None:
            return self.judged
        found = np.unique(self.classes)
        return tuple(s for s in STRUCTURES if CLASS_OF[s] in found)

    @property
    def statement(self) -> str:
        """The conventions in words."""
        if self.levels is None:
            return f"{self.labels}; no level labelled"
        return str(self.labels) if self.levels is self.labels else f"{self.labels}; levels as {self.levels}"


def convention_of(array: NDArray[Any]) -> Convention:
    """Return what the values of a label array stand for.

    Raises
    ------
    ValueError
        When it is empty or its values belong to no known convention.
    """
    values = np.unique(array)
    if not np.array_equal(values, np.rint(values)) or values[0] < 0 or values[-1] > 255:
        raise ValueError("its values are no whole numbers from 0 to 255")
    present = {int(v) for v in values if v}
    if not present:
        raise ValueError("nothing is labelled in it")
    if present <= set(CLASS_OF.values()):
        return Convention.CLASSES
    if present <= {*SPIDER_VERTEBRAE, SPIDER_CANAL, *SPIDER_CUT, *SPIDER_DISCS} and max(present) > 200:
        return Convention.SPIDER
    if present <= {CORD_ID, CANAL_CODE, SACRUM_CODE, *VERTEBRA_IDS, *DISC_IDS}:
        return Convention.LEVEL_IDS
    listed = ", ".join(str(v) for v in sorted(present)[:12])
    raise ValueError(f"its values ({listed}) belong to no convention that this program knows")


def read_reference(labels: NDArray[Any], levels: NDArray[Any] | None = None) -> Reference:
    """Return the labels of an image in one form.

    Parameters
    ----------
    labels
        Classes or instances, shape (slices, rows, columns).
    levels
        Instances where ``labels`` holds classes, same shape; None when there is no such file.

    Raises
    ------
    ValueError
        When shapes differ or the values belong to no known convention.
    """
    kind = convention_of(labels)
    whole = np.asarray(labels).astype(np.uint8)
    classes = whole if kind is Convention.CLASSES else _CLASSES[kind][whole]
    source = levels if levels is not None else None if kind is Convention.CLASSES else labels
    if source is None:
        return Reference(classes, None, kind, None)
    if source.shape != labels.shape:
        raise ValueError(f"labels have the shape {labels.shape}, levels {source.shape}")
    named = convention_of(source)
    if named is Convention.CLASSES:
        raise ValueError("its levels hold classes, no instances")
    return Reference(classes, level_ids(np.asarray(source).astype(np.uint8), named), kind, named)


def level_ids(array: Codes, convention: Convention) -> Codes:
    """Return the exported ids of vertebrae and discs, 0 elsewhere."""
    if convention is Convention.SPIDER:
        return spider_to_level_ids(array)
    keep = np.zeros(256, dtype=np.uint8)
    for value in (*VERTEBRA_IDS, *DISC_IDS):
        keep[value] = value
    return np.asarray(keep[array])


def _table(rows: dict[int, tuple[range, ...]]) -> Codes:
    table = np.zeros(256, dtype=np.uint8)
    for value, ranges in rows.items():
        for one in ranges:
            table[one.start : one.stop] = value
    return table


_CLASSES = {
    Convention.SPIDER: _table(
        {
            VERTEBRA: (SPIDER_VERTEBRAE, SPIDER_CUT),
            DISC: (SPIDER_DISCS,),
            CANAL: (range(SPIDER_CANAL, SPIDER_CANAL + 1),),
        }
    ),
    Convention.LEVEL_IDS: _table(
        {
            VERTEBRA: (VERTEBRA_IDS,),
            DISC: (DISC_IDS,),
            CANAL: (range(CORD_ID, CANAL_CODE + 1),),
            SACRUM: (range(SACRUM_CODE, SACRUM_CODE + 1),),
        }
    ),
}
_INSTANCES = _table(
    {
        VERTEBRA: (range(VERTEBRA_BASE + 1, VERTEBRA_BASE + MAX_INSTANCES + 1),),
        DISC: (range(DISC_BASE + 1, DISC_BASE + MAX_INSTANCES + 1),),
        CANAL: (range(CANAL_CODE, CANAL_CODE + 1),),
        SACRUM: (range(SACRUM_CODE, SACRUM_CODE + 1),),
    }
)


def classes_of_labelmap(labels: LabelMap) -> Codes:
    """Return the class of every voxel of a label map, named or not."""
    return np.asarray(_INSTANCES[labels.array])


def ids_of_labelmap(labels: LabelMap, levels: LevelMap) -> Codes:
    """Return the exported ids of vertebrae and discs of a label map, 0 elsewhere."""
    return level_ids(labels.exported(levels)[0], Convention.LEVEL_IDS)


def is_disc(value: int) -> bool:
    """Whether an exported id is that of a disc."""
    return value in DISC_IDS
