"""Fit a grading model on samples: ridge-penalised (cumulative) logistic regression, five folds by patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lvp_workstation.grading.logistic import OrdinalModel, Term

Array = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True)
class Sample:
    """One graded disc: patient, number from below, expert grades, features."""

    patient: str
    number: int
    grades: dict[str, int]
    features: dict[str, float]


@dataclass(frozen=True)
class Recipe:
    """What one model is fitted to.

    Attributes
    ----------
    target
        Class of a sample, 0 … classes - 1; None leaves the sample out.
    penalty
        Strength of the ridge on standardised weights.
    required
        Features without which the model gives nothing.
    weight
        Of the features of a sample: what the chance of "yes" is multiplied with where it is stated, so that
        the fit is to what is stated; None for 1.
    """

    name: str
    classes: int
    features: tuple[str, ...]
    target: Callable[[Sample], int | None]
    penalty: float
    required: tuple[str, ...] = ()
    weight: Callable[[Mapping[str, float]], float] | None = None


def fold_of(sample: Sample) -> int:
    """Return the fold of a sample: patient number mod 5."""
    return int(sample.patient) % FOLDS


def fit(recipe: Recipe, samples: Sequence[Sample]) -> OrdinalModel:
    """Return the penalised maximum-likelihood model of a recipe."""
    pairs = [(s, recipe.target(s)) for s in samples if all(f in s.features for f in recipe.required)]
    used = [(s, t) for s, t in pairs if t is not None]
    target = np.array([t for _, t in used])
    table = np.array([[s.features.get(f, np.nan) for f in recipe.features] for s, _ in used])
    mean, sd = np.nanmean(table, axis=0), np.maximum(np.nanstd(table, axis=0), 1e-6)
    x = np.nan_to_num(np.clip((table - mean) / sd, -3.0, 3.0))
    ceiling = np.array([1.0 if recipe.weight is None else recipe.weight(s.features) for s, _ in used])
    weights, limits = _maximise(x, target, ceiling, recipe)
    terms = tuple(
        Term(name, round(float(m), 4), round(float(s), 4), round(float(w), 4))
        for name, m, s, w in zip(recipe.features, mean, sd, weights, strict=True)
    )
    return OrdinalModel(
        recipe.name.lower(), terms, tuple(round(float(v), 4) for v in limits), recipe.required
    )


def _maximise(x: Array, target: NDArray[np.int_], ceiling: Array, recipe: Recipe) -> tuple[Array, Array]:
    classes = recipe.classes
    width, capped = x.shape[1], bool((ceiling < 1.0).any())
    share = np.array(
        [(np.mean(target <= k) * len(target) + 0.5) / (len(target) + 1) for k in range(classes - 1)]
    )
    first = np.log(share / (1 - share))
    start = np.concatenate([np.zeros(width), first[:1], np.log(np.maximum(np.diff(first), 1e-2))])

    def unpack(p: Array) -> tuple[Array, Array]:
        return p[:width], np.concatenate([p[width : width + 1], p[width] + np.cumsum(np.exp(p[width + 1 :]))])

    def loss(p: Array) -> float:
        weights, limits = unpack(p)
        yes = _chances(x @ weights, limits)[np.arange(len(target)), target]
        chance = np.where(target > 0, ceiling * yes, 1.0 - ceiling * (1.0 - yes)) if capped else yes
        return float(-np.log(np.maximum(chance, 1e-9)).sum() + 0.5 * recipe.penalty * (weights @ weights))

    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-4})
    return unpack(np.asarray(best.x))


def _chances(score: Array, limits: Array) -> Array:
    below = 1 / (1 + np.exp(np.clip(score[:, None] - limits, -50, 50)))
    edges = np.concatenate([np.zeros((len(score), 1)), below, np.ones((len(score), 1))], axis=1)
    return np.asarray(np.diff(edges, axis=1))


def predict(model: OrdinalModel, samples: Sequence[Sample]) -> list[tuple[Sample, tuple[float, ...]]]:
    """Return (sample, probabilities) for the samples the model can grade."""
    return [(s, model.probabilities(s.features)) for s in samples if model.usable(s.features)]


def out_of_fold(recipe: Recipe, samples: Sequence[Sample]) -> list[tuple[Sample, tuple[float, ...]]]:
    """Return pooled predictions of five folds by patient."""
    pooled = []
    for fold in range(FOLDS):
        model = fit(recipe, [s for s in samples if fold_of(s) != fold])
        pooled += predict(model, [s for s in samples if fold_of(s) == fold])
    return pooled


def table(model: OrdinalModel, note: str) -> str:
    """Return a model as Python source with its figures below it."""
    rows = [f"{model.name.upper()} = OrdinalModel(\n    {model.name!r},\n    ("]
    rows += [f"        Term({t.feature!r}, {t.mean}, {t.sd}, {t.weight})," for t in model.terms]
    rows.append(f"    ),\n    {model.limits!r},\n    {model.required!r},\n)")
    return "\n".join(rows).replace("'", '"') + f'\n"""{note}"""\n'
