"""Label maps: which voxel belongs to which anatomical instance.

Inside the program voxels hold *instance codes*, which never change when levels are renamed:
canal 2, sacrum 50, vertebra ``V<n>`` 100 + n, disc ``D<n>`` 150 + n (n = 1 lowest). Exports
translate them to level ids (TotalSpineSeg numbers, with our own for transitional anatomy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import (
    CANAL,
    SACRUM,
    CodedConcept,
    InstanceId,
    LevelMap,
    Structure,
    disc_id,
    instance_number,
    vertebra_id,
)
from lvp_workstation.domain.volume import VolumeGeometry

LabelArray = NDArray[np.uint8]

BACKGROUND_CODE = 0
CANAL_CODE = 2
SACRUM_CODE = 50
VERTEBRA_BASE = 100
DISC_BASE = 150
MAX_INSTANCES = 49

LEVEL_IDS = MappingProxyType(
    {
        **{f"T{n}": 20 + n for n in range(1, 13)},
        "T13": 33,
        **{f"L{n}": 40 + n for n in range(1, 7)},
        **{f"T{n}-T{n + 1}": 71 + n for n in range(1, 12)},
        "T12-T13": 83,
        "T12-L1": 91,
        "T11-L1": 91,
        "T13-L1": 91,
        **{f"L{n}-L{n + 1}": 91 + n for n in range(1, 6)},
    }
)
"""Level name to exported id: TotalSpineSeg, and ours for T13, L6, T12-T13 and L5-L6."""

LOWEST_DISC_ID = 100
"""The lowest disc above the sacrum, whatever its name (TotalSpineSeg)."""

CODES = MappingProxyType(
    {
        "T9": CodedConcept("SCT", "82687006", "T9 vertebra"),
        "T10": CodedConcept("SCT", "7610001", "T10 vertebra"),
        "T11": CodedConcept("SCT", "12989004", "T11 vertebra"),
        "T12": CodedConcept("SCT", "23215003", "T12 vertebra"),
        "L1": CodedConcept("SCT", "66794005", "L1 vertebra"),
        "L2": CodedConcept("SCT", "14293000", "L2 vertebra"),
        "L3": CodedConcept("SCT", "36470004", "L3 vertebra"),
        "L4": CodedConcept("SCT", "11994002", "L4 vertebra"),
        "L5": CodedConcept("SCT", "49668003", "L5 vertebra"),
        "T9-T10": CodedConcept("SCT", "113209001", "T9/T10 disc"),
        "T10-T11": CodedConcept("SCT", "34959001", "T10/T11 disc"),
        "T11-T12": CodedConcept("SCT", "1537001", "T11/T12 disc"),
        "T12-L1": CodedConcept("SCT", "76206002", "T12/L1 disc"),
        "L1-L2": CodedConcept("SCT", "80064006", "L1/L2 disc"),
        "L2-L3": CodedConcept("SCT", "67459009", "L2/L3 disc"),
        "L3-L4": CodedConcept("SCT", "62551000", "L3/L4 disc"),
        "L4-L5": CodedConcept("SCT", "84020006", "L4/L5 disc"),
        "L5-S1": CodedConcept("SCT", "715056000", "L5/S1 disc"),
        "sacrum": CodedConcept("SCT", "54735007", "Sacrum"),
        "canal": CodedConcept("SCT", "61853006", "Vertebral canal"),
    }
)
"""SNOMED CT codes (pydicom concepts); levels without one fall back to `GENERIC_CODES`."""

GENERIC_CODES = MappingProxyType(
    {
        Structure.VERTEBRA: CodedConcept("SCT", "51282000", "Vertebra"),
        Structure.DISC: CodedConcept("99LVP", "DISC", "Intervertebral disc"),
        Structure.SACRUM: CODES["sacrum"],
        Structure.CANAL: CODES["canal"],
    }
)


def code_of(instance: InstanceId) -> int:
    """Return the voxel code of an instance."""
    if instance == SACRUM:
        return SACRUM_CODE
    if instance == CANAL:
        return CANAL_CODE
    base = VERTEBRA_BASE if instance.startswith("V") else DISC_BASE
    return base + instance_number(instance)


def instance_of(code: int) -> InstanceId | None:
    """Return the instance of a voxel code, None for background and unknown codes."""
    if code == SACRUM_CODE:
        return SACRUM
    if code == CANAL_CODE:
        return CANAL
    if VERTEBRA_BASE < code <= VERTEBRA_BASE + MAX_INSTANCES:
        return vertebra_id(code - VERTEBRA_BASE)
    if DISC_BASE < code <= DISC_BASE + MAX_INSTANCES:
        return disc_id(code - DISC_BASE)
    return None


def structure_of(instance: InstanceId) -> Structure:
    """Return the kind of structure an instance is."""
    if instance == SACRUM:
        return Structure.SACRUM
    if instance == CANAL:
        return Structure.CANAL
    return Structure.VERTEBRA if instance.startswith("V") else Structure.DISC


@dataclass(frozen=True)
class ExportedLabel:
    """One row of ``labels.json``: exported id, structure, level name and code."""

    value: int
    structure: Structure
    level: str
    code: CodedConcept


def exported_label(instance: InstanceId, levels: LevelMap) -> ExportedLabel:
    """Return id, name and code of an instance under a level map.

    Raises
    ------
    KeyError
        When the map gives a name that has no exported id.
    """
    structure = structure_of(instance)
    name = levels.name(instance)
    if structure is Structure.CANAL:
        value = CANAL_CODE
    elif structure is Structure.SACRUM:
        value = SACRUM_CODE
    elif structure is Structure.DISC and name.endswith("-S1"):
        value = LOWEST_DISC_ID
    else:
        value = LEVEL_IDS[name]
    return ExportedLabel(value, structure, name, CODES.get(name, GENERIC_CODES[structure]))


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Instance codes on a voxel grid.

    Attributes
    ----------
    array
        Shape (slices, rows, columns), uint8 instance codes; read-only.
    geometry
        Equals the geometry of the image it was made from.
    confidence
        Instance to mean voxel probability of the winning class, 0-1, where known.
    """

    array: LabelArray
    geometry: VolumeGeometry
    confidence: Mapping[InstanceId, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.array.shape != self.geometry.shape or self.array.dtype != np.uint8:
            raise ValueError("a label map is a uint8 array of the shape of its geometry")
        view = self.array.view()
        view.setflags(write=False)
        object.__setattr__(self, "array", view)

    @property
    def instances(self) -> tuple[InstanceId, ...]:
        """Instances present: vertebrae, then discs, each from caudal to cranial, canal and sacrum last."""
        present = [instance_of(int(code)) for code in np.unique(self.array) if code]
        known = [i for i in present if i is not None]
        return tuple(sorted(known, key=lambda i: (i in (SACRUM, CANAL), i[0] != "V", code_of(i))))

    def mask(self, instance: InstanceId) -> NDArray[np.bool_]:
        """Return the voxels of one instance, same shape as `array`."""
        return np.asarray(self.array == code_of(instance))

    def with_array(self, array: LabelArray) -> LabelMap:
        """Return the same grid with other codes."""
        return replace(self, array=array)

    def exported(self, levels: LevelMap) -> tuple[LabelArray, tuple[ExportedLabel, ...]]:
        """Return the array with exported ids and the rows that explain them.

        An instance whose name has no exported id is left out of the array.
        """
        table = np.zeros(256, dtype=np.uint8)
        rows: dict[int, ExportedLabel] = {}
        for instance in self.instances:
            try:
                row = exported_label(instance, levels)
            except KeyError:
                continue
            table[code_of(instance)] = row.value
            rows[row.value] = row
        return table[self.array], tuple(rows[value] for value in sorted(rows))
