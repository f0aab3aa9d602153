"""Trainable weights from the network of a bundle: ``models.training.train --from-bundle FOLDER``.

A bundle holds no batch norms: they are folded into their convolutions, and the slopes of the PReLUs are
constants. `network_of` puts the folded kernels back and lets every norm do nothing but add the folded
bias; `settle_norms` then gives the norms the statistics of the training data and, in the same step, the
scale and offset that undo them. The function stays that of the ONNX file; training can go on from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from models.training.network import Down, NetworkConfig, Unit, Up, VNet
from models.training.onnx_graph import network_kernels

PREFIX = "net."
SMALLEST_VARIANCE = 1e-3
"""Channels that hardly vary are not scaled up further than this allows (our choice)."""


def read_graph(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, float]]:
    """Return kernels and biases by parameter name, and slopes by the name of their module.

    Raises
    ------
    ValueError
        When the graph is not one that `models.training.export` wrote.
    """
    graph = onnx.load(str(path)).graph
    tensors = {
        item.name.removeprefix(PREFIX): np.array(numpy_helper.to_array(item), dtype=np.float32)
        for item in graph.initializer
        if item.name.startswith(PREFIX)
    }
    slopes = {
        node.name.strip("/").removesuffix("/LeakyRelu").replace("/", "."): float(node.attribute[0].f)
        for node in graph.node
        if node.op_type == "LeakyRelu"
    }
    if "head.weight" not in tensors or "stem_act" not in slopes:
        raise ValueError(f"{path} was not written by this recipe: no network can be rebuilt from it")
    return network_kernels(tensors), slopes


def config_of(tensors: dict[str, NDArray[np.float32]]) -> NetworkConfig:
    """Read width and depth from the names and sizes of the kernels."""

    def depth(part: str, level: int) -> int:
        return len({k.split(".")[2] for k in tensors if k.startswith(f"{part}.{level}.")})

    return NetworkConfig(
        channels=tuple(len(tensors[f"encoder.{n}.0.conv.weight"]) for n in range(5)),
        units=tuple(depth("encoder", n) for n in range(5)),
        decoder_units=tuple(depth("decoder", n) for n in range(4)),
        classes=len(tensors["head.weight"]),
    )


def network_of(path: Path) -> VNet:
    """Rebuild the network of an ONNX file; the auxiliary head, which no bundle holds, starts afresh."""
    tensors, slopes = read_graph(path)
    net = VNet(config_of(tensors))
    folded = [f"{name}.{kind}" for name, *_ in folded_pairs(net) for kind in ("weight", "bias")]
    if missing := [name for name in folded if name not in tensors]:
        raise ValueError(f"{path} lacks {', '.join(missing[:3])}: no network can be rebuilt from it")
    with torch.no_grad():
        for name, module in net.named_modules():
            if isinstance(module, nn.PReLU):
                module.weight.fill_(slopes[name])
        for name, conv, norm, repeats in folded_pairs(net):
            conv.weight.copy_(torch.from_numpy(tensors[f"{name}.weight"]))
            bias = torch.from_numpy(tensors[f"{name}.bias"])
            _pass_through(norm, bias[: norm.num_features * repeats : repeats])
        net.head.weight.copy_(torch.from_numpy(tensors["head.weight"]))
        assert net.head.bias is not None
        net.head.bias.copy_(torch.from_numpy(tensors["head.bias"]))
    net.eval()
    return net


def folded_pairs(net: VNet) -> list[tuple[str, nn.Conv2d, nn.BatchNorm2d, int]]:
    """Return name, convolution, norm, and how often the norm's bias is repeated in the folded bias."""
    stem, norm = net.stem[0], net.stem[1]
    assert isinstance(stem, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    pairs = [("stem.0", stem, norm, 1)]
    for name, module in net.named_modules():
        if isinstance(module, Unit | Down | Up):
            pairs.append((f"{name}.conv", module.conv, module.norm, 4 if isinstance(module, Up) else 1))
        if isinstance(module, Unit) and module.mix is not None and module.mix_norm is not None:
            pairs.append((f"{name}.mix", module.mix, module.mix_norm, 1))
    return pairs


def _pass_through(norm: nn.BatchNorm2d, bias: Tensor) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0 - norm.eps)
    norm.weight.fill_(1.0)
    norm.bias.copy_(bias)


def settle_norms(net: VNet, images: Iterable[Tensor]) -> None:
    """Give the norms the statistics of ``images`` ([B, 1, S, H, W] each) without changing the function."""
    sums: dict[nn.Module, list[Tensor]] = {}
    hooks = [
        norm.register_forward_pre_hook(lambda module, args: _collect(sums, module, args[0]))
        for _, _, norm, _ in folded_pairs(net)
    ]
    count = 0
    with torch.no_grad():
        for image in images:
            net(image)
            count += 1
        for hook in hooks:
            hook.remove()
        for _, conv, norm, repeats in folded_pairs(net):
            mean, square = (total / count for total in sums[norm])
            _absorb(conv, norm, mean, (square - mean.square()).clamp_min(SMALLEST_VARIANCE), repeats)


def _collect(sums: dict[nn.Module, list[Tensor]], norm: nn.Module, x: Tensor) -> None:
    x = x.float()
    found = [x.mean((0, 2, 3)), x.square().mean((0, 2, 3))]
    sums[norm] = [a + b for a, b in zip(sums[norm], found, strict=True)] if norm in sums else found


def _absorb(conv: nn.Conv2d, norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, repeats: int) -> None:
    """Scale the kernel to unit variance; the norm's scale and offset restore size and mean."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    spread = variance.sqrt()
    factors = spread.repeat_interleave(repeats).repeat(conv.out_channels // (len(spread) * repeats))
    conv.weight.div_(factors[:, None, None, None])
    norm.running_mean.copy_(mean / spread)
    norm.running_var.fill_(1.0)
    norm.weight.copy_(spread * (1.0 + norm.eps) ** 0.5)
    norm.bias.add_(mean)
