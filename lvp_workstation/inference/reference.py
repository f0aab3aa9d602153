"""A fixed convolution to measure a machine with: seconds of one machine mean little on another.

Times of the segmenter are quoted with their ratio to this one, taken in the same run with as many
threads, so that they can be compared across machines and when other programs are at work.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
import onnxruntime as ort

CHANNELS, SIZE, PLANES = 32, 160, 16
"""The kernel of the network's second level (3 x 3, 32 to 32 channels) on 16 planes of 160 x 160."""
RUNS = 9
_FLOAT, _INT64 = 1, 7


def reference_seconds(threads: int, runs: int = RUNS) -> float:
    """Return the median wall-clock time in seconds of one reference convolution, after a warm-up.

    3.8 billion multiplications and additions, float32, on the CPU with ``threads`` threads.
    """
    run = reference_run(threads)
    run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)


def reference_run(threads: int) -> Any:
    """Return a function that runs one reference convolution and returns its answer."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(reference_model(), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((PLANES, CHANNELS, SIZE, SIZE), dtype=np.float32)
    return lambda: session.run(None, {"x": image})[0]


def reference_model() -> bytes:
    """Return an ONNX file of two nodes: a constant kernel, and a convolution of ``x`` with it.

    Written by hand in the protobuf wire format (ModelProto of onnx.proto3), because the program does
    not need the package that writes such files for anything else.
    """
    value = 1.0 / (9 * CHANNELS)
    kernel = _tensor(np.array([value], dtype=np.float32), _FLOAT)
    sizes = _tensor(np.array([CHANNELS, CHANNELS, 3, 3], dtype=np.int64), _INT64)
    constant = _node("Constant", (), "size", _message(1, b"value") + _message(5, sizes) + _number(20, 4))
    fill = _node(
        "ConstantOfShape", ("size",), "w", _message(1, b"value") + _message(5, kernel) + _number(20, 4)
    )
    pads = _message(1, b"pads") + b"".join(_number(8, 1) for _ in range(4)) + _number(20, 7)
    convolution = _node("Conv", ("x", "w"), "y", pads)
    shape = (PLANES, CHANNELS, SIZE, SIZE)
    graph = b"".join(_message(1, node) for node in (constant, fill, convolution))
    graph += _message(2, b"reference") + _message(11, _value("x", shape)) + _message(12, _value("y", shape))
    return _number(1, 8) + _message(7, graph) + _message(8, _number(2, 17))


def _node(kind: str, inputs: tuple[str, ...], output: str, attribute: bytes) -> bytes:
    names = b"".join(_message(1, name.encode()) for name in inputs) + _message(2, output.encode())
    return names + _message(4, kind.encode()) + _message(5, attribute)


def _tensor(values: np.ndarray[Any, Any], kind: int) -> bytes:
    return _number(1, values.size) + _number(2, kind) + _message(9, values.tobytes())


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    sizes = b"".join(_message(1, _number(1, n)) for n in shape)
    return _message(1, name.encode()) + _message(2, _message(1, _number(1, _FLOAT) + _message(2, sizes)))


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
