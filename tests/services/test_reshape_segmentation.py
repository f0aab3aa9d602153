"""Fill, grow, interpolate, smooth, relabel a piece, cut: the voxels they should, undone by their runs."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.geometry import Plane
from lvp_workstation.domain.label_delta import LabelDelta
from lvp_workstation.domain.labelmap import LabelArray, LabelMap, code_of
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, VolumeGeometry
from lvp_workstation.services.edit_segmentation import cut_off, outline_filled, painted
from lvp_workstation.services.reshape_segmentation import (
    grown_from,
    hole_filled,
    interpolated,
    piece_relabelled,
    smoothed_out,
)

GEOMETRY = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, (2.0, 0.5, 0.5), (9, 80, 60))
V1, D1, V2 = code_of("V1"), code_of("D1"), code_of("V2")
SHOWN = frozenset({"V1", "D1"})


def empty() -> LabelArray:
    return np.zeros(GEOMETRY.shape, dtype=np.uint8)


def point(*index: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return an LPS point of a (slice, row, column) place."""
    return GEOMETRY.index_to_world(index)


@pytest.fixture
def labels() -> LabelMap:
    """A vertebra in slices 2-6 with a disc below it, and one that is not shown above."""
    array = empty()
    array[2:7, 20:40, 10:40] = V1
    array[2:7, 40:50, 10:40] = D1
    array[2:7, 5:18, 10:40] = V2
    return LabelMap(array, GEOMETRY)


def changed(labels: LabelMap, after: LabelArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    delta = LabelDelta.between(labels.array, after)
    assert (delta.applied(labels.array) == after).all()
    assert (delta.inverted().applied(after) == labels.array).all()
    return np.argwhere(after != labels.array)


@pytest.mark.parametrize("normal", [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0.5, 0.0, 0.8), (0.3, 0.4, 0.7)])
def test_a_brush_on_another_plane_paints_what_that_plane_shows(
    labels: LabelMap, normal: tuple[float, ...]
) -> None:
    middle = point(4, 60, 30)
    plane = Plane(middle, np.array(normal))
    along = np.cross(plane.normal, (1.0, 0.0, 0.0)) * 6.0
    after = painted(labels, [middle, middle + along], 3.0, "D1", SHOWN, plane.normal)
    voxels = changed(labels, after)
    centres = GEOMETRY.index_to_world(voxels.astype(float))
    half = np.abs(plane.normal @ GEOMETRY.directions) @ np.array(GEOMETRY.spacing) / 2
    assert np.abs(plane.signed_distance(centres)).max() <= half + 0.2
    shown = [middle + share * along for share in np.linspace(0, 1, 20)]
    for each in shown:
        index = np.rint(GEOMETRY.world_to_index(each)).astype(int)
        assert after[tuple(index)] == D1
    across = np.cross(plane.normal, along / np.linalg.norm(along))
    beside = np.rint(GEOMETRY.world_to_index(middle + 2.9 * across)).astype(int)
    far = np.rint(GEOMETRY.world_to_index(middle + 5.5 * across)).astype(int)
    assert after[tuple(beside)] == D1
    assert after[tuple(far)] == 0


def test_a_brush_along_the_slices_is_the_same_with_and_without_their_normal(labels: LabelMap) -> None:
    stroke = [point(1, 60, 20), point(1, 62, 40)]
    with_normal = painted(labels, stroke, 2.0, "D1", SHOWN, GEOMETRY.slice_normal)
    assert (with_normal == painted(labels, stroke, 2.0, "D1", SHOWN)).all()


def test_an_outline_is_filled_where_that_is_allowed_and_emptied(labels: LabelMap) -> None:
    corners = [point(4, r, c) for r, c in ((12.0, 15.0), (12.0, 34.0), (55.0, 34.0), (55.0, 15.0))]
    after = outline_filled(labels, corners, GEOMETRY.slice_normal, "D1", SHOWN)
    assert set(changed(labels, after)[:, 0]) == {4}
    assert (after[4, 20:55, 16:34] == D1).all()
    assert (after[4, 5:18] == labels.array[4, 5:18]).all()
    emptied = outline_filled(labels, corners, GEOMETRY.slice_normal, None, SHOWN)
    assert (emptied[4, 20:55, 16:34] == 0).all()
    axial = [point(s, 45, c) for s, c in ((1.6, 12.0), (1.6, 30.0), (6.4, 30.0), (6.4, 12.0))]
    across = outline_filled(labels, axial, (0.0, 0.0, 1.0), "V1", SHOWN)
    assert set(changed(labels, across)[:, 0]) == set(range(2, 7))
    assert set(changed(labels, across)[:, 1]) == {45}
    with pytest.raises(UsageProblem, match="outside"):
        outline_filled(labels, np.array(axial) + 500.0, (0.0, 0.0, 1.0), "V1", SHOWN)


