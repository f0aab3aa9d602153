"""Viewports follow each other by patient position, within one frame of reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.marks import cut_of_slice
from tests.render.samples import geometry
from tests.viewer.conftest import drawn_lines, shown_series

MakeGrid = Callable[..., ViewportGrid]


@pytest.fixture
def grid(make_grid: MakeGrid) -> ViewportGrid:
    """A sagittal T2, a sagittal T1 in another file order, an axial and a series of another space."""
    grid = make_grid(2, 2)
    series = (
        shown_series(SeriesRole.SAG_T2, geometry("sagittal")),
        shown_series(SeriesRole.SAG_T1, geometry("sagittal", flips=(True, False, False))),
        shown_series(
            SeriesRole.AX_T2, geometry("axial", shape=(9, 30, 30), spacing=(2.0, 1.0, 1.0), degrees=8)
        ),
        shown_series(SeriesRole.COR_T1, geometry("coronal", frame="9.9")),
    )
    for viewport, each in zip(grid.viewports, series, strict=True):
        viewport.set_series(each)
    return grid


def test_the_cursor_takes_the_axial_to_its_slice(grid: ViewportGrid) -> None:
    sagittal, _, axial, foreign = grid.viewports
    assert axial.stack is not None
    assert sagittal.stack is not None
    before = foreign.slice_index
    for row in (4, 12, 20):
        point = sagittal.stack.geometry.index_to_world((sagittal.slice_index, row, 10))
        sagittal.cursor_moved.emit(point)
        assert axial.slice_index == axial.stack.nearest_index(point)
        assert np.allclose(axial.content.cursor, point)
        assert foreign.content.cursor is None
        assert foreign.slice_index == before


def test_the_cursor_is_drawn_at_the_same_place_in_the_patient(grid: ViewportGrid) -> None:
    sagittal, _, axial, _ = grid.viewports
    view = axial.view()
    assert view is not None
    point = view.pixel_to_world((60, 70))
    axial.cursor_moved.emit(point)
    for viewport in (sagittal, axial):
        shown = viewport.view()
        assert shown is not None
        pixel = shown.world_to_pixel(viewport.content.cursor)
        back = shown.pixel_to_world(pixel) + shown.depth(point) * shown.normal
        np.testing.assert_allclose(back, point, atol=1e-9)


def test_parallel_stacks_scroll_together_whatever_their_order(grid: ViewportGrid) -> None:
    first, second, axial, _ = grid.viewports
    before = axial.slice_index
    for _ in range(3):
        first.scroll_by(1)
        assert first.slice_plane is not None
        assert second.slice_plane is not None
        gap = first.slice_plane.signed_distance(second.slice_plane.point)
        assert abs(float(gap)) < 0.1
    assert axial.slice_index == before
    grid.links.scroll_linked = False
    index = second.slice_index
    first.scroll_by(-1)
    assert second.slice_index == index


def test_reference_lines_are_where_the_planes_meet(grid: ViewportGrid) -> None:
    sagittal, _, axial, foreign = grid.viewports
    grid.set_active(axial)
    lines = drawn_lines(grid, sagittal)
    assert len(lines) == 1
    assert lines[0].active
    assert sagittal.slice_plane is not None
    assert axial.slice_plane is not None
    for end in (lines[0].start, lines[0].end):
        assert abs(float(sagittal.slice_plane.signed_distance(end))) < 1e-6
        assert abs(float(axial.slice_plane.signed_distance(end))) < 1e-6
    assert len(drawn_lines(grid, axial)) == 2
    assert drawn_lines(grid, foreign) == ()
    before = lines[0].start[2]
    axial.scroll_by(2)
    assert drawn_lines(grid, sagittal)[0].start[2] != before


def test_going_to_a_level_moves_everything(grid: ViewportGrid) -> None:
    sagittal, _, axial, foreign = grid.viewports
    foreign.set_series(sagittal.series, ImagePlane.AXIAL)
    disc = Plane(geometry("sagittal").index_to_world((5, 8, 9)), (0.0, 0.3, 0.95))
    grid.go_to(disc.point, disc)
    assert axial.stack is not None
    assert sagittal.stack is not None
    assert sagittal.slice_index == sagittal.stack.nearest_index(disc.point) == 5
    assert axial.slice_index == axial.stack.nearest_index(disc.point)
    assert foreign.slice_plane is not None
    assert abs(float(foreign.slice_plane.normal @ disc.normal)) == pytest.approx(1)
    assert abs(float(foreign.slice_plane.signed_distance(disc.point))) < 1e-6
    assert not foreign.acquired
    assert axial.acquired


def test_a_steep_disc_turns_transverse_planes_only(grid: ViewportGrid) -> None:
    sagittal, _, axial, foreign = grid.viewports
    axial.set_series(sagittal.series, ImagePlane.AXIAL)
    foreign.set_series(sagittal.series, ImagePlane.CORONAL)
    disc = Plane(geometry("sagittal").index_to_world((5, 8, 9)), (0.0, 0.6, 0.8))
    grid.go_to(disc.point, disc)
    assert abs(float(axial.slice_plane.normal @ disc.normal)) == pytest.approx(1)  # type: ignore[union-attr]
    assert abs(float(foreign.slice_plane.normal[1])) == pytest.approx(1)  # type: ignore[union-attr]


def test_files_without_frame_of_reference_link_only_within_a_series(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 3)
    one, other = shown_series(grid=geometry(frame="")), shown_series(SeriesRole.SAG_T1, geometry(frame=""))
    first, same, foreign = grid.viewports
    first.set_series(one)
    same.set_series(one, ImagePlane.AXIAL)
    foreign.set_series(other)
    first.cursor_moved.emit(geometry().centre)
    assert same.content.cursor is not None
    assert foreign.content.cursor is None
    assert drawn_lines(grid, same)
    assert drawn_lines(grid, foreign) == ()


def test_a_plane_beside_a_slice_cuts_it_nowhere() -> None:
    corners = np.array([(0, 0, 0), (10, 0, 0), (10, 10, 0), (0, 10, 0)], dtype=float)
    assert cut_of_slice(Plane((20, 0, 0), (1, 0, 0)), corners) is None
    cut = cut_of_slice(Plane((4, 0, 0), (1, 0, 0)), corners)
    assert cut is not None
    assert sorted(point[1] for point in cut) == [0, 10]
    assert cut[0][0] == pytest.approx(4)


def test_hanging_a_series_moves_no_other_viewport(grid: ViewportGrid) -> None:
    first, second, *_ = grid.viewports
    first.go_to_slice(5)
    grid.links.scroll_linked = False
    second.first_slice()
    stir = shown_series(SeriesRole.SAG_STIR, geometry("sagittal", flips=(True, False, False)))
    grid.set_active(second)
    grid.show_in_active(stir)
    assert first.slice_index == 5
    assert second.series is stir
    assert first.slice_plane is not None
    assert second.slice_plane is not None
    assert abs(float(first.slice_plane.signed_distance(second.slice_plane.point))) < 0.1


def test_lines_follow_at_the_next_frame(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, axial, _ = grid.viewports
    before = drawn_lines(grid, sagittal)[0].start[2]
    axial.scroll_by(1)
    axial.scroll_by(1)
    assert sagittal.content.reference_lines[0].start[2] == before
    qtbot.waitUntil(lambda: sagittal.content.reference_lines[0].start[2] != before)


def test_no_lines_are_made_for_viewports_that_are_gone(grid: ViewportGrid, qtbot: QtBot) -> None:
    grid.links.update_reference_lines()
    grid.dispose()
    for viewport in grid.viewports:
        shiboken6.delete(viewport)
    with qtbot.captureExceptions() as caught:
        qtbot.wait(50)
    assert not caught


def test_a_viewport_that_shows_the_same_is_not_painted_again(grid: ViewportGrid, qtbot: QtBot) -> None:
    sagittal, _, axial, foreign = grid.viewports
    qtbot.wait(50)
    painted = {id(each): 0 for each in grid.viewports}

    def count(each: int) -> None:
        painted[each] += 1

    for each in grid.viewports:
        each.frame_painted.connect(partial(count, id(each)))
    axial.scroll_by(1)
    axial.scroll_by(1)
    qtbot.waitUntil(lambda: bool(painted[id(axial)]) and bool(painted[id(sagittal)]))
    qtbot.wait(50)
    assert painted[id(axial)] == 1
    assert painted[id(sagittal)] == 1
    assert painted[id(foreign)] == 0
