"""Proposed stacks of slices in patient space."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array, Plane, unit, vector
from lvp_workstation.planning.protocol import StackTemplate

SAGITTAL, AXIAL, CONTINUOUS, CORONAL, SATURATION = "sagittal", "axial", "continuous", "coronal", "saturation"


@dataclass(frozen=True, eq=False)
class PlannedStack:
    """One stack, or the reason why none is proposed.

    Attributes
    ----------
    kind, level, instance
        What it is; name and instance of the disc of an axial stack, else empty.
    centre
        Middle of the stack, LPS mm.
    row, column
        Unit LPS directions in which the column index and the row index grow, in the order of
        ImageOrientationPatient.
    thickness_mm, gap_mm, count, fov_mm, phase
        As in `StackTemplate`.
    confidence
        0-1; 0 when declined.
    declined
        The reason, empty when the stack is proposed. Geometry of a declined stack is a best guess where
        there is one, else ``centre`` is None.
    """

    kind: str
    centre: Array | None
    row: Array
    column: Array
    template: StackTemplate
    count: int
    confidence: float
    declined: str = ""
    level: str = ""
    instance: InstanceId = ""

    @property
    def name(self) -> str:
        """Name of the stack, unique in a plan."""
        return f"{self.kind}_{self.level}".replace(" ", "_") if self.level else self.kind

    @property
    def normal(self) -> Array:
        """Unit direction in which the slice number grows: row x column."""
        return unit(np.cross(self.row, self.column))

    @property
    def half_depth_mm(self) -> float:
        """Distance from the middle to the outer face of the outermost slice."""
        return ((self.count - 1) * self.template.spacing_mm + self.template.thickness_mm) / 2

    @property
    def proposed(self) -> bool:
        """Whether the stack is proposed."""
        return not self.declined and self.centre is not None

    @property
    def phase_lps(self) -> Array:
        """Unit LPS direction of phase encoding."""
        return self.row if self.template.phase == "row" else self.column

    @property
    def plane(self) -> Plane:
        """The middle plane.

        Raises
        ------
        ValueError
            When the stack has no place.
        """
        if self.centre is None:
            raise ValueError(f"{self.name} has no place")
        return Plane(self.centre, self.normal)

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """Return which LPS points of shape (n, 3) lie inside the stack: in its depth and field of view."""
        if self.centre is None:
            return np.zeros(len(points), dtype=bool)
        offset = np.asarray(points) - self.centre
        inside = np.abs(offset @ self.normal) <= self.half_depth_mm
        for axis, size in zip((self.row, self.column), self.template.fov_mm, strict=True):
            inside &= np.abs(offset @ axis) <= size / 2
        return np.asarray(inside)

    def with_count(self, count: int) -> PlannedStack:
        """Return the stack with another number of slices about the same middle."""
        return replace(self, count=count)


def slice_places(stack: PlannedStack) -> Array:
    """Return the centres of the slices in order of their number, LPS mm, shape (count, 3).

    Raises
    ------
    ValueError
        When the stack has no place.
    """
    if stack.centre is None:
        raise ValueError(f"{stack.name} has no place")
    offsets = (np.arange(stack.count) - (stack.count - 1) / 2) * stack.template.spacing_mm
    return np.asarray(stack.centre + offsets[:, None] * stack.normal)


def crossing_lines(stack: PlannedStack, plane: Plane) -> Array:
    """Return the lines in which the slices of a stack cut a plane, within their field of view.

    Returns
    -------
    lines
        Start and end of each, LPS mm, shape (n, 2, 3); empty when the slices are nearly parallel to it.
    """
    along = np.cross(stack.normal, plane.normal)
    steep = float(np.linalg.norm(along))
    if steep < LEAST_CROSSING:
        return np.zeros((0, 2, 3))
    direction = along / steep
    reach = sum(
        abs(float(direction @ axis)) * size / 2
        for axis, size in zip((stack.row, stack.column), stack.template.fov_mm, strict=True)
    )
    lines = []
    for centre in slice_places(stack):
        towards = np.cross(stack.normal, direction)
        share = -float(plane.signed_distance(centre)) / float(towards @ plane.normal)
        middle = centre + share * towards
        lines.append((middle - reach * direction, middle + reach * direction))
    return np.array(lines)


LEAST_CROSSING = 0.2
"""Sine of the smallest angle at which planes are said to cross: 12 degrees (our choice)."""


def sagittal_axes(left: Array, down: Array) -> tuple[Array, Array]:
    """Return row (posterior) and column (inferior) of a sagittal stack; slices grow to the right."""
    column = unit(down - (down @ left) * left)
    return vector(np.cross(column, -left)), column


def axial_axes(up: Array, left: Array) -> tuple[Array, Array]:
    """Return row (left) and column (posterior) of an axial stack; slices grow upward."""
    row = unit(left - (left @ up) * up)
    return row, vector(np.cross(up, row))


def coronal_axes(left: Array, up: Array) -> tuple[Array, Array]:
    """Return row (left) and column (inferior) of a coronal stack; slices grow backward."""
    column = unit(-(up - (up @ left) * left))
    return vector(left), column
