"""Figures with intervals over patients, needs and their direction, reliability tables."""

import numpy as np
import pytest

from lvp_workstation.evaluation.calibration import Reliability, reliability
from lvp_workstation.evaluation.figures import (
    Figure,
    Need,
    counted,
    over_patients,
    pooled,
    read_need,
)


def test_each_patient_counts_once_however_many_images():
    found = over_patients([("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 0.0)])
    assert (found.value, found.n) == (0.5, 4)
    assert (found.low, found.high) == (0.0, 1.0)


def test_the_worst_patient_is_that_of_the_mean_of_its_images():
    assert over_patients([("a", 0.2), ("a", 0.8), ("b", 0.6)], np.min).value == 0.5


def test_one_patient_has_no_interval_and_none_has_no_figure():
    assert over_patients([("a", 0.7)]) == Figure(0.7, 0.7, 0.7, 1)
    assert over_patients([]) is None
    assert pooled([("a", 0, 0)]) is None


def test_pooled_hits_count_every_disc_and_a_perfect_share_is_not_certain():
    assert pooled([("a", 7, 7), ("b", 3, 8)]).value == pytest.approx(10 / 15, abs=1e-4)
    perfect = pooled([("a", 7, 7), ("b", 8, 8)])
    assert perfect.value == 1.0
    assert perfect.low == pytest.approx(0.796, abs=0.001)  # Wilson, 15 of 15


def test_no_failure_of_six_leaves_room_for_two_point_eight():
    found = counted(0, 6)
    assert (found.value, found.low, found.n) == (0, 0, 6)
    assert found.high == pytest.approx(6 * 0.4593, abs=0.01)  # Clopper and Pearson, 0 of 6
    assert counted(6, 6).high == 6


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("dice_disc=0.88", 0.88, True),
        ("dice_disc=0.88", 0.87, False),
        ("hd95_disc=3", 2.9, True),
        ("hd95_disc=3", 3.1, False),
        ("worst_hd95_disc=3", 3.1, False),
        ("failures=0", 0, True),
        ("failures=0", 1, False),
        ("seconds_median=1.1", 1.0, True),
        ("bias_canal_ap=0.5", -0.6, False),
        ("bias_canal_ap=0.5", -0.4, True),
        ("mae_slip=1", 1.2, False),
        ("ece_voxel=0.05", 0.04, True),
        ("auc_disc_bulging=0.85", 0.9, True),
    ],
)
def test_needs_know_which_way_is_better(text, value, met):
    need = read_need(text)
    assert need.met({need.name: Figure(value, value, value, 1)}) is met


def test_a_need_without_its_figure_is_missed_and_a_broken_one_refused():
    assert not Need("dice_disc", 0.1).met({})
    for text in ("dice_disc", "=0.1", "dice_disc=high", "dice_disc=nan"):
        with pytest.raises(ValueError, match="NAME=VALUE"):
            read_need(text)


def test_honest_claims_have_no_calibration_error_and_boasting_ones_do():
    honest = reliability([0.25] * 4 + [0.75] * 4, [1, 0, 0, 0, 1, 1, 1, 0])
    assert honest.error == pytest.approx(0.0)
    assert [row[1:] for row in honest.rows()] == [(4, 0.25, 0.25), (4, 0.75, 0.75)]
    assert reliability([0.95] * 10, [1] * 5 + [0] * 5).error == pytest.approx(0.45)
    assert reliability([1.0], [1]).rows() == [(0.9, 1, 1.0, 1.0)]
    assert Reliability.empty().error is None


def test_tables_of_two_images_add_up():
    a, b = reliability([0.3, 0.9], [0, 1]), reliability([0.9], [0])
    assert a + b == reliability([0.3, 0.9, 0.9], [0, 1, 0])
