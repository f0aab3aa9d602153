"""The small network of the learned grader: convolutions on the picture of one disc, one logit a question."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.grading.logits import QUESTIONS

CHANNELS = 5
WIDTHS = (16, 32, 64)
DROPOUT = 0.4


class CropNet(nn.Module):
    """Three blocks of two convolutions, pooled over halves of the height, one linear layer.

    Input float32 (n, 5, 64, 96), see `lvp_workstation.measure.crop`; output logits (n, 12).
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = CHANNELS
        for width in WIDTHS:
            layers += [_block(before, width, 2), _block(width, width, 1)]
            before = width
        self.body = nn.Sequential(*layers)
        self.drop = nn.Dropout(DROPOUT)
        # Mean of the upper and of the lower half, and the maximum: endplates above and below differ.
        self.head = nn.Linear(3 * WIDTHS[-1], len(QUESTIONS))

    def forward(self, crops: Tensor) -> Tensor:
        """Return the logits of a batch."""
        seen = self.body(crops)
        half = seen.shape[2] // 2
        upper, lower = seen[:, :, :half].mean((2, 3)), seen[:, :, half:].mean((2, 3))
        found = torch.cat([upper, lower, seen.amax((2, 3))], dim=1)
        return self.head(self.drop(found))


def _block(before: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
    )


class Ensemble(nn.Module):
    """The mean logit of several networks."""

    def __init__(self, members: list[CropNet]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, crops: Tensor) -> Tensor:
        """Return the mean logits of a batch."""
        return torch.stack([member(crops) for member in self.members]).mean(0)


def augmented(crops: Tensor, targets: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return pictures turned, scaled, moved and dimmed at random, some sheared to a slip, and their targets.

    A slip is too rare to learn from (31 of 1178 discs): in one of eight pictures without one the upper half
    is moved forward by 3-10 mm, with the transition inside the disc, and the target says so.
    """
    n = len(crops)

    def spread(scale: float) -> Tensor:
        return scale * (2 * torch.rand(n, generator=draw) - 1)

    angle, size = spread(0.14), 1 + spread(0.1)
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    aspect = crops.shape[2] / crops.shape[3]
    turn = torch.stack(
        [
            torch.stack([cos, -sin * aspect, spread(0.06)], dim=1),
            torch.stack([sin / aspect, cos, spread(0.08)], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(turn, list(crops.shape), align_corners=False)
    sheared = (torch.rand(n, generator=draw) < 0.125) & (targets[:, -1] < 0.5)
    far = torch.where(sheared, 0.22 * torch.rand(n, generator=draw) + 0.085, 0.0)
    upper = torch.sigmoid(-grid[..., 1] / 0.06)
    grid = torch.stack([grid[..., 0] + far[:, None, None] * upper, grid[..., 1]], dim=-1)
    moved = functional.grid_sample(crops, grid, align_corners=False)
    signal = moved[:, :2].clamp(min=1e-3) ** (1 + spread(0.2))[:, None, None, None]
    signal = signal * (1 + spread(0.15))[:, None, None, None]
    signal = signal + 0.04 * torch.randn(signal.shape, generator=draw)
    there = torch.stack([torch.ones(n), (torch.rand(n, generator=draw) > 0.2).float()], dim=1)
    signal = signal * there[:, :, None, None] * (moved[:, :2].amax((2, 3), keepdim=True) > 0)
    answers = targets.clone()
    answers[sheared, -1] = 1.0
    return torch.cat([signal, moved[:, 2:]], dim=1), answers
