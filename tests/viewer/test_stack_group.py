"""Several stacks of one kind in one viewport, such as disc-angled axial blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDropEvent

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import GridLayout, HangingPlan, HungSeries
from lvp_workstation.viewer.intents import SERIES_MIME
from lvp_workstation.viewer.stack_group import StackGroup
from tests.render.samples import FRAME, geometry, ramp_volume
from tests.viewer.conftest import make_series, make_study

MakeGrid = Callable[..., ViewportGrid]


def block(height: float, tilt: float, stack: int, uid: str = "5.5") -> DisplaySeries:
    """Return five axial slices around a height (LPS z, mm), tilted forward by some degrees."""
    angle = np.radians(tilt)
    normal, row = (0, -np.sin(angle), np.cos(angle)), (0, np.cos(angle), np.sin(angle))
    corner = np.array((-10.0, 0, height)) - 10 * np.array(row) - 8 * np.array(normal)
    grid = VolumeGeometry.from_axes(corner, (normal, row, (1, 0, 0)), (4, 1, 1), (5, 21, 21), FRAME)
    series = make_series(SeriesRole.AX_T2, grid, uid)
    object.__setattr__(series, "stack", stack)
    shown = DisplaySeries(series, make_study(series))
    shown.set_volume(ramp_volume(grid))
    return shown


@pytest.fixture
def blocks() -> list[DisplaySeries]:
    """Three blocks of one series, in no order: low, high, middle."""
    return [block(-30, 15, 0), block(30, -5, 1), block(0, 5, 2)]


def test_blocks_are_in_reading_order(blocks: list[DisplaySeries]) -> None:
    low, high, middle = blocks
    group = StackGroup.around(middle, blocks)
    assert [group.place(each) for each in (high, middle, low)] == [(1, 3), (2, 3), (3, 3)]
    assert group.neighbour(high, 1) is middle
    assert group.neighbour(middle, 1) is low
    assert group.neighbour(low, 1) is None


def test_the_block_that_covers_a_point_is_chosen(blocks: list[DisplaySeries]) -> None:
    low, high, middle = blocks
    group = StackGroup.around(low, blocks)
    assert group.best_for(np.array((0, 0, 29.0)), low) is high
    assert group.best_for(np.array((0, 0, 1.0)), high) is middle
    assert group.best_for(np.array((0, 0, 300.0)), low) is high


def test_another_series_is_taken_only_where_the_present_one_has_nothing(blocks: list[DisplaySeries]) -> None:
    other = block(-1, 0, 0, "6.6")
    group = StackGroup.around(blocks[0], [*blocks, other])
    assert group.best_for(np.array((0, 0, 0.0)), blocks[0]) is blocks[2]
    assert group.best_for(np.array((0, 0, 0.0)), other) is other


def test_other_roles_and_spaces_stay_apart(blocks: list[DisplaySeries]) -> None:
    sagittal = DisplaySeries(make_series(SeriesRole.SAG_T2))
    group = StackGroup.around(sagittal, [*blocks, sagittal])
    assert group.place(sagittal) == (1, 1)
    assert group.best_for(np.array((0, 0, 0.0)), sagittal) is sagittal
    nowhere = DisplaySeries(make_series(SeriesRole.AX_T2, geometry("axial", frame="")))
    assert StackGroup.around(nowhere, [*blocks, nowhere]).place(nowhere) == (1, 1)


@pytest.fixture
def grid(make_grid: MakeGrid, blocks: list[DisplaySeries]) -> ViewportGrid:
    """A grid with the low block and an empty viewport."""
    grid = make_grid()
    plan = HangingPlan("", "", GridLayout.regular(1, 2), (HungSeries(blocks[0].key), HungSeries()))
    grid.apply_plan(plan, {each.key: each for each in blocks})
    return grid


def test_going_to_a_level_changes_the_block(grid: ViewportGrid, blocks: list[DisplaySeries]) -> None:
    viewport = grid.viewports[0]
    viewport.zoom_by(2.0)
    grid.go_to(np.array((0, 0, 31.0)), Plane((0, 0, 31), (0, 0, 1)))
    assert viewport.series is blocks[1]
    assert viewport.state.zoom == pytest.approx(2.0)
    viewport.grab()
    assert viewport.content.texts.state[-1].endswith("stack 1/3")


def test_paging_goes_on_into_the_next_block(grid: ViewportGrid, blocks: list[DisplaySeries]) -> None:
    viewport = grid.viewports[0]
    grid.go_to(np.array((0, 0, 31.0)))
    viewport.first_slice()
    shown = []
    for _ in range(20):
        shown.append((blocks.index(viewport.series), viewport.stack.number(viewport.slice_index)))
        viewport.scroll_by(1)
    assert shown[:15] == [(b, n) for b in (1, 2, 0) for n in range(1, 6)]
    assert shown[15:] == [(0, 5)] * 5
    viewport.scroll_by(-5)
    viewport.first_slice()
    viewport.scroll_by(-1)
    assert (viewport.series, viewport.stack.number(viewport.slice_index)) == (blocks[2], 5)


def test_a_dragged_series_hangs_where_it_is_dropped(grid: ViewportGrid, blocks: list[DisplaySeries]) -> None:
    empty = grid.viewports[1]
    data = QMimeData()
    data.setData(SERIES_MIME, blocks[2].key.encode())
    event = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    empty.dropEvent(event)
    assert empty.series is blocks[2]
    assert grid.active is empty
    assert grid.hung_keys == {blocks[0].key, blocks[2].key}
