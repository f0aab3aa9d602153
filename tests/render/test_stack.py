"""Stacks: slice numbers in reading order, nearest slices, computed grids."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.render.stack import acquired_stack, oblique_stack, orthogonal_stack
from tests.render.samples import AXES, geometry


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    ("plane", "towards"), [("sagittal", (1, 0, 0)), ("axial", (0, 0, -1)), ("coronal", (0, 1, 0))]
)
def test_numbers_grow_the_same_way_whatever_the_file_order(
    plane: str, towards: tuple[int, int, int], flip: bool
) -> None:
    stack = acquired_stack(geometry(plane, flips=(flip, False, False)))
    first, last = stack.index(1), stack.index(stack.count)
    step = stack.slice_plane(last).point - stack.slice_plane(first).point
    assert step @ np.array(towards) > 0
    assert [stack.number(stack.index(n)) for n in range(1, 8)] == list(range(1, 8))


@pytest.mark.parametrize("plane", AXES)
def test_nearest_slice_of_a_point(plane: str) -> None:
    grid = geometry(plane, degrees=12)
    stack = acquired_stack(grid)
    for index in range(stack.count):
        point = grid.index_to_world((index + 0.3, 5, 9))
        assert stack.nearest_index(point) == index
        assert stack.covers(point)
    assert not stack.covers(grid.index_to_world((-2, 5, 9)))
    assert stack.nearest_index(grid.index_to_world((99, 0, 0))) == stack.count - 1


@pytest.mark.parametrize("plane", ImagePlane)
def test_orthogonal_slices_cover_the_volume(plane: ImagePlane) -> None:
    grid = geometry("sagittal", degrees=12)
    stack = orthogonal_stack(grid, plane)
    assert stack.plane is plane
    assert not stack.acquired
    assert stack.geometry.frame_of_reference_uid == grid.frame_of_reference_uid
    ends = np.array([(s, r, c) for s in (0, 6) for r in (0, 23) for c in (0, 19)])
    index = stack.geometry.world_to_index(grid.index_to_world(ends))
    assert index.min() > -1
    assert (index < np.array(stack.geometry.shape)).all()


def test_an_oblique_stack_goes_through_its_point() -> None:
    grid = geometry("sagittal")
    plane = Plane(grid.index_to_world((3, 13.37, 8)), (0.05, 0.4, 0.9))
    stack = oblique_stack(grid, plane)
    index = stack.nearest_index(plane.point)
    assert abs(float(stack.slice_plane(index).signed_distance(plane.point))) < 1e-6
    assert abs(float(stack.geometry.slice_normal @ plane.normal)) == pytest.approx(1)


def test_the_step_of_a_sheared_stack_is_perpendicular() -> None:
    affine = np.eye(4)
    affine[:3, 0] = (0, 1.5, 4.0)
    affine[:3, 1], affine[:3, 2] = (0, 0.7, 0), (0.7, 0, 0)
    stack = acquired_stack(VolumeGeometry(affine, (5, 10, 10)))
    assert stack.step_mm == pytest.approx(4.0)
    assert stack.nearest_index((0, 0, 8.2)) == 2
