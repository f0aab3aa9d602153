"""The desk between receivers and a slow screen, and the receivers in a process of their own."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np

from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.io import igtl
from lvp_workstation.io.scanner_ports import IgtlPort
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.quality import SeriesQuality, Verdict
from lvp_workstation.services.acquisition.examination import IncomingSeries
from lvp_workstation.services.acquisition.gateway import GatewaySettings
from lvp_workstation.services.acquisition.gateway_process import GatewayProcess
from lvp_workstation.services.acquisition.news import (
    MAX_WAITING,
    Arrived,
    Broken,
    Doors,
    Happened,
    Judged,
    NewsDesk,
)
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.room import Event
from lvp_workstation.services.acquisition.stacks import stacks_of_slices
from tests.services.acquisition.slices import series_of

SOON = 60.0


class PlainJudge:
    """Says of every series that it is good; makes no planes."""

    def judge(self, key: str, series: IncomingSeries) -> SeriesOutcome:
        stack = stacks_of_slices(list(series.slices.values()))[0]
        quality = SeriesQuality(Verdict.GOOD, (), {})
        return SeriesOutcome(key, series.name, stack, None, None, quality, (), 0.1)

    def preview(self, key: str, series: IncomingSeries, cancel: CancelToken) -> str:
        return ""

    def settle(self, key: str, plan: ScanPlan) -> None:
        return

    def forget(self, key: str) -> None:
        return


def make_plain() -> PlainJudge:
    return PlainJudge()


def arriving(count: int) -> IncomingSeries:
    return IncomingSeries("1.2.3", {one.uid: one for one in series_of(count, expected=5)})


def test_of_a_series_only_the_newest_slice_waits() -> None:
    desk = NewsDesk()
    for count in (1, 2, 3):
        series = arriving(count)
        desk.arrived("a", series, list(series.slices.values())[-1])
    news = desk.take(0.0)
    assert isinstance(news, Arrived)
    assert (news.count, news.expected, news.title) == (3, 5, "SAG T2")
    assert desk.take(0.0) is None


def test_events_never_pile_up_and_outcomes_are_never_dropped() -> None:
    desk = NewsDesk()
    desk.heard(PlainJudge().judge("a", arriving(5)))
    for n in range(MAX_WAITING + 50):
        desk.happened(Event(float(n), "duplicate", str(n)))
    waiting: list[Any] = []
    while (news := desk.take(0.0)) is not None:
        waiting.append(news)
    assert sum(isinstance(one, Judged) for one in waiting) == 1
    events = [one.event.text for one in waiting if isinstance(one, Happened)]
    assert (len(events), events[-1]) == (MAX_WAITING, str(MAX_WAITING + 49))


def test_receivers_live_in_a_process_of_their_own() -> None:
    told: queue.Queue[Any] = queue.Queue()
    settings = GatewaySettings(dicom=None, mrd_port=None, igtl_port=0, hold=True)
    process = GatewayProcess(make_plain, settings, told.put)
    try:
        doors = told.get(timeout=SOON)
        assert isinstance(doors, Doors)
        ((name, port),) = doors.open
        assert name == "OpenIGTLink"
        with IgtlPort("127.0.0.1", port) as link:
            image = igtl.IgtlImage(np.zeros((3, 16, 16), np.uint16), np.eye(4))
            link._stream.sendall(igtl.image_message("SAG_T2", image))
            seen = [told.get(timeout=SOON) for _ in range(1)]
            while not isinstance(seen[-1], Judged):
                seen.append(told.get(timeout=SOON))
        assert any(isinstance(one, Arrived) for one in seen)
        outcome = seen[-1].outcome
        assert outcome.stack.volume.shape == (3, 16, 16)
        assert len(outcome.stack.slices) == 1  # pixels are sent once
    finally:
        process.stop()
    left = list(told.queue)
    assert not [one for one in left if isinstance(one, Broken)]


def failing() -> PlainJudge:
    from lvp_workstation.domain.errors import ModelProblem

    raise ModelProblem("The model is gone.")


def test_receivers_that_cannot_start_are_told_of_in_a_sentence() -> None:
    told: queue.Queue[Any] = queue.Queue()
    process = GatewayProcess(failing, GatewaySettings(dicom=None, mrd_port=None, igtl_port=0), told.put)
    try:
        assert told.get(timeout=SOON) == Broken("The model is gone.")
    finally:
        process.stop()
