"""Axial training cases: phantom anatomies, imaged around their discs with random slices, and exact labels.

``python -m models.training.axial_cases --out DIR --first 500001 --count 400`` writes one ``.npz`` for each
seed. Labels come from the continuous shapes on the pixels of the network's patch. Seeds from 900000 on are
refused: they are kept for evaluation.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.inference.axial_crop import AxialCrop, crop_around
from lvp_workstation.phantom.anatomy import Anatomy, Disc
from lvp_workstation.phantom.axial_labels import axial_labels
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.generate import imaged
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.protocol import PROTOCOLS, Protocol

Rng = np.random.Generator
EVALUATION_SEEDS = 900_000
SIDE = 144
"""Rows and columns of a stored patch: wider than the network's, so that it can be turned and shifted."""
VIEW_MM = 125.0
DISCS = 6
KINDS = {
    "evaluation": 0.5,
    "random": 0.26,
    "herniation": 0.05,
    "stenosis": 0.05,
    "listhesis": 0.03,
    "scoliosis": 0.03,
    "metal": 0.03,
    "postoperative": 0.03,
    "motion": 0.02,
}
"""Kinds of patients and their shares (our choice): ``evaluation`` has every class of every scale often."""


def axial_protocol(rng: Rng) -> Protocol:
    """Return an axial T2 protocol within practice: 0.4-1 mm pixels, 3-5 mm slices, 3-7 of them."""
    pixel = float(np.clip(np.exp(rng.normal(np.log(0.65), 0.22)), 0.42, 1.0))
    thickness = float(rng.uniform(3.0, 5.0))
    side = 2 * round(VIEW_MM / pixel / 2)
    return replace(
        PROTOCOLS["ax_t2"],
        tr=float(rng.uniform(2800, 5500)),
        te=float(rng.uniform(80, 125)),
        field=float(rng.choice((1.5, 3.0))),
        thickness=thickness,
        spacing=thickness * float(rng.uniform(1.0, 1.25)),
        pixel=pixel,
        matrix=(side, side),
        slices=int(rng.choice((3, 4, 5, 6, 7), p=(0.1, 0.15, 0.4, 0.15, 0.2))),
        snr=float(np.exp(rng.uniform(np.log(10.0), np.log(40.0)))),
        acquired=(float(rng.uniform(0.75, 1.0)), float(rng.uniform(0.6, 0.95))),
    )


def placed(rng: Rng, disc: Disc, protocol: Protocol) -> VolumeGeometry:
    """Return the slices around a disc: a block about parallel to it, or part of a straight stack."""
    if rng.random() < 0.7:
        turn = rng.normal(0, np.radians((5.0, 3.0, 3.0)))
        axes = disc.frame.axes
    else:
        turn = rng.normal(0, np.radians((6.0, 2.0, 2.0)))
        axes = np.eye(3)
    left, back, up = axes @ turned(turn).T
    shift = rng.uniform(-0.5, 0.5) * protocol.spacing * up + rng.normal(0, 4.0) * back
    centre = disc.frame.origin + 14.0 * disc.frame.axes[1] + shift
    steps = ((up, protocol.spacing, protocol.slices), (back, protocol.pixel, protocol.matrix[0]))
    for axis, step, count in (*steps, (left, protocol.pixel, protocol.matrix[1])):
        centre = centre - (count - 1) / 2 * step * axis
    shape = (protocol.slices, *protocol.matrix)
    return VolumeGeometry.from_axes(
        centre, (up, back, left), (protocol.spacing, protocol.pixel, protocol.pixel), shape
    )


def turned(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation by small angles about Left, Posterior and Superior, radians."""
    result = np.eye(3)
    for axis, angle in enumerate(angles):
        a, b = [k for k in range(3) if k != axis]
        turn = np.eye(3)
        turn[[a, a, b, b], [a, b, a, b]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        result = turn @ result
    return result


def landmarks(rng: Rng, disc: Disc, spread: float = 1.0) -> DiscLandmarks:
    """Return landmarks of a disc as a sagittal segmentation would give them: a little off."""
    centre = disc.frame.origin + spread * rng.normal(0, (1.5, 1.5, 1.0)) @ disc.frame.axes
    normal = disc.frame.axes[2] @ turned(spread * rng.normal(0, np.radians((2.5, 2.0, 0.0)))).T
    return DiscLandmarks(disc.name, tuple(centre), tuple(normal))


def case(rng: Rng, anatomy: Anatomy, disc: Disc) -> AxialCrop | None:
    """Return the patch around one disc."""
    protocol = axial_protocol(rng)
    volume = imaged(anatomy, placed(rng, disc, protocol), protocol, f"ax {disc.name}")
    return crop_around(volume, landmarks(rng, disc), SIDE)


def write_seed(folder: Path, seed: int) -> int:
    """Write the patches of one seed and return how many there are."""
    rng = np.random.default_rng([seed, 11])
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    anatomy = draw_anatomy(seed, plan_of(kind, seed))
    arrays = {}
    for n, disc in enumerate(anatomy.discs[-DISCS:]):
        crop = case(rng, anatomy, disc)
        if crop is not None:
            arrays[f"image_{n}"] = crop.network_input()[0, 0].astype(np.float16)
            arrays[f"labels_{n}"] = axial_labels(anatomy, crop.geometry)
    part = folder / f"{seed}.part.npz"
    np.savez_compressed(part, **arrays)
    part.rename(folder / f"{seed}.npz")
    return len(arrays) // 2


def main() -> None:
    """Write cases as the command line says; seeds that are there already are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=int, default=500_001)
    parser.add_argument("--count", type=int, default=400)
    args = parser.parse_args()
    if args.first + args.count > EVALUATION_SEEDS:
        parser.error(f"seeds from {EVALUATION_SEEDS} on are kept for evaluation")
    args.out.mkdir(parents=True, exist_ok=True)
    for seed in range(args.first, args.first + args.count):
        if not (args.out / f"{seed}.npz").exists():
            print(seed, write_seed(args.out, seed), flush=True)


if __name__ == "__main__":
    main()
