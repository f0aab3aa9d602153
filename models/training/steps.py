"""What every training step does, whatever is trained: rate, descent, running average, held norms."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def learning_rate(progress: float, peak: float, warm_up: float) -> float:
    """Return the learning rate at a share of the schedule: a short rise, then a cosine down to a hundredth.

    Parameters
    ----------
    progress, warm_up
        Shares of the schedule, 0-1: done, and taken by the rise.
    peak
        Highest rate.
    """
    if progress < warm_up:
        return peak * (0.05 + 0.95 * progress / warm_up)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))))


def share_done(step: int, seconds: float, steps: int | None, minutes: float) -> float:
    """Return the share of a schedule that is done, 0-1: of the steps if given, else of the time."""
    return min(1.0, step / steps if steps else seconds / (60 * minutes))


def descend(net: nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor, clip: float, step: int) -> None:
    """Take one step down a loss; raises `FloatingPointError` when it is not finite."""
    if not torch.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss.item()} at step {step}")
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), clip)
    optimiser.step()


def update_average(average: nn.Module, net: nn.Module, ema: float, step: int) -> None:
    """Move the running average towards the network after ``step`` steps: quickly at first."""
    keep = min(ema, (1 + step) / (20 + step))
    states = zip(average.state_dict().values(), net.state_dict().values(), strict=True)
    with torch.no_grad():
        for mean, value in states:
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)


def set_norm_momentum(net: nn.Module, momentum: float) -> None:
    """Let the statistics of the norms follow the batches this quickly."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum


def freeze_norms(net: nn.Module) -> None:
    """Keep the statistics of the norms as they are."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
