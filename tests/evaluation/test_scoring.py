"""Label conventions, the scores of one image, and thick slices made of thin ones."""

import json

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from lvp_workstation.evaluation.conventions import Convention, convention_of, read_reference
from lvp_workstation.evaluation.scoring import ImageScore, score_image
from lvp_workstation.evaluation.segmentation import ScoredImage, figures_of
from lvp_workstation.evaluation.thick import thickened

SPACING = (2.0, 1.0, 1.0)


def column(*values):
    """Return an array of blocks of 4 x 4 x 4 voxels, one below the other."""
    return np.concatenate([np.full((4, 4, 4), value, dtype=np.uint8) for value in values], axis=1)


def grid(shape, spacing=SPACING):
    return VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, spacing, shape)


V2, D2, V1, D1, CANAL_CODE = 102, 152, 101, 151, 2
TRUTH = (44, 95, 45, 100, 2)  # L4, L4-L5, L5, lowest disc, canal


@pytest.fixture
def reference():
    return read_reference(column(*TRUTH))


def scored(reference, *codes, **words):
    labels = LabelMap(column(*codes), grid((4, 20, 4)), {"V1": 0.9, "D1": 0.8, "D2": 0.7})
    return score_image(labels, LevelMap(2, confidence=0.8), reference, SPACING, **words)


def test_conventions_are_told_apart_by_their_values():
    assert convention_of(column(0, 1, 2, 3)) is Convention.CLASSES
    assert convention_of(column(0, 1, 2, 100, 201)) is Convention.SPIDER
    assert convention_of(column(0, 41, 92, 2, 1, 50)) is Convention.LEVEL_IDS
    for strange, why in (
        ((0, 0), "nothing"),
        ((0, 99, 150), "no convention"),
        ((0, 61, 203), "no convention"),
    ):
        with pytest.raises(ValueError, match=why):
            convention_of(column(*strange))
    with pytest.raises(ValueError, match="whole numbers"):
        convention_of(np.array([0.0, 0.5]))


def test_all_conventions_give_the_same_reference():
    classes = column(1, 2, 1, 2, 3)
    ours = read_reference(column(*TRUTH))
    spider = read_reference(column(2, 202, 1, 201, 100))
    both = read_reference(classes, column(2, 202, 1, 201, 0))
    for one in (ours, spider, both):
        assert np.array_equal(one.classes, classes)
        assert np.array_equal(one.ids, column(44, 95, 45, 100, 0))
    assert read_reference(classes).ids is None
    assert "no level" in read_reference(classes).statement
    assert "SPIDER" in both.statement


def test_a_cord_belongs_to_the_canal_and_a_cut_vertebra_to_the_vertebrae():
    assert read_reference(column(1, 2, 41, 92)).classes[0, ::4, 0].tolist() == [3, 3, 1, 2]
    assert read_reference(column(101, 201, 1, 100)).classes[0, ::4, 0].tolist() == [1, 2, 1, 3]


def test_a_perfect_segmentation_scores_one(reference):
    found = scored(reference, V2, D2, V1, D1, CANAL_CODE)
    assert found.dice == {"vertebra": 1.0, "disc": 1.0, "canal": 1.0}
    assert set(found.hd95_mm.values()) == {0.0}
    assert found.level_dice == {"L4": 1.0, "L5": 1.0, "L4-L5": 1.0, "L5-S1": 1.0}
    assert (found.levels_right, found.levels_total) == (2, 2)
    assert [(i.structure, i.confidence, i.dice) for i in found.instances] == [
        ("vertebra", 0.9, 1.0),
        ("disc", 0.8, 1.0),
        ("disc", 0.7, 1.0),
    ]


def test_names_one_level_off_keep_the_overlap_and_lose_the_levels(reference):
    found = scored(reference, V1, D1, 0, 0, CANAL_CODE)
    assert found.dice["vertebra"] == pytest.approx(2 / 3, abs=1e-4)
    assert (found.levels_right, found.levels_total) == (0, 2)
    assert found.wrong_levels == (("L4-L5", "L5-S1"), ("L5-S1", "nothing"))
    assert [i.dice for i in found.instances] == [1.0, 1.0]


def test_without_a_lumbar_column_no_level_counts_as_named(reference):
    found = scored(reference, V2, D2, V1, D1, CANAL_CODE, lumbar=False, uncertain=True)
    assert found.dice["disc"] == 1.0
    assert found.levels_right == 0


def test_an_empty_prediction_has_no_distance_but_a_dice_of_zero(reference):
    found = scored(reference, 0, 0, 0, 0, 0)
    assert set(found.dice.values()) == {0.0}
    assert found.hd95_mm == {}
    assert found.mean_dice == 0.0


def test_what_the_reference_does_not_hold_is_not_judged():
    only_discs = read_reference(column(0, 2, 0, 2, 0))
    assert set(scored(only_discs, V2, D2, V1, D1, CANAL_CODE).dice) == {"disc"}


def test_a_score_survives_json(reference):
    found = scored(reference, V1, D1, 0, 0, CANAL_CODE, uncertain=True)
    assert ImageScore.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_figures_of_groups_and_of_unseen_patients_stand_beside_those_of_all(reference):
    good = scored(reference, V2, D2, V1, D1, CANAL_CODE)
    bad = scored(reference, 0, 0, 0, 0, CANAL_CODE, lumbar=False, uncertain=True)
    images = [
        ScoredImage("a/t1", "a", {"native": good}, "t1", True, {"total": 3.0, "reference": 0.5}),
        ScoredImage("a/t2", "a", {"native": good}, "t2", unseen=True),
        ScoredImage("b/t1", "b", {"native": bad}, "t1", unseen=False),
    ]
    found = figures_of(images)
    assert found["dice_disc"].value == 0.5
    assert found["dice_disc_t1"].value == 0.5
    assert found["dice_disc_t2"].value == 1.0
    assert found["dice_disc_unseen"].value == 1.0
    assert found["level_identification"].value == pytest.approx(4 / 6, abs=1e-4)
    assert found["level_right_or_uncertain"].value == 1.0
    assert found["failures"].value == 1
    assert (found["seconds_ratio_median"].value, found["seconds_median_t1"].value) == (6.0, 3.0)


def test_thick_slices_are_means_in_the_place_of_their_group():
    labels = np.zeros((7, 4, 4), dtype=np.uint8)
    labels[2] = 1
    labels[5] = 2
    array = np.arange(7, dtype=np.uint16)[:, None, None] * np.ones((1, 4, 4), dtype=np.uint16) * 10
    volume = Volume(array, grid((7, 4, 4), (1.5, 1.0, 1.0)))
    merged, reference = thickened(volume, read_reference(labels))
    assert merged.geometry.spacing == pytest.approx((4.5, 1.0, 1.0))
    assert merged.array[:, 0, 0].tolist() == [10, 40]
    assert merged.array.dtype == np.uint16
    middle = volume.geometry.index_to_world((1, 0, 0))
    assert merged.geometry.index_to_world((0, 0, 0)) == pytest.approx(middle)
    assert reference.classes.max() == 0  # neither label lies on a middle slice


@pytest.mark.parametrize(("spacing", "slices"), [(4.0, 9), (2.5, 9), (0.9, 4)])
def test_thick_or_few_slices_are_not_merged(spacing, slices):
    volume = Volume(np.zeros((slices, 4, 4), dtype=np.uint8), grid((slices, 4, 4), (spacing, 1.0, 1.0)))
    labels = np.ones((slices, 4, 4), dtype=np.uint8)
    assert thickened(volume, read_reference(labels)) is None
