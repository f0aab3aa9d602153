"""The side and the axial zone of a displaced disc, from its depths on the sagittal slices."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.zones import displacement_place, zone_of, zone_sentence
from lvp_workstation.measure.result import Coverage, SpineMeasures

OFFSETS = (-8.8, -4.4, 0.0, 4.4, 8.8)


def measures(*depths: float) -> SpineMeasures:
    """Return measures of D2 with depths from the patient's left to the right, on slices 4.4 mm apart."""
    profile = tuple(zip(OFFSETS, depths, strict=True))
    coverage = Coverage(15, 4.4, 0.75, True)
    return SpineMeasures(Weighting.T2, coverage, bulge_profiles=MappingProxyType({"D2": profile}))


def test_the_side_is_that_of_the_deepest_slice() -> None:
    place = displacement_place(measures(2.0, 5.5, 1.0, 0.5, 0.0), "D2")
    assert place == pytest.approx(4.4)
    assert "4 mm left of the middle of the canal (left central zone)" in zone_sentence(
        measures(2.0, 5.5, 1.0, 0.5, 0.0), "D2"
    )
    assert displacement_place(measures(0.0, 0.5, 1.0, 5.5, 2.0), "D2") == pytest.approx(-4.4)
    assert displacement_place(measures(6.2, 3.0, 1.0, 0.1, 0.0), "D2") == pytest.approx(8.8)
    assert [zone_of(x) for x in (8.8, -8.8, 15.0)] == [
        "left subarticular",
        "right subarticular",
        "left foraminal",
    ]


def test_no_side_is_stated_where_none_is_clear() -> None:
    assert displacement_place(measures(3.0, 3.0, 3.5, 3.2, 3.0), "D2") is None
    assert displacement_place(measures(1.0, 2.0, 5.0, 1.0, 0.0), "D2") is None
    assert zone_sentence(SpineMeasures(Weighting.T2, Coverage(1, 4.0, 0.7, True)), "D2") == ""


def test_a_mask_that_misses_a_herniation_does_not_make_the_healthy_side_displaced() -> None:
    assert displacement_place(measures(-1.25, -1.25, 0.535, 0.486, 0.795), "D2") is None
