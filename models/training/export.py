"""Write the bundle's network: ``python -m models.training.export --run DIR --out FOLDER [--version V]``.

Makes ``model.onnx``, ``manifest.json`` and ``parity.npz`` (a small input with PyTorch's answer, so that
the test-suite can check ONNX Runtime without PyTorch).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from lvp_workstation.inference import preprocess
from models.training.config import DEFAULT, load_recipe
from models.training.facts import LIMITS, training_facts
from models.training.labels import CLASS_NAMES
from models.training.network import PLANE_STRIDE, SLICE_STRIDE, VNet
from models.training.onnx_graph import ExportNet

OPSET = 17
NAME = "lumbar_vnet"


def load_network(run: Path, config: Path = DEFAULT, weights: str = "ema") -> VNet:
    """Return the averaged network of a run, in evaluation mode."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu")
    network = replace(load_recipe(config).network, channels=tuple(state["channels"]))
    net = VNet(network)
    net.load_state_dict(state[weights])
    net.eval()
    return net


def write_onnx(net: VNet, path: Path) -> None:
    """Export with dynamic slices, rows and columns."""
    example = torch.zeros(1, 1, 8, 64, 64)
    axes = {2: "slices", 3: "rows", 4: "columns"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            ExportNet(net).eval(),
            (example,),
            str(path),
            opset_version=OPSET,
            dynamo=False,
            input_names=["image"],
            output_names=["probabilities"],
            dynamic_axes={"image": axes, "probabilities": axes},
        )
    onnx.checker.check_model(onnx.load(str(path)))


def write_parity(net: torch.nn.Module, path: Path, size: tuple[int, int, int] = (4, 96, 80)) -> None:
    """Store an input of (slices, rows, columns), planes in multiples of 8, and what PyTorch answers."""
    rng = np.random.default_rng(7)
    grid = (1, 1, size[0], size[1] // 8, size[2] // 8)
    coarse = torch.from_numpy(rng.normal(0, 0.7, grid).astype(np.float32))
    image = torch.nn.functional.interpolate(coarse, size, mode="trilinear").clamp(-1, 2)
    with torch.no_grad():
        probabilities = torch.softmax(net(image)[0], 1)
    np.savez_compressed(path, image=image.numpy(), probabilities=probabilities.numpy())


def described(name: str, model: Path, version: str) -> dict[str, Any]:
    """Return what every manifest says of a network file."""
    return {
        "schema_version": "1.0",
        "name": name,
        "version": version,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "model": {
            "file": model.name,
            "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
            "bytes": model.stat().st_size,
            "format": "onnx",
            "opset": OPSET,
        },
    }


def answer(classes: Sequence[str]) -> dict[str, Any]:
    """Return how a manifest describes the probabilities of classes."""
    return {
        "name": "probabilities",
        "type": "float32",
        "shape": [1, len(classes), "slices", "rows", "columns"],
        "classes": {name: number for number, name in enumerate(classes)},
    }


def write_manifest(folder: Path, content: dict[str, Any]) -> None:
    """Write ``manifest.json`` of a bundle."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def manifest(model: Path, version: str, training: dict[str, Any]) -> dict[str, Any]:
    """Describe the bundle."""
    return {
        **described(NAME, model, version),
        "input": {
            "name": "image",
            "type": "float32",
            "shape": [1, 1, "slices", "rows", "columns"],
            "axes": {"slices": "R", "rows": "I", "columns": "P"},
            "plane_spacing_mm": preprocess.PLANE_SPACING,
            "slice_spacing_mm": "as acquired; thinner than merge_below_mm: averaged in groups",
            "merge_below_mm": preprocess.MERGE_BELOW,
            "merged_spacing_mm": preprocess.MERGED_SPACING,
            "multiples": [SLICE_STRIDE, PLANE_STRIDE, PLANE_STRIDE],
            "normalisation": "sqrt_p2_p90",
            "pad_value": preprocess.PAD_VALUE,
        },
        "output": answer(CLASS_NAMES),
        "training": training,
        "intended_use": "Proposals of vertebrae, discs, spinal canal and sacrum on sagittal lumbar MRI for a "
        "reader who checks each of them; research and development.",
        "limits": list(LIMITS),
        "licence": "Apache-2.0 (weights); training data as listed",
    }


def export(run: Path, folder: Path, version: str, config: Path = DEFAULT) -> Path:
    """Write the three files and return the path of the network."""
    folder.mkdir(parents=True, exist_ok=True)
    net = load_network(run, config)
    path = folder / "model.onnx"
    write_onnx(net, path)
    write_parity(net, folder / "parity.npz")
    write_manifest(folder, manifest(path, version, training_facts(run)))
    return path


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--config", type=Path, default=DEFAULT)
    args = parser.parse_args()
    path = export(args.run, args.out, args.version, args.config)
    print(f"{path} {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
