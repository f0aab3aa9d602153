"""Make ``tiny.onnx``: a network with the contract of the real one, for tests of the session.

Eight convolutions share one kernel, so the file is small while a run on a large input takes a while.
Run it with the dependency group ``train``: ``python tests/inference/data/make_tiny.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS, LAYERS, CLASSES = 8, 8, 5


def main() -> None:
    """Write the file beside this script."""
    rng = np.random.default_rng(7)

    def constant(name: str, *shape: int) -> onnx.TensorProto:
        values = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        return numpy_helper.from_array(values.astype(np.float32), name)

    weights = [
        constant("first", CHANNELS, 1, 1, 1, 1),
        constant("shared", CHANNELS, CHANNELS, 3, 3, 3),
        constant("last", CLASSES, CHANNELS, 1, 1, 1),
    ]
    nodes = [helper.make_node("Conv", ["image", "first"], ["h0"])]
    for n in range(LAYERS):
        nodes.append(helper.make_node("Conv", [f"h{n}", "shared"], [f"c{n}"], pads=[1] * 6))
        nodes.append(helper.make_node("Tanh", [f"c{n}"], [f"h{n + 1}"]))
    nodes.append(helper.make_node("Conv", [f"h{LAYERS}", "last"], ["logits"]))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    axes = ["s", "r", "c"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, *axes])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, CLASSES, *axes])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, Path(__file__).with_name("tiny.onnx"))


if __name__ == "__main__":
    main()
