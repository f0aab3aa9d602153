"""Measurements of a spine of boxes, whose measures are known exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import CANAL
from lvp_workstation.domain.annotations import STUDY_TARGET
from lvp_workstation.domain.study import Weighting
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import (
    CSF,
    DISC_SIGNAL,
    PROVENANCE,
    ModelSpine,
    reversed_slices,
    transposed,
)

GRIDS = [(0.9, 0.8, 15), (4.4, 0.7, 5)]


def measure(spine: ModelSpine, *grid: float, weighting: Weighting = Weighting.T2) -> SpineMeasures:
    """Return the measures of a model on a grid."""
    case = spine.case(grid[0], grid[1], int(grid[2])) if grid else spine.case()
    return measure_spine(*case, weighting, PROVENANCE)


def value(measures: SpineMeasures, target: str, name: str) -> float:
    """Return a value that must be there."""
    found = measures.value(target, name)
    assert found is not None, f"{name} of {target} is missing"
    return found


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("pitch", [0.0, -22.0])
def test_heights_and_depths_are_those_of_the_boxes(grid: tuple[float, ...], pitch: float) -> None:
    measures = measure(ModelSpine(pitch=pitch), *grid)
    for n in range(1, 5):
        for part in ("anterior", "middle", "posterior"):
            assert value(measures, f"V{n}", f"height_{part}") == pytest.approx(26.0, abs=0.7)
            assert value(measures, f"D{n}", f"disc_height_{part}") == pytest.approx(9.0, abs=0.7)
        assert value(measures, f"V{n}", "depth_superior") == pytest.approx(34.0, abs=0.8)
        assert abs(value(measures, f"V{n}", "wedge_angle")) < 1.5
        index = value(measures, f"D{n}", "disc_height_index")
        assert index == pytest.approx(9.0 / 34.0, abs=0.02)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("slip", [-4.0, 8.5])
def test_slip_belongs_to_the_disc_below_the_slipped_body(grid: tuple[float, ...], slip: float) -> None:
    measures = measure(ModelSpine(slip=slip, pitch=8.0), *grid)
    assert value(measures, "D2", "slip") == pytest.approx(slip, abs=0.4)
    assert value(measures, "D2", "slip_percent") == pytest.approx(100 * slip / 34.0, abs=1.5)
    assert abs(value(measures, "D3", "slip")) < 0.4
    assert abs(value(measures, "D1", "slip")) < 0.4


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("bulge", [0.0, 4.0])
def test_bulge_beyond_the_posterior_corners(grid: tuple[float, ...], bulge: float) -> None:
    measures = measure(ModelSpine(bulge=bulge, canal_gap=6.0), *grid, weighting=Weighting.T1)
    assert value(measures, "D2", "disc_bulge_depth") == pytest.approx(bulge, abs=0.5)
    assert value(measures, "D3", "disc_bulge_depth") < 0.5


def test_a_focal_bulge_shows_in_the_profile_and_a_broad_one_does_not() -> None:
    grid = (1.5, 0.9, 15)
    focal = measure(ModelSpine(bulge=5.0, bulge_half_width=5.0, canal_gap=7.0), *grid, weighting=Weighting.T1)
    broad = measure(ModelSpine(bulge=5.0, canal_gap=7.0), *grid, weighting=Weighting.T1)
    ends = [focal.bulge_profiles["D2"][0][1], focal.bulge_profiles["D2"][-1][1]]
    assert max(ends) < 1.0
    assert dict(focal.bulge_profiles["D2"])[0.0] == pytest.approx(5.0, abs=0.5)
    assert min(depth for _, depth in broad.bulge_profiles["D2"]) > 4.0


@pytest.mark.parametrize("wedge", [8.0, -6.0])
def test_wedge_is_positive_when_the_front_is_taller(wedge: float) -> None:
    measures = measure(ModelSpine(wedge=wedge))
    assert value(measures, "V2", "wedge_angle") == pytest.approx(wedge, abs=1.2)
    anterior, posterior = (value(measures, "V2", f"height_{p}") for p in ("anterior", "posterior"))
    assert math.copysign(1, anterior - posterior) == math.copysign(1, wedge)


@pytest.mark.parametrize("grid", GRIDS)
def test_canal_and_sac_diameters(grid: tuple[float, ...]) -> None:
    measures = measure(ModelSpine(pitch=10.0), *grid)
    for n in range(2, 5):
        assert value(measures, f"D{n}", "sac_ap") == pytest.approx(15.0, abs=0.5)
        assert value(measures, f"D{n}", "canal_ap") == pytest.approx(18.0, abs=0.6)


def test_angles_to_the_sacrum_and_the_scanner() -> None:
    measures = measure(ModelSpine(pitch=18.0))
    assert abs(value(measures, STUDY_TARGET, "lordosis_l1_s1")) < 1.5
    assert value(measures, STUDY_TARGET, "sacral_slope") == pytest.approx(-18.0, abs=1.5)
    turned = measure(ModelSpine(pitch=-18.0))
    assert value(turned, STUDY_TARGET, "sacral_slope") == pytest.approx(18.0, abs=1.5)


def test_disc_axis_points_up_along_the_spine() -> None:
    measures = measure(ModelSpine(pitch=-20.0, shift=10.0), 0.9, 0.8, 31)
    angle = math.radians(-20.0)
    expected = np.array([0.0, math.sin(angle), math.cos(angle)])
    for disc in measures.landmarks.discs.values():
        assert np.dot(disc.normal, expected) > math.cos(math.radians(8.0))


def test_a_sideways_course_is_followed() -> None:
    spine = ModelSpine(shift=12.0, width=60.0)
    measures = measure(spine, 0.9, 0.8, 41)
    low, high = measures.landmarks.discs["D1"].centroid, measures.landmarks.discs["D5"].centroid
    assert high[0] - low[0] == pytest.approx(0.12 * (high[2] - low[2]), abs=2.0)
    assert value(measures, "V3", "height_middle") == pytest.approx(26.0, abs=0.7)


@pytest.mark.parametrize("change", [reversed_slices, transposed])
def test_order_of_the_voxels_does_not_matter(change: object) -> None:
    labels, levels, volume = ModelSpine(slip=4.0, bulge=2.0, canal_gap=5.0, pitch=9.0).case(4.0, 0.8, 9)
    assert callable(change)
    first = measure_spine(labels, levels, volume, Weighting.T2, PROVENANCE)
    second = measure_spine(*_args(change(labels, volume), levels), Weighting.T2, PROVENANCE)
    assert first.measurements.keys() == second.measurements.keys()
    for key, measurement in first.measurements.items():
        other = second.measurements[key]
        assert other.value == pytest.approx(measurement.value, abs=0.02), key
        assert np.allclose(other.points_lps, measurement.points_lps, atol=0.2), key


def _args(pair: tuple[object, object], levels: object) -> tuple[object, ...]:
    return pair[0], levels, pair[1]


def test_signal_ratio_on_t2_only() -> None:
    spine = ModelSpine()
    measures = measure(spine)
    assert value(measures, "D3", "disc_csf_ratio") == pytest.approx(DISC_SIGNAL / CSF, abs=0.03)
    other = measure(spine, weighting=Weighting.T1)
    assert other.value("D3", "disc_csf_ratio") is None
    assert other.feature("D3", "disc_marrow_ratio") is None


def test_fluid_darker_than_a_disc_is_no_fluid() -> None:
    """A ratio to it would exceed 1: the canal of that slice shows roots, or the sac lies beside it."""
    labels, levels, volume = ModelSpine().case(4.0, 0.8, 9)
    dark = volume.with_array(np.where(labels.mask(CANAL), volume.array / 4, volume.array))
    measures = measure_spine(labels, levels, dark, Weighting.T2, PROVENANCE)
    assert all(measures.value(disc, "disc_csf_ratio") is None for disc in measures.discs)
    assert measures.feature("D3", "disc_marrow_ratio") is not None


def test_points_and_value_agree() -> None:
    measures = measure(ModelSpine(slip=3.0))
    height = measures.measurements["V3", "height_anterior"]
    ends = np.array(height.points_lps)
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(height.value)
    assert height.unit == "mm"
    assert height.uncertainty is not None


def test_nothing_is_nan_and_names_are_known() -> None:
    measures = measure(ModelSpine(), 4.4, 0.9, 5)
    assert all(math.isfinite(m.value) for m in measures.measurements.values())
    assert {name for _, name in measures.measurements} <= KNOWN


KNOWN = {
    *(f"disc_height_{part}" for part in ("anterior", "middle", "posterior", "index")),
    *(f"height_{part}" for part in ("anterior", "middle", "posterior")),
    *("disc_bulge_depth", "disc_csf_ratio", "canal_ap", "sac_ap", "slip", "slip_percent"),
    *("segmental_angle", "depth_superior", "wedge_angle", "lordosis_l1_s1", "sacral_slope"),
}
