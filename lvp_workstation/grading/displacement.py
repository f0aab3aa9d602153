"""How much a chance of displacement counts, by what was measured: no bulge is proposed unseen."""

from __future__ import annotations

from collections.abc import Mapping

UNSEEN_WEIGHT = 0.5
SEEN_MM = (0.1, 0.5)
"""Up to 0.1 mm, or where the margin was not measured, the chance of a displaced disc counts half, so that it
never becomes the proposal; from 0.5 mm on, the error of a measured margin, it counts fully (our choice).
The price is known: of 398 discs of SPIDER with a measured displacement of -1 to 0 mm experts called 32 %
bulging or herniated, so the chances stated for them are too low, never too high."""


def displacement_weight(features: Mapping[str, float]) -> float:
    """Return what a chance of displacement counts, 0.5-1, by the measured displacement in mm."""
    depth = features.get("displacement", 0.0)
    share = min(1.0, max(0.0, (depth - SEEN_MM[0]) / (SEEN_MM[1] - SEEN_MM[0])))
    return UNSEEN_WEIGHT + (1.0 - UNSEEN_WEIGHT) * share
