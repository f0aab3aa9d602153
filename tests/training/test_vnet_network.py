"""The network and its ONNX twin."""

# ruff: noqa: E402  (the imports need PyTorch, whose absence skips the file)

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")
ort = pytest.importorskip("onnxruntime")

from models.training.config import load_recipe
from models.training.export import write_onnx, write_parity
from models.training.network import NetworkConfig, VNet, neighbours
from models.training.onnx_graph import network_kernels

pytestmark = pytest.mark.train
TINY = NetworkConfig(channels=(4, 4, 6, 8, 8), units=(1, 1, 1, 1, 1), decoder_units=(1, 1, 1, 1))


def tiny() -> VNet:
    """A small network whose norms and slopes are not at their first values."""
    torch.manual_seed(1)
    net = VNet(TINY)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2.0)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
        elif isinstance(module, torch.nn.PReLU):
            torch.nn.init.uniform_(module.weight, 0.05, 0.5)
    return net.eval()


def test_it_answers_on_the_grid_of_the_input() -> None:
    main, aux = tiny()(torch.zeros(2, 1, 4, 32, 48))
    assert main.shape == (2, 5, 4, 32, 48)
    assert aux.shape == (2, 5, 4, 16, 24)


def test_a_batch_does_not_mix_its_samples() -> None:
    x = torch.randn(2, 1, 4, 32, 32, generator=torch.Generator().manual_seed(0))
    net = tiny()
    with torch.no_grad():
        together = net(x)[0]
        apart = torch.cat([net(x[:1])[0], net(x[1:])[0]])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-4)


def test_the_slice_kernel_equals_a_three_dimensional_convolution() -> None:
    x = torch.randn(1, 3, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    kernel = torch.randn(2, 3, 3, 1, 1, generator=torch.Generator().manual_seed(1))
    padded = torch.cat([x[:, :, :1], x, x[:, :, -1:]], 2)
    truth = torch.nn.functional.conv3d(padded, kernel)
    planes = neighbours(x[0].transpose(0, 1), 1)
    flat = kernel[:, :, :, 0, 0].permute(0, 2, 1).reshape(2, 9, 1, 1)
    ours = torch.nn.functional.conv2d(planes, flat).transpose(0, 1)[None]
    torch.testing.assert_close(ours, truth, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("shape", [(4, 32, 48), (8, 64, 32), (12, 48, 48)])
def test_onnx_equals_torch_on_any_size(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    net = tiny()
    write_onnx(net, tmp_path / "model.onnx")
    session = ort.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    x = torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        truth = torch.softmax(net(x)[0], 1).numpy()
    ours = session.run(["probabilities"], {"image": x.numpy()})[0]
    np.testing.assert_allclose(ours, truth, atol=1e-3)
    np.testing.assert_allclose(ours.sum(1), 1.0, atol=1e-4)


def test_the_kernels_of_the_network_can_be_read_back_from_the_file(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    net = tiny()
    for norm in [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]:
        torch.nn.init.constant_(norm.running_mean, 0.0)
        torch.nn.init.constant_(norm.running_var, 1.0 - norm.eps)
        torch.nn.init.constant_(norm.weight, 1.0)
    write_onnx(net, tmp_path / "model.onnx")
    stored = onnx.load(str(tmp_path / "model.onnx")).graph.initializer
    tensors = {t.name.removeprefix("net."): onnx.numpy_helper.to_array(t) for t in stored}
    kernels = network_kernels(tensors)
    norm_after = {"conv.weight": "norm.bias", "mix.weight": "mix_norm.bias"}
    state = net.state_dict()
    for name in [n for n in state if n.endswith(("conv.weight", "mix.weight"))]:
        np.testing.assert_allclose(kernels[name], state[name].numpy(), atol=1e-5)
        bias = name.replace("weight", "bias")
        stem = name.removesuffix("conv.weight").removesuffix("mix.weight")
        offset = state[stem + norm_after[name.removeprefix(stem)]].numpy()
        repeats = len(kernels[bias]) // len(offset)
        expected = offset if repeats == 1 else np.tile(offset.repeat(4), repeats // 4)
        np.testing.assert_allclose(kernels[bias], expected, atol=1e-5)


def test_the_parity_file_is_small(tmp_path: Path) -> None:
    write_parity(tiny(), tmp_path / "parity.npz")
    assert (tmp_path / "parity.npz").stat().st_size <= 1_000_000
    with np.load(tmp_path / "parity.npz") as data:
        assert data["image"].shape[2:] == data["probabilities"].shape[2:]


def test_the_recipe_fits_the_strides() -> None:
    recipe = load_recipe()
    assert all(s.slices % 4 == 0 and s.rows % 16 == 0 and s.columns % 16 == 0 for s in recipe.shapes)
    assert sum(p.numel() for p in VNet(recipe.network).parameters()) < 5_000_000
