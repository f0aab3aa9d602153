"""Ragged, torn and missing masks: what cannot be measured is absent, the rest stays right."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import PROVENANCE, ModelSpine


def measured(labels: LabelMap, spine: ModelSpine, volume: Volume | None = None) -> SpineMeasures:
    """Return the measures of changed labels."""
    return measure_spine(labels, spine.levels, volume or spine.image(labels), Weighting.T2, PROVENANCE)


def without(labels: LabelMap, *codes: int) -> LabelMap:
    """Return the labels without some codes."""
    return labels.with_array(np.where(np.isin(labels.array, codes), 0, labels.array).astype(np.uint8))


def test_ragged_edges_move_a_height_by_about_a_voxel() -> None:
    spine = ModelSpine()
    labels, _, _ = spine.case(4.0, 0.8, 9)
    noise = np.random.default_rng(1).random(labels.array.shape)
    edge = np.zeros(labels.array.shape, dtype=bool)
    for axis in (1, 2):
        edge |= labels.array != np.roll(labels.array, 1, axis)
    ragged = labels.with_array(np.where(edge & (noise < 0.5), 0, labels.array).astype(np.uint8))
    measures = measured(ragged, spine)
    for n in range(1, 5):
        height = measures.value(f"V{n}", "height_middle")
        assert height == pytest.approx(26.0, abs=1.0)
        assert abs(measures.value(f"D{n}", "slip") or 0.0) < 0.8


def test_holes_and_specks_do_not_matter() -> None:
    spine = ModelSpine()
    labels, _, _ = spine.case(0.9, 0.8, 15)
    array = labels.array.copy()
    centre = np.argwhere(array == VERTEBRA_BASE + 2).mean(axis=0).astype(int)
    array[:, centre[1] - 3 : centre[1] + 3, centre[2] - 20 : centre[2] - 12] = 0
    array[:, 4:7, 4:7] = VERTEBRA_BASE + 2
    measures = measured(labels.with_array(array), spine)
    assert measures.value("V2", "height_middle") == pytest.approx(26.0, abs=0.5)


def test_without_sacrum_the_lowest_endplate_is_derived_and_said() -> None:
    spine = ModelSpine(sacrum=False)
    measures = measured(spine.case()[0], spine)
    assert "sacrum_missing" in {p.code for p in measures.problems}
    height = measures.measurements["D1", "disc_height_middle"]
    assert height.value == pytest.approx(9.0, abs=1.0)
    assert "not segmented" in height.source
    assert (height.uncertainty or 0) > (measures.measurements["D2", "disc_height_middle"].uncertainty or 0)
    assert measures.landmarks.bodies["V0"].superior is not None
    assert measures.landmarks.bodies["V0"].superior.derived


def test_without_canal_bodies_are_still_measured() -> None:
    spine = ModelSpine()
    measures = measured(without(spine.case()[0], CANAL_CODE), spine)
    assert measures.value("V3", "height_middle") == pytest.approx(26.0, abs=0.5)
    assert measures.value("D3", "sac_ap") is None
    assert measures.value("D3", "canal_ap") is None
    assert measures.value("D3", "disc_csf_ratio") is None
    assert "no_canal" in {p.code for p in measures.problems}


def test_a_stray_piece_of_canal_changes_nothing() -> None:
    spine = ModelSpine()
    labels, _, _ = spine.case(0.9, 0.8, 15)
    array = labels.array.copy()
    rows = np.argwhere(array == VERTEBRA_BASE + 3)[:, 1]
    array[2:9, int(rows.min()) - 20 : int(rows.max()) + 20, 8:14] = CANAL_CODE
    clean, stray = measured(labels, spine), measured(labels.with_array(array), spine)
    for key, measurement in clean.measurements.items():
        assert stray.measurements[key].value == pytest.approx(measurement.value, abs=0.3), key


def test_a_missing_body_takes_its_measures_with_it() -> None:
    spine = ModelSpine()
    measures = measured(without(spine.case()[0], VERTEBRA_BASE + 3), spine)
    assert measures.of("V3") == {}
    assert measures.value("D3", "slip") is None
    assert measures.value("D4", "slip") is None
    assert measures.value("D2", "slip") is not None
    assert "D3" in measures.landmarks.discs


def test_a_body_cut_by_the_image_gives_no_height() -> None:
    spine = ModelSpine()
    labels, _, _ = spine.case(0.9, 0.8, 15)
    top = int(np.argwhere(labels.array == VERTEBRA_BASE + 5)[:, 1].min()) + 12
    affine = labels.geometry.affine.copy()
    affine[:3, 3] = labels.geometry.index_to_world((0, top, 0))
    array = labels.array[:, top:]
    cut = LabelMap(np.ascontiguousarray(array), VolumeGeometry(affine, array.shape))
    measures = measured(cut, spine)
    assert measures.value("V5", "height_middle") is None
    assert measures.value("V4", "height_middle") == pytest.approx(26.0, abs=0.5)
    assert measures.value("D5", "disc_height_middle") == pytest.approx(9.0, abs=0.6)


@pytest.mark.parametrize("slices", [1, 2])
def test_one_or_two_slices(slices: int) -> None:
    spine = ModelSpine(slip=5.0)
    labels, _, volume = spine.case(4.0, 0.8, slices)
    measures = measured(labels, spine, volume)
    assert measures.value("D2", "slip") == pytest.approx(5.0, abs=0.7)
    assert "few_slices" in {p.code for p in measures.problems}


def test_nothing_labelled() -> None:
    spine = ModelSpine()
    labels, _, volume = spine.case(4.0, 0.8, 5)
    empty = labels.with_array(np.zeros_like(labels.array))
    measures = measured(empty, spine, volume)
    assert not measures.measurements
    assert [p.code for p in measures.problems] == ["nothing_segmented"]


def test_an_axial_series_is_not_measured() -> None:
    grid = VolumeGeometry.from_axes((0, 0, 0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (4, 1, 1), (8, 64, 64))
    labels = LabelMap(np.full(grid.shape, DISC_BASE + 1, dtype=np.uint8), grid)
    measures = measured(labels, ModelSpine(), Volume(np.zeros(grid.shape), grid))
    assert [p.code for p in measures.problems] == ["not_sagittal"]
    assert not measures.measurements


def test_an_image_on_another_grid_gives_no_signal() -> None:
    spine = ModelSpine()
    labels, _, _ = spine.case(4.0, 0.8, 9)
    other = spine.grid(4.0, 1.0, 9)
    measures = measured(labels, spine, Volume(np.zeros(other.shape), other))
    assert measures.value("D3", "disc_csf_ratio") is None
    assert "image_grid" in {p.code for p in measures.problems}
    assert measures.value("D3", "disc_height_middle") is not None


@pytest.mark.parametrize("seed", range(6))
def test_random_labels_never_crash_nor_give_nan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spine = ModelSpine()
    labels, _, volume = spine.case(4.0, 1.2, 7)
    array = labels.array.copy()
    codes = [0, CANAL_CODE, SACRUM_CODE, VERTEBRA_BASE + 1, VERTEBRA_BASE + 2, DISC_BASE + 1, DISC_BASE + 2]
    for _ in range(60):
        start = [int(rng.integers(0, n)) for n in array.shape]
        size = rng.integers(1, 25, 3)
        box = tuple(slice(s, s + int(n)) for s, n in zip(start, size, strict=True))
        array[box] = codes[int(rng.integers(len(codes)))]
    measures = measured(labels.with_array(array), spine, volume)
    assert all(math.isfinite(m.value) for m in measures.measurements.values())
