"""Small logistic models whose every number can be read: weights on named measurements, and limits."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

MAX_DEVIATION = 3.0
"""A feature counts for at most this many standard deviations from its mean (our choice: beyond the data
of the fit a straight line says nothing)."""


@dataclass(frozen=True)
class Term:
    """One feature of a model.

    Attributes
    ----------
    feature
        Name of the feature, see `features`.
    mean, sd
        Mean and standard deviation in the data of the fit, in the unit of the feature.
    weight
        Change of the score for one standard deviation.
    """

    feature: str
    mean: float
    sd: float
    weight: float

    def share(self, features: Mapping[str, float]) -> float:
        """Return what the feature adds to the score, 0 when it is absent."""
        if self.feature not in features:
            return 0.0
        deviation = (features[self.feature] - self.mean) / self.sd
        return self.weight * max(-MAX_DEVIATION, min(MAX_DEVIATION, deviation))


@dataclass(frozen=True)
class OrdinalModel:
    """A cumulative logistic model: P(class <= k) = 1 / (1 + exp(score - limits[k])).

    With one limit it is plain logistic regression, and the second class is "yes".

    Attributes
    ----------
    limits
        Rising limits between the classes.
    required
        Features without which the model gives nothing; others count as average when absent.
    """

    name: str
    terms: tuple[Term, ...]
    limits: tuple[float, ...]
    required: tuple[str, ...] = ()

    def usable(self, features: Mapping[str, float]) -> bool:
        """Return whether all required features are there."""
        return all(name in features for name in self.required)

    def score(self, features: Mapping[str, float]) -> float:
        """Return the weighted sum of the standardised features."""
        return sum(term.share(features) for term in self.terms)

    def contribution(self, features: Mapping[str, float], names: Collection[str]) -> float:
        """Return the part of the score that some features bring, 0 where they are absent or average."""
        return sum(term.share(features) for term in self.terms if term.feature in names)

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, ...]:
        """Return the probability of each class; they sum to 1."""
        score = self.score(features)
        below = [0.0, *(sigmoid(limit - score) for limit in self.limits), 1.0]
        return tuple(high - low for low, high in pairwise(below))

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability of the last class."""
        return self.probabilities(features)[-1]


def sigmoid(x: float) -> float:
    """Return the logistic function, safe for large arguments."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)
