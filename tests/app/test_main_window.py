"""The whole window on a phantom: open, look, grade, lock, accept, brush, undo, sign, open again."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.domain.findings import GRID_SCALES, FindingKey, FindingStatus
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.viewer.intents import BrushStroke
from tests.app.conftest import PATIENCE_MS, Opener, reading_of


def select(window: MainWindow, target: str, scale: str) -> FindingKey:
    column = next(n for n, s in enumerate(GRID_SCALES) if s.key == scale)
    row = list(reading_of(window).levels).index(target)
    window.grid.setFocus()
    window.grid.setCurrentIndex(window.grid.model().index(row, column))
    return FindingKey(target, scale)


def test_a_reading_by_keyboard_from_grade_to_signature_survives_a_restart(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window()
    key = select(window, "D2", "pfirrmann")
    QTest.keyClick(window.grid, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: reading_of(window).finding(key).grade == "4", timeout=PATIENCE_MS)
    assert reading_of(window).finding(key).status is FindingStatus.READER

    window.lock_level()
    qtbot.waitUntil(lambda: "D2" in reading_of(window).revealed, timeout=PATIENCE_MS)
    canal = select(window, "D2", "central_canal")
    window.accept_finding()
    qtbot.waitUntil(lambda: reading_of(window).finding(canal).grade != "", timeout=PATIENCE_MS)
    assert reading_of(window).finding(canal).status is FindingStatus.ACCEPTED

    window.undo()
    qtbot.waitUntil(lambda: reading_of(window).finding(canal).grade == "", timeout=PATIENCE_MS)
    window.redo()
    qtbot.waitUntil(lambda: reading_of(window).finding(canal).grade != "", timeout=PATIENCE_MS)

    window.sign_reading()
    assert "numbering" in window.status.message
    window.confirm_numbering()
    qtbot.waitUntil(lambda: bool(window.screen_state.reading.level_map.confirmed_by), timeout=PATIENCE_MS)  # type: ignore[union-attr]
    window.readings.sign("reader A", window.coverage())
    qtbot.waitUntil(lambda: reading_of(window).state is ReadingState.SIGNED, timeout=PATIENCE_MS)
    before = reading_of(window)
    window.close()
    window.context.close()

    again = open_window()
    assert reading_of(again) == before
    assert not again._actions["grid.accept"].isEnabled()


def test_a_brush_stroke_changes_what_depends_on_it_and_is_undone(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    labels = window.screen_state.labels
    assert labels is not None
    window.go_to_level("D3")
    voxels = np.argwhere(labels.mask("D3"))
    index = int(np.median(voxels[:, 0]))
    on_slice = voxels[voxels[:, 0] == index]
    front = on_slice[on_slice[:, 2].argmin()]
    start = labels.geometry.index_to_world(front + np.array((0, 0, 3)))
    stroke = BrushStroke(
        np.stack([start, start - np.array((0.0, 6.0, 0.0))]),
        4.0,
        False,
        labels.geometry.slice_normal,
        next(iter(window.studies.series)),
        index,
        labels.geometry.frame_of_reference_uid,
    )
    before = reading_of(window)
    count = int(labels.mask("D3").sum())
    window.paint_stroke(stroke)
    qtbot.waitUntil(lambda: reading_of(window) != before, timeout=PATIENCE_MS)
    painted = window.screen_state.labels
    assert painted is not None
    assert int(painted.mask("D3").sum()) > count
    window.undo()
    qtbot.waitUntil(lambda: reading_of(window) == before, timeout=PATIENCE_MS)
    undone = window.screen_state.labels
    assert undone is not None
    assert (undone.array == labels.array).all()


def test_nothing_of_the_ai_is_on_screen_before_the_lock(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    assert window.screen_state.shown_instances() == frozenset()
    select(window, "D2", "central_canal")
    assert "AI not shown" in window.evidence.text()
    window.accept_finding()
    qtbot.waitUntil(lambda: "lock" in window.status.message, timeout=PATIENCE_MS)
    assert window.screen_state.show_measurement("D2", "sac_ap") is None


def test_going_to_a_level_takes_the_sagittal_view_to_its_disc(open_window: Opener) -> None:
    window = open_window()
    window.go_to_level("D3")
    place = window.screen_state.place_of("D3")
    assert place is not None
    sagittal = window.viewports.viewports[0]
    plane = sagittal.slice_plane
    assert plane is not None
    assert abs(float(plane.signed_distance(place.point))) <= 2.3
    assert window.rail.current == "D3"


def test_shifting_the_labels_renames_levels_and_moves_no_grade(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    key = select(window, "D2", "pfirrmann")
    QTest.keyClick(window.grid, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: reading_of(window).finding(key).grade == "3", timeout=PATIENCE_MS)
    names = [row.name for row in window.rail.rows]
    window.shift_labels_up()
    qtbot.waitUntil(lambda: [row.name for row in window.rail.rows] != names, timeout=PATIENCE_MS)
    assert reading_of(window).finding(key).grade == "3"
    assert reading_of(window).level_map.name("D2") == "L3-L4"  # type: ignore[union-attr]


def test_ai_second_reveals_where_reader_and_ai_differ_once_the_reader_is_done(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("ai_second")
    key = select(window, "D2", "pfirrmann")
    assert reading_of(window).finding(key).proposal is None  # not before the reader is done
    proposal = next(
        p for p in window.screen_state.analysis.proposals if (p.target, p.scale) == ("D2", key.scale)
    )
    other = "1" if proposal.grade != "1" else "5"
    window.set_grade(key, other)
    qtbot.waitUntil(lambda: reading_of(window).finding(key).grade == other, timeout=PATIENCE_MS)
    assert reading_of(window).revealed == frozenset()
    window.lock_level()
    assert "Nothing graded" in window.status.message
    window.lock_level()
    qtbot.waitUntil(lambda: "D2" in reading_of(window).revealed, timeout=PATIENCE_MS)
    assert set(reading_of(window).levels) <= set(reading_of(window).locked)


def test_the_numbering_is_confirmed_by_a_named_reader_only(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    window.context.settings.reader = ""
    monkeypatch.setattr(
        "lvp_workstation.app.window_actions.QInputDialog.getText", lambda *_args, **_more: ("", False)
    )
    window.confirm_numbering()
    assert "named reader" in window.status.message
