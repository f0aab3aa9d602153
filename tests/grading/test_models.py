"""The models themselves: logistic arithmetic, the table of weights, and grades of real patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvp_workstation.grading import coefficients
from lvp_workstation.grading.logistic import OrdinalModel, Term, sigmoid
from models.grading.fit_thresholds import RECIPES, VALIDATION, auc, predict, read_samples, weighted_kappa

MODEL = OrdinalModel("example", (Term("a", 1.0, 2.0, 0.5), Term("b", 0.0, 1.0, -1.0)), (-1.0, 1.0), ("a",))


def test_probabilities_follow_the_formula() -> None:
    chances = MODEL.probabilities({"a": 3.0, "b": 0.5})
    score = 0.5 * 1.0 - 0.5
    assert chances[0] == pytest.approx(sigmoid(-1.0 - score))
    assert sum(chances) == pytest.approx(1.0)


def test_missing_features_count_as_average_and_extremes_are_limited() -> None:
    assert MODEL.score({"a": 1.0}) == 0.0
    assert MODEL.score({"a": 1e6}) == pytest.approx(1.5)
    assert MODEL.usable({"a": 0.0})
    assert not MODEL.usable({"b": 0.0})


def test_sigmoid_is_safe() -> None:
    assert sigmoid(-1e4) == pytest.approx(0.0)
    assert sigmoid(1e4) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["PFIRRMANN", "DISPLACED", "HERNIATED", "CENTRAL_CANAL", "NARROWED"])
def test_table_of_weights(name: str) -> None:
    model: OrdinalModel = getattr(coefficients, name)
    assert list(model.limits) == sorted(model.limits)
    assert all(term.sd > 0 for term in model.terms)
    assert {term.feature for term in model.terms} >= set(model.required)


def test_signs_are_those_that_anatomy_demands() -> None:
    weights = {
        (model.name, term.feature): term.weight
        for model in (coefficients.PFIRRMANN, coefficients.HERNIATED, coefficients.CENTRAL_CANAL)
        for term in model.terms
    }
    assert weights["pfirrmann", "log_marrow"] < 0
    assert weights["pfirrmann", "log_csf"] < 0
    assert weights["pfirrmann", "height_body"] < 0
    assert weights["herniated", "bulge_support"] > 0
    assert weights["central_canal", "sac_relative"] < 0


@pytest.mark.real_data
def test_grades_hold_on_the_patients_left_out(shared_data: Path) -> None:
    samples = read_samples(shared_data, VALIDATION)
    recipes = {recipe.name: recipe for recipe in RECIPES}
    pairs = predict(coefficients.PFIRRMANN, samples)
    truth = [s.grades["Pfirrman grade"] - 1 for s, _ in pairs]
    guess = [max(range(5), key=chances.__getitem__) for _, chances in pairs]
    assert weighted_kappa(guess, truth, 5) > 0.75
    for name in ("DISPLACED", "NARROWED"):
        pairs = predict(getattr(coefficients, name), samples)
        target = [recipes[name].target(s) for s, _ in pairs]
        assert auc([chances[-1] for _, chances in pairs], target) > 0.85
