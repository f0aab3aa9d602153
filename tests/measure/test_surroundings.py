"""The image around a disc: endplate strips, texture, and T1 beside T2, on a spine of boxes."""

from __future__ import annotations

import numpy as np
import pytest

from lvp_workstation.domain.labelmap import VERTEBRA_BASE
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import BONE, PROVENANCE, ModelSpine

SPINE = ModelSpine()
BRIGHT = 1.5


def strip_image(share: float, pixel_mm: float = 0.8, slices: int = 1) -> Volume:
    """Return an image in which the lowest 6 mm of V2, beside disc D2, have a share of the marrow signal."""
    grid = SPINE.grid(4.0, pixel_mm, slices)
    labels = SPINE.labels(grid)
    image = np.array(SPINE.image(labels).array)
    _, _, up = SPINE._local(grid)
    edge = SPINE.height + 2 * SPINE.disc
    image[(labels.array == VERTEBRA_BASE + 2) & (up < edge + 6.0)] = share * BONE
    return Volume(image, grid)


def measured(share: float, companion: Volume | None = None) -> SpineMeasures:
    """Return the measures of one slice with a strip beside the upper endplate of D2."""
    image = strip_image(share)
    labels = SPINE.labels(image.geometry)
    return measure_spine(labels, SPINE.levels, image, Weighting.T2, PROVENANCE, companion)


@pytest.mark.parametrize("share", [BRIGHT, 0.5, 1.0])
def test_strip_beside_an_endplate_is_a_ratio_to_the_core(share: float) -> None:
    found = measured(share).features
    for name in ("near_max", "near_min"):
        assert found["D2", f"upper_{name}"] == pytest.approx(np.log(share), abs=0.03)
        assert found["D2", f"lower_{name}"] == pytest.approx(0.0, abs=0.03)
        assert found["D4", f"upper_{name}"] == pytest.approx(0.0, abs=0.03)


def test_gain_changes_no_strip() -> None:
    image = strip_image(BRIGHT)
    labels = SPINE.labels(image.geometry)
    louder = measure_spine(
        labels, SPINE.levels, image.with_array(image.array * 3.0), Weighting.T2, PROVENANCE
    )
    assert louder.features["D2", "upper_near_max"] == pytest.approx(
        measured(BRIGHT).features["D2", "upper_near_max"]
    )


def test_t1_beside_t2_is_found_by_position_not_by_index() -> None:
    beside = strip_image(0.6, pixel_mm=0.5, slices=3)
    found = measured(BRIGHT, beside).features
    assert found["D2", "t1_upper_near_max"] == pytest.approx(np.log(0.6), abs=0.05)
    assert found["D2", "upper_near_max"] == pytest.approx(np.log(BRIGHT), abs=0.03)


def test_t1_elsewhere_gives_nothing() -> None:
    beside = strip_image(0.6)
    affine = np.array(beside.geometry.affine)
    affine[0, 3] += 60.0
    away = Volume(beside.array, VolumeGeometry(affine, beside.shape))
    assert not [name for _, name in measured(1.0, away).features if name.startswith("t1_")]
    assert not [name for _, name in measured(1.0).features if name.startswith("t1_")]


def test_shape_and_texture_of_an_even_box() -> None:
    found = measured(1.0).features
    assert found["D3", "aspect"] == pytest.approx(SPINE.disc / (0.94 * SPINE.depth), rel=0.12)
    assert found["D3", "texture_band"] == pytest.approx(1.0, abs=0.05)
    assert found["D3", "texture_spread"] < 0.05
    assert found["D3", "upper_rough"] < 0.4


def test_large_slip_needs_both_corners() -> None:
    slipped = ModelSpine(slip=9.0)
    measures = measure_spine(*slipped.case(4.0, 0.8, 5), Weighting.T2, PROVENANCE)
    assert measures.value("D2", "slip") == pytest.approx(9.0, abs=0.6)
    assert measures.features["D2", "step_anterior"] == pytest.approx(9.0, abs=0.8)


def test_a_torn_mask_gives_no_large_slip() -> None:
    labels, levels, image = SPINE.case(4.0, 0.8, 5)
    codes = np.array(labels.array)
    _, back, _ = SPINE._local(labels.geometry)
    codes[(codes == VERTEBRA_BASE + 2) & (back > SPINE.depth / 2 - 9.0) & (back < SPINE.depth / 2 + 1.0)] = 0
    torn = measure_spine(type(labels)(codes, labels.geometry), levels, image, Weighting.T2, PROVENANCE)
    assert abs(torn.value("D2", "slip")) < 1.0  # of the anterior corners
    assert torn.features["D2", "step_posterior"] > 6.0
    assert torn.value("D2", "disc_height_middle") is not None