def test_a_hole_gets_what_surrounds_it_and_open_background_is_none(labels: LabelMap) -> None:
    array = np.array(labels.array)
    array[4, 25:30, 20:25] = 0
    holed = labels.with_array(array)
    assert (hole_filled(holed, point(4, 27, 22), SHOWN) == labels.array).all()
    with pytest.raises(UsageProblem, match="no hole"):
        hole_filled(holed, point(4, 70, 50), SHOWN)
    with pytest.raises(UsageProblem, match="not shown"):
        hole_filled(holed, point(4, 27, 22), frozenset({"D1"}))


def test_growing_follows_like_signal_and_stops_at_its_limit(labels: LabelMap) -> None:
    rng = np.random.default_rng(3)
    image = rng.normal(100.0, 5.0, GEOMETRY.shape)
    image[3:6, 52:62, 10:30] += 200.0
    after = grown_from(labels, image, point(4, 56, 20), "D1")
    voxels = changed(labels, after)
    assert (after[tuple(voxels.T)] == D1).all()
    assert set(voxels[:, 0]) == {3, 4, 5}
    assert voxels[:, 1].min() >= 52
    assert len(voxels) == pytest.approx(3 * 10 * 20, rel=0.06)
    flat = grown_from(labels, np.full(GEOMETRY.shape, 50.0), point(4, 60, 30), "D1")
    away = GEOMETRY.index_to_world(changed(labels, flat).astype(float)) - point(4, 60, 30)
    assert np.linalg.norm(away, axis=1).max() <= 15.0
    full = LabelMap(np.full(GEOMETRY.shape, V1, dtype=np.uint8), GEOMETRY)
    with pytest.raises(UsageProblem, match="nothing of like signal"):
        grown_from(full, image, point(4, 30, 20), "D1")


def test_slices_between_corrected_ones_are_interpolated_by_shape() -> None:
    array = empty()
    array[1, 20:40, 20:40] = D1
    array[5, 20:60, 20:40] = D1
    array[3, 45:60, 20:40] = V1
    labels = LabelMap(array, GEOMETRY)
    for corrected in ((1, 5), ()):  # without corrections, gaps are filled
        after = interpolated(labels, "D1", corrected)
        rows = [int((after[n, :, 30] == D1).sum()) for n in range(1, 6)]
        assert rows == sorted(rows)
        assert rows[0] == 20
        assert rows[4] == 40
        assert 24 <= rows[2] <= 30
        assert (after[3] == V1).sum() == (array[3] == V1).sum()
    with pytest.raises(UsageProblem, match="two slices"):
        interpolated(labels, "V1", ())


def test_smoothing_takes_spikes_off_and_keeps_the_size(labels: LabelMap) -> None:
    array = np.array(labels.array)
    array[4, 43, 40:48] = D1
    spiky = labels.with_array(array)
    after = smoothed_out(spiky, "D1")
    assert (after[4, 43, 44:48] == 0).all()
    assert (after == D1).sum() == pytest.approx((array == D1).sum(), rel=0.02)
    assert (after == V1).sum() == (array == V1).sum()
    assert (after == V2).sum() == (array == V2).sum()


def test_only_the_clicked_piece_is_relabelled(labels: LabelMap) -> None:
    array = np.array(labels.array)
    array[4, 60:65, 10:15] = D1
    stray = labels.with_array(array)
    after = piece_relabelled(stray, point(4, 62, 12), "V1")
    assert (after[4, 60:65, 10:15] == V1).all()
    assert (after[:, 40:50] == array[:, 40:50]).all()
    assert (piece_relabelled(stray, point(4, 62, 12), None) == labels.array).all()
    with pytest.raises(UsageProblem, match="no structure"):
        piece_relabelled(stray, point(4, 70, 50), "V1")


def test_a_cut_gives_one_side_away(labels: LabelMap) -> None:
    cut = Plane(point(4, 29.5, 20), np.array((0.0, 0.0, 1.0)))
    after = cut_off(labels, "V1", cut, "D1")
    assert (after[2:7, 20:30, 10:40] == D1).all()
    assert (after[2:7, 30:40, 10:40] == V1).all()
    with pytest.raises(UsageProblem, match="does not go through"):
        cut_off(labels, "V1", Plane(point(4, 75, 20), np.array((0.0, 0.0, 1.0))), "D1")


def test_slices_of_a_code_are_told_by_a_difference(labels: LabelMap) -> None:
    after = painted(labels, [point(3, 45, 20)], 2.0, None, SHOWN)
    delta = LabelDelta.between(labels.array, after)
    assert delta.slices_of(D1) == {3}
    assert delta.slices_of(V2) == frozenset()
    assert LabelDelta.between(labels.array, smoothed_out(labels, "D1")).slices_of(D1) >= {2, 6}
