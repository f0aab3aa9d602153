"""What is kept, what is refused, and when a series is whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.arrival import SliceRefused
from lvp_workstation.domain.study import Patient
from lvp_workstation.services.acquisition.examination import Examination, Limits
from tests.services.acquisition.slices import one_slice, series_of

LIMITS = Limits(max_series=2, max_slices=4, max_bytes=8 * 20 * 16 * 2, settle_s=3.0, patience_s=20.0)


def test_a_series_is_whole_with_its_last_announced_slice_and_only_once() -> None:
    held = Examination(LIMITS)
    for one in series_of(3, (2, 0, 1), expected=3, received=10.0):
        assert held.ready(10.0) == []
        assert held.take(one)
    assert [series.name for series in held.ready(10.0)] == ["1.2.3"]
    assert held.ready(99.0) == []
    assert not held.waiting()


def test_interleaved_series_are_whole_each_for_itself() -> None:
    held = Examination(LIMITS)
    pairs = zip(series_of(3, expected=3), series_of(3, expected=3, series="other"), strict=True)
    mixed = [one for pair in pairs for one in pair]
    for one in mixed[:-1]:
        held.take(one)
    assert [series.name for series in held.ready(0.0)] == ["1.2.3"]
    assert held.waiting()
    held.take(mixed[-1])
    assert [series.name for series in held.ready(0.0)] == ["other"]


def test_a_duplicate_is_told_and_changes_nothing() -> None:
    held = Examination(LIMITS)
    assert held.take(one_slice())
    before = held.bytes_held
    assert not held.take(one_slice())
    assert held.bytes_held == before
    assert held.series["1.2.3"].duplicates == 1


@pytest.mark.parametrize(("expected", "wait"), [(0, LIMITS.settle_s), (4, LIMITS.patience_s)])
def test_an_unfinished_series_is_judged_after_silence(expected: int, wait: float) -> None:
    held = Examination(LIMITS)
    for one in series_of(3, expected=expected, received=100.0):
        held.take(one)
    assert held.ready(100.0 + wait - 0.1) == []
    assert len(held.ready(100.0 + wait)) == 1


def test_a_closed_series_is_judged_at_once_and_a_late_slice_opens_it_again() -> None:
    held = Examination(LIMITS)
    for one in series_of(2, expected=3, received=100.0):
        held.take(one)
    held.close(["1.2.3", "unknown"])
    assert len(held.ready(100.0)) == 1
    held.take(one_slice(2, expected=3, received=101.0))
    assert held.ready(101.0) == []
    (again,) = held.ready(101.0 + LIMITS.settle_s)
    assert len(again.slices) == 3


@pytest.mark.parametrize(
    ("slices", "refused"),
    [
        (series_of(5), r"already has 4 slices"),
        ([one_slice(series=str(n)) for n in range(3)], r"already has 2 series"),
        ([one_slice(), one_slice(1, pixels=np.zeros((60, 60), np.uint16))], r"memory"),
        ([one_slice(), one_slice(1, patient=Patient("P2"))], r"patient P2"),
        ([one_slice(pixels=np.zeros((4, 4), np.uint16))], r"4, 4"),
        ([one_slice(pixels=np.zeros((3000, 20), np.uint16))], r"3000"),
    ],
)
def test_what_goes_beyond_the_limits_is_refused_and_not_kept(slices: list, refused: str) -> None:
    held = Examination(LIMITS)
    for one in slices[:-1]:
        held.take(one)
    before = held.bytes_held
    with pytest.raises(SliceRefused, match=refused):
        held.take(slices[-1])
    assert held.bytes_held == before


def test_old_series_let_their_pixels_go_and_are_still_known() -> None:
    held = Examination(replace(LIMITS, max_series=5, max_bytes=1 << 20, kept=2))
    for n in range(12):  # as a console that stays connected all day
        one = one_slice(series=str(n), uid=f"{n}.1", expected=1)
        held.take(one)
        assert [series.name for series in held.ready(0.0)] == [str(n)]
    assert held.bytes_held <= 3 * one.pixels.nbytes
    assert len(held.series) <= 5
    assert not held.take(one_slice(series="8", uid="8.1", expected=1))  # sent again
    assert held.series["8"].duplicates == 1
    assert not held.waiting()
