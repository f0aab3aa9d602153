"""The V-Net: residual 3-D stages, strided down-convolutions, transposed up-convolutions, PReLU.

Slices of a lumbar study are four to six times thicker than its pixels, so the network is
anisotropic: 1x3x3 kernels and in-plane strides in the first two levels, kernels factored into
1x3x3 and 3x1x1 below. Feature maps are kept as ``[B*S, C, H, W]``: a kernel of three slices is a
plane kernel over the channels of three neighbouring slices, a slice stride of two joins the
channels of two slices. That is the same arithmetic as a 3-D convolution, and several times faster
on a CPU, because only the plane kernels are well optimised there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLICE_STRIDE = 4
"""Slices of the input must be a multiple of this."""
PLANE_STRIDE = 16
"""Rows and columns of the input must be a multiple of this."""


@dataclass(frozen=True)
class NetworkConfig:
    """Width and depth.

    Attributes
    ----------
    channels
        Feature channels of the five levels.
    units
        Residual units of the five encoder levels.
    decoder_units
        Residual units of the four decoder levels, top first; the first unit of a level takes the skip.
    classes
        Output classes, background included.
    """

    channels: tuple[int, ...] = (16, 32, 64, 128, 192)
    units: tuple[int, ...] = (1, 2, 2, 2, 3)
    decoder_units: tuple[int, ...] = (1, 2, 2, 2)
    classes: int = 5


def neighbours(x: Tensor, batch: int) -> Tensor:
    """Join the channels of each slice and its two neighbours: [B*S, C, H, W] to [B*S, 3C, H, W]."""
    if batch == 1:
        before = torch.cat([x[:1], x[:-1]], 0)
        after = torch.cat([x[1:], x[-1:]], 0)
        return torch.cat([before, x, after], 1)
    v = x.unflatten(0, (batch, -1))
    before = torch.cat([v[:, :1], v[:, :-1]], 1).flatten(0, 1)
    after = torch.cat([v[:, 1:], v[:, -1:]], 1).flatten(0, 1)
    return torch.cat([before, x, after], 1)


class Unit(nn.Module):
    """A residual unit; with ``mix`` it also looks at the two neighbouring slices."""

    def __init__(self, channels: int, mix: bool, skip: int = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels + skip, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(3 * channels, channels, 1, bias=False) if mix else None
        self.mix_norm = nn.BatchNorm2d(channels) if mix else None
        self.inner = nn.PReLU() if mix else None
        self.outer = nn.PReLU()

    def forward(self, x: Tensor, batch: int, skip: Tensor | None = None) -> Tensor:
        h = self.norm(self.conv(x if skip is None else torch.cat([x, skip], 1)))
        if self.mix is not None and self.mix_norm is not None and self.inner is not None:
            h = self.mix_norm(self.mix(neighbours(self.inner(h), batch)))
        return self.outer(x + h)


class Down(nn.Module):
    """A strided convolution: rows and columns halved, and the slices too with ``slices``."""

    def __init__(self, before: int, after: int, slices: bool) -> None:
        super().__init__()
        self.slices = slices
        self.conv = nn.Conv2d(before * (2 if slices else 1), after, 2, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.act = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        if self.slices:
            x = torch.cat([x[0::2], x[1::2]], 1)
        return self.act(self.norm(self.conv(x)))


class Up(nn.Module):
    """A transposed convolution of stride two (kernel = stride, hence a 1x1 kernel and a shuffle)."""

    def __init__(self, before: int, after: int, slices: bool) -> None:
        super().__init__()
        self.slices = slices
        self.after = after
        self.conv = nn.Conv2d(before, after * 4 * (2 if slices else 1), 1, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.act = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = F.pixel_shuffle(self.conv(x), 2)
        if self.slices:
            y = y.reshape(-1, self.after, y.shape[2], y.shape[3])
        return self.act(self.norm(y))


class VNet(nn.Module):
    """The network. Call it with float [B, 1, S, H, W]; it answers with logits of the same grid."""

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or NetworkConfig()
        ch = c.channels
        self.stem = nn.Sequential(nn.Conv2d(1, ch[0], 3, padding=1, bias=False), nn.BatchNorm2d(ch[0]))
        self.stem_act = nn.PReLU()
        self.encoder = nn.ModuleList(
            nn.ModuleList(Unit(ch[n], mix=n >= 2) for _ in range(c.units[n])) for n in range(5)
        )
        self.downs = nn.ModuleList(Down(ch[n], ch[n + 1], slices=n >= 2) for n in range(4))
        self.ups = nn.ModuleList(Up(ch[n + 1], ch[n], slices=n >= 2) for n in range(4))
        self.decoder = nn.ModuleList(
            nn.ModuleList(
                Unit(ch[n], mix=n >= 2, skip=ch[n] if k == 0 else 0) for k in range(c.decoder_units[n])
            )
            for n in range(4)
        )
        self.head = nn.Conv2d(ch[0], c.classes, 1)
        self.aux_head = nn.Conv2d(ch[1], c.classes, 1)

    def planes(self, x: Tensor, batch: int) -> tuple[Tensor, Tensor]:
        """Return logits and half-resolution logits for planes [B*S, 1, H, W]."""
        skips: list[Tensor] = []
        h = self.stem_act(self.stem(x))
        for n in range(5):
            for unit in self.encoder[n]:
                h = unit(h, batch)
            if n < 4:
                skips.append(h)
                h = self.downs[n](h)
        aux = h
        for n in (3, 2, 1, 0):
            h = self.ups[n](h)
            for k, unit in enumerate(self.decoder[n]):
                h = unit(h, batch, skips[n] if k == 0 else None)
            if n == 1:
                aux = h
        return self.head(h), self.aux_head(aux)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, K, S, H, W] and auxiliary logits [B, K, S, H/2, W/2]."""
        batch = x.shape[0]
        planes = x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        main, aux = self.planes(planes, batch)
        return _volumes(main, batch), _volumes(aux, batch)


def _volumes(planes: Tensor, batch: int) -> Tensor:
    return planes.unflatten(0, (batch, -1)).transpose(1, 2)
