"""Dice and cross-entropy for labels that are partly unknown."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.training.labels import AMBIGUOUS, BACKGROUND, IGNORE, SACRUM


def segmentation_loss(logits: Tensor, target: Tensor, full: Tensor) -> Tensor:
    """Return soft Dice plus cross-entropy.

    Parameters
    ----------
    logits
        [B, K, S, H, W].
    target
        uint8 [B, S, H, W]: classes, `AMBIGUOUS` (background or sacrum) or `IGNORE`.
    full
        bool [B]: samples whose sacrum is labelled everywhere; only they enter the sacrum's Dice.
    """
    logits = logits.float()
    log_p = F.log_softmax(logits, 1)
    either = torch.logaddexp(log_p[:, BACKGROUND], log_p[:, SACRUM])
    wide = torch.cat([log_p, either[:, None]], 1)
    entropy = F.nll_loss(wide, target.long(), ignore_index=IGNORE)
    return entropy + dice_loss(log_p.exp(), target, full)


def dice_loss(p: Tensor, target: Tensor, full: Tensor) -> Tensor:
    """Return 1 - mean soft Dice (squared, as in the V-Net) over the classes present in the batch."""
    valid = (target != IGNORE).float()
    terms = []
    for label in range(1, p.shape[1]):
        truth = (target == label).float()
        weight = valid * full.view(-1, 1, 1, 1).float() if label == SACRUM else valid
        truth = truth * weight
        size = truth.sum()
        if size < 20:
            continue
        guess = p[:, label] * weight
        terms.append(1 - 2 * (guess * truth).sum() / (guess.square().sum() + size + 1.0))
    return torch.stack(terms).mean() if terms else p.sum() * 0.0


def half(target: Tensor) -> Tensor:
    """Return the target at half the plane resolution (nearest)."""
    return target[..., ::2, ::2]


__all__ = ["AMBIGUOUS", "dice_loss", "half", "segmentation_loss"]
