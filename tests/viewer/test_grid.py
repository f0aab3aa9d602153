"""The grid: layouts, the active viewport, maximising, state for all viewports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import choose_plan
from lvp_workstation.viewer.hanging_files import load_protocols
from lvp_workstation.viewer.marks import WorldMark
from lvp_workstation.viewer.mouse_map import STACK_SCROLL_PROFILE
from lvp_workstation.viewer.render_scheduler import RenderScheduler
from tests.render.samples import FRAME, blocks, geometry
from tests.viewer.conftest import shown_series, turn_wheel

MakeGrid = Callable[..., ViewportGrid]
FOLDER = Path(__file__).resolve().parents[2] / "resources" / "hanging"


def test_layouts_keep_what_is_shown(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 1)
    series = shown_series()
    grid.show_in_active(series)
    for rows, columns in ((2, 2), (1, 4), (1, 2), (1, 1), (3, 1)):
        grid.set_regular_grid(rows, columns)
        assert len(grid.viewports) == rows * columns
        assert grid.viewports[0].series is series


def test_a_plan_is_hung(make_grid: MakeGrid, qtbot: QtBot) -> None:
    grid = make_grid(1, 1)
    series = [
        shown_series(role, geometry(plane))
        for role, plane in (
            (SeriesRole.SAG_T2, "sagittal"),
            (SeriesRole.SAG_T1, "sagittal"),
            (SeriesRole.AX_T2, "axial"),
        )
    ]
    plan = choose_plan(load_protocols(FOLDER), [each.series for each in series])
    grid.apply_plan(plan, {each.key: each for each in series})
    assert [v.series for v in grid.viewports] == [*series, series[0]]
    assert [v.acquired for v in grid.viewports] == [True, True, True, False]
    qtbot.waitUntil(lambda: grid.viewports[0].height() > 1.9 * grid.viewports[2].height())
    assert grid.active is grid.viewports[0]


def test_double_click_maximises_and_goes_back(make_grid: MakeGrid, qtbot: QtBot) -> None:
    grid = make_grid(2, 2)
    grid.show_in_active(shown_series())
    chosen = grid.viewports[3]
    qtbot.mouseDClick(chosen, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert grid.maximised is chosen
    assert [v.isVisible() for v in grid.viewports] == [False, False, False, True]
    qtbot.waitUntil(lambda: chosen.width() == grid.width())
    qtbot.mouseDClick(chosen, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert all(v.isVisible() for v in grid.viewports)


def test_a_click_makes_a_viewport_active(make_grid: MakeGrid, qtbot: QtBot) -> None:
    grid = make_grid(1, 2)
    with qtbot.waitSignal(grid.active_changed):
        qtbot.mouseClick(grid.viewports[1], Qt.MouseButton.LeftButton)
    assert grid.active is grid.viewports[1]
    assert [v.content.active for v in grid.viewports] == [False, True]


def test_labels_reach_viewports_of_the_same_space_only(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 3)
    sagittal, axial, foreign = grid.viewports
    sagittal.set_series(shown_series())
    axial.set_series(shown_series(SeriesRole.AX_T2, geometry("axial")))
    foreign.set_series(shown_series(SeriesRole.SAG_T1, geometry(frame="7.7")))
    label_map = blocks(geometry())
    grid.set_labels(label_map, LevelMap(2))
    assert sagittal.content.labels is axial.content.labels is not None
    assert foreign.content.labels is None
    before = sagittal.content.labels
    grid.set_labels(label_map, LevelMap(2, lowest=1))
    assert sagittal.content.labels is not None
    assert sagittal.content.labels.anchors is before.anchors
    assert sagittal.content.labels.names["V1"] == "L4?"
    foreign.set_series(sagittal.series, ImagePlane.CORONAL)
    assert foreign.content.labels is not None
    grid.set_labels(None, None)
    assert sagittal.content.labels is None


def test_research_labels_reach_their_own_grid(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2)
    grid.viewports[0].set_series(shown_series(grid=geometry(frame="")))
    grid.viewports[1].set_series(shown_series(SeriesRole.AX_T2, geometry("axial", frame="")))
    grid.set_labels(blocks(geometry(frame="")), LevelMap(2))
    assert grid.viewports[0].content.labels is not None
    assert grid.viewports[1].content.labels is None


def test_the_axial_names_its_level(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 1)
    label_map = blocks(geometry())
    viewport = grid.viewports[0]
    viewport.set_series(shown_series(), ImagePlane.AXIAL)
    grid.set_labels(label_map, LevelMap(2))
    for row, name in ((4, "L4?"), (9, "L4-L5?"), (13, "L5?")):
        viewport.go_to_point(geometry().index_to_world((3, row, 5)))
        viewport.grab()
        assert viewport.content.texts.level == name


def test_settings_reach_present_and_later_viewports(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 1)
    grid.set_tool("brush")
    grid.set_mouse_profile(STACK_SCROLL_PROFILE)
    grid.set_brush_radius(5.0)
    grid.set_overlay_visible(False)
    grid.set_segmentation_visible(False)
    grid.set_annotations_visible(False)
    grid.set_regular_grid(1, 2)
    for viewport in grid.viewports:
        assert viewport.active_tool == "brush"
        assert viewport.content.brush_radius_mm == 5.0
        assert not viewport.content.ai_visible
        assert not viewport.content.annotations


def test_lines_reach_viewports_of_their_space(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2)
    grid.viewports[0].set_series(shown_series())
    grid.viewports[1].set_series(shown_series(SeriesRole.SAG_T1, geometry(frame="7.7")))
    line = WorldMark(np.zeros((2, 3)), "3 mm", frame_of_reference_uid=FRAME)
    grid.set_lines([line])
    assert [v.content.marks for v in grid.viewports] == [(line,), ()]


def test_views_of_one_series_share_its_window(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2)
    series = shown_series()
    grid.viewports[0].set_series(series)
    grid.viewports[1].set_series(series, ImagePlane.AXIAL)
    grid.viewports[0].apply_window_preset(4)
    assert grid.viewports[1].grey_window == grid.viewports[0].grey_window


def test_many_requests_give_one_render(qtbot: QtBot) -> None:
    class Counter:
        frames = 0

        def render_frame(self) -> None:
            self.frames += 1

    scheduler, counter, gone = RenderScheduler(), Counter(), Counter()
    for _ in range(50):
        scheduler.request(counter)
    scheduler.request(gone)
    scheduler.forget(gone)
    qtbot.waitUntil(lambda: counter.frames == 1)
    qtbot.wait(40)
    assert (counter.frames, gone.frames) == (1, 0)


def test_a_hidden_grid_can_be_disposed_of_twice(make_grid: MakeGrid) -> None:
    grid = make_grid(2, 2)
    grid.hide()
    grid.dispose()
    grid.dispose()


def test_hovering_and_the_wheel_leave_the_active_viewport(make_grid: MakeGrid, qtbot: QtBot) -> None:
    grid = make_grid(1, 2)
    grid.viewports[1].set_series(shown_series())
    with qtbot.assertNotEmitted(grid.active_changed):
        qtbot.mouseMove(grid.viewports[1], QPoint(30, 30))
        turn_wheel(grid.viewports[1], -1)
    assert grid.active is grid.viewports[0]
