"""A tiny network on a tiny world: the loss falls, a run resumes, phantoms may come late."""

# ruff: noqa: E402  (the imports need PyTorch, whose absence skips the file)

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from models.training.augment import Shape, sample
from models.training.batches import Batches
from models.training.cases import write_cases, write_phantom
from models.training.config import Recipe, load_recipe
from models.training.labels import (
    AMBIGUOUS,
    BACKGROUND,
    CANAL,
    DISC,
    IGNORE,
    SACRUM,
    VERTEBRA,
    sacrum_from,
    targets,
    without_edges,
)
from models.training.losses import segmentation_loss
from models.training.network import NetworkConfig
from models.training.steps import learning_rate
from models.training.trainer import Trainer, validate
from models.training.validation import Judged, dice
from tests.training.small_world import SPACING, column, world

pytestmark = pytest.mark.train
SHAPE = Shape(batch=2, slices=4, rows=32, columns=32, spacing=(0.9, 4.0))


def small(recipe: Recipe) -> Recipe:
    network = NetworkConfig((8, 8, 8, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1))
    return replace(recipe, network=network, train=replace(recipe.train, bfloat16=False, minutes=1.0))


def test_the_loss_falls(tmp_path: Path) -> None:
    trainer = Trainer(small(load_recipe()), tmp_path)
    trainer.spent = 3.0
    losses = [trainer.learn(*batch) for batch in islice(Batches([world()], [SHAPE], seed=1), 40)]
    assert np.mean(losses[-8:]) < 0.8 * np.mean(losses[:8])


def test_a_run_resumes_where_it_stopped(tmp_path: Path) -> None:
    first = Trainer(small(load_recipe()), tmp_path)
    first.learn(*next(iter(Batches([world()], [SHAPE], seed=1))))
    first.spent = 7.0
    first.save()
    second = Trainer(small(load_recipe()), tmp_path)
    second.resume()
    assert (second.step, second.spent) == (1, 7.0)
    for a, b in zip(first.ema.parameters(), second.ema.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    trainer = Trainer(small(load_recipe()), tmp_path)
    image, target, full = next(iter(Batches([world()], [SHAPE], seed=1)))
    with pytest.raises(FloatingPointError, match="step 0"):
        trainer.learn(image * float("nan"), target, full)


def test_the_same_seed_gives_the_same_batches() -> None:
    one, two = (next(iter(Batches([world()], [SHAPE], seed=4))) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b)


def test_phantoms_that_arrive_late_are_used(tmp_path: Path) -> None:
    stream = iter(
        Batches([world()], [SHAPE], 1, tmp_path, phantom_share=1.0, phantom_minimum=1, rescan_every=1)
    )
    assert not next(stream)[2].any()
    grey, labels = column()
    labels[:, 50:, 10:24] = SACRUM
    grid = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, (0.9, 0.8, 0.8), labels.shape)
    write_phantom(tmp_path / "phantom_1.npz", Volume(grey, grid), labels)
    image, target, full = next(stream)
    assert full.all()
    assert image.shape == (2, 1, 4, 32, 32)
    assert target.shape == (2, 4, 32, 32)


def test_samples_are_finite_and_on_the_scale() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        image, target = sample(world(), SHAPE, rng)
        assert torch.isfinite(image).all()
        assert image.min() >= -1
        assert image.max() <= 2
        assert image.shape == target.shape == (4, 32, 32)


def test_background_or_sacrum_is_no_mistake_either_way() -> None:
    target = torch.full((1, 1, 2, 2), AMBIGUOUS, dtype=torch.uint8)
    losses = []
    for label in (0, SACRUM, VERTEBRA):
        logits = torch.zeros(1, 5, 1, 2, 2)
        logits[:, label] = 12.0
        losses.append(float(segmentation_loss(logits, target, torch.tensor([False]))))
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[2] > losses[0] + 5


def test_ignored_voxels_do_not_count() -> None:
    target = torch.zeros(1, 1, 2, 2, dtype=torch.uint8)
    target[..., 0] = IGNORE
    logits = torch.zeros(1, 5, 1, 2, 2)
    logits[:, 0] = 5.0
    changed = logits.clone()
    changed[:, 1, ..., 0] = 50.0
    full = torch.tensor([True])
    assert segmentation_loss(logits, target, full) == pytest.approx(
        float(segmentation_loss(changed, target, full))
    )


