"""What an evaluation says: figures with intervals over patients, and whether they meet a need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from lvp_workstation.evaluation.intervals import SEED, Index, patient_bootstrap, wilson

Array = NDArray[np.float64]

LOWER_IS_BETTER = ("hd95", "assd", "worst_hd95", "failures", "seconds", "ece", "mae", "bias", "withheld")
"""Beginnings of the names of figures that should be small; all others should be large."""


@dataclass(frozen=True)
class Figure:
    """One number of an evaluation.

    Attributes
    ----------
    value
        In the unit that ``docs/evaluation.md`` gives for its name.
    low, high
        95 % interval over patients; both equal the value where a single patient allows none.
    n
        How many values it rests on: discs, images or instances, as documented.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Need:
    """A figure that must reach a value."""

    name: str
    wanted: float

    @property
    def at_most(self) -> bool:
        """Whether the figure must stay at or below the value."""
        return self.name.startswith(LOWER_IS_BETTER)

    def met(self, figures: Mapping[str, Figure]) -> bool:
        """Whether the figure is there and reaches the value; a bias is judged by its size."""
        found = figures.get(self.name)
        if found is None:
            return False
        return abs(found.value) <= self.wanted if self.at_most else found.value >= self.wanted


def read_need(text: str) -> Need:
    """Return the need written as ``NAME=VALUE``.

    Raises
    ------
    ValueError
        When it is not of that form.
    """
    name, sign, value = text.partition("=")
    try:
        wanted = float(value)
    except ValueError:
        wanted = float("nan")
    if not name.strip() or not sign or not np.isfinite(wanted):
        raise ValueError(f"a need is written NAME=VALUE, such as dice_disc=0.88, not {text!r}")
    return Need(name.strip(), wanted)


Pair = tuple[str, float]
"""A patient and a value of one of their images."""

Statistic = Callable[[Array], float]


def mean(values: Array) -> float:
    """Return the mean."""
    return float(values.mean())


def median(values: Array) -> float:
    """Return the median."""
    return float(np.median(values))


def over_patients(pairs: Iterable[Pair], statistic: Statistic = mean, decimals: int = 4) -> Figure | None:
    """Return a statistic of patients, each counted once with the mean of its images; None without any.

    The interval is a bootstrap over patients. Of a worst value (`min` or `max`) it only tells how
    far the worst patient stands out.
    """
    rows = list(pairs)
    if not rows:
        return None
    names = sorted({name for name, _ in rows})
    means = np.array([np.mean([v for name, v in rows if name == one]) for one in names])
    return resampled(lambda chosen: float(statistic(means[chosen])), names, len(rows), decimals)


def pooled(pairs: Iterable[tuple[str, float, float]], decimals: int = 4) -> Figure | None:
    """Return the share of hits of (patient, hits, cases), all cases alike; n = cases."""
    rows = [row for row in pairs if row[2] > 0]
    if not rows:
        return None
    hits, cases = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    whole = resampled(
        lambda chosen: float(hits[chosen].sum() / cases[chosen].sum()),
        [r[0] for r in rows],
        int(cases.sum()),
        decimals,
    )
    if whole is not None and whole.low == whole.high and float(hits.sum()).is_integer():
        ends = wilson(int(hits.sum()), int(cases.sum()))
        if ends is not None:
            return Figure(whole.value, round(ends[0], decimals), round(ends[1], decimals), whole.n)
    return whole


def counted(hits: int, cases: int) -> Figure:
    """Return a number of cases with the exact binomial interval (Clopper and Pearson 1934)."""
    low = float(beta.ppf(0.025, hits, cases - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, cases - hits)) if hits < cases else 1.0
    return Figure(float(hits), round(low * cases, 2), round(high * cases, 2), cases)


def resampled(
    statistic: Callable[[Index], float | None],
    patients: Sequence[str],
    n: int,
    decimals: int = 4,
) -> Figure | None:
    """Return a statistic of case numbers with its bootstrap interval; None when it cannot be computed."""
    value = statistic(np.arange(len(patients)))
    if value is None:
        return None
    several = len(set(patients)) > 1
    low, high = (patient_bootstrap(statistic, patients, seed=SEED) if several else None) or (value, value)
    return Figure(round(value, decimals), round(low, decimals), round(high, decimals), n)
