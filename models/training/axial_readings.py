"""Phantom discs to fit and test the axial graders on: ``python -m models.training.axial_readings --out DIR``.

Each seed is a phantom of the preset ``evaluation`` imaged like an examination: disc-angled blocks, half of
them with the default protocol, half with another. Stored are the patches, where they lie, and the truth.
"""

from __future__ import annotations

import argparse
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvp_workstation.inference.axial_crop import AxialCrop, crop_around
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.generate import imaged
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.protocol import PROTOCOLS, disc_grid
from lvp_workstation.phantom.truth import truth_of
from models.training.axial_cases import DISCS, EVALUATION_SEEDS, axial_protocol, landmarks, placed

PRESET = "evaluation"


@dataclass(frozen=True, eq=False)
class StoredDisc:
    """A disc: its patch, its landmarks and what is true of it."""

    name: str
    crop: AxialCrop
    landmarks: Any
    truth: dict[str, Any]
    shapes: dict[str, Any]


def stored_discs(seed: int) -> list[StoredDisc]:
    """Return the discs of one seed."""
    rng = np.random.default_rng([seed, 13])
    anatomy = draw_anatomy(seed, plan_of(PRESET, seed))
    truth = truth_of(anatomy, PRESET)
    varied = bool(rng.random() < 0.5)
    rows = []
    for disc in anatomy.discs[-DISCS:]:
        protocol = axial_protocol(rng) if varied else PROTOCOLS["ax_t2"]
        grid = placed(rng, disc, protocol) if varied else disc_grid(disc, protocol, "")
        volume = imaged(anatomy, grid, protocol, f"ax {disc.name}")
        found = landmarks(rng, disc)
        crop = crop_around(volume, found)
        if crop is not None:
            shapes = truth["generator"]["shapes"][disc.name]
            rows.append(StoredDisc(disc.name, crop, found, truth["levels"][disc.name], shapes))
    return rows


def main() -> None:
    """Store readings as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=int, default=620_001)
    parser.add_argument("--count", type=int, default=70)
    args = parser.parse_args()
    if args.first + args.count > EVALUATION_SEEDS:
        parser.error(f"seeds from {EVALUATION_SEEDS} on are kept for evaluation")
    args.out.mkdir(parents=True, exist_ok=True)
    for seed in range(args.first, args.first + args.count):
        path = args.out / f"{seed}.pickle"
        if not path.exists():
            path.write_bytes(pickle.dumps(stored_discs(seed)))
            print(seed, flush=True)


if __name__ == "__main__":
    from models.training import axial_readings

    axial_readings.main()  # so that what is stored names its class by this module, not by ``__main__``
