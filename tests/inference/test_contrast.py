"""T1, T2 and STIR are told apart by canal, marrow and fat."""

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.contrast import recognise_contrast
from lvp_workstation.inference.postprocess import find_instances
from tests.inference.test_levels import phantom

SIGNALS = {
    Weighting.T1: {"marrow": 500, "disc": 330, "canal": 280, "fat": 1000},
    Weighting.T2: {"marrow": 400, "disc": 300, "canal": 900, "fat": 850},
    Weighting.STIR: {"marrow": 180, "disc": 300, "canal": 900, "fat": 200},
}


@pytest.fixture(scope="module")
def spine():
    classes, _, geometry = phantom(3)
    return classes, LabelMap(find_instances(classes, geometry.spacing).codes, geometry)


def painted(classes, signal, geometry):
    image = np.full(classes.shape, signal["fat"], dtype=np.float32)
    for value, tissue in ((1, "marrow"), (2, "disc"), (3, "canal"), (4, "marrow")):
        image[classes == value] = signal[tissue]
    image[:, :, :40] = 0
    image += np.random.default_rng(2).normal(40, 8, image.shape)
    return Volume(np.clip(image, 0, None).astype(np.uint16), geometry)


@pytest.mark.parametrize("weighting", list(SIGNALS))
def test_each_contrast_is_recognised_with_confidence(spine, weighting):
    classes, labels = spine
    found = recognise_contrast(painted(classes, SIGNALS[weighting], labels.geometry), labels)
    assert found.weighting is weighting
    assert found.confidence > 0.8
    assert "recognised from signal" in found.rule


def test_a_slim_patient_with_much_fluid_is_no_stir(spine):
    """Fat half as bright as fluid, as in SPIDER 5 and 110, but far brighter than marrow."""
    classes, labels = spine
    signal = {"marrow": 400, "disc": 400, "canal": 1800, "fat": 900}
    found = recognise_contrast(painted(classes, signal, labels.geometry), labels)
    assert found.weighting is Weighting.T2
    assert found.confidence > 0.8


def test_inverted_grey_levels_show_dark_fluid(spine):
    classes, labels = spine
    volume = painted(classes, SIGNALS[Weighting.T2], labels.geometry)
    inverted = volume.with_array(volume.array.max() - volume.array)
    found = recognise_contrast(inverted, labels)
    assert found.weighting is Weighting.T1
    assert found.confidence > 0.95


def test_gain_and_offset_do_not_matter(spine):
    classes, labels = spine
    volume = painted(classes, SIGNALS[Weighting.T2], labels.geometry)
    scaled = volume.with_array(volume.array.astype(np.float32) * 7.5 + 300)
    first, second = recognise_contrast(volume, labels), recognise_contrast(scaled, labels)
    assert first.ratios["csf_marrow"] == pytest.approx(second.ratios["csf_marrow"], rel=1e-3)


def test_doubtful_fluid_is_doubtful(spine):
    classes, labels = spine
    signal = {"marrow": 500, "disc": 300, "canal": 550, "fat": 900}
    assert recognise_contrast(painted(classes, signal, labels.geometry), labels).confidence < 0.7


def test_without_regions_nothing_is_claimed(spine):
    classes, labels = spine
    empty = labels.with_array(np.zeros_like(labels.array))
    found = recognise_contrast(painted(classes, SIGNALS[Weighting.T1], labels.geometry), empty)
    assert found.weighting is Weighting.OTHER
    assert found.confidence == 0.0
