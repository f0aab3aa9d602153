"""Overlap, surface distance and level identification on arrays whose answer is known."""

import numpy as np
import pytest

from lvp_workstation.evaluation.overlap import (
    LevelIdentification,
    dice,
    dice_per_label,
    level_identification,
    spider_to_level_ids,
    surface_distance,
)


def block(shape=(4, 20, 20), rows=(5, 15), columns=(5, 15)):
    mask = np.zeros(shape, dtype=bool)
    mask[:, slice(*rows), slice(*columns)] = True
    return mask


def test_dice_of_equal_disjoint_half_and_empty_masks():
    a = block()
    assert dice(a, a) == 1.0
    assert dice(a, np.roll(a, 10, axis=1)) == 0.0
    assert dice(a, block(rows=(5, 10))) == pytest.approx(2 * 0.5 / 1.5)
    assert dice(a & False, a & False) is None
    assert dice(a, a & False) == 0.0


def test_dice_per_label_leaves_out_what_is_in_neither_array():
    a = block().astype(np.uint8) * 91
    assert dice_per_label(a, a, (91, 92)) == {91: 1.0}


def test_surface_distance_is_zero_for_equal_masks_and_in_mm():
    a = block()
    same = surface_distance(a, a, (4.0, 0.5, 0.5))
    assert (same.hd95, same.assd) == (0.0, 0.0)
    moved = surface_distance(np.roll(a, 2, axis=1), a, (4.0, 0.5, 0.5))
    assert moved.hd95 == pytest.approx(1.0)
    assert 0.0 < moved.assd < 1.0


def test_surface_distance_needs_both_masks():
    assert surface_distance(block(), block() & False, (1.0, 1.0, 1.0)) is None


def test_surface_distance_of_single_voxels_is_their_distance():
    a, b = np.zeros((3, 9, 9), dtype=bool), np.zeros((3, 9, 9), dtype=bool)
    a[0, 1, 1], b[2, 1, 5] = True, True
    found = surface_distance(a, b, (3.0, 1.0, 2.0))
    assert found.hd95 == pytest.approx(10.0)
    assert found.assd == pytest.approx(10.0)


def test_level_identification_counts_majorities_background_included():
    reference = np.zeros((1, 6, 10), dtype=np.uint8)
    reference[0, 0], reference[0, 2], reference[0, 4] = 100, 95, 94
    predicted = reference.copy()
    predicted[0, 2, :4] = 94
    predicted[0, 4, :6] = 0
    found = level_identification(predicted, reference, (100, 95, 94, 93))
    assert found == LevelIdentification(2, 3, ((94, 0),))
    assert found.rate == pytest.approx(2 / 3)
    assert (found + found).rate == pytest.approx(2 / 3)
    assert LevelIdentification(0, 0).rate is None


def test_a_shift_by_one_level_identifies_nothing():
    reference = np.repeat(np.array((100, 95, 94), dtype=np.uint8), 5).reshape(1, 3, 5)
    shifted = np.repeat(np.array((95, 94, 93), dtype=np.uint8), 5).reshape(1, 3, 5)
    assert level_identification(shifted, reference, (100, 95, 94)).rate == 0.0


def test_spider_labels_become_level_ids():
    levels = np.array((0, 1, 5, 6, 201, 205, 206, 207), dtype=np.uint8)
    assert spider_to_level_ids(levels).tolist() == [0, 45, 41, 32, 100, 92, 91, 82]


def test_arrays_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="different shapes"):
        dice(block(), block(shape=(3, 20, 20)))