def test_targets_name_what_spider_leaves_open() -> None:
    _, labels = column()
    levels = np.zeros_like(labels)
    levels[:, 42:46, 10:24] = 201
    result = targets(labels, levels, (0.9, 0.8, 0.8))
    assert (result[:, 50:55, 16:18] == SACRUM).any()
    assert (result[:, 58, 2] == AMBIGUOUS).all()
    assert (result[:, 5, 2] == 0).all()
    assert ((result == labels) | (labels == 0)).all()
    assert not (targets(labels, levels, (0.9, 0.8, 0.8), seed=False) == SACRUM).any()


def test_dice_of_equal_and_of_disjoint_labels() -> None:
    _, labels = column()
    assert dice(labels, labels) == {"vertebra": 1.0, "disc": 1.0, "canal": 1.0}
    assert set(dice(np.zeros_like(labels), labels).values()) == {0.0}


def test_a_confident_sacrum_is_taught_only_where_it_meets_the_seed() -> None:
    _, labels = column()
    levels = np.zeros_like(labels)
    levels[:, 42:46, 10:24] = 201
    target = targets(labels, levels, SPACING)
    probability = np.zeros(labels.shape, np.float32)
    probability[:, 48:58, 12:22] = 0.95
    probability[:, 48:58, 2:5] = 0.95
    result = sacrum_from(target, probability)
    assert (result[:, 50:56, 14:20] == SACRUM).all()
    assert not (result[:, :, 2:5] == SACRUM).any()
    assert (result[labels > 0] == labels[labels > 0]).all()
    elsewhere = np.roll(probability, -10, axis=2)
    elsewhere[target == SACRUM] = 0
    np.testing.assert_array_equal(sacrum_from(target, elsewhere), target)


def test_edges_that_a_phantom_draws_otherwise_are_not_taught() -> None:
    _, labels = column(sacrum=True)
    result = without_edges(labels, 0.8)
    assert (result[:, 5, 9] == IGNORE).all()
    assert (result[:, 5, 7] == BACKGROUND).all()
    assert (result[:, 5, 10:24] == VERTEBRA).all()
    assert (result[:, 10, 12:20] == IGNORE).all()
    assert (result[:, 50, 12:22] == SACRUM).all()


def test_pictures_with_pseudo_labels_are_used_in_thin_stacks_only(tmp_path: Path) -> None:
    write_cases([replace(world(), name="p", target=np.full((8, 60, 40), CANAL, np.uint8))], tmp_path)
    thick = replace(SHAPE, slices=8)
    for shape, expected in ((SHAPE, True), (thick, False)):
        batches = Batches([world()], [shape], 1, pseudo_folder=tmp_path, pseudo_share=1.0)
        assert bool((next(iter(batches))[1] == VERTEBRA).any()) is not expected


def test_without_cases_of_any_kind_it_says_so() -> None:
    with pytest.raises(ValueError, match="no real cases, and 0 of at least 8 phantoms"):
        next(iter(Batches([], [SHAPE], 1)))


def test_a_run_that_learns_nothing_is_stopped(tmp_path: Path) -> None:
    trainer = Trainer(small(load_recipe()), tmp_path)
    grey, labels = column()
    grid = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, SPACING, labels.shape)
    case = Judged("world", Volume(grey, grid), (labels == DISC).astype(np.uint8) * DISC)
    trainer.ema.head.weight.data.zero_()
    trainer.ema.head.bias.data.copy_(torch.eye(5)[BACKGROUND] * 9)
    validate(trainer, [case])
    trainer.spent, trainer.step = 59.0, 900
    with pytest.raises(RuntimeError, match="nothing was learned"):
        validate(trainer, [case])


def test_the_learning_rate_rises_to_its_peak_and_falls_to_a_hundredth():
    rates = [learning_rate(step / 100, 2e-3, 0.03) for step in range(101)]
    assert max(rates) == rates[3] == pytest.approx(2e-3)
    assert rates[:4] == sorted(rates[:4])
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[0] == pytest.approx(1e-4)
    assert rates[-1] == pytest.approx(2e-5)
