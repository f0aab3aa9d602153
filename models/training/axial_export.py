"""Write the axial bundle: ``python -m models.training.axial_export --run DIR --out models/axial_vnet/1.0.0``.

Makes ``model.onnx``, ``manifest.json`` and ``parity.npz`` (a small input with PyTorch's answer).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES
from lvp_workstation.inference import axial_crop
from models.training.axial_network import AxialVNet, parameters
from models.training.export import OPSET, write_onnx

NAME = "axial_vnet"
MARK = "synthetic training, not validated on patients"
LIMITS = (
    "Not a medical device; every output needs a reader.",
    "Synthetic training only, not validated on patients: no labelled axial images were available.",
    "Trained on T2; on T1 or after contrast agent its answers mean nothing.",
    "Phantoms do not show scar, synovial cysts, epidural lipomatosis, conjoined roots or implants other than "
    "pedicle screws and cages.",
)


def load(run: Path) -> AxialVNet:
    """Return the averaged network of a run, in evaluation mode."""
    net = AxialVNet()
    net.load_state_dict(torch.load(run / "checkpoint.pt", map_location="cpu")["ema"])
    net.eval()
    return net


def write_parity(net: AxialVNet, path: Path) -> None:
    """Store a small input and PyTorch's probabilities for it."""
    rng = np.random.default_rng(7)
    coarse = torch.from_numpy(rng.normal(0, 0.7, (1, 1, 3, 8, 8)).astype(np.float32))
    image = torch.nn.functional.interpolate(coarse, (3, 64, 64), mode="trilinear").clamp(-1, 2)
    with torch.no_grad():
        probabilities = torch.softmax(net(image)[0], 1)
    np.savez_compressed(path, image=image.numpy(), probabilities=probabilities.numpy())


def manifest(model: Path, version: str, training: dict[str, Any]) -> dict[str, Any]:
    """Describe the bundle."""
    return {
        "schema_version": "1.0",
        "name": NAME,
        "version": version,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mark": MARK,
        "model": {
            "file": model.name,
            "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
            "bytes": model.stat().st_size,
            "format": "onnx",
            "opset": OPSET,
        },
        "input": {
            "name": "image",
            "type": "float32",
            "shape": [1, 1, "slices", "rows", "columns"],
            "axes": {"slices": "S", "rows": "P", "columns": "L"},
            "plane_spacing_mm": axial_crop.PIXEL_MM,
            "side": axial_crop.SIDE,
            "slice_spacing_mm": "as acquired",
            "multiples": [1, 16, 16],
            "normalisation": "sqrt_p2_p90",
        },
        "output": {
            "name": "probabilities",
            "type": "float32",
            "shape": [1, len(AXIAL_CLASSES), "slices", "rows", "columns"],
            "classes": {name: number for number, name in enumerate(AXIAL_CLASSES)},
        },
        "training": training,
        "intended_use": "Proposals of sac, disc, bone, ligamentum flavum, roots and displaced disc material "
        "on axial T2 around lumbar discs, for a reader who checks each of them; research and development.",
        "limits": list(LIMITS),
        "licence": "Apache-2.0",
    }


def facts(run: Path, net: AxialVNet) -> dict[str, Any]:
    """Return what the log of a run says about the training."""
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    judged = [row for row in rows if "dice" in row]
    state = torch.load(run / "checkpoint.pt", map_location="cpu")
    return {
        "steps": state["step"],
        "minutes": round(state["spent"] / 60, 1),
        "parameters": parameters(net),
        "samples": "phantom patches only (lvp_workstation.phantom), seeds from 500001, none from 900000 on",
        "patches": max(row.get("cases", 0) for row in rows),
        "held_out_dice_at_step": judged[-1]["step"] if judged else 0,
        "held_out_dice": judged[-1]["dice"] if judged else {},
        "never_trained_on": "any image of a patient",
    }


def export(run: Path, folder: Path) -> Path:
    """Write the three files and return the path of the network."""
    folder.mkdir(parents=True, exist_ok=True)
    net = load(run)
    path = folder / "model.onnx"
    write_onnx(net, path)
    write_parity(net, folder / "parity.npz")
    text = json.dumps(manifest(path, folder.name, facts(run, net)), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    path = export(args.run, args.out)
    print(f"{path} {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
