"""Disc narrowing (yes or no) as a probability: heights against the bodies and the other discs."""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.grading.coefficients import NARROWED
from lvp_workstation.grading.features import disc_features
from lvp_workstation.measure.result import SpineMeasures


def narrowing_probability(measures: SpineMeasures, disc: InstanceId) -> float | None:
    """Return the probability that an expert would call the disc narrowed, None when not measurable."""
    features = disc_features(measures, disc)
    return NARROWED.probability(features) if NARROWED.usable(features) else None
