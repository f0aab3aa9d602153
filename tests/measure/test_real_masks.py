"""Sanity of measurements on expert masks of real patients: every value lies where anatomy allows it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.annotations import STUDY_TARGET
from lvp_workstation.domain.study import Weighting
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from models.grading.volumes import load_case
from tests.measure.model_spine import PROVENANCE, ModelSpine

pytestmark = pytest.mark.real_data
PATIENTS = ("5", "22", "57", "200")
RANGES = {
    "height_anterior": (14.0, 36.0),
    "height_middle": (14.0, 34.0),
    "height_posterior": (14.0, 36.0),
    "depth_superior": (24.0, 48.0),
    "wedge_angle": (-15.0, 20.0),
    "disc_height_anterior": (1.0, 22.0),
    "disc_height_middle": (2.0, 18.0),
    "disc_height_posterior": (0.0, 15.0),
    "disc_height_index": (0.05, 0.50),
    "disc_bulge_depth": (0.0, 12.0),
    "canal_ap": (8.0, 26.0),
    "sac_ap": (3.0, 20.0),
    "slip": (-6.0, 14.0),
    "segmental_angle": (-15.0, 45.0),
    "disc_csf_ratio": (0.02, 1.2),
}


@lru_cache(maxsize=8)
def measured(folder: Path, patient: str) -> SpineMeasures:
    """Return the measures of a patient's expert masks."""
    case = load_case(folder, patient)
    assert case is not None
    volume, labels = case
    count = sum(instance.startswith("V") for instance in labels.instances)
    levels = ModelSpine(count=count).levels
    return measure_spine(labels, levels, volume, Weighting.T2, PROVENANCE)


@pytest.mark.parametrize("patient", PATIENTS)
def test_values_are_possible(shared_data: Path, patient: str) -> None:
    measures = measured(shared_data, patient)
    for (target, name), measurement in measures.measurements.items():
        if name in RANGES:
            low, high = RANGES[name]
            assert low <= measurement.value <= high, f"{name} of {target}"
    lordosis = measures.value(STUDY_TARGET, "lordosis_l1_s1")
    assert lordosis is not None
    assert 10.0 < lordosis < 80.0


@pytest.mark.parametrize("patient", PATIENTS)
def test_nearly_every_lumbar_level_is_measured(shared_data: Path, patient: str) -> None:
    measures = measured(shared_data, patient)
    for n in range(1, 6):
        for name in ("disc_height_middle", "disc_bulge_depth", "slip", "sac_ap", "disc_csf_ratio"):
            assert measures.value(f"D{n}", name) is not None, f"{name} of D{n}"


def test_a_height_from_a_corner_inside_the_disc_is_left_out(shared_data: Path) -> None:
    measures = measured(shared_data, "162")
    for n in (6, 8):  # 0.7 and 0.4 mm where the mask of the disc is 3 mm thick
        assert measures.value(f"D{n}", "disc_height_posterior") is None
        assert measures.value(f"D{n}", "disc_height_index") is None
        assert measures.value(f"D{n}", "disc_height_middle") is not None
    assert measures.value("D3", "disc_height_posterior") is not None


def test_the_known_slip_is_found(shared_data: Path) -> None:
    slips = {n: measured(shared_data, "200").value(f"D{n}", "slip") or 0.0 for n in range(1, 6)}
    assert max(slips, key=lambda n: slips[n]) == 1
    assert slips[1] > 5.0


def test_degenerate_discs_are_darker_than_normal_ones(shared_data: Path) -> None:
    normal = [measured(shared_data, "5").value(f"D{n}", "disc_csf_ratio") or 0.0 for n in range(1, 6)]
    worn = [measured(shared_data, "57").value(f"D{n}", "disc_csf_ratio") or 0.0 for n in range(1, 6)]
    assert np.median(normal) > 1.5 * np.median(worn)
