"""Does a stated probability come true? Reliability tables and calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINS = 10
"""Bins of equal width between 0 and 1 (our choice; Guo 2017 uses 15)."""


@dataclass(frozen=True)
class Reliability:
    """Counts, summed confidences and summed successes by bin of confidence; tables add up.

    Attributes
    ----------
    counts, confidence, right
        One entry a bin, from 0 to 1 in steps of equal width.
    """

    counts: tuple[float, ...]
    confidence: tuple[float, ...]
    right: tuple[float, ...]

    @classmethod
    def empty(cls, bins: int = BINS) -> Reliability:
        """Return a table of nothing."""
        zero = (0.0,) * bins
        return cls(zero, zero, zero)

    @property
    def total(self) -> float:
        """How many claims were counted."""
        return sum(self.counts)

    @property
    def error(self) -> float | None:
        """Expected calibration error: the mean gap between claim and truth, weighted by counts."""
        if not self.total:
            return None
        gaps = (abs(c - r) for c, r in zip(self.confidence, self.right, strict=True))
        return sum(gaps) / self.total

    def rows(self) -> list[tuple[float, float, float, float]]:
        """Return (lower edge, count, mean confidence, share right) of each bin that holds anything."""
        width = 1.0 / len(self.counts)
        entries = zip(self.counts, self.confidence, self.right, strict=True)
        return [(n * width, c, p / c, r / c) for n, (c, p, r) in enumerate(entries) if c]

    def __add__(self, other: Reliability) -> Reliability:
        """Return the table of both."""
        return Reliability(
            _sum(self.counts, other.counts),
            _sum(self.confidence, other.confidence),
            _sum(self.right, other.right),
        )


def _sum(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> Reliability:
    """Return the reliability table of claims.

    Parameters
    ----------
    confidence
        Stated probabilities, 0-1.
    right
        Whether each came true, same length.
    """
    stated = np.asarray(confidence, dtype=np.float64).reshape(-1)
    true = np.asarray(right, dtype=np.float64).reshape(-1)
    if stated.shape != true.shape:
        raise ValueError(f"{stated.size} claims cannot be compared with {true.size} outcomes")
    place = np.clip((stated * bins).astype(np.intp), 0, bins - 1)
    sums = [np.bincount(place, weights=w, minlength=bins) for w in (None, stated, true)]
    return Reliability(*(tuple(round(float(v), 4) for v in row) for row in sums))
