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
