"""Right or honestly uncertain? ``python -m models.training.level_figures --model BUNDLE [--count 16]``.

Phantoms that no training sees, named by the whole program: with four or six lumbar bodies or a sacralised
fifth, with ordinary ones, and ordinary ones whose image ends 4 mm below the lowest disc, in the middle of
the lowest lumbar body, or 4 mm below the disc above it. A case is right when no disc carries a wrong level
(one that the upper edge cuts may be missing), honest when the confidence of the numbering is at most one
half.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.labelmap import LOWEST_DISC_ID
from lvp_workstation.domain.volume import Volume, VolumeGeometry, to_canonical
from lvp_workstation.evaluation.conventions import DISC_IDS, ids_of_labelmap
from lvp_workstation.evaluation.overlap import level_identification
from lvp_workstation.inference.bundle import read_bundle
from lvp_workstation.inference.segmenter import LOW_CONFIDENCE, Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.phantom.generate import label_volume, make_phantom

FIRST_SEED = 930_000
ORDINARY = ("normal", "degenerate", "listhesis", "herniation", "scoliosis", "fracture")
FIFTH, FOURTH_DISC = 45, 95
"""Ids of L5 and of L4-L5."""
BELOW_MM = 4.0
LEAST_DISCS = 3
"""So many discs must carry their level for a case to be right: fewer make no lumbar spine."""


@dataclass(frozen=True, eq=False)
class Shown:
    """An image with the level ids of its voxels, and the row of the table it belongs to."""

    kind: str
    volume: Volume
    ids: NDArray[np.uint8]

    def upper(self, kind: str, rows: int) -> Shown:
        """Return the first rows of the image as another kind."""
        geometry = self.volume.geometry
        array = np.ascontiguousarray(self.volume.array[:, :rows])
        return Shown(kind, Volume(array, VolumeGeometry(geometry.affine, array.shape)), self.ids[:, :rows])


@dataclass(frozen=True)
class Named:
    """How one case was named."""

    kind: str
    right: bool
    confidence: float
    vertebrae: int

    @property
    def honest(self) -> bool:
        """Whether the program calls its numbering uncertain."""
        return self.confidence <= LOW_CONFIDENCE


def shown(preset: str, seed: int) -> Iterator[Shown]:
    """Make a phantom and yield its T2 image; an ordinary one in four fields of view."""
    study = make_phantom(seed, preset, ("sag_t2",))
    plan = study.anatomy.plan
    volume = to_canonical(study.series[0].volume)
    ids = label_volume(study, volume.geometry)
    if preset == "transitional":
        words = "sacralised" if plan.sacralised else "not sacralised"
        shape = "S1 squared" if plan.squared else "S1 ordinary"
        yield Shown(f"{plan.lumbar_count} lumbar bodies, {words}, {shape}", volume, ids)
        return
    whole = Shown("five lumbar bodies", volume, ids)
    yield whole
    below = round(BELOW_MM / volume.geometry.spacing[1])
    yield whole.upper("ends 4 mm below L5-S1", _last(ids == LOWEST_DISC_ID) + below)
    body = np.flatnonzero((ids == FIFTH).sum(axis=(0, 2)) > 50)
    yield whole.upper("ends within L5", int(np.median(body)))
    yield whole.upper("ends 4 mm below L4-L5", _last(ids == FOURTH_DISC) + below)


def _last(mask: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(mask.any(axis=(0, 2))).max())


def named(segmenter: Segmenter, one: Shown) -> Named:
    """Segment an image and compare the names of its discs."""
    found = segmenter.segment(one.volume)
    names = ids_of_labelmap(found.labels, found.levels)
    result = level_identification(names, one.ids, DISC_IDS)
    misnamed = [pair for pair in result.wrong if pair[1] in DISC_IDS]  # what was not found has no name
    right = result.right >= LEAST_DISCS and not misnamed
    return Named(one.kind, right, found.levels.confidence, found.levels.vertebra_count)


def table(rows: list[Named]) -> str:
    """Write the Markdown table by kind, and the share that is right or honest."""
    lines = [
        "| phantom | number | right | honest | right or honest | median confidence |",
        "|---|---|---|---|---|---|",
    ]
    for kind in sorted({row.kind for row in rows}):
        lines.append(_line(kind, [row for row in rows if row.kind == kind]))
    hard = [row for row in rows if row.kind != "five lumbar bodies"]
    return "\n".join([*lines, _line("**all but the ordinary five**", hard)])


def _line(kind: str, rows: list[Named]) -> str:
    right, honest = sum(row.right for row in rows), sum(row.honest for row in rows)
    good = sum(row.right or row.honest for row in rows)
    middle = float(np.median([row.confidence for row in rows]))
    share = f"{good} ({100 * good / len(rows):.0f} %)"
    return f"| {kind} | {len(rows)} | {right} | {honest} | {share} | {middle:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="bundle folder")
    parser.add_argument("--count", type=int, default=16, help="ordinary phantoms; three times as many others")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    args = parser.parse_args()
    bundle = read_bundle(args.model)
    segmenter = Segmenter(bundle, OnnxSession(bundle.model_path))
    jobs = [("transitional", args.first_seed + n) for n in range(3 * args.count)]
    jobs += [(ORDINARY[n % len(ORDINARY)], args.first_seed + 1000 + n) for n in range(args.count)]
    rows = []
    for preset, seed in jobs:
        for one in shown(preset, seed):
            rows.append(named(segmenter, one))
            print(preset, seed, rows[-1], flush=True)
    print(table(rows))


if __name__ == "__main__":
    main()
