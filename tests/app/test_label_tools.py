"""Tools that correct the segmentation in the window: kept, undone, blind before the lock, by key."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from lvp_workstation.app.main_window import MainWindow
from lvp_workstation.app.tool_hints import HINTS
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.viewer.intents import LabelGesture, LabelTool
from lvp_workstation.viewer.language import LANGUAGES, translations
from lvp_workstation.viewer.tools import make_tools
from tests.app.conftest import PATIENCE_MS, Opener
from tests.app.test_keys import press
from tests.app.test_strokes import in_step, labels_of, stroke_at


def middle(window: MainWindow, target: str) -> Array:
    """The middle of a disc or a vertebral body on its middle slice, LPS mm."""
    labels = labels_of(window)
    voxels = np.argwhere(labels.mask(target))
    on_slice = voxels[voxels[:, 0] == int(np.median(voxels[:, 0]))]
    points = labels.geometry.index_to_world(on_slice.astype(float))
    body = points[points[:, 1] < points[:, 1].min() + 25.0]
    centre: Array = body.mean(axis=0)
    return centre


def ask(window: MainWindow, tool: LabelTool, *points: Array, erase: bool = False) -> None:
    normal = labels_of(window).geometry.slice_normal
    window.edit_labels(LabelGesture(tool, np.array(points), normal, erase))


def wait_changed(window: MainWindow, before: LabelMap, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool((labels_of(window).array != before.array).any()), timeout=PATIENCE_MS)


def ring(centre: Array, radius: float) -> list[Array]:
    turn = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    return [centre + radius * np.array((0.0, np.cos(a), np.sin(a))) for a in turn]


def choose(qtbot: QtBot, *path: str) -> None:
    """Choose an entry of the menu on screen, through its submenus."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=PATIENCE_MS)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    whole = menu
    for name in path[:-1]:
        entry = next(action for action in menu.actions() if action.text() == name)
        menu = entry.menu()  # type: ignore[assignment]
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()
    whole.close()


def test_nothing_is_corrected_before_the_lock(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    window.go_to_level("D3")
    before, at = labels_of(window), middle(window, "D3")
    for tool in LabelTool:
        ask(window, tool, *([at] * (2 if tool in (LabelTool.SPLIT, LabelTool.MERGE) else 1)))
        assert "lock your grades" in window.status.message
        window.status.say("…")
    for act in (window.smooth_structure, window.interpolate_structure, window.pick_structure):
        act()
        assert "lock your grades" in window.status.message
    assert labels_of(window) is before
    assert not window.runner.running("recompute")


def test_a_level_is_corrected_with_every_tool_and_each_is_undone(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    window.go_to_level("D3")
    untouched, at = labels_of(window), middle(window, "D3")

    def done(words: str) -> None:
        qtbot.waitUntil(lambda: reading_words(window).endswith(words), timeout=PATIENCE_MS)

    ask(window, LabelTool.FILL, *ring(at, 2.0), erase=True)
    done("empty an outline")
    ask(window, LabelTool.FILL, at)
    done("fill a hole")
    assert (labels_of(window).array == untouched.array).all()
    ask(window, LabelTool.FILL, *ring(at, 3.0), erase=True)
    done("empty an outline")
    ask(window, LabelTool.GROW, at)
    done("grow L3-L4?")
    window.smooth_structure()
    done("smooth L3-L4?")
    ask(window, LabelTool.MERGE, middle(window, "V3"), middle(window, "V2"))
    done("merge L3? into L4?")
    assert not labels_of(window).mask("V3").any()
    qtbot.waitUntil(lambda: in_step(window), timeout=PATIENCE_MS)
    for _ in range(6):  # strokes drawn before the measuring had ended share a step
        window.undo()
    qtbot.waitUntil(lambda: bool((labels_of(window).array == untouched.array).all()), timeout=PATIENCE_MS)


def reading_words(window: MainWindow) -> str:
    snapshot = window.readings.snapshot
    return snapshot.history.undo_text if snapshot is not None else ""


def test_a_piece_is_relabelled_and_a_structure_split_by_a_menu_at_the_mouse(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("concurrent")
    at, before = middle(window, "V3"), labels_of(window)
    count = int(before.mask("V3").sum())
    ahead = np.array((0.0, 25.0, 0.0))
    ask(window, LabelTool.SPLIT, at - ahead, at + ahead)
    choose(qtbot, "upper part", "L2?")
    wait_changed(window, before, qtbot)
    assert 0.2 * count < labels_of(window).mask("V3").sum() < 0.8 * count
    before = labels_of(window)
    ask(window, LabelTool.RELABEL, middle(window, "V3"))
    choose(qtbot, "L4?")
    wait_changed(window, before, qtbot)
    assert reading_words(window).endswith("relabel L3? as L4?")


def test_corrected_slices_are_joined_by_key(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("concurrent")
    window.go_to_level("D3")
    labels = labels_of(window)
    step = labels.geometry.affine[:3, 0]
    for slices in (-2, 2):
        before, stroke = labels_of(window), stroke_at(window, "D3")
        moved = stroke.points + slices * step
        window.paint_stroke(replace(stroke, points=moved))
        wait_changed(window, before, qtbot)
    before = labels_of(window)
    window.viewports.set_active(window.viewports.viewports[0])
    press(window, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    wait_changed(window, before, qtbot)
    assert reading_words(window).endswith("interpolate L3-L4?")
    front = np.argwhere(labels_of(window).mask("D3"))[:, 2].min()
    assert front < np.argwhere(labels.mask("D3"))[:, 2].min()


def test_the_brush_changes_its_size_and_keeps_to_the_picked_structure(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("concurrent")
    window.go_to_level("D3")
    viewport = window.viewports.viewports[0]
    radius = viewport.content.brush_radius_mm
    press(window, Qt.Key.Key_Period)
    assert viewport.content.brush_radius_mm > radius
    press(window, Qt.Key.Key_Comma)
    assert viewport.content.brush_radius_mm == radius
    window._pick("V2")
    before, count = labels_of(window), int(labels_of(window).mask("V2").sum())
    window.paint_stroke(stroke_at(window, "D3"))
    wait_changed(window, before, qtbot)
    assert int(labels_of(window).mask("V2").sum()) > count


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_tool_of_the_left_button_says_how_it_is_used(language: str) -> None:
    held = {"crosshair", "maximise", "reslice", "mark_points", "slab"}
    assert set(make_tools()) - held == set(HINTS)
    assert set(HINTS.values()) <= set(translations(language))
