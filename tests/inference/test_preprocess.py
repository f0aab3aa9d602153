"""The way to the network grid and back."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from lvp_workstation.inference import preprocess
from lvp_workstation.inference.preprocess import (
    normalise,
    prepare,
    restore_labels,
    restore_probabilities,
)

CLASSES = 5


def sagittal(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> VolumeGeometry:
    return VolumeGeometry.from_axes((30.0, -90.0, 110.0), SAGITTAL_CANONICAL, spacing, shape)


def blocks(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], edge: float
) -> NDArray[np.uint8]:
    """Label blocks of ``edge`` mm along rows and columns, two slices deep."""
    s, r, c = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    steps = (s // 2) + (r * spacing[1] // edge).astype(int) * 2 + (c * spacing[2] // edge).astype(int) * 3
    return (steps % CLASSES).astype(np.uint8)


def one_hot(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (labels[None] == np.arange(CLASSES)[:, None, None, None]).astype(np.float32)


def answer(labels_of_world: object, ready: preprocess.NetworkInput) -> NDArray[np.float32]:
    """Pretend to be a network that knows the label at every world point."""
    grid = ready.record.network
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), -1)
    labels = labels_of_world(grid.index_to_world(index))  # type: ignore[operator]
    padded = np.zeros(ready.record.padded_shape, dtype=np.uint8)
    padded[tuple(slice(0, n) for n in grid.shape)] = labels
    return one_hot(padded)[None]


def ball(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Label 2 in a ball off centre, 1 in front of a plane, by world position."""
    away = np.linalg.norm(points - np.array((12.0, -40.0, 60.0)), axis=-1)
    return np.where(away < 22, 2, np.where(points[..., 1] < -60, 1, 0)).astype(np.uint8)


def test_the_input_is_padded_to_the_strides() -> None:
    volume = Volume(np.arange(15 * 70 * 50).reshape(15, 70, 50), sagittal((15, 70, 50), (4.4, 0.7, 0.7)))
    ready = prepare(volume)
    assert ready.array.shape == (1, 1, 16, 64, 48)
    assert ready.array.dtype == np.float32
    assert ready.record.network.shape == (15, 49, 35)
    assert ready.record.network.spacing == pytest.approx((4.4, 1.0, 1.0))
    np.testing.assert_allclose(ready.record.network.centre, volume.geometry.centre, atol=1e-9)
    np.testing.assert_array_equal(ready.array[0, 0, 15], ready.array[0, 0, 14])


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_labels_come_back_to_their_place_for_every_axis_order_and_flip(
    order: tuple[int, int, int], flips: tuple[bool, bool, bool]
) -> None:
    volume = Volume(np.zeros((14, 120, 130)), sagittal((14, 120, 130), (4.0, 0.9, 0.8))).permuted(order)
    for axis, flip in enumerate(flips):
        volume = volume.flipped(axis) if flip else volume
    ready = prepare(volume)
    labels = restore_labels(answer(ball, ready), ready.record)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in volume.shape), indexing="ij"), -1)
    truth = ball(volume.geometry.index_to_world(index))
    assert labels.shape == volume.shape
    assert (labels != truth).mean() < 0.01
    assert {1, 2} <= set(np.unique(labels))


@pytest.mark.parametrize("slices", [1, 2, 3, 4, 5, 13, 61])
@pytest.mark.parametrize("thickness", [0.6, 0.9, 4.4])
def test_any_number_of_slices_comes_back(slices: int, thickness: float) -> None:
    shape, spacing = (slices, 64, 60), (thickness, 1.0, 1.0)
    volume = Volume(np.random.default_rng(0).normal(size=shape), sagittal(shape, spacing))
    ready = prepare(volume)
    assert ready.array.shape[2] % preprocess.SLICE_MULTIPLE == 0
    labels = restore_labels(one_hot(np.full(ready.record.padded_shape, 3, np.uint8))[None], ready.record)
    assert labels.shape == shape
    assert (labels == 3).all()


def test_a_label_map_on_the_network_grid_is_returned_unchanged() -> None:
    shape, spacing = (9, 96, 80), (4.0, 1.0, 1.0)
    truth = blocks(shape, spacing, 8.0)
    ready = prepare(Volume(np.zeros(shape), sagittal(shape, spacing)))
    padded = np.zeros(ready.record.padded_shape, np.uint8)
    padded[:9] = truth
    np.testing.assert_array_equal(restore_labels(one_hot(padded), ready.record), truth)


