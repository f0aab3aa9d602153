"""The chance of a poor outline follows the confidence of its voxels, as it was fitted for this network."""

from types import SimpleNamespace

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.inference import doubt
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.doubt import poor_chance, poor_chances
from models.training.outline_doubt import (
    VARIANTS,
    Outline,
    compare,
    cross_validated,
    fit,
    log_loss,
    outlines,
    report,
)
from models.training.validation import Judged

L5, L5_S1, L4_L5 = 1, 201, 202
"""Numbers of SPIDER's level masks."""


def test_the_chance_falls_as_the_confidence_rises():
    chances = [poor_chance(c) for c in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99
    assert chances[-1] < 0.005


def test_it_is_even_where_half_of_the_instances_of_the_fit_were_poor():
    assert poor_chance(0.8109) == pytest.approx(0.5, abs=0.01)


def test_the_curve_was_fitted_with_the_network_that_is_shipped():
    bundle = load_bundle()
    assert f"fitted with {bundle.name} {bundle.version} on" in doubt.__doc__


def test_canal_and_sacrum_are_left_out():
    assert set(poor_chances({"V1": 0.9, "D1": 0.8, "CANAL": 0.9, "SACRUM": 0.9})) == {"V1", "D1"}


def drawn(count: int = 4000) -> list[Outline]:
    """Outlines of ten patients whose chance is 1 / (1 + exp(4 - 20 (1 - confidence)))."""
    rng = np.random.default_rng(3)
    rows = []
    for n, unsure in enumerate(rng.uniform(0, 0.4, count)):
        is_poor = rng.random() < 1 / (1 + np.exp(4 - 20 * unsure))
        dice = 0.6 if is_poor else 0.9
        rows.append(Outline(n % 10, VARIANTS[n % 3], 1 - unsure, bool(rng.random() < 0.5), 500 + n % 9, dice))
    return rows


def test_the_fit_finds_the_curve_that_outcomes_were_drawn_from():
    rows = drawn()
    unsure = np.array([[1 - o.confidence] for o in rows])
    curve = fit(unsure, np.array([o.dice < 0.8 for o in rows]))
    assert curve.weights == pytest.approx([-4, 20], rel=0.1)
    assert curve.chance(np.array([[0.2]])) == pytest.approx([0.5], abs=0.04)


def test_a_variable_that_says_nothing_gains_nothing_where_patients_are_held_out():
    rows = drawn()
    plain, with_disc = cross_validated(rows, [0]), cross_validated(rows, [0, 1])
    base = np.mean([o.dice < 0.8 for o in rows])
    assert with_disc == pytest.approx(plain, abs=0.003)
    assert plain < 0.9 * log_loss(np.full(len(rows), base), np.array([o.dice < 0.8 for o in rows]))


def test_the_report_gives_the_numbers_to_copy_and_what_was_judged():
    rows = drawn()
    text = report(rows[:3000], rows[3000:])
    assert text.startswith("_INTERCEPT = -")
    poor = sum(o.dice < 0.8 for o in rows[:3000])
    assert f"fitted on 3000 ({poor} poor), judged on 1000" in text
    assert sum(int(line.split()[2]) for line in text.splitlines() if line[:1] == "0") == 1000


def test_area_under_the_curve_counts_pairs_in_order():
    bad = np.array([True, True, False, False])
    assert auc(np.array([0.9, 0.8, 0.1, 0.2]), bad) == 1.0
    assert auc(np.array([0.9, 0.1, 0.1, 0.5]), bad) == pytest.approx(0.625)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Found codes and level numbers: L5, L5-S1 half found, and a disc cut by the upper edge."""
    found, levels = np.zeros((2, 40, 10), dtype=np.uint8), np.zeros((2, 40, 10), dtype=np.uint8)
    found[:, 20:30], levels[:, 20:30] = 101, L5
    found[:, 30:32], levels[:, 30:36] = 151, L5_S1
    found[:, 2:6], levels[:, 2:6] = 152, L4_L5
    return found, levels


def test_dice_is_taken_with_the_reference_that_is_covered_most_and_of_the_same_kind():
    found, levels = scene()
    assert compare(found, 101, levels) == 1.0
    assert compare(found, 151, levels) == pytest.approx(0.5)
    assert compare(found, 151, np.full_like(levels, L5)) == 0.0


@pytest.mark.parametrize(("flag", "kept"), [("0", [False, True]), ("1", [True])])
def test_the_cut_instance_canal_and_doubtful_vertebrae_take_no_part(flag, kept):
    found, levels = scene()
    grid = VolumeGeometry(np.eye(4), found.shape)
    confidence = {"V1": 0.95, "D1": 0.8, "D2": 0.9, "CANAL": 0.9, "SACRUM": 0.9}
    labels = LabelMap(found, grid, confidence)
    segmenter = SimpleNamespace(segment=lambda volume: SimpleNamespace(labels=labels))
    row = {"patient": "5", "posterior_levels_doubtful": flag}
    rows = outlines(segmenter, row, VARIANTS[0], Judged("spider_5", Volume(found, grid), levels))
    assert [o.disc for o in rows] == kept
    assert [(o.confidence, o.voxels, o.dice) for o in rows if o.disc] == [(0.8, 40, pytest.approx(0.5))]
