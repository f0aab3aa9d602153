"""Views that wait share a frame; what a frame has no time for lets the event loop run first."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from lvp_workstation.viewer.render_scheduler import RenderScheduler


class Recorder:
    """Notes in which turn of the event loop it was rendered."""

    def __init__(self, turns: list[int]) -> None:
        self.turns = turns
        self.rendered: list[int] = []

    def render_frame(self) -> None:
        """Take note of the turn."""
        self.rendered.append(len(self.turns))


def rendered_in(frame_ms: int, qtbot: QtBot) -> list[int]:
    """Return in which turns three views were rendered that asked at once, each twice."""
    turns: list[int] = []
    ticking = QTimer()
    ticking.timeout.connect(lambda: turns.append(0))
    ticking.start(0)
    scheduler = RenderScheduler(frame_ms)
    views = [Recorder(turns) for _ in range(3)]
    for view in (*views, *views):
        scheduler.request(view)
    qtbot.waitUntil(lambda: all(view.rendered for view in views))
    ticking.stop()
    scheduler.close()
    assert [len(view.rendered) for view in views] == [1, 1, 1]
    return [view.rendered[0] for view in views]


def test_views_that_ask_together_are_rendered_in_one_frame(qtbot: QtBot) -> None:
    assert len(set(rendered_in(1000, qtbot))) == 1


def test_the_event_loop_runs_before_what_a_frame_has_no_time_for(qtbot: QtBot) -> None:
    assert len(set(rendered_in(0, qtbot))) == 3


class Lines:
    """Something views depend on: when it is brought up to date, a view asks to be rendered."""

    def __init__(self, scheduler: RenderScheduler, view: Recorder) -> None:
        self.scheduler, self.view = scheduler, view
        self.times = 0

    def render_frame(self) -> None:
        """Count, and ask."""
        self.times += 1
        self.scheduler.request(self.view)


def test_what_views_depend_on_is_made_once_and_before_them(qtbot: QtBot) -> None:
    scheduler = RenderScheduler(1)
    turns: list[int] = []
    view = Recorder(turns)
    lines = Lines(scheduler, view)
    for _ in range(5):
        scheduler.prepare(lines)
    assert lines.times == 0
    qtbot.waitUntil(lambda: bool(view.rendered))
    qtbot.wait(10)
    assert lines.times == 1
    assert len(view.rendered) == 1
    scheduler.close()
