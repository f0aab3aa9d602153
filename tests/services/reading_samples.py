"""A small study, analysis and reading for tests; no patient, no image."""

import numpy as np

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.findings import SCALES, Proposal
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.study import Patient, Study
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, VolumeGeometry

TIME = "2026-01-01T00:00:00Z"
PATIENT = Patient("PHANTOM-1", "", "PHANTOM^NORMAL", "20000101", "F")
STUDY = Study("1.2.3", PATIENT, ())
AI = Provenance(Provenance.AI, "lumbar_vnet", TIME, "1.0.0", "ab" * 32, ("1.2.3.4",))
GEOMETRY = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, (4.0, 1.0, 1.0), (3, 40, 30))
LEVELS = LevelMap(5, confidence=0.9, method="counted")


def clock() -> str:
    """A clock that stands still."""
    return TIME


def proposal(scale: str, grade: str, target: str = "D1", share: float = 0.95) -> Proposal:
    """A proposal with all other grades equally unlikely."""
    grades = SCALES[scale].grades
    rest = (1 - share) / (len(grades) - 1)
    return Proposal(
        scale, target, AI, grade, tuple((g, share if g == grade else rest) for g in grades), ("sac_ap",)
    )


def measurement(target: str = "D1") -> Measurement:
    """A distance of 10 mm."""
    return Measurement("sac_ap", target, Formula.DISTANCE, ((0, 0, 0), (0, 10, 0)), AI)


def label_map() -> LabelMap:
    """A vertebra above a disc on one slice."""
    array = np.zeros(GEOMETRY.shape, dtype=np.uint8)
    array[1, 5:15, 5:25] = code_of("V1")
    array[1, 15:20, 5:25] = code_of("D1")
    return LabelMap(array, GEOMETRY)
