"""Slabs: what is combined, how thick, and what lies outside."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.render.resample import SlabMode
from lvp_workstation.render.slab import Slab, first_slab, slab_values, voxel_step_mm
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import acquired_stack, oblique_stack, slab_stack
from tests.render.samples import geometry

GRID = geometry("sagittal")  # seven slices, 4 mm apart
SLICES = np.broadcast_to(10 * np.arange(7, dtype=np.int16)[:, None, None], GRID.shape).copy()


def middle(slab: Slab, index: int) -> float:
    view = slice_view(acquired_stack(GRID), index, 20, 24)
    return float(slab_values(SLICES, GRID, view, slab)[12, 10])


@pytest.mark.parametrize(
    ("mode", "value"), [(SlabMode.MAXIMUM, 40), (SlabMode.MEAN, 30), (SlabMode.MINIMUM, 20)]
)
def test_three_slices_make_a_slab(mode: SlabMode, value: float) -> None:
    assert middle(Slab(mode, 12.0), 3) == value


def test_at_the_end_of_the_volume_only_what_lies_inside_counts() -> None:
    assert middle(Slab(SlabMode.MEAN, 12.0), 0) == 5
    assert middle(Slab(SlabMode.MINIMUM, 12.0), 6) == 50


def test_the_slice_in_the_middle_is_always_one_of_the_cuts() -> None:
    bright = np.zeros(GRID.shape, dtype=np.uint16)
    bright[3] = 900
    view = slice_view(acquired_stack(GRID), 3, 20, 24)
    for thickness in (5.0, 8.0, 15.0):
        assert slab_values(bright, GRID, view, Slab(SlabMode.MAXIMUM, thickness)).max() == 900


def test_an_oblique_slab_reaches_half_its_thickness_to_each_side() -> None:
    plane = Plane(GRID.centre, (0.0, 0.3, 1.0))
    stack = oblique_stack(GRID, plane)
    heights = (GRID.index_to_world(np.moveaxis(np.indices(GRID.shape), 0, -1)) - GRID.centre) @ plane.normal
    values = np.rint(1000 + 10 * heights).astype(np.int16)
    view = slice_view(stack, stack.nearest_index(plane.point), 40, 40)
    found = slab_values(values, GRID, view, Slab(SlabMode.MAXIMUM, 8.0))[20, 20]
    step = voxel_step_mm(GRID, plane.normal)
    assert 1000 + 10 * (4.0 - step) <= found <= 1000 + 10 * 4.0 + 1


def test_a_slab_grows_by_steps_and_never_becomes_a_single_slice() -> None:
    slab = first_slab(SlabMode.MEAN, voxel_mm=4.4)
    assert slab.thickness_mm >= 3 * 4.4
    assert slab.stepped(1, 4.4).thickness_mm > slab.thickness_mm
    thin = slab
    for _ in range(20):
        thin = thin.stepped(-1, 4.4)
    assert thin.thickness_mm >= 1.5 * 4.4
    thick = slab
    for _ in range(20):
        thick = thick.stepped(1, 4.4)
    assert thick == thick.stepped(1, 4.4)


def test_slabs_around_acquired_slices_lie_on_them_and_are_computed() -> None:
    stack = slab_stack(GRID)
    assert not stack.acquired
    assert stack.on_source_grid
    assert np.allclose(stack.slice_centre(2), acquired_stack(GRID).slice_centre(2))
    assert not oblique_stack(GRID, Plane(GRID.centre, (0, 0, 1))).on_source_grid
