"""The network in the form that ONNX Runtime runs fastest: folded norms, constant slopes, softmax."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.training.network import Unit, Up, VNet


class ExportNet(nn.Module):
    """The trained network with a softmax: float32 [1, 1, S, H, W] to probabilities [1, K, S, H, W].

    Batch norms are folded into their convolutions and each PReLU, whose one slope is a constant once
    trained, becomes a leaky ReLU: the same function, fused into the convolution by the runtime.
    """

    def __init__(self, net: VNet) -> None:
        super().__init__()
        self.net = _fold(copy.deepcopy(net).eval().float())

    def forward(self, x: Tensor) -> Tensor:
        planes = x[0].transpose(0, 1)
        logits, _ = self.net.planes(planes, 1)
        return torch.softmax(logits, 1).transpose(0, 1).unsqueeze(0)


def _fold(net: VNet) -> VNet:
    net.stem = nn.Sequential(fuse_conv_bn_eval(net.stem[0], net.stem[1]))
    for module in list(net.modules()):
        if isinstance(module, Unit):
            module.conv, module.norm = fuse_conv_bn_eval(module.conv, module.norm), nn.Identity()
            if module.mix is not None:
                module.mix, module.mix_norm = fuse_conv_bn_eval(module.mix, module.mix_norm), nn.Identity()
        elif isinstance(module, Up):
            _fold_up(module)
        elif hasattr(module, "slices"):
            module.conv, module.norm = fuse_conv_bn_eval(module.conv, module.norm), nn.Identity()
    _constant_slopes(net)
    return net


def _fold_up(up: Up) -> None:
    """Fold the norm after the shuffle into the 1x1 kernel before it."""
    norm = up.norm
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    offset = norm.bias - norm.running_mean * scale
    repeats = up.conv.out_channels // up.after
    # channel order before the shuffle: [slice, channel, 2x2], so a channel's scale repeats four times
    factors = scale.repeat_interleave(4).repeat(repeats // 4)
    conv = nn.Conv2d(up.conv.in_channels, up.conv.out_channels, 1)
    conv.weight = nn.Parameter(up.conv.weight * factors[:, None, None, None])
    conv.bias = nn.Parameter(offset.repeat_interleave(4).repeat(repeats // 4))
    up.conv, up.norm = conv, nn.Identity()


def _constant_slopes(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.PReLU):
            setattr(module, name, nn.LeakyReLU(float(child.weight.detach())))
        else:
            _constant_slopes(child)
