"""Agreement of two raters on an ordered scale: table, weighted kappa, share within some grades."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int_]
Weighting = Literal["none", "linear", "quadratic"]


def confusion(truth: ArrayLike, given: ArrayLike, classes: int) -> Counts:
    """Return the table of two raters.

    Parameters
    ----------
    truth, given
        Class numbers 0 … classes - 1, shape (n,).
    classes
        Number of classes of the scale, those that nobody used included.

    Returns
    -------
    ndarray
        Shape (classes, classes), rows are the truth.

    Raises
    ------
    ValueError
        When the lengths differ or a class number is outside the scale.
    """
    rows, columns = np.asarray(truth, dtype=np.int_), np.asarray(given, dtype=np.int_)
    if rows.shape != columns.shape or rows.ndim != 1:
        raise ValueError(f"two ratings of the same cases are needed, not {rows.shape} and {columns.shape}")
    both = np.concatenate([rows, columns])
    if both.size and not (both.min() >= 0 and both.max() < classes):
        raise ValueError(f"class numbers run from 0 to {classes - 1}")
    table = np.zeros((classes, classes), dtype=np.int_)
    np.add.at(table, (rows, columns), 1)
    return table


def weighted_kappa(
    truth: ArrayLike, given: ArrayLike, classes: int, weighting: Weighting = "quadratic"
) -> float | None:
    """Return Cohen's kappa (Cohen 1968, Psychol Bull 70:213), weighted by the distance of the grades.

    Parameters
    ----------
    weighting
        ``none`` counts every disagreement alike; state the weighting beside the figure.

    Returns
    -------
    float or None
        1 for full agreement, 0 for chance; None without cases or when both raters used one class only.
    """
    table = confusion(truth, given, classes).astype(np.float64)
    apart = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes)))
    cost = {"none": (apart > 0).astype(np.float64), "linear": apart, "quadratic": apart**2}[weighting]
    total = table.sum()
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / total if total else table
    expected = float((cost * chance).sum())
    return 1.0 - float((cost * table).sum()) / expected if expected > 0 else None


def share_within(truth: ArrayLike, given: ArrayLike, distance: int = 0) -> float | None:
    """Return the share of cases whose grades differ by at most ``distance``; None without cases."""
    apart = np.abs(np.asarray(truth, dtype=np.int_) - np.asarray(given, dtype=np.int_))
    return float((apart <= distance).mean()) if apart.size else None
