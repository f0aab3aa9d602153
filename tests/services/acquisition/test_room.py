"""The room judges whole series in its own thread, tells listeners, and survives what senders do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lvp_workstation.domain.arrival import SliceRefused
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.services.acquisition import room as rooms
from lvp_workstation.services.acquisition.examination import IncomingSeries, Limits
from lvp_workstation.services.acquisition.room import AcquisitionRoom
from tests.services.acquisition.slices import one_slice, series_of

SOON = 5.0


class Outcome:
    """What the judge of these tests says: who and how many."""

    def __init__(self, key: str, series: IncomingSeries) -> None:
        self.key, self.series, self.count = key, series.name, len(series.slices)
        self.sentence = f"{self.series}: {self.count}"


class CountingJudge:
    """Counts slices; may fail, and previews until it is told to stop."""

    def __init__(self) -> None:
        self.fail: Exception | None = None
        self.previewing = threading.Event()
        self.cancelled = threading.Event()
        self.forgotten: list[str] = []

    def judge(self, key: str, series: IncomingSeries) -> Any:
        if self.fail:
            raise self.fail
        return Outcome(key, series)

    def preview(self, key: str, series: IncomingSeries, cancel: CancelToken) -> str:
        self.previewing.set()
        cancel.on_cancel(self.cancelled.set)
        self.cancelled.wait(SOON)
        cancel.raise_if_cancelled()
        return "preview"

    def settle(self, key: str, plan: Any) -> None:
        return

    def forget(self, key: str) -> None:
        self.forgotten.append(key)


@pytest.fixture
def judge() -> CountingJudge:
    return CountingJudge()


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def room(judge: CountingJudge, told: list[Any]) -> Iterator[AcquisitionRoom]:
    """A room that waits a moment only, and is left without its thread."""
    made = AcquisitionRoom(judge, Limits(settle_s=0.2, patience_s=0.4))
    made.listen("test", told.append)
    yield made
    made.stop()
    assert not any(thread.name == "lvp-acquisition" for thread in threading.enumerate())


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def codes(room: AcquisitionRoom) -> list[str]:
    return [event.code for event in room.events]


def test_a_whole_series_is_judged_at_once(room: AcquisitionRoom, told: list[Any]) -> None:
    for one in series_of(5, expected=5):
        room.take("a", one)
    until(lambda: bool(told))
    assert (told[0].key, told[0].count) == ("a", 5)


def test_duplicates_and_refusals_are_noted(room: AcquisitionRoom, told: list[Any]) -> None:
    room.take("a", one_slice())
    assert room.take("a", one_slice()) is False
    with pytest.raises(SliceRefused):
        room.take("a", one_slice(1, pixels=one_slice().pixels[:2]))
    until(lambda: bool(told))  # of unknown length: after a moment of silence
    assert told[0].count == 1
    assert codes(room) == ["duplicate", "refused", "judged"]


def test_a_sender_that_vanishes_leaves_what_it_sent(room: AcquisitionRoom, told: list[Any]) -> None:
    for one in series_of(3, expected=9):
        room.take("a", one)
    room.close("a", gone=True)
    until(lambda: bool(told))
    assert told[0].count == 3
    assert "gone" in codes(room)


@pytest.mark.parametrize("failure", [ModelProblem("The model is gone."), ZeroDivisionError("a bug")])
def test_one_failure_does_not_end_the_room(
    room: AcquisitionRoom, judge: CountingJudge, told: list[Any], failure: Exception
) -> None:
    judge.fail = failure
    room.take("a", one_slice(expected=1))
    until(lambda: "failed" in codes(room))
    judge.fail = None
    room.take("a", one_slice(series="next", expected=1))
    until(lambda: bool(told))
    assert told[0].series == "next"


def test_work_begins_before_the_last_slice_and_makes_way_for_it(
    room: AcquisitionRoom, judge: CountingJudge, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "PREVIEW_QUIET_S", 0.0)
    slices = series_of(rooms.PREVIEW_SLICES + 1, expected=rooms.PREVIEW_SLICES + 1)
    for one in slices[:-1]:
        room.take("a", one)
    assert judge.previewing.wait(SOON)
    assert not told
    room.take("a", slices[-1])
    assert judge.cancelled.wait(SOON)
    until(lambda: bool(told))
    assert told[0].count == len(slices)


def test_the_examination_that_was_quiet_longest_is_forgotten(
    room: AcquisitionRoom, judge: CountingJudge
) -> None:
    for n in range(rooms.MAX_EXAMINATIONS + 1):
        room.take(f"patient {n}", one_slice(expected=1))
    assert judge.forgotten == ["patient 0"]
    assert "forgotten" in codes(room)


def test_a_listener_that_fails_keeps_no_other_from_hearing(room: AcquisitionRoom, told: list[Any]) -> None:
    def failing(_: object) -> None:
        raise OSError("the disk is full")

    room.unlisten("test")
    room.listen("failing", failing)
    room.listen("test", told.append)
    room.take("a", one_slice(expected=1))
    until(lambda: bool(told))
