"""The length of a scale bar."""

from __future__ import annotations

import numpy as np

_STEPS = (1, 2, 5)


def nice_length(at_most_mm: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20, 50 … mm that is not longer than ``at_most_mm``."""
    if not at_most_mm > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(at_most_mm))
    return float(max(step * power for step in _STEPS if step * power <= at_most_mm * (1 + 1e-9)))
