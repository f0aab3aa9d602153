"""Paired comparison of arms that judged the same patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import wilcoxon

MIN_PAIRS = 6
"""Below this number of pairs that differ no signed-rank test can reach 0.05 two-sided."""


def signed_rank(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the two-sided p of Wilcoxon's signed-rank test (Wilcoxon 1945, Biometrics Bull 1:80).

    Parameters
    ----------
    first, second
        One value a patient, in the same order.

    Returns
    -------
    p
        None with fewer than `MIN_PAIRS` pairs that differ.
    """
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if np.count_nonzero(differences) < MIN_PAIRS:
        return None
    return float(wilcoxon(differences).pvalue)


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """Return p values adjusted for their number (Holm 1979, Scand J Stat 6:65)."""
    ordered = sorted(values.items(), key=lambda pair: pair[1])
    found, largest = {}, 0.0
    for place, (name, value) in enumerate(ordered):
        largest = max(largest, min(1.0, value * (len(ordered) - place)))
        found[name] = largest
    return found
