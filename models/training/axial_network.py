"""The axial V-Net: the same residual units as the sagittal one, for blocks of few thick slices.

An axial block has three to seven slices of 3-5 mm, so no level halves the slices: strides are in the plane
only, and from the third level on every unit also looks at the two neighbouring slices (kernels 1x3x3 and
3x1x1).
"""

from __future__ import annotations

import torch
from torch import nn

from models.training.network import Down, NetworkConfig, Up, VNet

AXIAL_CONFIG = NetworkConfig(
    channels=(16, 32, 48, 64, 96), units=(1, 1, 1, 2, 2), decoder_units=(1, 1, 1, 1), classes=8
)
"""0.6 million parameters (our choice: what two shared cores can train in an hour)."""


class AxialVNet(VNet):
    """The network. Call it with float [B, 1, S, H, W]; it answers with logits of the same grid."""

    def __init__(self, config: NetworkConfig = AXIAL_CONFIG) -> None:
        super().__init__(config)
        ch = config.channels
        self.downs = nn.ModuleList(Down(ch[n], ch[n + 1], slices=False) for n in range(4))
        self.ups = nn.ModuleList(Up(ch[n + 1], ch[n], slices=False) for n in range(4))


def parameters(net: nn.Module) -> int:
    """Return the number of trained numbers."""
    return sum(p.numel() for p in net.parameters())


if __name__ == "__main__":
    network = AxialVNet()
    print(parameters(network), [tuple(t.shape) for t in network(torch.zeros(1, 1, 5, 112, 112))])
