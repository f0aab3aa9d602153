"""A viewport whose slices do not reach the level gone to says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.render.stack import acquired_stack
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.hanging import GridLayout, HangingPlan, HungSeries
from tests.render.samples import AXES, blocks, geometry
from tests.viewer.conftest import shown_series

MakeGrid = Callable[..., ViewportGrid]


@pytest.fixture
def grid(make_grid: MakeGrid) -> ViewportGrid:
    """A tall sagittal, five axial slices from z = 3 to 19 mm, a computed axial, a series of another space."""
    grid = make_grid(2, 2)
    sagittal = shown_series(SeriesRole.SAG_T2, geometry("sagittal", shape=(7, 120, 80)))
    axial = shown_series(SeriesRole.AX_T2, geometry("axial", shape=(5, 60, 60)))
    first, second, third, fourth = grid.viewports
    first.set_series(sagittal)
    second.set_series(axial)
    third.set_series(sagittal, ImagePlane.AXIAL)
    fourth.set_series(shown_series(SeriesRole.COR_T1, geometry("coronal", frame="9.9")))
    return grid


def at(z: float, y: float = -5.0) -> Plane:
    return Plane((3.0, y, z), (0, 0, 1))


@pytest.mark.parametrize("plane", AXES)
def test_distance_from_what_a_stack_images(plane: str) -> None:
    grid = geometry(plane, degrees=10)
    stack = acquired_stack(grid)
    assert stack.away_mm(grid.centre) == 0
    assert stack.away_mm(grid.index_to_world((6.4, 3, 3))) == 0
    assert stack.away_mm(grid.index_to_world((9, 3, 3))) == pytest.approx(3 * 4.0)
    assert stack.away_mm(grid.index_to_world((3, 33.5, 3))) == pytest.approx(10 * 0.8)


def test_a_level_beyond_the_stack_is_said_to_be_not_covered(grid: ViewportGrid) -> None:
    sagittal, axial, computed, foreign = grid.viewports
    level = at(31.0)
    grid.go_to(level.point, level, "L4-L5")
    assert axial.content.notice == "nearest slice, L4-L5 not covered: 12 mm away"
    assert sagittal.content.notice == computed.content.notice == ""
    assert foreign.content.notice == "does not follow to L4-L5: another frame of reference"
    axial.grab()
    assert axial.content.texts.notice == axial.content.notice


def test_a_level_beside_the_images_is_not_covered_either(grid: ViewportGrid) -> None:
    axial = grid.viewports[1]
    level = at(11.0, y=60.0)
    grid.go_to(level.point, level, "L4-L5")
    assert axial.content.notice.startswith("nearest slice, L4-L5 not covered: 41 mm")


def test_a_covered_level_and_another_slice_say_nothing(grid: ViewportGrid) -> None:
    axial = grid.viewports[1]
    grid.go_to(at(31.0).point, at(31.0), "L4-L5")
    axial.scroll_by(1)
    assert axial.content.notice == ""
    axial.scroll_by(-1)
    assert "not covered" in axial.content.notice
    grid.go_to(at(12.0).point, at(12.0), "L3-L4")
    assert axial.content.notice == ""
    grid.go_to(at(31.0).point, at(31.0), "L4-L5")
    grid.set_cursor(np.array((3.0, -5.0, 11.0)))
    assert [viewport.content.notice for viewport in grid.viewports] == [""] * 4


def test_a_series_hung_after_the_jump_says_it_too(grid: ViewportGrid) -> None:
    sagittal, axial, *_ = grid.viewports
    level = at(31.0)
    grid.go_to(level.point, level, "L4-L5")
    series = axial.series
    axial.set_series(sagittal.series)
    assert axial.content.notice == ""
    axial.set_series(series)
    axial.go_to_point(level.point)
    assert "L4-L5 not covered" in axial.content.notice


def test_the_sentence_is_painted_and_stays_without_annotations(grid: ViewportGrid) -> None:
    axial = grid.viewports[1]
    grid.set_annotations_visible(False)
    before = axial.grab().toImage()
    axial.set_notice("nearest slice, L4-L5 not covered: 12 mm away")
    assert axial.grab().toImage() != before


def test_a_level_belongs_to_the_labels_whatever_viewport_is_active(grid: ViewportGrid) -> None:
    _, axial, _, foreign = grid.viewports
    grid.set_labels(blocks(geometry("sagittal")), None)
    grid.set_active(foreign)
    before = foreign.slice_index
    grid.go_to(at(31.0).point, at(31.0), "L4-L5")
    assert foreign.slice_index == before
    assert "not covered" in axial.content.notice
    assert "does not follow" in foreign.content.notice


def test_another_study_starts_at_no_level(grid: ViewportGrid) -> None:
    level = at(31.0)
    grid.go_to(level.point, level, "L4-L5")
    other = shown_series(SeriesRole.SAG_T2, geometry("sagittal", frame="7.7"))
    plan = HangingPlan("", "", GridLayout.regular(1, 1), (HungSeries(other.key),))
    grid.apply_plan(plan, {other.key: other})
    assert grid.viewports[0].content.notice == ""


def test_a_renamed_level_is_told_by_its_new_name(grid: ViewportGrid) -> None:
    axial, foreign = grid.viewports[1], grid.viewports[3]
    level = at(31.0)
    grid.go_to(level.point, level, "L4-L5?")
    grid.links.rename_place("L3-L4")
    assert axial.content.notice == "nearest slice, L3-L4 not covered: 12 mm away"
    assert foreign.content.notice.startswith("does not follow to L3-L4")
