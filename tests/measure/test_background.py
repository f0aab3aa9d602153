"""Images whose background is not zero give the same ratios as the image they were made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.domain.study import Weighting
from lvp_workstation.measure.background import with_zero_background
from lvp_workstation.measure.spine import measure_spine
from tests.measure.model_spine import PROVENANCE, ModelSpine


def test_a_z_scored_image_gives_the_ratios_and_the_quality_of_the_image_itself() -> None:
    labels, levels, volume = ModelSpine().case()
    noisy = np.maximum(volume.array + np.random.default_rng(1).normal(0, 3, volume.shape), 0)
    noisy[..., -volume.shape[2] // 12 :] = 0  # air behind the back
    plain = replace(volume, array=noisy.astype(np.float32))
    scored = replace(plain, array=((plain.array - plain.array.mean()) / plain.array.std()).astype(np.float32))
    wanted = measure_spine(labels, levels, plain, Weighting.T2, PROVENANCE)
    found = measure_spine(labels, levels, with_zero_background(scored), Weighting.T2, PROVENANCE)
    for disc in ("D1", "D2", "D3", "D4"):
        ratio = wanted.value(disc, "disc_csf_ratio")
        assert ratio is not None
        assert found.value(disc, "disc_csf_ratio") == pytest.approx(ratio, rel=0.02)
    assert wanted.quality.snr is not None
    assert found.quality.snr == pytest.approx(wanted.quality.snr, rel=0.05)
    assert found.quality.void_share == pytest.approx(wanted.quality.void_share, abs=0.01)


def test_an_image_without_negative_values_stays_as_it_is() -> None:
    _, _, volume = ModelSpine().case()
    assert with_zero_background(volume) is volume
    signed = replace(volume, array=volume.array.astype(np.int16) - 1024)
    assert with_zero_background(signed).array.min() == 0
