"""Measurements of phantoms with perfect masks on 4 mm slices, against the exact truth."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import STUDY_TARGET
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.measure.result import SpineMeasures
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.phantom.generate import make_phantom
from lvp_workstation.phantom.instances import instance_labels
from tests.measure.model_spine import PROVENANCE

CASES = (("degenerate", 501), ("listhesis", 510))
LIMITS = {
    "disc_height_anterior": 0.7,
    "disc_height_middle": 0.7,
    "disc_height_posterior": 0.8,
    "disc_height_index": 0.03,
    "disc_bulge_depth": 0.6,
    "canal_ap": 0.7,
    "sac_ap": 1.0,
    "slip": 0.5,
    "slip_percent": 1.6,
    "segmental_angle": 1.0,
    "height_anterior": 0.7,
    "height_middle": 0.7,
    "height_posterior": 0.8,
    "depth_superior": 1.4,
    "wedge_angle": 1.2,
    "lordosis_l1_s1": 1.5,
    "sacral_slope": 1.0,
}
"""Greatest mean absolute error allowed, in the unit of the measure."""


@lru_cache(maxsize=4)
def case(preset: str, seed: int) -> tuple[SpineMeasures, LevelMap, dict[str, Any]]:
    """Return the measures, names and truth of a phantom."""
    study = make_phantom(seed, preset, ("sag_t2",), planes_per_slice=1)
    volume = study.series[0].volume
    labels, levels = instance_labels(study, volume.geometry)
    levels = replace(levels, confidence=0.9)
    bare = Volume(volume.array, volume.geometry, volume.source_sop_uids)
    return measure_spine(labels, levels, bare, Weighting.T2, PROVENANCE), levels, study.truth


def errors(name: str) -> list[float]:
    """Return measured minus true values of one measure over all cases and places."""
    found = []
    for key in CASES:
        measures, levels, truth = case(*key)
        places = {**truth["levels"], **truth["vertebrae"]}
        targets = [(levels.instance_named(place), content) for place, content in places.items()]
        targets.append((STUDY_TARGET, truth["study"]))
        for target, content in targets:
            value = measures.value(target, name) if target else None
            if value is not None and name in content["measurements"]:
                found.append(value - content["measurements"][name]["value"])
    return found


@pytest.mark.parametrize("name", LIMITS)
def test_mean_absolute_error(name: str) -> None:
    found = errors(name)
    assert len(found) >= 2, f"{name} was measured {len(found)} times"
    assert float(np.mean(np.abs(found))) <= LIMITS[name]


def test_disc_axes_and_centres() -> None:
    for key in CASES:
        measures, levels, truth = case(*key)
        for name, level in truth["levels"].items():
            disc = measures.landmarks.discs[levels.instance_named(name) or ""]
            assert np.dot(disc.normal, level["normal_lps"]) > np.cos(np.radians(5.0))
            assert np.linalg.norm(np.array(disc.centroid) - level["centroid_lps"]) < 2.5
