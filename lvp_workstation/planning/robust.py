"""Least squares that a few wrong values do not move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.geometry import Array

ROUNDS = 10


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients, their covariance, and the standardised residuals of all rows."""

    values: Array
    covariance: Array
    residuals: Array


def robust_fit(rows: Array, targets: Array, tuning: float) -> Fit:
    """Fit ``rows @ values = targets`` with Huber's weights (Huber 1964, Ann Math Stat 35:73).

    Parameters
    ----------
    rows, targets
        Shapes (n, k) and (n,), each row divided by its standard deviation.
    tuning
        Residuals beyond this many standard deviations count less.
    """
    weights: Array = np.ones(len(targets))
    values: Array = np.zeros(rows.shape[1])
    residuals: Array = targets
    for _ in range(ROUNDS):
        root = np.sqrt(weights)
        values = np.asarray(np.linalg.lstsq(rows * root[:, None], targets * root, rcond=None)[0], np.float64)
        residuals = targets - rows @ values
        weights = np.minimum(1.0, tuning / np.maximum(np.abs(residuals), 1e-9))
    spread = max(1.0, float(weights @ residuals**2) / max(len(targets) - rows.shape[1], 1))
    covariance = np.linalg.pinv((rows * weights[:, None]).T @ rows) * spread
    return Fit(values, covariance, residuals)