def test_a_label_map_survives_finer_pixels() -> None:
    shape, spacing = (4, 300, 280), (4.0, 0.5, 0.47)
    volume = Volume(np.zeros(shape), sagittal(shape, spacing))
    ready = prepare(volume)
    labels = restore_labels(answer(ball, ready), ready.record)
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1)
    assert (labels != ball(volume.geometry.index_to_world(index))).mean() < 0.01


def test_thin_slices_are_averaged_and_spread_again() -> None:
    shape, spacing = (21, 64, 60), (0.9, 1.0, 1.0)
    values = np.repeat(np.arange(21.0)[:, None, None], 64, 1).repeat(60, 2)
    ready = prepare(Volume(values, sagittal(shape, spacing)))
    assert ready.record.merge == 2
    assert ready.record.network.shape == (11, 64, 60)
    assert ready.record.network.spacing[0] == pytest.approx(1.8)
    first = ready.record.network.index_to_world((0, 0, 0))
    np.testing.assert_allclose(first, sagittal(shape, spacing).index_to_world((0.5, 0, 0)), atol=1e-9)
    assert prepare(Volume(values, sagittal(shape, spacing)), merge_below=0.0).record.merge == 1


def test_probabilities_stay_a_distribution() -> None:
    shape, spacing = (6, 90, 70), (4.4, 0.67, 0.67)
    ready = prepare(Volume(np.zeros(shape), sagittal(shape, spacing)))
    raw = np.random.default_rng(1).random((CLASSES, *ready.record.padded_shape)).astype(np.float32)
    raw /= raw.sum(0)
    restored = restore_probabilities(raw, ready.record)
    assert restored.shape == (CLASSES, *shape)
    np.testing.assert_allclose(restored.sum(0), 1.0, atol=1e-5)


def test_background_everywhere_gives_no_labels() -> None:
    ready = prepare(Volume(np.zeros((4, 64, 64)), sagittal((4, 64, 64), (4.0, 1.0, 1.0))))
    silent = one_hot(np.zeros(ready.record.padded_shape, np.uint8))
    assert not restore_labels(silent, ready.record).any()


def test_an_answer_of_another_size_is_refused() -> None:
    ready = prepare(Volume(np.zeros((4, 64, 64)), sagittal((4, 64, 64), (4.0, 1.0, 1.0))))
    with pytest.raises(ValueError, match="network answered"):
        restore_labels(np.zeros((CLASSES, 4, 32, 32), np.float32), ready.record)


def test_the_scale_ignores_gain_offset_and_depth() -> None:
    rng = np.random.default_rng(3)
    picture = np.zeros((4, 80, 80))
    picture[:, 20:60, 20:60] = rng.gamma(3.0, 20.0, (4, 40, 40)) + 30
    plain = normalise(picture)
    np.testing.assert_allclose(normalise(picture * 17 + 35), plain, atol=1e-4)
    np.testing.assert_allclose(normalise(np.round(picture * 40).astype(np.uint16)), plain, atol=0.02)
    assert plain.min() == preprocess.PAD_VALUE
    assert plain.max() <= 2.0


@pytest.mark.parametrize("value", [0.0, 255.0, np.nan])
def test_an_empty_picture_is_air(value: float) -> None:
    scaled = normalise(np.full((2, 16, 16), value))
    assert np.isfinite(scaled).all()


def test_an_image_of_one_grey_value_stays_one_when_it_is_resampled() -> None:
    geometry = sagittal((5, 464, 298), (0.9, 0.8, 0.8))
    ready = prepare(Volume(np.full(geometry.shape, 7, np.uint8), geometry))
    assert np.ptp(ready.array) == 0


def test_not_a_number_is_background() -> None:
    picture = np.random.default_rng(5).random((2, 32, 32)) * 100
    picture[0, 0, :4] = (np.nan, np.inf, -np.inf, 5)
    scaled = normalise(picture)
    assert np.isfinite(scaled).all()
    assert scaled[0, 0, 0] == preprocess.PAD_VALUE
