"""The axial recipe on a tiny set: the loss falls, a run resumes, the bundle answers as PyTorch does."""

# ruff: noqa: E402  (the imports need PyTorch, whose absence skips the file)

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES, HERNIATION
from models.training.axial_card import card
from models.training.axial_cases import SIDE
from models.training.axial_export import export
from models.training.axial_train import SLICES, Cases, Run, Schedule, sample, train

pytestmark = pytest.mark.train


def write_patch(folder: Path, seed: int) -> None:
    """Write one patch in which every class is a square of its own brightness."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((SLICES, SIDE, SIDE), np.uint8)
    for label in range(1, len(AXIAL_CLASSES)):
        row, column = 40 + 22 * ((label - 1) // 3), 40 + 22 * ((label - 1) % 3)
        labels[:, row : row + 20, column : column + 20] = label
    image = labels / 4.0 - 1 + rng.normal(0, 0.02, labels.shape)
    np.savez(folder / f"{seed}.npz", image_0=image.astype(np.float16), labels_0=labels)


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    folder = tmp_path / "cases"
    folder.mkdir()
    for seed in (1, 2, 10):
        write_patch(folder, seed)
    read = Cases(folder)
    read.read()
    return read


def test_seeds_that_end_in_nought_are_kept_for_judging(cases: Cases) -> None:
    assert (len(cases.train), len(cases.held), len(cases.herniated)) == (2, 1, 2)


def test_a_sample_keeps_its_labels_and_its_scale(cases: Cases) -> None:
    image, labels = sample(cases.train[0], np.random.default_rng(1))
    assert image.shape == labels.shape
    assert bool((labels == HERNIATION).any())
    assert float(image.min()) >= -1
    assert float(image.max()) <= 2


def test_the_schedule_counts_steps_where_they_are_given() -> None:
    assert Schedule(steps=10).done(5, seconds=1e9) == 0.5
    assert Schedule(minutes=2).done(5, seconds=60) == 0.5


def test_the_loss_falls_a_run_resumes_and_the_bundle_answers_as_the_network_does(
    cases: Cases, tmp_path: Path
) -> None:
    run = Run(tmp_path / "run", Schedule(steps=16))
    image, labels = sample(cases.train[0], np.random.default_rng(3))
    losses = [run.learn(image[None, None], labels[None]) for _ in range(15)]
    assert losses[-1] < 0.9 * losses[0]
    run.save()
    again = Run(tmp_path / "run", Schedule(steps=16))
    assert again.step == 15
    train(again, cases)
    assert again.step == 16
    model = export(tmp_path / "run", tmp_path / "axial_vnet" / "9.9.9")
    with np.load(model.with_name("parity.npz")) as parity:
        chances = onnxruntime.InferenceSession(str(model)).run(None, {"image": parity["image"]})[0]
        np.testing.assert_allclose(chances, parity["probabilities"], atol=1e-4)


def test_the_card_of_the_shipped_bundle_can_be_written() -> None:
    folder = max((asset_path("models") / "axial_vnet").iterdir())
    manifest, metrics = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("manifest", "metrics")
    )
    assert f"--steps {manifest['training']['steps']}" in card(manifest, metrics)
