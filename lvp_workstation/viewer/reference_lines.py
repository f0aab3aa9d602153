"""Where the slices of viewports cut each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.viewer.marks import ReferenceLine, cut_of_slice
from lvp_workstation.viewer.oblique import nearest_on_line
from lvp_workstation.viewer.spaces import IDENTITY, Rigid
from lvp_workstation.viewer.viewport import Viewport

PARALLEL_DEG = 15.0
"""Slices closer than this in angle scroll together and cut each other in no useful line (our choice)."""

_PARALLEL_COSINE = math.cos(math.radians(PARALLEL_DEG))

Way = Callable[[Viewport, Viewport], Rigid | None]
"""How the space of one viewport is found in that of another, None where they are not linked."""


@dataclass(frozen=True, eq=False)
class _Slice:
    """What a visible viewport shows: its plane, the corners of its slice, and its number in words."""

    viewport: Viewport
    place: int
    plane: Plane
    corners: Array
    label: str
    through: Array | None


def parallel(first: Array, second: Array) -> bool:
    """Return whether two unit normals are those of slices that scroll together, see `PARALLEL_DEG`."""
    return abs(float(first @ second)) > _PARALLEL_COSINE


def reference_lines(
    viewports: Sequence[Viewport], way: Way, active: Viewport | None, cursor: Array | None
) -> list[list[ReferenceLine]]:
    """Return the lines of each viewport; a hidden one has none and draws none.

    Parameters
    ----------
    viewports
        The linked viewports; their place among them is the number of a line.
    way
        How their spaces are linked.
    active
        The viewport whose line is drawn bright.
    cursor
        LPS point about which computed planes turn; None for the place they were turned to last.
    """
    slices = [_slice(viewport, place) for place, viewport in enumerate(viewports)]
    return [_lines_in(one, slices, way, active, cursor) if one is not None else [] for one in slices]


def _slice(viewport: Viewport, place: int) -> _Slice | None:
    stack, plane = viewport.stack, viewport.slice_plane
    if stack is None or plane is None or not viewport.isVisible():
        return None
    index = viewport.slice_index
    return _Slice(viewport, place, plane, stack.corners(index), str(stack.number(index)), viewport.through)


def _lines_in(
    here: _Slice, slices: Sequence[_Slice | None], way: Way, active: Viewport | None, cursor: Array | None
) -> list[ReferenceLine]:
    lines = []
    for other in slices:
        cut = _cut(here, other, way) if other is not None and other is not here else None
        if cut is None or other is None:
            continue
        pivot = None
        if other.through is not None:
            pivot = nearest_on_line(other.through if cursor is None else cursor, *cut)
        lines.append(ReferenceLine(*cut, other.label, other.viewport is active, other.place, pivot))
    return lines


def _cut(here: _Slice, other: _Slice, way: Way) -> tuple[Array, Array] | None:
    """Return where another slice cuts the plane of this one."""
    found = way(other.viewport, here.viewport)
    if found is None:
        return None
    if found is IDENTITY:
        normal, corners = other.plane.normal, other.corners
    else:
        normal, corners = found.directions(other.plane.normal), found.points(other.corners)
    return None if parallel(here.plane.normal, normal) else cut_of_slice(here.plane, corners)
