"""The rendered pixels are the right voxels in the right colours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import instance_of
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.render.label_lut import OverlayStyle, instance_colour
from lvp_workstation.render.offscreen import to_rgb
from lvp_workstation.render.resample import Interpolation, Resampler
from lvp_workstation.render.slice_scene import SliceScene, outline
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import acquired_stack, orthogonal_stack
from lvp_workstation.render.view_transform import ViewTransform
from lvp_workstation.render.window import Window, grey
from tests.render.samples import AXES, blocks, geometry, ramp_volume

FLIPS = list(itertools.product((False, True), repeat=3))
SOLID = OverlayStyle(fill=1.0, outline=0.0)


def voxel_centred_view(grid: VolumeGeometry, index: int) -> ViewTransform:
    """Return a fine view of a slice; voxel centres do not fall on pixel edges."""
    return slice_view(acquired_stack(grid), index, 203, 241)


def pixel_of(view: ViewTransform, grid: VolumeGeometry, voxel: tuple[float, float, float]) -> tuple[int, int]:
    """Return row and column of the pixel in which a voxel centre lies."""
    x, y = view.world_to_pixel(grid.index_to_world(voxel))
    return int(np.floor(y)), int(np.floor(x))


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("flips", FLIPS)
@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_a_slice_shows_its_own_voxels(plane: str, flips: tuple[bool, bool, bool], degrees: float) -> None:
    grid = geometry(plane, flips=flips, degrees=degrees)
    volume = ramp_volume(grid)
    nearest = Resampler(volume.array, grid, Interpolation.NEAREST)
    for index in (0, 3, 6):
        view = voxel_centred_view(grid, index)
        values = nearest.cut(view)
        for row, column in ((0, 0), (5, 3), (23, 19), (11, 0)):
            assert values[pixel_of(view, grid, (index, row, column))] == index * 5000 + row * 100 + column
    nearest.close()


@pytest.mark.parametrize("degrees", [0.0, 12.0])
@pytest.mark.parametrize("interpolation", [Interpolation.LINEAR, Interpolation.CUBIC])
def test_an_acquired_slice_mixes_in_no_other_slice(degrees: float, interpolation: Interpolation) -> None:
    grid = geometry("sagittal", degrees=degrees)
    array = np.zeros(grid.shape, dtype=np.uint16)
    array[3] = 1000
    sampler = Resampler(array, grid, interpolation)
    view = voxel_centred_view(grid, 3)
    middle = sampler.cut(view)[60:180, 60:140].copy()
    assert (middle == 1000).all()
    assert not sampler.cut(voxel_centred_view(grid, 2)).any()
    assert not sampler.cut(voxel_centred_view(grid, 4)).any()


def test_linear_interpolation_meets_values_between_voxels() -> None:
    grid = geometry("axial", spacing=(3.0, 1.0, 1.0))
    volume = ramp_volume(grid, np.float32)
    stack = acquired_stack(grid)
    view = slice_view(stack, 2, 200, 240)
    values = Resampler(volume.array, grid, Interpolation.LINEAR).cut(view)
    point = view.pixel_to_world((100.5, 120.5))
    s, r, c = grid.world_to_index(point)
    assert values[120, 100] == pytest.approx(s * 5000 + r * 100 + c, rel=1e-5)


def test_pixels_are_the_windowed_values() -> None:
    grid = geometry("coronal")
    volume = ramp_volume(grid)
    scene = SliceScene()
    scene.set_image(volume.array, grid)
    view, window = voxel_centred_view(grid, 2), Window(11000, 2500)
    image = to_rgb(scene.render(view, window))
    values = Resampler(volume.array, grid, Interpolation.LINEAR).cut(view)
    assert np.array_equal(image, np.repeat(grey(values, window)[..., None], 3, axis=2))


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("flips", [FLIPS[0], FLIPS[1], FLIPS[4], FLIPS[7]])
def test_labels_land_on_their_voxels(plane: str, flips: tuple[bool, bool, bool]) -> None:
    grid = geometry(plane, flips=flips, degrees=12)
    labels = blocks(grid)
    scene = SliceScene()
    scene.set_image(ramp_volume(grid).array, grid)
    scene.set_labels(labels.array, grid)
    stacks = [acquired_stack(grid), *(orthogonal_stack(grid, p) for p in ImagePlane)]
    for stack in stacks:
        for voxel in np.argwhere(labels.array)[::97]:
            point = grid.index_to_world(voxel)
            view = slice_view(stack, stack.fractional_index(point), 300, 300)
            row, column = pixel_of(view, grid, tuple(voxel))
            image = to_rgb(scene.render(view, Window(100, 100), SOLID))
            code = int(labels.array[tuple(voxel)])
            assert tuple(image[row, column]) == instance_colour(instance_of(code) or "")


def test_the_overlay_blends_by_its_opacity_and_hides_instances() -> None:
    grid = geometry("sagittal")
    labels = blocks(grid)
    scene = SliceScene()
    scene.set_image(np.full(grid.shape, 100, dtype=np.uint8), grid)
    scene.set_labels(labels.array, grid)
    view = voxel_centred_view(grid, 3)
    at = pixel_of(view, grid, (3, 4, 5))
    window = Window(100.5, 256)
    plain = int(to_rgb(scene.render(view, window))[at][0])
    mixed = to_rgb(scene.render(view, window, OverlayStyle(0.5, 0.0)))[at]
    expected = [(plain + channel) / 2 for channel in instance_colour("V2")]
    assert np.abs(mixed - np.array(expected)).max() <= 1
    hidden = OverlayStyle(0.5, 0.5, hidden=frozenset({"V2"}))
    assert to_rgb(scene.render(view, window, hidden))[at].tolist() == [plain] * 3


def test_outlines_lie_inside_their_region() -> None:
    codes = np.zeros((9, 9), dtype=np.uint8)
    codes[2:7, 2:7] = 101
    edge = outline(codes)
    assert edge.sum() == 16
    assert not edge[3:6, 3:6].any()
    assert outline(codes, 2).sum() == 24


def test_voxels_written_later_are_seen() -> None:
    grid = geometry("sagittal")
    array = np.zeros(grid.shape, dtype=np.uint8)
    scene = SliceScene()
    scene.set_image(array, grid)
    view = voxel_centred_view(grid, 3)
    assert to_rgb(scene.render(view, Window(50, 100))).max() == 0
    array[3] = 200
    scene.image_changed()
    assert to_rgb(scene.render(view, Window(50, 100))).max() == 255


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, ">u2", np.int32, np.float64, np.uint64])
def test_any_voxel_type_can_be_shown(dtype: str) -> None:
    grid = geometry("sagittal")
    array = (np.indices(grid.shape)[1] % 2).astype(dtype)
    scene = SliceScene()
    scene.set_image(array, grid)
    image = to_rgb(scene.render(voxel_centred_view(grid, 3), Window(0.5, 1.0)))
    assert image.min() == 0
    assert image.max() == 255


def test_without_image_the_view_is_black_and_disposing_twice_is_fine() -> None:
    scene = SliceScene()
    view = voxel_centred_view(geometry(), 1)
    assert to_rgb(scene.render(view, Window(1, 1))).max() == 0
    scene.set_image(np.ones(geometry().shape, np.uint8), geometry())
    scene.dispose()
    scene.dispose()
    assert to_rgb(scene.render(view, Window(1, 1))).max() == 0
