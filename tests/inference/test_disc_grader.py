"""The learned grader: its files, its answers, and that other series are left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.features import LEARNED, disc_features
from lvp_workstation.inference.disc_grader import FOLDER, DiscGrader, with_learned
from lvp_workstation.measure.crop import CHANNELS, COLUMNS, ROWS
from tests.grading.measures_factory import spine


def picture(fluid):
    """A disc between two bodies in front of a canal; ``fluid`` is the signal of the disc over marrow."""
    crop = np.zeros((len(CHANNELS), ROWS, COLUMNS), dtype=np.float32)
    crop[0] = 0.4
    for rows in (slice(0, 26), slice(38, 64)):
        crop[0, rows, 17:63] = crop[3, rows, 17:63] = 1.0
    crop[0, 28:36, 18:62], crop[2, 28:36, 18:62] = fluid, 1.0
    crop[0, :, 68:88], crop[4, :, 68:88] = 3.0, 1.0
    return crop


def test_a_dark_disc_is_called_more_degenerate_than_a_bright_one():
    grader = DiscGrader(asset_path(*FOLDER))
    answers = grader.logits({"D1": picture(2.2), "D2": picture(0.25)})
    assert set(answers["D1"]) == set(grader.questions)
    for question in ("pfirrmann_3", "pfirrmann_4"):
        assert answers["D2"][question] > answers["D1"][question] + 1.0
    assert grader.logits({}) == {}


def test_answers_become_features_of_t2_only():
    crops = MappingProxyType({"D1": picture(1.0)})
    t2 = with_learned(replace(spine(), crops=crops))
    assert set(LEARNED) <= set(disc_features(t2, "D1"))
    assert not any(name.startswith("learned") for name in disc_features(t2, "D2"))
    t1 = replace(spine(weighting=Weighting.T1), crops=crops)
    assert with_learned(t1) is t1


def test_changed_weights_are_refused(tmp_path):
    shipped = asset_path(*FOLDER)
    manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelProblem, match="cannot be read"):
        DiscGrader(tmp_path)
    (tmp_path / "model.onnx").write_bytes((shipped / "model.onnx").read_bytes()[:-1] + b"x")
    with pytest.raises(ModelProblem, match="does not match"):
        DiscGrader(tmp_path)
    with pytest.raises(ModelProblem, match="manifest"):
        DiscGrader(tmp_path / "none")
