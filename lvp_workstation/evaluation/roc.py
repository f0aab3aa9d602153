"""Discrimination of a score between two groups: ROC curve, its area and DeLong's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

Array = NDArray[np.float64]


def _groups(score: ArrayLike, truth: ArrayLike) -> tuple[Array, Array]:
    """Return the scores of the positive and of the negative cases."""
    values, known = np.asarray(score, dtype=np.float64), np.asarray(truth).astype(bool)
    if values.shape != known.shape or values.ndim != 1:
        raise ValueError(f"one score a case is needed, not {values.shape} for {known.shape}")
    return values[known], values[~known]


def auc(score: ArrayLike, truth: ArrayLike) -> float | None:
    """Return the area under the ROC curve, ties counted half; None without cases of both groups.

    Parameters
    ----------
    score
        Higher means more likely positive, shape (n,).
    truth
        0 or 1, shape (n,).
    """
    yes, no = _groups(score, truth)
    if not yes.size or not no.size:
        return None
    rank = rankdata(np.concatenate([yes, no]))[: yes.size]
    return float((rank.sum() - yes.size * (yes.size + 1) / 2) / (yes.size * no.size))


@dataclass(frozen=True)
class RocCurve:
    """Sensitivity and 1 - specificity at each threshold, from "none is positive" to "all are".

    A case is positive when its score is at or above the threshold.
    """

    threshold: Array
    sensitivity: Array
    fall_out: Array


def roc_curve(score: ArrayLike, truth: ArrayLike) -> RocCurve | None:
    """Return the ROC curve with one point a distinct score; None without cases of both groups."""
    yes, no = _groups(score, truth)
    if not yes.size or not no.size:
        return None
    limits = np.unique(np.concatenate([yes, no]))[::-1]
    hits = np.searchsorted(np.sort(-yes), -limits, side="right") / yes.size
    alarms = np.searchsorted(np.sort(-no), -limits, side="right") / no.size
    return RocCurve(
        np.concatenate([[np.inf], limits]),
        np.concatenate([[0.0], hits]),
        np.concatenate([[0.0], alarms]),
    )


def delong_interval(
    score: ArrayLike, truth: ArrayLike, level: float = 0.95
) -> tuple[float, float, float] | None:
    """Return the area under the ROC curve with its interval by DeLong 1988, Biometrics 44:837.

    The interval is symmetric on the logit scale, so that it stays within 0 and 1. It takes the cases for
    independent: discs of one patient are not, so it belongs beside a bootstrap over patients.

    Returns
    -------
    tuple or None
        Area, lower and upper end; None without at least two cases of both groups.
    """
    yes, no = _groups(score, truth)
    if yes.size < 2 or no.size < 2:
        return None
    together = rankdata(np.concatenate([yes, no]))
    of_yes = (together[: yes.size] - rankdata(yes)) / no.size
    of_no = 1.0 - (together[yes.size :] - rankdata(no)) / yes.size
    area = float(of_yes.mean())
    spread = float(np.sqrt(of_yes.var(ddof=1) / yes.size + of_no.var(ddof=1) / no.size))
    if not 0.0 < area < 1.0 or spread == 0.0:
        return area, area, area
    half = float(norm.ppf(0.5 + level / 2)) * spread / (area * (1.0 - area))
    centre = float(logit(area))
    return area, float(expit(centre - half)), float(expit(centre + half))
