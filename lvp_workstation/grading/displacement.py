"""How much a chance of displacement counts, by what was measured: no bulge is proposed unseen."""

from __future__ import annotations

from collections.abc import Mapping

UNSEEN_WEIGHT = 0.5
SEEN_MM = (0.25, 0.75)
"""Up to 0.25 mm, or where the margin was not measured, the chance of a displaced disc counts half, so that it
never becomes the proposal; from 0.75 mm on it counts fully (our choice). Of SPIDER's discs with a measured
displacement of 0-0.5 mm experts called 15 % bulging or herniated, with 0.5-1 mm 28 %, with 1-1.5 mm 61 %."""


def displacement_weight(features: Mapping[str, float]) -> float:
    """Return what a chance of displacement counts, 0.5-1, by the measured displacement in mm."""
    depth = features.get("displacement", 0.0)
    share = min(1.0, max(0.0, (depth - SEEN_MM[0]) / (SEEN_MM[1] - SEEN_MM[0])))
    return UNSEEN_WEIGHT + (1.0 - UNSEEN_WEIGHT) * share
