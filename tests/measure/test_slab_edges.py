"""Where the slices end inside the canal, nothing is measured that lies outside them."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import CANAL_CODE, LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.axial_reformat import reformat_sac_areas
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import PROVENANCE, ModelSpine

SLICE_MM, PIXEL_MM = 0.9, 0.8


def round_canal(labels: LabelMap, half_width: float, moved: float) -> LabelMap:
    """Return labels whose canal narrows to both sides; in the upper half it lies ``moved`` mm aside."""
    array = labels.array.copy()
    slices, rows, _ = array.shape
    middle = (slices - 1) / 2
    for row in range(rows):
        inside = np.flatnonzero((array[:, row] == CANAL_CODE).any(axis=0))
        if not inside.size:
            continue
        array[:, row][array[:, row] == CANAL_CODE] = 0
        centre = (inside[0] + inside[-1]) / 2
        offset = moved if row < rows / 2 else 0.0
        for index in range(slices):
            lateral = ((index - middle) * SLICE_MM - offset) / half_width
            if abs(lateral) < 1:
                half = np.sqrt(1 - lateral**2) * (inside[-1] - inside[0]) / 2
                array[index, row, int(np.ceil(centre - half)) : int(centre + half) + 1] = CANAL_CODE
    return LabelMap(array, labels.geometry, labels.instances)


def measured(slices: int, half_width: float = 10.0, moved: float = 0.0) -> tuple[SpineMeasures, LabelMap]:
    spine = ModelSpine()
    grid: VolumeGeometry = spine.grid(SLICE_MM, PIXEL_MM, slices)
    labels = round_canal(spine.labels(grid), half_width, moved)
    volume = Volume(np.full(grid.shape, 300, dtype=np.uint16), grid)
    return measure_spine(labels, spine.levels, volume, Weighting.T2, PROVENANCE), labels


def test_a_sac_within_the_slices_has_its_area() -> None:
    measures, labels = measured(31)
    areas, cut = reformat_sac_areas(labels, measures.landmarks.discs, PROVENANCE)
    assert not cut
    ellipse = np.pi * 10.0 * ModelSpine().canal / 2
    assert [m.value for m in areas.values()] == pytest.approx([ellipse] * 5, rel=0.12)


def test_a_sac_that_reaches_past_the_outermost_slice_has_none() -> None:
    measures, labels = measured(15)
    areas, cut = reformat_sac_areas(labels, measures.landmarks.discs, PROVENANCE)
    assert not areas
    assert sorted(cut) == ["D1", "D2", "D3", "D4", "D5"]


def test_the_diameter_of_a_canal_whose_middle_is_outside_is_not_measured() -> None:
    measures, _ = measured(15, moved=11.0)
    assert measures.value("D1", "sac_ap") == pytest.approx(ModelSpine().canal, abs=1.0)
    assert measures.value("D5", "sac_ap") is None
    assert measures.value("D5", "canal_ap") is None
    assert "canal_outside_slices" in {problem.code for problem in measures.problems}


def test_a_canal_cut_on_both_sides_keeps_its_diameter() -> None:
    measures, _ = measured(15)
    assert measures.value("D5", "sac_ap") == pytest.approx(ModelSpine().canal, abs=1.0)
    assert "canal_outside_slices" not in {problem.code for problem in measures.problems}
