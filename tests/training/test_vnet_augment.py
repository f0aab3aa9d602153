"""Random changes of the signal: what they touch, and what they must leave alone."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from models.training.augment import _endplates, _soft, signal  # noqa: E402
from models.training.labels import BACKGROUND, DISC, VERTEBRA  # noqa: E402

pytestmark = pytest.mark.train


def column() -> tuple[torch.Tensor, torch.Tensor]:
    """Three bodies with two discs between them in grey 0.5; shape (4, 96, 64)."""
    labels = torch.full((4, 96, 64), BACKGROUND, dtype=torch.uint8)
    for n in range(3):
        labels[:, 4 + 32 * n : 26 + 32 * n, 14:50] = VERTEBRA
        if n < 2:
            labels[:, 26 + 32 * n : 36 + 32 * n, 14:50] = DISC
    return torch.full(labels.shape, 0.5), labels


def test_marrow_beside_discs_changes_and_nothing_else() -> None:
    image, labels = column()
    before = labels.clone()
    touched = torch.zeros(labels.shape, dtype=torch.bool)
    for seed in range(20):
        changed = _endplates(image, labels, np.random.default_rng(seed))
        touched |= changed != image
        assert float(changed.min()) >= 0.0
        assert float(changed.max()) <= 1.1
    assert torch.equal(labels, before)
    assert not touched[_soft(labels == VERTEBRA) == 0].any()
    assert touched[labels == VERTEBRA].float().mean() > 0.3


def test_a_sample_without_discs_is_left_alone() -> None:
    image, labels = column()
    labels[labels == DISC] = BACKGROUND
    assert torch.equal(_endplates(image, labels, np.random.default_rng(1)), image)


def test_signal_changes_never_change_labels() -> None:
    image, labels = column()
    before = labels.clone()
    for seed in range(30):
        out = signal(image.clone(), labels, np.random.default_rng(seed))
        assert out.shape == image.shape
        assert bool(torch.isfinite(out).all())
    assert torch.equal(labels, before)
