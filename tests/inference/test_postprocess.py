"""The column is found as a sequence, on reference labels of real patients and after simulated mistakes."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from lvp_workstation.evaluation.overlap import level_identification
from lvp_workstation.inference.ends import Below
from lvp_workstation.inference.postprocess import find_instances
from tests.inference import damage

pytestmark = pytest.mark.real_data

PATIENTS = (41, 50, 162, 209)
SPACING = damage.SPACING
DISCS = tuple(range(151, 162))


@lru_cache(maxsize=8)
def read(folder: Path, patient: int):
    """Return classes and reference levels of a patient, with discs as 151 …"""
    classes, levels = (
        sitk.GetArrayFromImage(sitk.ReadImage(str(folder / f"spider_{patient}_{kind}.nii.gz")))
        for kind in ("labels", "levels")
    )
    return classes, levels


@pytest.fixture(params=PATIENTS)
def case(request, shared_data):
    return read(shared_data / "spider_space", request.param)


@pytest.fixture
def healthy_case(shared_data):
    return read(shared_data / "spider_space", 41)


def identification(found, levels, present=None, lost=()):
    """Return the rate over the reference discs that are still there to be found."""
    reference = np.where(levels > 200, levels.astype(int) - 50, 0)
    reference[np.isin(levels, lost)] = 0
    if present is not None:
        reference[present == 0] = 0
    return level_identification(found.codes, reference, DISCS)


def assert_all_right(found, levels, present=None, lost=()):
    result = identification(found, levels, present, lost)
    assert result.total > 0
    assert result.wrong == ()


def test_reference_labels_give_back_every_level(case):
    classes, levels = case
    found = find_instances(classes, SPACING)
    assert_all_right(found, levels)
    assert found.levels.vertebra_count >= int(levels[levels < 200].max())
    assert not found.levels.sacrum_seen
    assert found.levels.confidence <= 0.5
    assert found.levels.alternatives


def test_reference_bodies_get_the_level_of_their_vertebra(healthy_case):
    classes, levels = healthy_case
    found = find_instances(classes, SPACING)
    for vertebra in range(1, 9):
        inside = found.codes[levels == vertebra]
        assert (inside == 100 + vertebra).mean() > 0.97


@pytest.mark.parametrize("patient", [41, 209])
def test_a_sacrum_below_the_lowest_disc_gives_confidence(shared_data, patient):
    classes, levels = read(shared_data / "spider_space", patient)
    found = find_instances(damage.with_sacrum(classes, levels), SPACING)
    assert_all_right(found, levels)
    assert found.levels.sacrum_seen
    assert found.levels.confidence > 0.5


def test_lost_voxels_and_ragged_borders_shift_nothing(case):
    classes, levels = case
    rng = np.random.default_rng(3)
    damaged = damage.dropout(damage.ragged(classes, rng), rng)
    assert_all_right(find_instances(damaged, SPACING), levels, damaged)


@pytest.mark.parametrize("offset", [-8.0, 0.0])
def test_merged_neighbours_are_split(case, offset):
    classes, levels = case
    assert_all_right(find_instances(damage.merged(classes, levels, 203, offset), SPACING), levels)


def test_three_merged_discs_are_split(healthy_case):
    classes, levels = healthy_case
    damaged = damage.merged(damage.merged(classes, levels, 202, 0.0), levels, 203, -6.0)
    assert_all_right(find_instances(damaged, SPACING), levels)


@pytest.mark.parametrize("value", [201, 203])
def test_a_disc_in_two_pieces_is_one_disc(case, value):
    classes, levels = case
    damaged = damage.split_disc(classes, levels, value)
    assert_all_right(find_instances(damaged, SPACING), levels, damaged)


@pytest.mark.parametrize("bone", [0, 4])
def test_a_disc_inside_the_sacrum_is_not_counted(case, bone):
    classes, levels = case
    assert_all_right(find_instances(damage.sacral_disc(classes, levels, bone), SPACING), levels)


def test_a_disc_below_bone_that_looks_like_s1_is_not_counted_but_doubted(healthy_case):
    classes, levels = healthy_case
    found = find_instances(damage.sacral_disc(classes, levels, 1), SPACING)
    assert_all_right(found, levels)
    assert found.end.remnants == 1
    assert any("S1-S2" in text for text in found.levels.alternatives)


@pytest.mark.parametrize("becomes", [0, 1])
def test_a_lost_disc_in_the_middle_is_inferred(case, becomes):
    classes, levels = case
    damaged = damage.lost_disc(damage.with_sacrum(classes, levels), levels, 203, becomes)
    found = find_instances(damaged, SPACING)
    assert_all_right(found, levels, lost=(203,))
    assert found.column.notes.inferred_discs == 1
    assert found.levels.confidence < 0.9


def test_a_lost_lumbosacral_disc_is_inferred_above_the_sacrum(healthy_case):
    classes, levels = healthy_case
    damaged = damage.lost_disc(damage.with_sacrum(classes, levels), levels, 201, 0)
    found = find_instances(damaged, SPACING)
    assert_all_right(found, levels, lost=(201,))
    assert found.end.inferred


def test_blobs_away_from_the_column_are_not_counted(case):
    classes, levels = case
    found = find_instances(damage.blobs(classes, np.random.default_rng(5)), SPACING)
    assert_all_right(found, levels)


@pytest.mark.parametrize("step", [4, 5])
def test_thick_slices_count_the_same(case, step):
    classes, levels = case
    spacing = (SPACING[0] * step, *SPACING[1:])
    thin = slice(step // 2, None, step)
    assert_all_right(find_instances(classes[thin], spacing), levels[thin])


@pytest.mark.parametrize("patient", [41, 162, 209])
def test_one_slice_counts_the_same(shared_data, patient):
    classes, levels = read(shared_data / "spider_space", patient)
    middle = slice(classes.shape[0] // 2, classes.shape[0] // 2 + 1)
    assert_all_right(find_instances(classes[middle], (4.0, *SPACING[1:])), levels[middle])


def test_a_vertebra_cut_by_the_lower_edge_is_no_lumbosacral_level(healthy_case):
    classes, levels = healthy_case
    rows = np.argwhere(levels == 3)[:, 1]
    cut = classes[:, : int(np.percentile(rows, 60))]
    found = find_instances(cut, SPACING)
    assert found.end.below is Below.CUT_VERTEBRA
    assert found.levels.confidence <= 0.3
    assert not found.levels.sacrum_seen
    assert "image ends" in " ".join(found.levels.alternatives)


def test_nothing_segmented_gives_no_instances():
    found = find_instances(np.zeros((4, 32, 32), dtype=np.uint8), (4.0, 1.0, 1.0))
    assert not found.codes.any()
    assert found.levels.vertebra_count == 0


@pytest.mark.parametrize("value", [1, 2, 3, 4])
def test_one_class_everywhere_is_survived(value):
    found = find_instances(np.full((3, 48, 48), value, dtype=np.uint8), (4.0, 1.0, 1.0))
    assert found.levels.confidence <= 0.5
