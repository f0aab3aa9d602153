"""Brush, eraser, relabel and delete change exactly the voxels they should."""

import numpy as np
import pytest

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.labelmap import LabelMap, code_of
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, VolumeGeometry
from lvp_workstation.services.edit_segmentation import (
    HIDDEN,
    SAME,
    deleted,
    instance_at,
    painted,
    relabelled,
)

GEOMETRY = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, (4.0, 0.5, 0.5), (5, 80, 60))


@pytest.fixture
def labels() -> LabelMap:
    array = np.zeros(GEOMETRY.shape, dtype=np.uint8)
    array[2, 10:30, 10:40] = code_of("V1")
    array[2, 30:40, 10:40] = code_of("D1")
    return LabelMap(array, GEOMETRY)


def test_a_dot_paints_a_disc_of_its_radius_on_one_slice(labels: LabelMap) -> None:
    centre = GEOMETRY.index_to_world((1, 60, 30))
    after = painted(labels, [centre], 3.0, "D1")
    changed = np.argwhere(after != labels.array)
    assert set(changed[:, 0]) == {1}
    distances = np.linalg.norm((changed[:, 1:] - (60, 30)) * 0.5, axis=1)
    assert distances.max() <= 3.0
    assert len(changed) == pytest.approx(np.pi * 3**2 / 0.25, rel=0.05)


def test_a_fast_stroke_leaves_no_gaps(labels: LabelMap) -> None:
    stroke = [GEOMETRY.index_to_world((1, 60, 5)), GEOMETRY.index_to_world((1, 60, 55))]
    after = painted(labels, stroke, 1.0, "D1")
    assert (after[1, 60, 5:56] == code_of("D1")).all()


def test_the_eraser_spares_structures_that_are_not_shown(labels: LabelMap) -> None:
    after = painted(labels, [GEOMETRY.index_to_world((2, 30, 25))], 2.0, None, among=("D1",))
    assert (after == code_of("V1")).sum() == (labels.array == code_of("V1")).sum()
    assert (after == code_of("D1")).sum() < (labels.array == code_of("D1")).sum()


@pytest.mark.parametrize("instance", ["D1", None])
def test_a_stroke_over_structures_that_are_not_shown_says_why_it_changes_nothing(
    labels: LabelMap, instance: str | None
) -> None:
    with pytest.raises(UsageProblem) as told:
        painted(labels, [GEOMETRY.index_to_world((2, 18, 25))], 1.0, instance, among=("D1",))
    assert str(told.value) == HIDDEN


def test_a_stroke_that_gives_a_structure_what_it_has_says_so(labels: LabelMap) -> None:
    with pytest.raises(UsageProblem) as told:
        painted(labels, [GEOMETRY.index_to_world((2, 18, 25))], 1.0, "V1")
    assert str(told.value) == SAME


def test_a_stroke_beyond_the_edge_paints_what_lies_inside(labels: LabelMap) -> None:
    after = painted(labels, [GEOMETRY.index_to_world((0, 0, 0))], 2.0, "V1")
    assert 0 < (after[0] == code_of("V1")).sum() < np.pi * 4 / 0.25 / 2


def test_a_stroke_on_another_slice_than_the_volume_has_is_refused(labels: LabelMap) -> None:
    with pytest.raises(UsageProblem):
        painted(labels, [GEOMETRY.index_to_world((7, 10, 10))], 2.0, "V1")


def test_relabel_and_delete_are_undone_by_their_difference(labels: LabelMap) -> None:
    for after in (relabelled(labels, "D1", "V1"), deleted(labels, "V1")):
        delta = LabelDelta.between(labels.array, after)
        assert (delta.inverted().applied(after) == labels.array).all()


def test_the_structure_under_the_cursor(labels: LabelMap) -> None:
    assert instance_at(labels, GEOMETRY.index_to_world((2, 20, 20))) == "V1"
    assert instance_at(labels, GEOMETRY.index_to_world((0, 20, 20))) is None
    assert instance_at(labels, (1e4, 0, 0)) is None
