"""How much a chance of displacement counts, by what was measured: no bulge is proposed unseen."""

from __future__ import annotations

from collections.abc import Mapping

UNSEEN_WEIGHT, SEEN_MM = 0.5, 1.0
"""Without measured displacement the chance of a displaced disc counts half, so that it never becomes the
proposal; from 1 mm on it counts fully (our choice: 1 mm is about twice the error of a measured margin)."""


def displacement_weight(features: Mapping[str, float]) -> float:
    """Return what a chance of displacement counts, 0.5-1, by the measured displacement in mm."""
    depth = features.get("displacement", 0.0)
    return min(1.0, max(UNSEEN_WEIGHT, UNSEEN_WEIGHT + (1.0 - UNSEEN_WEIGHT) * depth / SEEN_MM))
