"""Level names on phantoms with four, five and six lumbar bodies, and what counts as a lumbar spine."""

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import Volume, VolumeGeometry, to_canonical
from lvp_workstation.inference.column import build_column
from lvp_workstation.inference.discs import candidates, spine_axis
from lvp_workstation.inference.grid import ClassGrid
from lvp_workstation.inference.levels import MIN_CUT_SACRUM, SQUARE_S1, lumbar
from lvp_workstation.inference.postprocess import find_instances
from lvp_workstation.inference.sacral import look_at_sacrum
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.generate import label_volume
from lvp_workstation.phantom.presets import plan_of

AXES = ((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))


def phantom(seed, preset="normal", lumbar_count=5):
    """Return the classes of a phantom on a sagittal grid, its exported ids and the grid."""
    plan = replace(plan_of(preset, seed), lumbar_count=lumbar_count)
    anatomy = draw_anatomy(seed, plan)
    centre = np.mean([d.frame.origin for d in anatomy.discs[-6:]], axis=0)
    shape, spacing = (15, 320, 260), (4.4, 1.0, 1.0)
    half = [(n - 1) / 2 * s for n, s in zip(shape, spacing, strict=True)]
    origin = centre - sum(np.array(a) * h for a, h in zip(AXES, half, strict=True))
    geometry = VolumeGeometry.from_axes(origin, AXES, spacing, shape)
    ids = label_volume(anatomy, geometry)
    classes = np.zeros(shape, dtype=np.uint8)
    classes[(ids >= 20) & (ids < 50)] = 1
    classes[ids >= 70] = 2
    classes[ids == 2] = 3
    classes[ids == 50] = 4
    return classes, ids, geometry


@pytest.mark.parametrize("lumbar_count", [4, 5, 6])
@pytest.mark.parametrize(("seed", "preset"), [(3, "normal"), (11, "degenerate"), (12, "listhesis")])
def test_phantom_discs_are_counted_from_the_sacrum(seed, preset, lumbar_count):
    classes, ids, geometry = phantom(seed, preset, lumbar_count)
    found = find_instances(classes, geometry.spacing)
    assert found.levels.sacrum_seen
    assert found.levels.confidence >= 0.6
    names = found.levels.with_counts(lumbar_count)
    array, _ = LabelMap(found.codes, geometry).exported(names)
    for disc in [i for i in np.unique(ids) if i >= 70]:
        inside = array[ids == disc]
        if inside.size > 300:
            assert np.bincount(inside).argmax() == disc
    bodies = (ids >= 20) & (ids < 50) & (array > 0)
    assert (array[bodies] == ids[bodies]).mean() > 0.85


@pytest.mark.parametrize("seed", [3, 11, 12])
@pytest.mark.parametrize("painted_as_sacrum", [False, True])
def test_a_body_that_the_image_cuts_is_never_a_sure_sacrum(seed, painted_as_sacrum):
    classes, ids, geometry = phantom(seed)
    middle = int(np.median(np.flatnonzero((ids == 45).sum(axis=(0, 2)) > 300)))
    classes, ids = classes[:, :middle].copy(), ids[:, :middle]
    below_l4 = np.flatnonzero((ids == 95).any(axis=(0, 2))).max()
    if painted_as_sacrum:
        classes[ids == 45] = 4
        assert (classes[:, below_l4:] == 4).any()
    found = find_instances(classes, geometry.spacing)
    assert found.levels.confidence <= 0.5
    assert found.levels.alternatives


@pytest.mark.parametrize("seed", [4, 7, 8, 14, 22, 26])
def test_transitional_anatomy_is_never_named_with_confidence(seed):
    classes, _, geometry = phantom(seed, "transitional", plan_of("transitional", seed).lumbar_count)
    levels = find_instances(classes, geometry.spacing).levels
    assert levels.vertebra_count >= 4
    assert levels.confidence <= 0.5
    assert any("there may be four or six lumbar bodies" in words for words in levels.alternatives)


@pytest.mark.parametrize("seed", [3, 5, 6, 9])
def test_an_ordinary_sacrum_is_wedge_shaped_and_gives_confidence(seed):
    classes, _, geometry = phantom(seed)
    found = find_instances(classes, geometry.spacing)
    assert found.levels.confidence > 0.5
    assert found.end.look.squareness > SQUARE_S1
    assert found.end.look.length_mm > MIN_CUT_SACRUM


def test_squareness_is_the_ratio_of_the_depths_of_the_first_sacral_body():
    for wanted in (1.2, 1.6):
        grid, column = drawn_sacrum(wanted)
        assert look_at_sacrum(grid, column).squareness == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(("rows", "sure"), [(8, False), (60, True)])
def test_the_first_sacral_body_has_to_be_in_view_as_a_whole(rows, sure):
    classes, ids, geometry = phantom(3)
    below = np.flatnonzero((ids == 100).any(axis=(0, 2))).max()
    found = find_instances(classes[:, : below + rows].copy(), geometry.spacing)
    assert found.levels.sacrum_seen
    assert (found.levels.confidence > 0.5) is sure
    assert any("of sacrum are in view" in words for words in found.levels.alternatives) is not sure


def drawn_sacrum(squareness):
    """Return a straight sacrum below two level discs whose depth falls from 40 mm by a ratio in 25 mm."""
    shape, spacing = (7, 160, 120), (4.0, 1.0, 1.0)
    classes = np.zeros(shape, dtype=np.uint8)
    rows = np.arange(160)
    for row in rows[55:140]:
        half = 20.0 * (1 - (1 - 1 / squareness) * (row - 55) / 25.0)
        classes[:, row, round(60 - half) : round(60 + half) + 1] = 4
    classes[:, 15:50, 40:81] = 1
    for row in (15, 50):
        classes[:, row - 5 : row + 5, 42:79] = 2
    grid = ClassGrid(classes, spacing)
    return grid, build_column(grid, candidates(grid, spine_axis(grid)))


def test_a_phantom_is_lumbar_in_any_orientation():
    classes, _, geometry = phantom(3)
    found = find_instances(classes, geometry.spacing)
    labels = LabelMap(found.codes, geometry)
    assert lumbar(labels)
    turned = Volume(labels.array, geometry).permuted((1, 2, 0)).flipped(0)
    assert lumbar(LabelMap(np.ascontiguousarray(turned.array), turned.geometry))
    assert to_canonical(turned).geometry.same_grid(geometry)


def test_two_discs_are_no_lumbar_spine():
    classes, _, geometry = phantom(3)
    found = find_instances(classes, geometry.spacing)
    few = np.where(np.isin(found.codes, (101, 102, 103, 151, 152)), found.codes, 0).astype(np.uint8)
    assert not lumbar(LabelMap(few, geometry))


def test_a_spine_of_cervical_size_is_no_lumbar_spine():
    classes, _, geometry = phantom(3)
    affine = geometry.affine.copy()
    affine[:3, :3] *= 0.45
    small = VolumeGeometry(affine, geometry.shape)
    found = find_instances(classes, small.spacing)
    assert not lumbar(LabelMap(found.codes, small))


def test_an_empty_label_map_is_no_lumbar_spine():
    _, _, geometry = phantom(3)
    assert not lumbar(LabelMap(np.zeros(geometry.shape, dtype=np.uint8), geometry))
