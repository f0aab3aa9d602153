"""A network file as a function, by ONNX Runtime on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from models.training.cases import Predict


def session(model: Path, threads: int = 2) -> Predict:
    """Open a network with ONNX Runtime on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    runtime = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def predict(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(runtime.run(["probabilities"], {"image": array})[0])

    return predict
