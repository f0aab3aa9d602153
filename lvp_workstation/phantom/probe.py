"""Probe the continuous shapes along lines far below voxel size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Disc, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_distance, disc_distance
from lvp_workstation.phantom.grid import Field, Frame, Patch, SampleGrid, inner_region

Shapes: TypeAlias = Sequence[Any]
LINE_STEP = 0.05


@dataclass(frozen=True, eq=False)
class Span:
    """A measured distance: its two ends, LPS mm."""

    start: Array
    end: Array

    @property
    def length(self) -> float:
        """Distance between the ends, mm."""
        return float(np.linalg.norm(self.end - self.start))

    @property
    def points(self) -> list[list[float]]:
        """The ends as plain lists."""
        return [[round(float(c), 3) for c in point] for point in (self.start, self.end)]


def first_gap(
    frame: Frame,
    start: Array,
    direction: Array,
    length: float,
    floor: Shapes,
    roof: Shapes,
    ridged: Vertebra | None = None,
) -> Span:
    """Return the free stretch from the end of a floor to the beginning of a roof; length 0 when closed.

    Parameters
    ----------
    frame
        Frame in which ``start`` and ``direction`` are given.
    start, direction
        Local point inside the floor, and unit direction.
    length
        How far to look, mm.
    floor
        Bodies and discs.
    roof
        Vertebrae whose arches bound the stretch.
    ridged
        A vertebra whose growths stand on the floor and count to it, not to the roof.
    """
    count = int(length / LINE_STEP)
    grid = line_grid(frame, start, direction, count)
    below = np.min([solid(grid, shape) for shape in floor], axis=0)
    bare = list(roof)
    if ridged is not None:
        bare = [replace(ridged, growths=()) if v is ridged else v for v in roof]
    above = np.min([on_grid(grid, arch_distance(grid, v)) for v in bare], axis=0).ravel()
    if ridged is not None:
        grown = on_grid(grid, arch_distance(grid, ridged)).ravel()
        below = np.where(grown < above, np.minimum(below, grown), below)
    free = np.nonzero(below > 0)[0]
    first = int(free[0]) if free.size else count - 1
    hits = np.nonzero(above <= 0)[0]
    last = int(hits[0]) if hits.size else count - 1
    ends = [frame.to_world(start + i * LINE_STEP * direction) for i in (first, max(first, last))]
    return Span(ends[0], ends[1])


def free_stretch(frame: Frame, point: Array, direction: Array, length: float, shapes: Shapes) -> Span:
    """Return the stretch around a point that no shape takes, both ways; length 0 when it is taken."""
    count = 2 * int(length / LINE_STEP) + 1
    middle = count // 2
    grid = line_grid(frame, point - middle * LINE_STEP * direction, direction, count)
    taken = np.zeros(count, dtype=bool)
    for shape in shapes:
        taken |= solid(grid, shape) <= 0
        if isinstance(shape, Vertebra):
            taken |= on_grid(grid, arch_distance(grid, shape)).ravel() <= 0
    before, after = np.nonzero(taken[: middle + 1])[0], np.nonzero(taken[middle:])[0]
    first = int(before[-1]) if before.size else 0
    last = middle + int(after[0]) if after.size else count - 1
    ends = [frame.to_world(point + (i - middle) * LINE_STEP * direction) for i in (first, last)]
    return Span(ends[0], ends[1])


def solid(grid: SampleGrid, shape: Vertebra | Disc) -> Array:
    patch = grid.whole()
    values = disc_distance(patch, shape) if isinstance(shape, Disc) else body_distance(patch, shape)
    return np.asarray(values, dtype=float).ravel()


def line_grid(frame: Frame, start: Array | tuple[float, ...], direction: object, count: int) -> SampleGrid:
    """Return a grid of one row of points ``LINE_STEP`` apart along a local direction."""
    along = np.asarray(direction, dtype=float)
    other = np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.7 else np.array([0.0, 0.0, 1.0])
    third = np.cross(along, other)
    axes = (third @ frame.axes, np.cross(third, along) @ frame.axes, along @ frame.axes)
    geometry = VolumeGeometry.from_axes(frame.to_world(start), axes, (0.2, 0.2, LINE_STEP), (1, 1, count))
    return SampleGrid.of_slices(geometry)


def box_grid(frame: Frame, low: Array, high: Array, step: float) -> SampleGrid:
    shape = tuple(int(n) for n in np.ceil((high - low) / step) + 1)
    axes = (frame.axes[0], frame.axes[1], frame.axes[2])
    geometry = VolumeGeometry.from_axes(
        frame.to_world(low), axes, (step,) * 3, (shape[0], shape[1], shape[2])
    )
    return SampleGrid.of_slices(geometry)


def on_grid(grid: SampleGrid, found: tuple[Patch, Field] | None) -> Field:
    values = np.full(grid.shape, 99.0, dtype=np.float32)
    if found is not None:
        patch, distance = found
        values[inner_region(patch, grid.whole())] = distance
    return values
