"""Stacks of one kind that share a viewport, such as the disc-angled blocks of an axial series."""

from __future__ import annotations

from collections.abc import Iterable

from lvp_workstation.domain.geometry import Array
from lvp_workstation.render.stack import PAGING, DisplayStack
from lvp_workstation.viewer.display_series import DisplaySeries


class StackGroup:
    """Stacks of one role, plane and frame of reference, in reading order."""

    def __init__(self, members: Iterable[DisplaySeries] = ()) -> None:
        stacked = [(member, member.stack) for member in members]
        known = [(member, stack) for member, stack in stacked if stack is not None]
        known.sort(key=lambda pair: float(pair[1].geometry.centre @ PAGING[pair[1].plane]))
        self._members = tuple(known)

    @classmethod
    def around(cls, series: DisplaySeries, library: Iterable[DisplaySeries]) -> StackGroup:
        """Return the stacks of ``library`` that are of the same kind as ``series``."""
        grid = series.geometry
        if grid is None or not grid.frame_of_reference_uid:
            return cls((series,))
        uid, plane, role = grid.frame_of_reference_uid, grid.image_plane, series.series.role
        return cls(
            each
            for each in library
            if each.series.role is role
            and each.geometry is not None
            and each.geometry.frame_of_reference_uid == uid
            and each.geometry.image_plane is plane
        )

    def place(self, series: DisplaySeries) -> tuple[int, int]:
        """Return the 1-based place of a stack among those of its series, and their number."""
        own = self._same_series(series)
        return (own.index(series) + 1, len(own)) if series in own else (1, 1)

    def neighbour(self, series: DisplaySeries, step: int) -> DisplaySeries | None:
        """Return the next stack of the same series in reading order, None at the end."""
        own = self._same_series(series)
        if series not in own:
            return None
        at = own.index(series) + step
        return own[at] if 0 <= at < len(own) else None

    def first_of(self, series: DisplaySeries) -> DisplaySeries:
        """Return the first stack of a series in reading order."""
        own = self._same_series(series)
        return own[0] if own else series

    def best_for(self, point: Array, present: DisplaySeries) -> DisplaySeries:
        """Return the stack that shows a point (LPS mm) best.

        Stacks that cover the point come first, those of the present series before others, and among
        them the one whose middle is nearest; when none covers it, the nearest one of the present series.
        """
        covering = [(m, s) for m, s in self._members if s.covers(point)]
        if not covering:
            near = [
                (s.away_mm(point), m is not present, m) for m, s in self._members if _uid(m) == _uid(present)
            ]
            return min(near, key=lambda each: each[:2], default=(0.0, False, present))[2]
        own = [(m, s) for m, s in covering if _uid(m) == _uid(present)]
        best = min(own or covering, key=lambda pair: _off_middle(pair[1], point))
        return best[0]

    def _same_series(self, series: DisplaySeries) -> list[DisplaySeries]:
        return [member for member, _ in self._members if _uid(member) == _uid(series)]


def _uid(series: DisplaySeries) -> str:
    return series.series.series_instance_uid


def _off_middle(stack: DisplayStack, point: Array) -> float:
    return abs(stack.fractional_index(point) - (stack.count - 1) / 2) * stack.step_mm
