"""A network rebuilt from a bundle is the network of the bundle, and can be trained on."""

# ruff: noqa: E402  (the imports need PyTorch, whose absence skips the file)

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")
onnx = pytest.importorskip("onnx")

from models.training.batches import Batches
from models.training.cases import REPOSITORY
from models.training.config import load_recipe
from models.training.export import write_onnx
from models.training.network import NetworkConfig, VNet
from models.training.trainer import Trainer
from models.training.warm_start import network_of, settle_norms
from tests.training.small_world import shaken, small_recipe, world
from tests.training.test_vnet_learning import SHAPE

pytestmark = pytest.mark.train
BUNDLES = sorted((REPOSITORY / "models" / "lumbar_vnet").glob("*/model.onnx"))
UNLIKE = NetworkConfig(channels=(4, 6, 8, 8, 10), units=(2, 1, 1, 2, 1), decoder_units=(1, 2, 1, 1))


def logits(net: VNet, image: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return net(image)[0]


def test_the_rebuilt_network_gives_the_logits_of_the_original(tmp_path: Path) -> None:
    net = shaken(UNLIKE)
    write_onnx(net, tmp_path / "model.onnx")
    again = network_of(tmp_path / "model.onnx")
    assert again.config == UNLIKE
    image = torch.randn(1, 1, 4, 32, 48, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(logits(again, image), logits(net, image), atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.parent.name)
def test_a_shipped_network_can_be_rebuilt(path: Path) -> None:
    net = network_of(path)
    with np.load(path.with_name("parity.npz")) as data:
        image, truth = torch.from_numpy(data["image"]), data["probabilities"]
    before = logits(net, image)
    np.testing.assert_allclose(torch.softmax(before, 1).numpy(), truth, atol=1e-4)
    settle_norms(net, [image, image * 0.5])
    torch.testing.assert_close(logits(net, image), before, atol=2e-3, rtol=1e-3)


def test_settled_norms_stand_at_unit_variance_and_keep_the_function_in_training(tmp_path: Path) -> None:
    net = shaken(UNLIKE)
    write_onnx(net, tmp_path / "model.onnx")
    again = network_of(tmp_path / "model.onnx")
    images = [image for image, _, _ in islice(Batches([world()], [SHAPE], 2), 1)]
    before = logits(again, images[0])
    settle_norms(again, images)
    torch.testing.assert_close(logits(again, images[0]), before, atol=2e-3, rtol=1e-2)
    again.train()
    torch.testing.assert_close(logits(again, images[0]), before, atol=0.1, rtol=0.1)


def test_training_goes_on_from_a_bundle(tmp_path: Path) -> None:
    recipe = load_recipe(small_recipe(tmp_path / "small.toml"))
    teacher = Trainer(recipe, tmp_path / "first")
    teacher.spent = 3.0
    stream = list(islice(Batches([world()], [SHAPE], seed=1), 30))
    for batch in stream:
        teacher.learn(*batch)
    write_onnx(teacher.ema, tmp_path / "model.onnx")
    net = network_of(tmp_path / "model.onnx")
    settle_norms(net, [image for image, _, _ in stream[:4]])
    pupil = Trainer(recipe, tmp_path / "second", net)
    first = [teacher.learn(*batch) for batch in stream[:8]]
    assert np.mean([pupil.learn(*batch) for batch in stream[:8]]) < 1.3 * np.mean(first)


def test_a_network_of_another_make_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node("Identity", ["x"], ["x_out"])
    out = onnx.helper.make_tensor_value_info("x_out", onnx.TensorProto.FLOAT, [1])
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([node], "g", [value], [out])), str(path))
    with pytest.raises(ValueError, match="not written by this recipe"):
        network_of(path)
