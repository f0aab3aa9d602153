"""Agreement, discrimination and intervals against values worked out by hand or by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvp_workstation.evaluation.agreement import confusion, share_within, weighted_kappa
from lvp_workstation.evaluation.intervals import patient_bootstrap, wilson
from lvp_workstation.evaluation.roc import auc, delong_interval, roc_curve

TRUTH = [0] * 25 + [1] * 25
GIVEN = [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15


def test_kappa_of_a_worked_table() -> None:
    assert confusion(TRUTH, GIVEN, 2).tolist() == [[20, 5], [10, 15]]
    assert weighted_kappa(TRUTH, GIVEN, 2, "none") == pytest.approx(0.4)


def test_weights_differ_in_how_they_count_far_misses() -> None:
    truth, near, far = [0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 1, 2], [0, 1, 2, 2, 1, 2]
    for weighting in ("linear", "quadratic"):
        close, wide = (weighted_kappa(truth, g, 3, weighting) for g in (near, far))
        assert close is not None
        assert wide is not None
        assert close > wide
    assert weighted_kappa(truth, truth, 3) == pytest.approx(1.0)
    assert weighted_kappa([1, 1], [1, 1], 3) is None
    assert share_within(truth, far, 1) == pytest.approx(5 / 6)
    assert share_within([], []) is None


def test_ratings_outside_the_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="class numbers"):
        confusion([0, 3], [0, 1], 3)
    with pytest.raises(ValueError, match="same cases"):
        confusion([0, 1], [0], 3)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    yes, no = [s for s, t in rows if t], [s for s, t in rows if not t]
    found = auc([s for s, _ in rows], [t for _, t in rows])
    if not yes or not no:
        assert found is None
        return
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in yes for b in no]
    assert found == pytest.approx(np.mean(pairs))
    curve = roc_curve([s for s, _ in rows], [t for _, t in rows])
    assert curve is not None
    assert np.trapezoid(curve.sensitivity, curve.fall_out) == pytest.approx(found)


def test_delong_variance_of_a_worked_example() -> None:
    score, truth = [3.0, 5.0, 6.0, 1.0, 2.0, 4.0], [1, 1, 1, 0, 0, 0]
    found = delong_interval(score, truth)
    assert found is not None
    area, low, high = found
    assert area == pytest.approx(8 / 9)
    # Placements (2/3, 1, 1) and (1, 1, 2/3): variance 1/27 each, over three cases each.
    spread = np.sqrt(2 * (1 / 27) / 3)
    half = 1.959964 * spread / (area * (1 - area))
    assert np.log(high / (1 - high)) - np.log(low / (1 - low)) == pytest.approx(2 * half, rel=1e-5)
    assert low < area < high < 1.0
    assert delong_interval([1.0, 2.0], [1, 0]) is None


def test_bootstrap_draws_patients_not_discs() -> None:
    patients = [str(n) for n in range(40) for _ in range(10)]
    values = np.repeat(np.random.default_rng(0).normal(size=40), 10)
    together = patient_bootstrap(lambda i: float(values[i].mean()), patients)
    apart = patient_bootstrap(lambda i: float(values[i].mean()), [str(n) for n in range(400)])
    assert together is not None
    assert apart is not None
    assert together[1] - together[0] > 2.5 * (apart[1] - apart[0])
    assert together == patient_bootstrap(lambda i: float(values[i].mean()), patients)


def test_bootstrap_without_figures_gives_none() -> None:
    assert patient_bootstrap(lambda _: None, ["1", "2"]) is None
    assert patient_bootstrap(lambda _: 1.0, []) is None


def test_wilson_of_published_values() -> None:
    # Newcombe 1998, Stat Med 17:857, table I: 81 of 263 gives 0.2553 to 0.3662.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
