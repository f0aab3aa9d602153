"""The mid-slices of `spider_midslices`: pictures without masks, of many scanners."""

from __future__ import annotations

import csv
from pathlib import Path

import SimpleITK as sitk

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry

AXES = (SAGITTAL_CANONICAL[0], SAGITTAL_CANONICAL[1], SAGITTAL_CANONICAL[2])
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
        if not name.endswith("_t1") or other is None or not json_spacing(row):
            continue
        if row["PixelSpacing"] == other["PixelSpacing"]:
            result.append((row, other))
    return result


def json_spacing(row: dict[str, str]) -> list[float]:
    """Return the pixel size in mm, or nothing where the table has none."""
    text = row["PixelSpacing"].strip("[] ")
    return [float(v) for v in text.replace(",", " ").split()] if text and "n" not in text else []


def has_volume(folder: Path, patient: str) -> bool:
    """Tell whether the patient also has a T2 SPACE series, from which volumes were made."""
    return (folder / f"{patient}_t2_SPACE.png").exists()


def read_slice(folder: Path, row: dict[str, str]) -> Volume:
    """Read a mid-slice as a volume of one slice."""
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / f"{row['new_file_name']}.png")))
    picture = picture[..., 0] if picture.ndim == 3 else picture
    spacing = json_spacing(row)
    grid = VolumeGeometry.from_axes((0, 0, 0), AXES, (4.0, spacing[0], spacing[1]), (1, *picture.shape))
    return Volume(picture[None], grid)
