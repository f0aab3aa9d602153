"""Write the axial bundle: ``python -m models.training.axial_export --run DIR --out models/axial_vnet/1.1.0``.

Makes ``model.onnx``, ``manifest.json`` and ``parity.npz`` (a small input with PyTorch's answer).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES
from lvp_workstation.inference import axial_crop
from models.training.axial_network import AxialVNet, parameters
from models.training.export import answer, described, write_manifest, write_onnx, write_parity

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


def manifest(model: Path, version: str, training: dict[str, Any]) -> dict[str, Any]:
    """Describe the bundle."""
    return {
        **described(NAME, model, version),
        "mark": MARK,
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
        "output": answer(AXIAL_CLASSES),
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
    write_parity(net, folder / "parity.npz", (3, 64, 64))
    write_manifest(folder, manifest(path, folder.name, facts(run, net)))
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
