"""Measurements against what is true: error, bias, limits of agreement, by measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lvp_workstation.evaluation.figures import Array, Figure, pooled, resampled

SIDES = ("_left", "_right")
AREA = "mm2"
LIMITS_SD = 1.96
"""Limits of agreement lie so many standard deviations from the bias (Bland and Altman 1986, Lancet 1:307)."""


@dataclass(frozen=True)
class MeasureRow:
    """One true measure and what the program measured, None when it gave no value.

    ``name`` is without its side: left and right are judged together.
    """

    patient: str
    target: str
    name: str
    unit: str
    truth: float
    value: float | None

    @property
    def error(self) -> float:
        """Measured less true; only for rows with a value."""
        assert self.value is not None
        return self.value - self.truth


def plain_name(name: str) -> str:
    """Return the name of a measure or grade without its side."""
    return next((name.removesuffix(side) for side in SIDES if name.endswith(side)), name)


def by_name(rows: Sequence[MeasureRow]) -> dict[str, list[MeasureRow]]:
    """Return the rows of each measure that the program gave at least once, in the order of the names."""
    names = sorted({row.name for row in rows if row.value is not None})
    return {name: [row for row in rows if row.name == name] for name in names}


def measure_figures(rows: Sequence[MeasureRow]) -> dict[str, Figure]:
    """Return the figures of all measures by their documented names."""
    found: dict[str, Figure] = {}
    for name, own in by_name(rows).items():
        of_this = _of_one(own)
        found |= {f"{what}_{name}": figure for what, figure in of_this.items() if figure is not None}
    return found


def _of_one(rows: Sequence[MeasureRow]) -> dict[str, Figure | None]:
    given = [row for row in rows if row.value is not None]
    error = np.array([row.error for row in given])
    true = np.array([row.truth for row in given])
    patients, n = [row.patient for row in given], len(given)

    def of(statistic: Callable[[Array], float], values: Array = error) -> Figure | None:
        return resampled(lambda chosen: float(statistic(values[chosen])), patients, n)

    found: dict[str, Figure | None] = {
        "coverage": pooled((r.patient, float(r.value is not None), 1.0) for r in rows),
        "mae": of(lambda e: float(np.abs(e).mean())),
        "bias": of(lambda e: float(e.mean())),
        "limit_low": of(lambda e: float(e.mean()) - LIMITS_SD * _spread(e)),
        "limit_high": of(lambda e: float(e.mean()) + LIMITS_SD * _spread(e)),
    }
    if given[0].unit == AREA and (true > 0).all():
        found["mae_percent"] = of(lambda e: float(e.mean()), 100.0 * np.abs(error) / true)
    return found


def _spread(errors: Array) -> float:
    return float(errors.std(ddof=1)) if errors.size > 1 else 0.0
