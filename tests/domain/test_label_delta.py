"""Differences of label arrays: exact, invertible, and refused on the wrong array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lvp_workstation.domain import codec
from lvp_workstation.domain.errors import ReadingStateError
from lvp_workstation.domain.label_delta import LabelDelta, labels_sha256
from lvp_workstation.domain.labelmap import LabelArray

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))
CODES = st.sampled_from([0, 2, 50, 101, 151])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[LabelArray, LabelArray]:
    shape = draw(SHAPES)
    before = draw(hnp.arrays(np.uint8, shape, elements=CODES))
    after = draw(hnp.arrays(np.uint8, shape, elements=CODES))
    keep = draw(hnp.arrays(np.bool_, shape))
    return before, np.where(keep, before, after).astype(np.uint8)


@given(pairs())
def test_a_difference_leads_there_and_back(pair: tuple[LabelArray, LabelArray]) -> None:
    before, after = pair
    delta = LabelDelta.between(before, after)
    assert (delta.applied(before) == after).all()
    assert (delta.inverted().applied(after) == before).all()
    assert delta.inverted().inverted() == delta
    assert delta.voxels == int((before != after).sum())
    assert codec.loads(LabelDelta, codec.dumps(delta)) == delta


@given(pairs())
def test_the_box_holds_every_changed_voxel(pair: tuple[LabelArray, LabelArray]) -> None:
    before, after = pair
    box = LabelDelta.between(before, after).box
    changed = np.argwhere(before != after)
    if changed.size == 0:
        assert box is None
        return
    assert box is not None
    low, high = np.array(box[0]), np.array(box[1])
    assert (changed >= low).all()
    assert (changed < high).all()
    assert low[0] == changed[:, 0].min()
    assert high[0] == changed[:, 0].max() + 1


def test_an_array_in_another_memory_order_is_the_same_array() -> None:
    before = np.zeros((2, 3, 4), dtype=np.uint8)
    after = before.copy()
    after[1, 0, :2] = 2
    delta = LabelDelta.between(np.asfortranarray(before), np.asfortranarray(after))
    assert delta == LabelDelta.between(before, after)
    assert (delta.applied(np.asfortranarray(before)) == after).all()
    assert labels_sha256(np.asfortranarray(after)) == labels_sha256(after)


def test_the_input_is_never_changed() -> None:
    before = np.zeros((1, 2, 2), dtype=np.uint8)
    before.setflags(write=False)
    LabelDelta((1, 2, 2), ((0, 2, 0, 5),)).applied(before)
    assert not before.any()


@pytest.mark.parametrize(
    "delta",
    [
        LabelDelta((1, 2, 3), ((0, 1, 0, 5),)),
        LabelDelta((1, 2, 2), ((0, 1, 7, 5),)),
        LabelDelta((1, 2, 2), ((3, 2, 0, 5),)),
    ],
)
def test_a_difference_of_another_array_is_refused(delta: LabelDelta) -> None:
    with pytest.raises(ReadingStateError):
        delta.applied(np.zeros((1, 2, 2), dtype=np.uint8))


def test_the_hash_tells_shapes_apart() -> None:
    assert labels_sha256(np.zeros((1, 2, 3), np.uint8)) != labels_sha256(np.zeros((1, 3, 2), np.uint8))
