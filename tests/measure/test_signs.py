"""Signs that a study is out of scope: voids, dark marrow on T1, ghosts in the air."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import VERTEBRA_BASE
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.signs import MIN_NOISE
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import BONE, PROVENANCE, ModelSpine

SPINE = ModelSpine(outside=60.0)


@pytest.fixture(scope="module")
def plain():
    """A slab of 11 slices 4 mm apart, 1 mm pixels."""
    labels = SPINE.labels(SPINE.grid(4.0, 1.0, 11))
    return labels, SPINE.image(labels)


def signs(labels, image, companion=None):
    return measure_spine(labels, SPINE.levels, image, Weighting.T2, PROVENANCE, companion).signs


def ball(labels, name, side_mm, radius):
    """Return the voxels of a ball in a body, to the left of the midline."""
    index = np.argwhere(labels.array == VERTEBRA_BASE + name)
    world = labels.geometry.index_to_world(index.astype(float))
    near = np.linalg.norm(world - world[np.abs(world[:, 0]) < 30].mean(axis=0) - [side_mm, 0, 0], axis=1)
    return tuple(index[near < radius].T)


@pytest.mark.parametrize("side", [-10.0, 0.0, 10.0])
def test_a_void_is_found_also_beside_the_midline(plain, side):
    labels, image = plain
    assert signs(labels, image).void_mm2 == pytest.approx(0.0, abs=5.0)
    array = np.array(image.array)
    array[ball(labels, 3, side, 9.0)] = 0.0
    assert signs(labels, Volume(array, image.geometry)).void_mm2 > 60.0


def test_a_corner_without_image_at_the_upper_end_is_no_void(plain):
    labels, image = plain
    array = np.array(image.array)
    upper = int(np.argwhere(labels.array == VERTEBRA_BASE + 5)[:, 1].min())
    array[:, : upper + 14, 95:] = 0.0
    assert signs(labels, Volume(array, image.geometry)).void_mm2 == pytest.approx(0.0, abs=5.0)


def test_a_lesion_and_marrow_as_dark_as_disc_are_found_on_t1(plain):
    labels, image = plain
    t1 = np.array(image.array)
    t1[labels.array > 150] = 0.5 * BONE
    clean = signs(labels, image, Volume(t1, image.geometry))
    assert clean.t1_over_disc == pytest.approx(2.0, abs=0.05)
    assert clean.dark_t1_mm2 == pytest.approx(0.0, abs=5.0)
    lesion = np.array(t1)
    lesion[ball(labels, 2, 10.0, 9.0)] = 0.4 * BONE
    assert signs(labels, image, Volume(lesion, image.geometry)).dark_t1_mm2 > 60.0
    replaced = np.where((labels.array > 100) & (labels.array < 150), 0.55 * BONE, t1)
    assert signs(labels, image, Volume(replaced, image.geometry)).t1_over_disc < 1.2
    assert signs(labels, image).t1_over_disc is None


def test_ghosts_of_the_edges_in_noisy_air_are_found(plain):
    labels, image = plain
    body = np.array(image.array)
    body[body == SPINE.outside] = 0.0
    draw = np.random.default_rng(3)
    noise = np.abs(draw.normal(0.0, 12.0, body.shape)) + MIN_NOISE
    still = signs(labels, Volume(body + noise, image.geometry)).ghost
    edges = np.abs(np.diff(body, axis=1, prepend=0.0))
    moved = body + noise + 0.08 * np.roll(edges, 30, axis=1)
    ghost = signs(labels, Volume(moved, image.geometry)).ghost
    assert still is not None
    assert ghost > max(15.0, 1.5 * still)
    assert signs(labels, Volume(body, image.geometry)).ghost is None


@pytest.mark.parametrize("gain", [1, 8, 0.01])
def test_rounded_air_tells_nothing_whatever_it_was_multiplied_by(plain, gain):
    labels, image = plain
    rng = np.random.default_rng(2)
    body = np.where(image.array == SPINE.outside, 0.0, image.array)
    rounded = np.rint(body / 16 + np.abs(rng.normal(0, 2, image.array.shape)))
    assert signs(labels, Volume(rounded * gain, image.geometry)).ghost is None
