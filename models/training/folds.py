"""Cross-validation: which patients a fold holds out."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from models.training.cases import Row


@dataclass(frozen=True)
class Fold:
    """Fold ``number`` (from 1) of ``count``."""

    number: int
    count: int

    def split(self, rows: list[Row]) -> tuple[list[Row], list[Row]]:
        """Return the rows to train on and those held out.

        Patients in the order of their numbers go to the folds in turn, so the list is the same for
        everybody.
        """
        ordered = sorted(rows, key=lambda row: int(row["patient"]))
        held = [row for n, row in enumerate(ordered) if n % self.count == self.number - 1]
        return [row for row in ordered if row not in held], held


def read_fold(text: str) -> Fold:
    """Read ``K/N``."""
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) and int(count) > 1):
        raise argparse.ArgumentTypeError(f"a fold is K/N with K from 1 to N, such as 2/5, not {text!r}")
    return Fold(int(number), int(count))
