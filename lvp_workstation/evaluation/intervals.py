"""Confidence intervals: bootstrap over patients for anything, Wilson for a share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Index = NDArray[np.int_]
RESAMPLES = 1000
SEED = 20_000


def patient_bootstrap(
    statistic: Callable[[Index], float | None],
    patients: Sequence[str],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[float, float] | None:
    """Return the percentile interval of a statistic when patients are drawn with replacement.

    Discs of one patient resemble each other, so whole patients are drawn, never single discs.

    Parameters
    ----------
    statistic
        Takes case numbers, shape (n,), repeated as drawn, and returns a figure, or None where the draw
        has none (such as an AUC without a positive case); such draws are left out.
    patients
        Patient of each case.
    resamples, seed
        Number of draws, and where the random numbers start: the same call gives the same interval.

    Returns
    -------
    tuple or None
        Lower and upper end; None when fewer than half of the draws had a figure.
    """
    names = np.asarray(patients)
    groups = [np.flatnonzero(names == name) for name in np.unique(names)]
    if not groups:
        return None
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        chosen = draw.integers(0, len(groups), len(groups))
        value = statistic(np.concatenate([groups[k] for k in chosen]))
        if value is not None:
            found.append(value)
    if 2 * len(found) < resamples:
        return None
    low, high = np.quantile(found, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def wilson(hits: int, cases: int, level: float = 0.95) -> tuple[float, float] | None:
    """Return the score interval of a share (Wilson 1927, J Am Stat Assoc 22:209); None without cases."""
    if not 0 <= hits <= cases:
        raise ValueError(f"{hits} of {cases} is no share")
    if not cases:
        return None
    z = float(norm.ppf(0.5 + level / 2))
    share, square = hits / cases, z * z / cases
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / cases + square / (4 * cases))
    return max(0.0, centre - half), min(1.0, centre + half)
