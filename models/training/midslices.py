"""The mid-slices of `spider_midslices`: pictures without masks, of many scanners."""

from __future__ import annotations

import csv
from pathlib import Path

from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.volume import Volume
from lvp_workstation.services.evaluate.contrast import pixel_size, read_picture

HELD_OUT_EVERY = 5


def held_out(patient: str) -> bool:
    """Tell whether a patient is kept away from all training, so that T1 against T2 can be measured."""
    return int(patient) % HELD_OUT_EVERY == 0


def pairs(folder: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the T1 and T2 rows of `overview.csv` of patients that have both, at equal pixel size."""
    with open(folder / "overview.csv", newline="") as file:
        rows = {row["new_file_name"]: row for row in csv.DictReader(file)}
    result = []
    for name, row in rows.items():
        other = rows.get(name.removesuffix("_t1") + "_t2")
        if not name.endswith("_t1") or other is None or not spaced(row):
            continue
        if row["PixelSpacing"] == other["PixelSpacing"]:
            result.append((row, other))
    return result


def spaced(row: dict[str, str]) -> bool:
    """Tell whether the table states the pixel size of a picture."""
    try:
        pixel_size(row["PixelSpacing"])
    except UnreadableInput:
        return False
    return True


def has_volume(folder: Path, patient: str) -> bool:
    """Tell whether the patient also has a T2 SPACE series, from which volumes were made."""
    return (folder / f"{patient}_t2_SPACE.png").exists()


def read_slice(folder: Path, row: dict[str, str]) -> Volume:
    """Read a mid-slice as a volume of one slice."""
    return read_picture(folder / f"{row['new_file_name']}.png", pixel_size(row["PixelSpacing"]))
