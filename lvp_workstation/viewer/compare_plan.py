"""How two examinations hang side by side where no hanging protocol knows how."""

from __future__ import annotations

from collections.abc import Sequence

from lvp_workstation.domain.study import Series
from lvp_workstation.viewer.hanging import GridLayout, HangingPlan, HungSeries


def pair_plan(current: Sequence[Series], prior: Sequence[Series]) -> HangingPlan:
    """Return two viewports with a series of each: of one role, else of one plane, else the first ones."""
    now = [each for each in current if each.geometry is not None]
    then = [each for each in prior if each.geometry is not None]
    pairs = [(a, b) for a in now for b in then]
    best = max(pairs, key=lambda pair: _likeness(*pair), default=None)
    keys = (best[0].key, best[1].key) if best is not None else ("", "")
    return HangingPlan("", "", GridLayout.regular(1, 2), tuple(HungSeries(key) for key in keys))


def _likeness(first: Series, second: Series) -> tuple[bool, bool]:
    return first.role is second.role, first.plane is second.plane
