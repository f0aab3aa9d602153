"""The images: reproducible, in place, and with the contrast of the tissues."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.phantom.generate import PhantomStudy, label_volume, make_phantom
from lvp_workstation.phantom.protocol import PROTOCOLS
from lvp_workstation.phantom.tissues import TISSUES, signals


@lru_cache(maxsize=1)
def study() -> PhantomStudy:
    return make_phantom(5, "normal", ("sag_t2", "sag_t1"))


@lru_cache(maxsize=1)
def axial() -> PhantomStudy:
    return make_phantom(5, "herniation", ("ax_t2",))


def test_same_seed_gives_the_same_bytes() -> None:
    again = make_phantom(5, "herniation", ("ax_t2",))
    for one, two in zip(axial().series, again.series, strict=True):
        assert one.volume.array.tobytes() == two.volume.array.tobytes()
        assert np.array_equal(one.volume.geometry.affine, two.volume.geometry.affine)
    assert axial().truth == again.truth


def test_another_seed_gives_another_anatomy() -> None:
    first, second = make_phantom(1, "normal", ()), make_phantom(2, "normal", ())
    assert first.truth["levels"] != second.truth["levels"]


def test_series_share_a_frame_of_reference_and_are_marked_synthetic() -> None:
    series = [*study().series, *axial().series]
    assert len({s.volume.geometry.frame_of_reference_uid for s in study().series}) == 1
    assert all(s.volume.synthetic and s.volume.array.dtype == np.uint16 for s in series)
    assert study().patient["name"].startswith("PHANTOM")


def test_sagittal_stacks_are_sagittal_and_axial_blocks_follow_their_disc() -> None:
    assert all(s.volume.geometry.image_plane is ImagePlane.SAGITTAL for s in study().series)
    assert [s.level for s in axial().series] == ["L3-L4", "L4-L5", "L5-S1"]
    for series in axial().series:
        normal = axial().truth["levels"][series.level]["normal_lps"]
        assert float(np.dot(series.volume.geometry.slice_normal, normal)) == pytest.approx(1.0, abs=1e-4)


def mean_signal(role: str, label: int) -> float:
    series = next(s for s in study().series if s.role == role)
    labels = label_volume(study(), series.volume.geometry)
    return float(series.volume.array[labels == label].mean())


def test_csf_is_brightest_on_t2_and_dark_on_t1() -> None:
    assert mean_signal("sag_t2", 2) > 1.2 * mean_signal("sag_t2", 94)
    assert mean_signal("sag_t2", 2) > 1.2 * mean_signal("sag_t2", 44)
    assert mean_signal("sag_t1", 2) < mean_signal("sag_t1", 94) < mean_signal("sag_t1", 44)


def test_air_is_dark() -> None:
    for series in study().series:
        corner = series.volume.array[:, :20, -20:].mean()
        assert corner < 0.15 * np.percentile(series.volume.array, 95)


def test_signal_order_of_the_tissues() -> None:
    by_series = {
        name: signals(TISSUES, p.tr, p.te, p.ti, p.field)
        for name, p in PROTOCOLS.items()
        if name.startswith("sag")
    }
    t2, t1, stir = by_series["sag_t2"], by_series["sag_t1"], by_series["sag_stir"]
    assert t2["csf"] > t2["nucleus_1"] > t2["nucleus_3"] > t2["nucleus_4"] > t2["cortex"]
    assert t2["csf"] > t2["cord"] > t2["muscle"]
    assert t1["fat"] > t1["marrow_red"] > t1["muscle"] > t1["csf"]
    assert stir["fat"] < 0.2 * stir["csf"]


def test_a_left_herniation_is_seen_on_the_left() -> None:
    """The sac loses its left side: its voxels in the block lie to the right of the disc's axis."""
    series = next(s for s in axial().series if s.level == "L4-L5")
    labels = label_volume(axial(), series.volume.geometry)
    disc = axial().anatomy.disc("L4-L5")
    middle = series.volume.shape[0] // 2
    points = series.volume.geometry.index_to_world(
        np.argwhere(labels[middle] == disc.label) @ np.array([[0, 1, 0], [0, 0, 1]]) + [middle, 0, 0]
    )
    local = disc.frame.to_local(points)
    behind = local[local[:, 1] > disc.upper.posterior_wall + 1.5]
    assert behind[:, 0].mean() > 2.0


def test_unknown_series_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="sag_t2"):
        make_phantom(1, "normal", ("sag_t9",))


def test_every_series_can_be_made() -> None:
    made = make_phantom(7, "normal", ("sag_stir", "loc"), planes_per_slice=1)
    assert [s.role for s in made.series] == ["sag_stir", "loc", "loc", "loc"]


def test_a_localizer_has_three_planes_of_one_series() -> None:
    made = make_phantom(7, "normal", ("loc",), planes_per_slice=1)
    planes = [s.volume.geometry.image_plane for s in made.series]
    assert planes == [ImagePlane.SAGITTAL, ImagePlane.CORONAL, ImagePlane.AXIAL]
    assert len({s.number for s in made.series}) == 1
