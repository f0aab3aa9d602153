"""Out-of-fold answers of the learned grader, kept in the repository so that the graders can be fitted again.

`models.grading.fit_crops` writes them: each disc by networks that did not see its patient.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Disc = tuple[str, int]
"""Patient, and number of the disc from below as the experts count."""

QUESTIONS = (
    "pfirrmann_2",
    "pfirrmann_3",
    "pfirrmann_4",
    "pfirrmann_5",
    "narrowed",
    "bulging",
    "herniated",
    "displaced",
    "modic",
    "endplate_upper",
    "endplate_lower",
    "slipped",
)
"""Logits of the network in order; ``pfirrmann_n``: grade n or more."""
LOGITS = Path("models/grading/learned_out_of_fold.csv")


def write_logits(keys: Sequence[Disc], logits: NDArray[np.float64]) -> None:
    """Write the out-of-fold logits, three decimals."""
    with LOGITS.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["patient", "disc", *QUESTIONS])
        for (patient, number), row in zip(keys, logits, strict=True):
            out.writerow([patient, number, *(f"{v:.3f}" for v in row)])


def read_logits() -> dict[Disc, dict[str, float]]:
    """Return the out-of-fold logits of each disc by question; nothing before there are any."""
    if not LOGITS.exists():
        return {}
    with LOGITS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(r["patient"], int(r["disc"])): {q: float(r[q]) for q in QUESTIONS} for r in rows}
