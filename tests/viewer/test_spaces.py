"""Spaces, links between them, and an earlier examination beside the current one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.labelmap import DISC_BASE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.study import SeriesRole, Study
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.viewer.companion import Companion
from lvp_workstation.viewer.compare_plan import pair_plan
from lvp_workstation.viewer.display_series import DisplaySeries
from lvp_workstation.viewer.grid import ViewportGrid
from lvp_workstation.viewer.label_layer import LabelLayer
from lvp_workstation.viewer.spaces import Rigid, SpaceLink, Spaces, fit_by_levels, shift, space_of
from tests.render.samples import geometry, ramp_volume
from tests.viewer.conftest import PATIENT, drawn_lines, make_series, shown_series

MakeGrid = Callable[..., ViewportGrid]


def turned(degrees: float, translation: tuple[float, float, float]) -> Rigid:
    angle = np.radians(degrees)
    rotation = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    return Rigid(rotation, np.array(translation))


def of_study(uid: str, grid: VolumeGeometry, role: SeriesRole = SeriesRole.SAG_T2) -> DisplaySeries:
    series = make_series(role, grid, uid=f"{uid}.{role.value}")
    shown = DisplaySeries(series, Study(uid, PATIENT, (series,)))
    shown.set_volume(ramp_volume(grid))
    return shown


# -- spaces -----------------------------------------------------------------------------------


def test_a_movement_of_the_spine_is_found_from_its_levels() -> None:
    spine = np.array([(2.0, 20 * np.sin(z / 60), z) for z in range(0, 200, 30)])
    true = turned(9.0, (4.0, -30.0, 120.0))
    found = fit_by_levels(spine, true.points(spine))
    assert found is not None
    assert found[1] == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(found[0].points(spine), true.points(spine))
    assert np.allclose(found[0].inverse.points(true.points(spine)), spine)


def test_two_levels_are_too_few() -> None:
    assert fit_by_levels(np.zeros((2, 3)), np.zeros((2, 3))) is None


def test_two_examinations_never_share_a_space_and_a_link_works_both_ways() -> None:
    grid = geometry("sagittal")
    first, second = space_of(of_study("1.1", grid)), space_of(of_study("1.2", grid))
    assert first is not None
    assert second is not None
    spaces = Spaces()
    assert spaces.between(first, second) is None
    spaces.link(first, second, SpaceLink(shift((1, 2, 3), (11, 2, 3)), "by hand"))
    there, back = spaces.between(first, second), spaces.between(second, first)
    assert there is not None
    assert back is not None
    assert np.allclose(there.points((0, 0, 0)), (10, 0, 0))
    assert np.allclose(back.points((10, 0, 0)), (0, 0, 0))
    assert spaces.words(second) == "by hand"
    assert spaces.unlink_all(second)
    assert spaces.between(first, second) is None
    assert spaces.words(first) == ""


def test_files_without_a_frame_of_reference_are_a_space_each() -> None:
    grid = geometry("sagittal", frame="")
    first, second = of_study("1.1", grid), of_study("1.1", grid, SeriesRole.SAG_T1)
    assert space_of(first) != space_of(second)


# -- linked viewports -------------------------------------------------------------------------


def test_unequal_frames_of_reference_follow_only_after_a_link_and_say_so(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2, (900, 400))
    first, second = grid.viewports
    first.set_series(of_study("1.1", geometry("sagittal", shape=(9, 40, 40), frame="1.2.3")))
    second.set_series(
        of_study("1.1", geometry("sagittal", shape=(9, 40, 40), frame="4.5.6"), SeriesRole.SAG_T1)
    )
    before = second.slice_index
    first.go_to_slice(1)
    assert second.slice_index == before
    here, there = space_of(first.series), space_of(second.series)
    assert here is not None
    assert there is not None
    grid.links.spaces.link(here, there, SpaceLink(shift((0, 0, 0), (-8, 0, 0)), "linked by hand"))
    grid.links.links_changed()
    first.go_to_slice(2)
    assert second.slice_index == 4  # 8 mm further along slices 4 mm apart, towards the right
    assert second.content.link_note == "linked by hand"
    point = first.slice_plane.point  # type: ignore[union-attr]
    grid.links.set_cursor(point, source=first)
    assert np.allclose(second.content.cursor, point + np.array((-8.0, 0, 0)))


def test_lines_of_a_linked_space_lie_where_the_link_puts_them(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2, (900, 400))
    sagittal, axial = grid.viewports
    sagittal.set_series(of_study("1.1", geometry("sagittal", shape=(9, 100, 80), frame="1.2.3")))
    axial.set_series(of_study("1.1", geometry("axial", shape=(9, 40, 40), frame="4.5.6"), SeriesRole.AX_T2))
    assert not drawn_lines(grid, sagittal)
    here, there = space_of(axial.series), space_of(sagittal.series)
    assert here is not None
    assert there is not None
    grid.links.spaces.link(here, there, SpaceLink(shift((0, 0, 0), (0, 0, 10)), "by hand"))
    grid.links.links_changed()
    (line,) = drawn_lines(grid, sagittal)
    assert line.start[2] == pytest.approx(axial.slice_plane.point[2] + 10)  # type: ignore[union-attr]


# -- an earlier examination -------------------------------------------------------------------


def column(grid: VolumeGeometry, lift: int = 0) -> LabelMap:
    """Three vertebrae and two discs, ``lift`` rows higher."""
    codes = np.zeros(grid.shape, dtype=np.uint8)
    for n, code in enumerate(
        (VERTEBRA_BASE + 3, DISC_BASE + 3, VERTEBRA_BASE + 2, DISC_BASE + 2, VERTEBRA_BASE + 1)
    ):
        top = 20 + 12 * n - lift
        codes[2:7, top : top + 10, 20 + n : 40 + n] = code
    return LabelMap(codes, grid)


LEVELS = LevelMap(5)


def test_going_to_a_level_takes_both_examinations_to_their_own(make_grid: MakeGrid) -> None:
    now, then = (
        geometry("sagittal", shape=(9, 100, 80)),
        geometry("sagittal", shape=(9, 100, 80), frame="9.9"),
    )
    grid = make_grid(1, 2, (900, 400))
    first, second = grid.viewports
    library = {"a": of_study("1.1", now), "b": of_study("1.2", then)}
    plan = pair_plan([library["a"].series], [library["b"].series])
    grid.apply_plan(plan, {each.key: each for each in library.values()})
    second.set_series(library["b"], ImagePlane.AXIAL)
    labels, earlier = column(now), column(then, lift=9)
    grid.set_labels(labels, LEVELS)
    name = LEVELS.name("D2")
    places = {name: Plane(then.index_to_world((4, 20 + 36 - 9 + 5, 33)), (0, 0, 1))}
    companion = Companion.build("1.2", earlier, LEVELS, places)
    grid.set_companion(companion)
    here = Plane(now.index_to_world((4, 20 + 36 + 5, 33)), (0, 0, 1))
    grid.go_to(here.point, here, name + "?")
    assert second.slice_plane is not None
    assert second.slice_plane.point[2] == pytest.approx(places[name].point[2], abs=1.0)
    assert first.content.notice == ""
    grid.go_to(here.point, here, "L9-S9?")
    assert "does not follow" in second.content.notice


def test_the_outlines_of_an_earlier_examination_are_absent_until_they_are_given() -> None:
    grid = geometry("sagittal", shape=(9, 100, 80))
    labels = column(grid)
    companion = Companion.build("1.2", labels, LEVELS, {})
    assert not companion.layer.label_map.array.any()
    assert companion.layer.names
    assert companion.with_outlines(labels).layer.label_map is labels


def test_both_columns_are_matched_by_their_names() -> None:
    now, then = (
        geometry("sagittal", shape=(9, 100, 80)),
        geometry("sagittal", shape=(9, 100, 80), frame="9.9"),
    )
    companion = Companion.build("1.2", column(then, lift=5), LEVELS, {})
    fit = companion.fit(LabelLayer.build(column(now), LEVELS))
    assert fit is not None
    assert fit[1] < 0.01
    assert np.allclose(fit[0].points((0, 0, 0)), (0, 0, 5 * now.spacing[1]), atol=0.5)


# -- hanging ----------------------------------------------------------------------------------


def test_a_pair_of_one_role_goes_before_one_of_one_plane() -> None:
    roles = (SeriesRole.SAG_T1, SeriesRole.SAG_T2, SeriesRole.AX_T2)
    now = [make_series(role, uid=f"1.{role.value}") for role in roles]
    then = [make_series(role, uid=f"2.{role.value}") for role in (SeriesRole.SAG_STIR, SeriesRole.AX_T2)]
    assert [each.series_key for each in pair_plan(now, then).choices] == [now[2].key, then[1].key]
    assert [each.series_key for each in pair_plan(now[:2], then).choices] == [now[0].key, then[0].key]
    assert [each.series_key for each in pair_plan(now, []).choices] == ["", ""]


def test_a_series_of_one_study_is_linked_as_before(make_grid: MakeGrid) -> None:
    grid = make_grid(1, 2, (900, 400))
    first, second = grid.viewports
    first.set_series(shown_series(SeriesRole.SAG_T2, geometry("sagittal", shape=(9, 40, 40))))
    second.set_series(shown_series(SeriesRole.SAG_T1, geometry("sagittal", shape=(9, 40, 40))))
    first.go_to_slice(7)
    assert second.slice_index == 7
    assert second.content.link_note == ""
