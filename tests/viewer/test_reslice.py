"""The plane of a computed viewport is moved and turned by its reference line in another viewport."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.geometry import Plane, plane_angle_deg
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.line_grips import end_grips, visible_part
from lvp_workstation.viewer.marks import ReferenceLine
from lvp_workstation.viewer.mouse_map import STACK_SCROLL_PROFILE
from lvp_workstation.viewer.viewport import Viewport
from tests.render.samples import geometry
from tests.viewer.conftest import drawn_lines, shown_series

MakeGrid = Callable[..., ViewportGrid]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def grid(make_grid: MakeGrid) -> ViewportGrid:
    """A sagittal series, an acquired axial one, and axial slices computed from the sagittal one."""
    grid = make_grid(1, 3, (1200, 420))
    sagittal = shown_series(SeriesRole.SAG_T2, geometry("sagittal", shape=(9, 100, 80)))
    axial = shown_series(SeriesRole.AX_T2, geometry("axial", shape=(15, 40, 40)))
    first, second, third = grid.viewports
    first.set_series(sagittal)
    second.set_series(axial)
    third.set_series(sagittal, ImagePlane.AXIAL)
    return grid


def line_of(grid: ViewportGrid, viewport: Viewport, other: int) -> ReferenceLine:
    return next(line for line in drawn_lines(grid, viewport) if line.number == other)


def drag(viewport: Viewport, *path: QPoint, release: bool = True) -> None:
    QTest.mousePress(viewport, LEFT, NONE, path[0])
    for at in path[1:]:
        QTest.mouseMove(viewport, at)
        QTest.qWait(1)
    if release:
        QTest.mouseRelease(viewport, LEFT, NONE, path[-1])


def pixel(at: np.ndarray) -> QPoint:
    return QPoint(round(float(at[0])), round(float(at[1])))


def on_line(grid: ViewportGrid, share: float = 0.35) -> QPoint:
    """A place on the line of the computed viewport in the sagittal one, away from its grips."""
    sagittal = grid.viewports[0]
    shown = visible_part(sagittal.view(), line_of(grid, sagittal, 2))  # type: ignore[arg-type]
    assert shown is not None
    return pixel(shown[0] + share * (shown[1] - shown[0]))


def end_of_line(grid: ViewportGrid, which: int = 0) -> QPoint:
    sagittal = grid.viewports[0]
    grips = end_grips(sagittal.view(), line_of(grid, sagittal, 2))  # type: ignore[arg-type]
    assert grips is not None
    return pixel(grips[which])


def test_dragging_the_line_moves_the_plane_with_the_mouse(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    start = on_line(grid)
    before, window = computed.slice_plane, sagittal.grey_window
    drag(sagittal, start, start + QPoint(0, 10), start + QPoint(4, 25))
    view, after = sagittal.view(), computed.slice_plane
    assert view is not None
    assert before is not None
    assert after is not None
    moved = float(before.signed_distance(after.point))
    assert abs(moved) == pytest.approx(25 * view.mm_per_pixel, rel=0.03)
    assert plane_angle_deg(before.normal, after.normal) == pytest.approx(0, abs=1e-6)
    assert sagittal.grey_window == window


def test_dragging_the_end_turns_the_plane_about_the_cursor(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, axial, computed = grid.viewports
    view = sagittal.view()
    assert view is not None
    cursor = view.pixel_to_world((view.width / 2 + 20, view.height / 2 - 15))
    sagittal.cursor_moved.emit(cursor)
    acquired = axial.slice_plane
    before = computed.slice_plane
    assert before is not None
    pivot = line_of(grid, sagittal, 2).pivot
    assert pivot is not None
    middle = view.world_to_pixel(pivot)
    grip = end_of_line(grid, 1)
    arm = np.array((grip.x(), grip.y())) - middle
    path = [grip]
    for angle in np.radians((5, 10, 20)):
        rotation = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        path.append(pixel(middle + rotation @ arm))
    drag(sagittal, *path)
    after = computed.slice_plane
    assert after is not None
    assert plane_angle_deg(before.normal, after.normal) == pytest.approx(20, abs=0.7)
    assert float(after.normal @ view.normal) == pytest.approx(0, abs=1e-6)
    assert abs(float(after.signed_distance(pivot))) < 1e-6
    assert np.allclose(axial.slice_plane.normal, acquired.normal)  # type: ignore[union-attr]
    assert axial.acquired


def test_the_turned_plane_says_how_far_and_stays_computed(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    computed.grab()
    assert [b.text for b in computed.content.texts.badges] == [
        "COMPUTED from 4.0 mm slices",
        "axial, no slab",
    ]
    grip = end_of_line(grid, 0)
    drag(sagittal, grip, grip + QPoint(0, 30))
    computed.grab()
    badges = [b.text for b in computed.content.texts.badges]
    assert badges[0].startswith("COMPUTED")
    angle = plane_angle_deg(computed.slice_plane.normal, (0, 0, 1))  # type: ignore[union-attr]
    assert angle > 3
    assert badges[1] == f"{angle:.0f}° to axial, no slab"


def test_the_pivot_keeps_its_place_and_the_scale_stays(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    computed.zoom_by(2.0)
    pivot = line_of(grid, sagittal, 2).pivot
    before = computed.view()
    grip = end_of_line(grid, 0)
    drag(sagittal, grip, grip + QPoint(0, 12), grip + QPoint(0, 24))
    after = computed.view()
    assert before is not None
    assert after is not None
    assert after.mm_per_pixel == pytest.approx(before.mm_per_pixel)
    np.testing.assert_allclose(after.world_to_pixel(pivot), before.world_to_pixel(pivot), atol=1e-6)  # type: ignore[arg-type]


def test_the_line_of_acquired_slices_cannot_be_taken(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, axial, _ = grid.viewports
    grid.links.scroll_linked = False
    grid.viewports[2].go_to_slice(0)
    line = line_of(grid, sagittal, 1)
    assert line.pivot is None
    ends = sagittal.view().world_to_pixel(np.array([line.start, line.end]))  # type: ignore[union-attr]
    at = pixel(ends[0] + 0.3 * (ends[1] - ends[0]))
    plane, window = axial.slice_plane, sagittal.grey_window
    drag(sagittal, at, at + QPoint(0, 30))
    assert axial.slice_plane is not None
    assert np.allclose(axial.slice_plane.point, plane.point)  # type: ignore[union-attr]
    assert sagittal.grey_window != window


def test_escape_puts_the_plane_back(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    before = computed.slice_plane
    assert before is not None
    for start in (end_of_line(grid, 0), on_line(grid)):
        grid.links.render_frame()
        drag(sagittal, start, start + QPoint(0, 14), start + QPoint(0, 28), release=False)
        assert not same_plane(before, computed.slice_plane)
        assert sagittal.cancel_tool()
        QTest.mouseRelease(sagittal, LEFT, NONE, start)
        assert same_plane(before, computed.slice_plane)


def same_plane(first: Plane, second: Plane | None) -> bool:
    assert second is not None
    apart = abs(float(first.signed_distance(second.point)))
    return plane_angle_deg(first.normal, second.normal) < 1e-3 and apart < 1e-6


def test_drawing_tools_and_modifiers_go_before_the_line(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    start = on_line(grid)
    before = computed.slice_plane
    assert before is not None
    grid.set_tool("brush")
    with qtbot.waitSignal(sagittal.stroke_finished):
        drag(sagittal, start, start + QPoint(0, 20))
    assert same_plane(before, computed.slice_plane)
    grid.set_tool("window")
    QTest.mousePress(sagittal, LEFT, Qt.KeyboardModifier.ControlModifier, start)
    QTest.mouseMove(sagittal, start + QPoint(0, 20))
    QTest.mouseRelease(sagittal, LEFT, Qt.KeyboardModifier.ControlModifier, start + QPoint(0, 20))
    assert same_plane(before, computed.slice_plane)


def test_the_line_follows_in_every_profile_that_binds_it(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, computed = grid.viewports
    before, start = computed.slice_plane, on_line(grid)
    assert before is not None
    grid.set_mouse_profile(STACK_SCROLL_PROFILE.with_binding("line", "nothing"))
    drag(sagittal, start, start + QPoint(0, 20))
    assert same_plane(before, computed.slice_plane)
    grid.set_mouse_profile(STACK_SCROLL_PROFILE)
    index, start = sagittal.slice_index, on_line(grid)
    drag(sagittal, start, start + QPoint(0, 20))
    assert not same_plane(before, computed.slice_plane)
    assert sagittal.slice_index == index


def test_a_moved_plane_takes_parallel_acquired_slices_along(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, axial, computed = grid.viewports
    before, start = axial.slice_index, on_line(grid)
    drag(sagittal, start, start + QPoint(0, 40), start + QPoint(0, 90))
    assert axial.stack is not None
    assert computed.slice_plane is not None
    assert axial.slice_index != before
    assert axial.slice_index == axial.stack.nearest_index(computed.slice_plane.point)


def test_turned_planes_go_back_to_the_level_and_to_how_they_were_hung(
    grid: ViewportGrid, qtbot: QtBot
) -> None:
    sagittal, axial, computed = grid.viewports
    level = Plane(geometry("sagittal", shape=(9, 100, 80)).index_to_world((4, 30, 40)), (0.0, 0.2, 0.97))
    grid.go_to(level.point, level)
    assert same_plane(level, computed.slice_plane)
    index = axial.slice_index
    grip = end_of_line(grid, 0)
    drag(sagittal, grip, grip + QPoint(0, 30), grip + QPoint(0, 70))
    assert not same_plane(level, computed.slice_plane)
    grid.level_planes(level)
    assert same_plane(level, computed.slice_plane)
    assert axial.slice_index == index
    grid.level_planes(None)
    assert computed.slice_plane is not None
    assert plane_angle_deg(computed.slice_plane.normal, (0, 0, 1)) == pytest.approx(0, abs=1e-6)
