"""Strokes of the brush are kept at once, whatever happens while their measurements are made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.stroke_steps import awaits_measures
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.services import analyse
from lvp_workstation.services.analyse import remeasured
from lvp_workstation.viewer.intents import BrushStroke
from tests.app.conftest import PATIENCE_MS, Opener, reading_of


def stroke_at(window: MainWindow, target: str, back: float = 0.0) -> BrushStroke:
    """A stroke from the front of a disc forward, ``back`` mm further behind."""
    labels = labels_of(window)
    voxels = np.argwhere(labels.mask(target))
    index = int(np.median(voxels[:, 0]))
    on_slice = voxels[voxels[:, 0] == index]
    front = on_slice[on_slice[:, 2].argmin()]
    start = labels.geometry.index_to_world(front + np.array((0, 0, 3))) + np.array((0.0, back, 0.0))
    return BrushStroke(
        np.stack([start, start - np.array((0.0, 6.0, 0.0))]),
        4.0,
        False,
        labels.geometry.slice_normal,
        next(iter(window.studies.series)),
        index,
        labels.geometry.frame_of_reference_uid,
    )


def labels_of(window: MainWindow) -> LabelMap:
    labels = window.screen_state.labels
    assert labels is not None
    return labels


def in_step(window: MainWindow) -> bool:
    snapshot = window.readings.snapshot
    return snapshot is not None and not awaits_measures(snapshot.history)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Measuring anew waits for this event, which is set at first."""
    event = threading.Event()
    event.set()

    def waiting(*arguments: Any) -> Any:
        event.wait(30)
        return remeasured(*arguments)

    monkeypatch.setattr(analyse, "remeasured", waiting)
    yield event
    event.set()


def paint(window: MainWindow, target: str, qtbot: QtBot) -> None:
    before = labels_of(window)
    window.go_to_level(target)
    window.paint_stroke(stroke_at(window, target))
    qtbot.waitUntil(lambda: labels_of(window) is not before, timeout=PATIENCE_MS)


def test_a_stroke_survives_closing_while_it_is_being_measured(
    open_window: Opener, qtbot: QtBot, held: threading.Event
) -> None:
    window = open_window("concurrent")
    window.go_to_level("D3")
    count = int(labels_of(window).mask("D3").sum())
    measured = dict(reading_of(window).measurements)
    held.clear()
    window.paint_stroke(stroke_at(window, "D3"))
    threading.Timer(0.2, held.set).start()
    window.close()
    window.context.close()

    again = open_window("concurrent")
    assert int(labels_of(again).mask("D3").sum()) > count
    qtbot.waitUntil(lambda: in_step(again), timeout=PATIENCE_MS)
    assert dict(reading_of(again).measurements) != measured


def test_strokes_in_quick_succession_are_all_kept_and_shown_before_they_are_measured(
    open_window: Opener, qtbot: QtBot, held: threading.Event
) -> None:
    window = open_window("concurrent")
    untouched, reading = labels_of(window), reading_of(window)
    counts = {target: int(untouched.mask(target).sum()) for target in ("D2", "D3")}
    held.clear()
    paint(window, "D3", qtbot)
    paint(window, "D2", qtbot)
    for target, count in counts.items():
        assert int(labels_of(window).mask(target).sum()) > count
    assert reading_of(window).measurements == reading.measurements
    window.readings.sign("reader A", ())
    qtbot.waitUntil(lambda: "still being made" in window.status.message, timeout=PATIENCE_MS)
    assert reading_of(window).state is ReadingState.IN_PROGRESS
    held.set()
    qtbot.waitUntil(lambda: in_step(window), timeout=PATIENCE_MS)
    assert reading_of(window).measurements != reading.measurements

    window.undo()
    qtbot.waitUntil(lambda: (labels_of(window).array == untouched.array).all(), timeout=PATIENCE_MS)
    assert reading_of(window) == reading
    window.redo()
    qtbot.waitUntil(lambda: not (labels_of(window).array == untouched.array).all(), timeout=PATIENCE_MS)
    assert in_step(window)
    assert reading_of(window).measurements != reading.measurements


def test_each_measured_stroke_is_one_step_of_undo(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    states = [reading_of(window)]
    for target in ("D3", "D2"):
        paint(window, target, qtbot)
        qtbot.waitUntil(lambda: in_step(window), timeout=PATIENCE_MS)
        states.append(reading_of(window))
    for expected in (states[1], states[0]):
        window.undo()
        qtbot.waitUntil(lambda e=expected: reading_of(window) == e, timeout=PATIENCE_MS)  # type: ignore[misc]
    for expected in states[1:]:
        window.redo()
        qtbot.waitUntil(lambda e=expected: reading_of(window) == e, timeout=PATIENCE_MS)  # type: ignore[misc]
    assert window.screen_state.analysis.measurements == reading_of(window).measurements


def test_undo_while_a_stroke_is_being_measured_takes_it_back(
    open_window: Opener, qtbot: QtBot, held: threading.Event
) -> None:
    window = open_window("concurrent")
    before, untouched = reading_of(window), labels_of(window).array
    held.clear()
    paint(window, "D3", qtbot)
    window.undo()
    qtbot.waitUntil(lambda: reading_of(window) == before, timeout=PATIENCE_MS)
    held.set()
    qtbot.wait(300)
    assert reading_of(window) == before
    assert (labels_of(window).array == untouched).all()


def test_what_was_undone_over_an_unmeasured_stroke_can_be_made_again_after_it_is_measured(
    open_window: Opener, qtbot: QtBot, held: threading.Event
) -> None:
    window = open_window("concurrent")
    held.clear()
    paint(window, "D3", qtbot)
    one = labels_of(window).array
    paint(window, "D2", qtbot)
    two = labels_of(window).array
    window.undo()
    qtbot.waitUntil(lambda: (labels_of(window).array == one).all(), timeout=PATIENCE_MS)
    held.set()
    qtbot.waitUntil(lambda: in_step(window), timeout=PATIENCE_MS)

    window.redo()
    qtbot.waitUntil(lambda: (labels_of(window).array == two).all(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: in_step(window), timeout=PATIENCE_MS)
    window.undo()
    qtbot.waitUntil(lambda: (labels_of(window).array == one).all(), timeout=PATIENCE_MS)
    window.redo()
    qtbot.waitUntil(lambda: (labels_of(window).array == two).all() and in_step(window), timeout=PATIENCE_MS)
