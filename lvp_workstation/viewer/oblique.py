"""Turning and moving a computed plane; no toolkit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lvp_workstation.domain.geometry import Array, Plane, plane_angle_deg, rotated, vector
from lvp_workstation.render.stack import PAGING, DisplayStack

STRAIGHT_DEG = 0.5
"""Planes closer than this to an anatomical plane are not called oblique (our choice)."""


def turned(plane: Plane, pivot: ArrayLike, axis: ArrayLike, degrees: float) -> Plane:
    """Return a plane turned about an axis through ``pivot`` (LPS mm), right-handed; it stays on the pivot.

    The pivot is dropped onto the plane first.
    """
    return Plane(plane.project(pivot), rotated(plane.normal, axis, degrees))


def moved(plane: Plane, point: ArrayLike, anchor: ArrayLike) -> Plane:
    """Return the parallel plane through ``point`` (LPS mm), named by what lies straight above ``anchor``."""
    through = Plane(vector(point), plane.normal)
    return Plane(through.project(anchor), plane.normal)


def tilt_deg(stack: DisplayStack) -> float:
    """Return the angle of computed slices to the nearest anatomical plane, 0 when they lie in it."""
    angle = plane_angle_deg(stack.normal, PAGING[stack.plane])
    return angle if angle >= STRAIGHT_DEG else 0.0


def nearest_on_line(point: ArrayLike, start: Array, end: Array) -> Array:
    """Return the point of a segment that is nearest to a point, LPS mm."""
    along = end - start
    length = float(along @ along)
    share = float((vector(point) - start) @ along) / length if length else 0.0
    return vector(start + np.clip(share, 0.0, 1.0) * along)
