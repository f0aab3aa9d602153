"""The real cases of the recipe (skipped without the shared data)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")


from models.training.cases import patients, spider_case
from models.training.labels import SACRUM
from models.training.validation import thick, validation_cases

pytestmark = [pytest.mark.train, pytest.mark.real_data]
HELD_OUT = {"7", "41", "50", "81", "110", "209"}


def test_the_validation_patients_are_never_trained_on(shared_data: Path) -> None:
    assert {row["patient"] for row in patients(shared_data, "validation")} == HELD_OUT
    training = {row["patient"] for row in patients(shared_data, "train")}
    assert len(training) == 24
    assert not training & HELD_OUT


def test_a_real_case_has_a_small_seed_of_the_sacrum(shared_data: Path) -> None:
    row = next(r for r in patients(shared_data, "train") if r["patient"] == "5")
    case = spider_case(shared_data, row)
    assert case.ratio.shape == case.target.shape
    assert 500 < (case.target == SACRUM).sum() < 20_000
    assert np.isfinite(case.ratio).all()


def test_thick_slices_keep_their_place(shared_data: Path) -> None:
    case = validation_cases(shared_data)[0]
    coarse = thick(case)
    assert coarse.labels.shape == coarse.volume.shape
    assert coarse.volume.geometry.spacing[0] == pytest.approx(5 * case.volume.geometry.spacing[0])
    np.testing.assert_allclose(
        coarse.volume.geometry.index_to_world((0, 0, 0)), case.volume.geometry.index_to_world((2, 0, 0))
    )
