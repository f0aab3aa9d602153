"""The landmarks that planning uses are those of the measurements, found without measuring."""

from __future__ import annotations

import pytest

from lvp_workstation.domain.study import Weighting
from lvp_workstation.measure import spine
from lvp_workstation.measure.spine import find_landmarks, measure_spine
from tests.measure.model_spine import PROVENANCE, ModelSpine


def test_landmarks_and_quality_are_those_of_the_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, levels, volume = ModelSpine(slip=4.0, pitch=8.0).case(4.4, 0.7, 5)
    measured = measure_spine(labels, levels, volume, Weighting.T2, PROVENANCE)

    def measuring(*_: object) -> None:
        raise AssertionError("nothing is to be measured")

    monkeypatch.setattr(spine, "record_foramina", measuring)
    monkeypatch.setattr(spine, "_record_all", measuring)
    landmarks, quality = find_landmarks(labels, volume)
    assert landmarks == measured.landmarks
    assert len(landmarks.discs) >= 3
    assert quality == measured.quality
