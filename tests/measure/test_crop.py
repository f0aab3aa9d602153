"""Pictures of single discs for the learned grader: place, scale, direction and signal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.crop import AHEAD_MM, CHANNELS, COLUMNS, ROWS, STEP_MM
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import BONE, CSF, DISC_SIGNAL, PROVENANCE, ModelSpine, transposed

DISC, BODIES, CANAL = (CHANNELS.index(name) for name in ("disc", "bodies", "canal"))
MIDDLE_COLUMN, MIDDLE_ROW = round(AHEAD_MM / STEP_MM), ROWS // 2


def crop(spine, disc="D3", companion=None, turn=None, weighting=Weighting.T2):
    labels, levels, volume = spine.case(pixel_mm=0.6)
    if turn is not None:
        labels, volume = turn(labels, volume)
    return measure_spine(labels, levels, volume, weighting, PROVENANCE, companion).crops[disc]


@pytest.mark.parametrize("pitch", [0.0, 20.0])
@pytest.mark.parametrize("turn", [None, transposed])
def test_the_disc_lies_in_the_middle_its_canal_behind_however_the_series_is_stored(pitch, turn):
    found = crop(ModelSpine(pitch=pitch), turn=turn)
    assert found.shape == (len(CHANNELS), ROWS, COLUMNS)
    rows, columns = np.nonzero(found[DISC] >= 0.5)
    assert rows.mean() == pytest.approx((ROWS - 1) / 2, abs=0.7)
    assert columns.mean() == pytest.approx(MIDDLE_COLUMN, abs=0.7)
    assert np.ptp(rows) * STEP_MM == pytest.approx(9.0, abs=1.6)
    assert np.ptp(columns) * STEP_MM == pytest.approx(34.0, abs=1.6)
    assert np.nonzero(found[CANAL] >= 0.5)[1].min() > columns.max()
    assert {int(r > MIDDLE_ROW) for r in np.nonzero(found[BODIES] >= 0.5)[0]} == {0, 1}


def test_signal_is_over_marrow_and_gain_changes_nothing():
    found = crop(ModelSpine())
    assert found[0, MIDDLE_ROW, MIDDLE_COLUMN] == pytest.approx(DISC_SIGNAL / BONE, abs=0.02)
    assert np.median(found[0][found[CANAL] >= 0.99]) == pytest.approx(CSF / BONE, abs=0.02)
    labels, levels, volume = ModelSpine().case(pixel_mm=0.6)
    louder = measure_spine(labels, levels, volume.with_array(volume.array * 3.0), Weighting.T2, PROVENANCE)
    assert np.allclose(louder.crops["D3"], found, atol=1e-3)


def test_a_slip_moves_the_upper_half_forward():
    found = crop(ModelSpine(slip=6.0), "D2")
    above = np.nonzero(found[BODIES, :20] >= 0.5)[1].min()
    below = np.nonzero(found[BODIES, 46:] >= 0.5)[1].min()
    assert (below - above) * STEP_MM == pytest.approx(6.0, abs=1.0)


def test_t1_is_laid_beside_by_position():
    spine = ModelSpine()
    grid = spine.grid(3.0, 0.9, 5)
    labels = spine.labels(grid)
    image = replace(spine, disc_signal=0.5 * BONE).image(labels)
    found = crop(spine, companion=Volume(image.array, grid))
    assert found[1, MIDDLE_ROW, MIDDLE_COLUMN] == pytest.approx(0.5, abs=0.03)
    assert not crop(spine)[1].any()


def test_fat_suppressed_series_give_no_picture():
    labels, levels, volume = ModelSpine().case()
    assert not measure_spine(labels, levels, volume, Weighting.STIR, PROVENANCE).crops
