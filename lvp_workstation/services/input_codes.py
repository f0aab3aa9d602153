"""Which warnings of an analysis are about its input alone, so that they may be read before any grade."""

from __future__ import annotations

INPUT_CODES = frozenset(
    {
        "contrast_agent",
        "contrast_unknown",
        "few_slices",
        "image_grid",
        "no_t2",
        "not_lumbar",
        "not_sagittal",
        "provider_fallback",
        "sacrum_not_in_view",
        "unreadable_series",
    }
)
"""Codes of `domain.study.Problem`; every other warning of an analysis rests on what the AI saw."""
