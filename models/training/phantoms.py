"""Make synthetic training cases: ``python -m models.training.phantoms --out DIR --count 80``.

Each seed gives one anatomy in T2, T1 and STIR, of the kinds in `ROTATION` in turn. Files appear one by
one, so a training that runs may pick them up; seeds that exist already are left alone. Seeds of 900000 and
above are for evaluation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.volume import to_canonical
from lvp_workstation.phantom.generate import label_volume, make_phantom
from models.training.cases import write_phantom
from models.training.labels import CANAL, DISC, SACRUM, VERTEBRA

SERIES = ("sag_t2", "sag_t1", "sag_stir")
EVALUATION_SEEDS = 900_000
ROTATION = (
    "random",
    "scoliosis",
    "random",
    "transitional",
    "random",
    "fracture",
    "random",
    "listhesis",
    "random",
    "normal",
    "transitional",
    "stenosis",
    "evaluation",
    "herniation",
    "evaluation",
    "degenerate",
    "evaluation",
)
"""Presets by turns: ``random`` also varies the protocol, rare kinds come more often than in life."""
CANAL_ID, SACRUM_ID, DISC_IDS, VERTEBRA_IDS = 2, 50, (80, 100), (29, 46)


def classes(ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn structure ids (TotalSpineSeg and ours) into the classes of the network."""
    result = np.zeros(ids.shape, dtype=np.uint8)
    result[(ids >= VERTEBRA_IDS[0]) & (ids <= VERTEBRA_IDS[1])] = VERTEBRA
    result[(ids >= DISC_IDS[0]) & (ids <= DISC_IDS[1])] = DISC
    result[ids == CANAL_ID] = CANAL
    result[ids == SACRUM_ID] = SACRUM
    return result


def make_case(seed: int, folder: Path) -> None:
    """Write the series of one seed that are missing."""
    paths = {role: folder / f"phantom_{seed:06d}_{role}.npz" for role in SERIES}
    if all(path.exists() for path in paths.values()):
        return
    study = make_phantom(seed, ROTATION[seed % len(ROTATION)], SERIES)
    for series in study.series:
        volume = to_canonical(series.volume)
        labels = classes(label_volume(study, volume.geometry))
        write_phantom(paths[series.role], volume, labels)


def main() -> None:
    """Make the cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=80)
    parser.add_argument("--first-seed", type=int, default=1)
    args = parser.parse_args()
    if args.first_seed + args.count > EVALUATION_SEEDS:
        parser.error(f"seeds from {EVALUATION_SEEDS} are kept for evaluation")
    args.out.mkdir(parents=True, exist_ok=True)
    for seed in range(args.first_seed, args.first_seed + args.count):
        make_case(seed, args.out)
        print(f"phantom {seed}", flush=True)


if __name__ == "__main__":
    main()
