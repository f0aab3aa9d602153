"""From a volume to instances on its own grid, with a stand-in for the network."""

from types import MappingProxyType

import numpy as np
import pytest

from lvp_workstation.domain.errors import Cancelled
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.volume import Volume, to_canonical
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.inference.grid import CLASS_NAMES
from lvp_workstation.inference.preprocess import prepare
from lvp_workstation.inference.segmenter import Segmenter
from tests.inference.test_levels import phantom


class Oracle:
    """Answers with given classes, in the channel order of a bundle, surer or less sure of them."""

    provider, threads, note = "CPU", 2, ""

    def __init__(self, classes, channels=CLASS_NAMES, sure=0.96):
        self._classes, self._channels, self._sure = classes, channels, sure

    def run(self, array, cancel=None):
        canonical = np.zeros(array.shape[2:], dtype=np.uint8)
        size = self._classes.shape
        canonical[: size[0], : size[1], : size[2]] = self._classes
        order = [CLASS_NAMES.index(name) for name in self._channels]
        hot = canonical[None] == np.array(order)[:, None, None, None]
        rest = (1 - self._sure) / 4
        return ((self._sure - rest) * hot + rest).astype(np.float32)[None]


def bundle(tmp_path, channels=CLASS_NAMES):
    empty = MappingProxyType({})
    return ModelBundle("test", "1.0.0", "0" * 64, channels, empty, empty, tmp_path / "model.onnx")


@pytest.fixture(scope="module")
def spine():
    """Classes of a phantom, and an image of its grid."""
    classes, _, geometry = phantom(3)
    image = (100 + 40 * classes.astype(np.int16)).astype(np.int16)
    return classes, Volume(image, geometry)


def test_labels_lie_on_the_grid_of_the_volume_whatever_its_axes(spine, tmp_path):
    classes, volume = spine
    turned = volume.permuted((2, 0, 1)).flipped(1).flipped(2)
    segmenter = Segmenter(bundle(tmp_path), Oracle(classes))
    straight, other = segmenter.segment(volume), segmenter.segment(turned)
    assert other.labels.geometry is turned.geometry
    back = to_canonical(Volume(other.labels.array, turned.geometry))
    np.testing.assert_array_equal(back.array, straight.labels.array)
    assert straight.lumbar
    assert other.lumbar


def test_the_channel_order_of_the_bundle_is_respected(spine, tmp_path):
    classes, volume = spine
    channels = ("disc", "sacrum", "background", "canal", "vertebra")
    expected = Segmenter(bundle(tmp_path), Oracle(classes)).segment(volume)
    found = Segmenter(bundle(tmp_path, channels), Oracle(classes, channels)).segment(volume)
    np.testing.assert_array_equal(found.labels.array, expected.labels.array)


def test_finer_and_thinner_volumes_keep_their_voxels(spine, tmp_path):
    classes, volume = spine
    rows = np.repeat(np.repeat(volume.array, 2, axis=1), 2, axis=2)
    affine = volume.geometry.affine.copy()
    affine[:3, 3] -= 0.25 * (affine[:3, 1] + affine[:3, 2])
    affine[:3, 1:3] /= 2
    fine = Volume(rows, type(volume.geometry)(affine, rows.shape))
    assert prepare(fine).record.network.shape == classes.shape
    found = Segmenter(bundle(tmp_path), Oracle(classes)).segment(fine)
    expected = Segmenter(bundle(tmp_path), Oracle(classes)).segment(volume).labels.array
    big = np.repeat(np.repeat(expected, 2, axis=1), 2, axis=2)
    assert found.labels.array.shape == rows.shape
    foreground = big > 0
    assert (found.labels.array[foreground] == big[foreground]).mean() > 0.93


def test_confidence_timings_and_progress_are_reported(spine, tmp_path):
    classes, volume = spine
    seen = []
    found = Segmenter(bundle(tmp_path), Oracle(classes)).segment(volume, seen.append)
    assert set(found.timings_s) == {"preprocess", "inference", "postprocess"}
    assert [p.fraction for p in seen] == sorted(p.fraction for p in seen)
    assert seen[-1].fraction == 1.0
    assert found.labels.confidence["D1"] == pytest.approx(0.96, abs=0.01)
    assert set(found.labels.confidence) - set(found.poor_chances) == {"CANAL", "SACRUM", "V9"}  # V9 is cut
    assert max(found.poor_chances.values()) < 0.05
    assert found.provider == "CPU"
    assert found.warnings == ()


