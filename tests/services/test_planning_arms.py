"""The simulated technologists: their spread is the stated one, and a good proposal helps them."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.evaluation.paired import holm, signed_rank
from lvp_workstation.services.evaluate.planning import PlaneRow
from lvp_workstation.services.evaluate.planning_arms import (
    ALONE,
    ASSISTED,
    HABIT,
    MANUAL,
    PLANE,
    arms_figures,
    arms_tests,
    simulate_arms,
)


def rows(angle: float, offset: float, declined: str = "", count: int = 60) -> list[PlaneRow]:
    """Return planes of phantoms that are all equally far off."""
    return [
        PlaneRow(f"p{n}", level, angle, offset, declined, True, True, ())
        for n in range(count)
        for level in ("sagittal", "L4-L5")
    ]


def test_the_manual_arm_has_the_stated_spread_and_knows_nothing_of_the_program() -> None:
    good, bad = simulate_arms(rows(0.1, 0.1)), simulate_arms(rows(9.0, 9.0))
    np.testing.assert_array_equal(good.errors[MANUAL], bad.errors[MANUAL])
    within = good.errors[MANUAL] - good.errors[MANUAL].mean(axis=0)
    np.testing.assert_allclose(within.reshape(-1, 3).std(axis=0), PLANE, rtol=0.1)
    assert np.abs(good.errors[MANUAL].mean(axis=0)).max() < 3.5 * max(HABIT)
    np.testing.assert_allclose(good.angles(ALONE), 0.1)


def test_a_good_proposal_helps_and_a_bad_one_is_moved() -> None:
    good, bad = simulate_arms(rows(0.5, 0.2)), simulate_arms(rows(20.0, 0.2))
    assert good.angles(ASSISTED).mean() < good.angles(MANUAL).mean()
    assert good.spread(ASSISTED).mean() < good.spread(MANUAL).mean()
    assert bad.angles(ASSISTED).mean() == pytest.approx(bad.angles(MANUAL).mean(), rel=0.1)
    assert arms_tests(good)["angle: manual against assisted"] < 0.05
    figures = arms_figures(good)
    assert figures["mae_angle_arm_assisted"].value < figures["mae_angle_arm_manual"].value


def test_a_declined_plane_is_drawn_by_hand_in_both_arms() -> None:
    arms = simulate_arms(rows(0.1, 0.1, "not sure"))
    assert arms.angles(ASSISTED).mean() == pytest.approx(arms.angles(MANUAL).mean(), rel=0.1)


def test_holm_and_too_few_pairs() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert signed_rank([1, 2, 3], [3, 4, 5]) is None
    found = signed_rank(range(10), [n + 1 + 0.01 * n for n in range(10)])
    assert found is not None
    assert found < 0.01
