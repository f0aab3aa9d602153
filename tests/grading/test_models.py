"""The models themselves: logistic arithmetic, the table of weights, and grades of real patients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import instance_number
from lvp_workstation.evaluation.agreement import weighted_kappa
from lvp_workstation.evaluation.roc import auc
from lvp_workstation.grading import coefficients, expert_coefficients
from lvp_workstation.grading.displacement import displacement_weight
from lvp_workstation.grading.features import disc_features
from lvp_workstation.grading.logistic import OrdinalModel, Term, sigmoid
from models.grading import recipes
from models.grading.fitting import Recipe, Sample, fit, out_of_fold
from models.grading.midslices import gradings
from models.grading.volumes import VALIDATION, measure_volumes

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


@pytest.mark.parametrize(
    "name", ["PFIRRMANN", "DISPLACED", "HERNIATED", "NARROWED", "MODIC", "ENDPLATE", "SLIPPED"]
)
def test_table_of_expert_weights(name: str) -> None:
    model: OrdinalModel = getattr(expert_coefficients, name)
    recipe: Recipe = getattr(recipes, name)
    assert list(model.limits) == sorted(model.limits)
    assert len(model.limits) == recipe.classes - 1
    assert all(term.sd > 0 for term in model.terms)
    assert tuple(term.feature for term in model.terms) == recipe.features
    assert set(model.required) <= set(recipe.features)


def test_signs_are_those_that_anatomy_demands() -> None:
    weights = {
        (model.name, term.feature): term.weight
        for model in (
            expert_coefficients.PFIRRMANN,
            expert_coefficients.DISPLACED,
            expert_coefficients.NARROWED,
            expert_coefficients.SLIPPED,
            coefficients.CENTRAL_CANAL,
        )
        for term in model.terms
    }
    assert weights["pfirrmann", "log_marrow"] < 0
    assert weights["pfirrmann", "log_csf"] < 0
    assert weights["pfirrmann", "height_body"] < 0
    assert weights["displaced", "displacement"] > 0
    assert weights["narrowed", "middle_aspect"] < 0
    assert weights["slipped", "forward_both"] > 0
    assert weights["central_canal", "sac_relative"] < 0


def test_a_fit_finds_the_weights_it_was_made_from() -> None:
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(600, 2))
    yes = draw.random(600) < 1 / (1 + np.exp(-(1.5 * rows[:, 0] - 0.5)))
    samples = [
        Sample(str(n), 1, {"y": int(y)}, {"a": float(a), "b": float(b)})
        for n, ((a, b), y) in enumerate(zip(rows, yes, strict=True))
    ]
    recipe = Recipe("TEST", 2, ("a", "b"), lambda s: s.grades["y"], 1.0)
    model = fit(recipe, samples)
    a, b = (term.weight / term.sd for term in model.terms)
    assert a == pytest.approx(1.5, abs=0.3)
    assert abs(b) < 0.3
    stated = [chances[1] for _, chances in out_of_fold(recipe, samples)]
    assert len(stated) == len(samples)
    assert auc(stated, [s.grades["y"] for s, _ in out_of_fold(recipe, samples)]) > 0.75


@pytest.mark.real_data
def test_grades_hold_on_volumes_with_reference_masks(shared_data: Path) -> None:
    graded = gradings(shared_data / "spider_midslices")
    truth, guess, narrowed, bulging = [], [], [], []
    for patient, measures in measure_volumes(shared_data, VALIDATION).items():
        for disc in measures.discs:
            known = graded[patient].get(instance_number(disc))
            features = disc_features(measures, disc)
            if known is None or not expert_coefficients.PFIRRMANN.usable(features):
                continue
            chances = expert_coefficients.PFIRRMANN.probabilities(features)
            truth.append(known["Pfirrman grade"] - 1)
            guess.append(max(range(5), key=chances.__getitem__))
            narrowed.append((expert_coefficients.NARROWED.probability(features), known["Disc narrowing"]))
            displaced = expert_coefficients.DISPLACED.probability(features) * displacement_weight(features)
            bulging.append((displaced, known["Disc bulging"] or known["Disc herniation"]))
    kappa = weighted_kappa(truth, guess, 5)
    assert kappa is not None
    assert kappa > 0.75
    for pairs in (narrowed, bulging):
        area = auc([p for p, _ in pairs], [t for _, t in pairs])
        assert area is not None
        assert area > 0.85