def test_the_volume_is_not_changed(spine, tmp_path):
    classes, volume = spine
    before = volume.array.copy()
    Segmenter(bundle(tmp_path), Oracle(classes)).segment(volume)
    np.testing.assert_array_equal(volume.array, before)


def test_cancelling_stops_between_the_steps(spine, tmp_path):
    classes, volume = spine
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Segmenter(bundle(tmp_path), Oracle(classes)).segment(volume, cancel=token)


def test_an_empty_answer_is_not_lumbar_and_says_so(spine, tmp_path):
    classes, volume = spine
    found = Segmenter(bundle(tmp_path), Oracle(np.zeros_like(classes))).segment(volume)
    assert not found.lumbar
    assert not found.labels.array.any()
    assert [w.code for w in found.warnings] == ["not_lumbar"]


def test_an_image_of_one_grey_value_holds_no_spine_whatever_the_network_says(spine, tmp_path):
    classes, volume = spine
    grey = volume.with_array(np.full_like(volume.array, 7))
    found = Segmenter(bundle(tmp_path), Oracle(classes)).segment(grey)
    assert not found.lumbar
    assert not found.labels.array.any()


@pytest.mark.parametrize("grey", [0, 180])
def test_nothing_is_labelled_on_an_empty_slice(spine, tmp_path, grey):
    classes, volume = spine
    image = to_canonical(volume)
    array = image.array.copy()
    array[0] = grey
    found = Segmenter(bundle(tmp_path), Oracle(classes)).segment(image.with_array(array))
    assert not found.labels.array[0].any()
    assert found.labels.array[len(array) // 2].any()


def test_without_a_sacrum_the_numbering_is_a_warning(spine, tmp_path):
    classes, volume = spine
    found = Segmenter(bundle(tmp_path), Oracle(np.where(classes == 4, 0, classes))).segment(volume)
    assert found.levels.confidence <= 0.5
    assert "numbering_uncertain" in [w.code for w in found.warnings]


def test_an_unsure_network_makes_outlines_doubtful_and_names_them(spine, tmp_path):
    classes, volume = spine
    found = Segmenter(bundle(tmp_path), Oracle(classes, sure=0.6)).segment(volume)
    assert min(found.poor_chances.values()) > 0.9
    words = {w.code: w.text for w in found.warnings}
    assert "L4-L5?" in found.levels.worded(words["outline_doubtful"])


def test_what_the_upper_edge_cuts_has_no_chance_and_no_warning(spine, tmp_path):
    classes, volume = spine
    whole = Segmenter(bundle(tmp_path), Oracle(classes, sure=0.6)).segment(volume)
    top = max(int(i[1:]) for i in whole.poor_chances if i.startswith("V"))
    rows = np.flatnonzero(
        (to_canonical(Volume(whole.labels.array, volume.geometry)).array == 100 + top - 2).any(axis=(0, 2))
    )
    middle = int(rows.mean())
    geometry = type(volume.geometry)(volume.geometry.affine, (15, volume.shape[1] - middle, volume.shape[2]))
    lower = Volume(volume.array[:, middle:].copy(), geometry)
    found = Segmenter(bundle(tmp_path), Oracle(classes[:, middle:], sure=0.6)).segment(lower)
    cut = f"V{top - 2}"
    assert cut in found.labels.confidence
    assert cut not in found.poor_chances
    words = found.levels.worded({w.code: w.text for w in found.warnings}["outline_doubtful"])
    assert found.levels.shown_name(cut) not in words.replace("-", " ").replace(",", " ").rstrip(".").split()
    assert "L4?" in words


def test_a_fall_back_is_passed_on(spine, tmp_path):
    classes, volume = spine
    oracle = Oracle(classes)
    oracle.note = "The graphics processor failed (test); the CPU is used instead."
    found = Segmenter(bundle(tmp_path), oracle).segment(volume)
    assert found.warnings[0].code == "provider_fallback"
