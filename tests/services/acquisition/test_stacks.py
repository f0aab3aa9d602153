"""Slices in any order become the volume that was scanned, and what is missing is told."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.services.acquisition.stacks import stacks_of_slices
from tests.services.acquisition.slices import one_slice, series_of, tilted


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 2, 4, 1, 3), (4, 3, 2, 1, 0)])
def test_every_slice_lies_where_it_was_scanned(order: tuple[int, ...]) -> None:
    slices = series_of(5, order)
    (stack,) = stacks_of_slices(slices)
    assert stack.volume.shape == (5, 20, 16)
    assert stack.volume.geometry.spacing == pytest.approx((4.0, 1.0, 1.5))
    for one in slices:
        index = np.rint(stack.volume.geometry.world_to_index(one.position)).astype(int)
        assert (stack.volume.array[index[0]] == one.pixels).all()
        assert stack.volume.source_sop_uids[index[0]] == one.uid
        np.testing.assert_allclose(stack.volume.geometry.index_to_world(index), one.position, atol=1e-9)
    assert stack.series.role is SeriesRole.SAG_T2
    assert (stack.missing, stack.lost, stack.uneven) == ((), 0, False)


def test_a_slice_that_did_not_come_leaves_its_place_blank() -> None:
    (stack,) = stacks_of_slices([s for s in series_of(6, expected=6) if s.number != 3])
    assert stack.volume.shape[0] == 6
    blank = [n for n in range(6) if not stack.volume.source_sop_uids[n]]
    assert [n + 1 for n in blank] == list(stack.missing)
    assert len(blank) == 1
    assert stack.lost == 0


def test_slices_missing_at_the_end_are_counted() -> None:
    (stack,) = stacks_of_slices(series_of(4, expected=6))
    assert (stack.missing, stack.lost) == ((), 2)


def test_a_slice_scanned_again_replaces_the_first() -> None:
    again = one_slice(2, uid="1.2.3.99", received=1e12, pixels=np.full((20, 16), 77, dtype=np.uint16))
    (stack,) = stacks_of_slices([*series_of(5), again])
    assert stack.volume.shape[0] == 5
    assert 77 in stack.volume.array
    assert not (stack.volume.array == 2).any()


def test_places_that_form_no_even_stack_are_said_to() -> None:
    odd = one_slice(9, position=np.array([-17.7, 10.0, 20.0]))
    (stack,) = stacks_of_slices([*series_of(4), odd])
    assert stack.uneven


def test_blocks_of_different_tilt_are_stacks_of_their_own() -> None:
    slices = [tilted(n, angle) for angle in (0.0, 0.03, 0.3) for n in range(3)]
    stacks = stacks_of_slices(slices)
    assert [len(s.slices) for s in stacks] == [3, 3, 3]
    assert all(s.volume.geometry.image_plane is ImagePlane.AXIAL for s in stacks)
    assert not any(s.uneven for s in stacks)


def test_a_localizer_of_three_planes_is_known() -> None:
    sagittal = series_of(3, description="LOCALIZER")
    axial = [tilted(n, 0.0) for n in range(3)]
    roles = {s.series.role for s in stacks_of_slices([*sagittal, *axial])}
    assert roles == {SeriesRole.LOC}
