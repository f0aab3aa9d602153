"""Does the model say the same of one anatomy in T1 and T2? Mid-sagittal pictures of two series of a patient.

No labels are needed: what is predicted on T2 stands in for the reference of T1. Agreement is not
accuracy, and patients may move between the series.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.errors import NothingReadable, UnreadableInput
from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from lvp_workstation.evaluation.conventions import (
    Convention,
    Reference,
    classes_of_labelmap,
    ids_of_labelmap,
)
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.io.plausible import size_problem
from lvp_workstation.services.evaluate.sources import LabelledImage, Source

TABLE = "overview.csv"
FIRST, SECOND, SPACE = "_t1", "_t2", "_t2_SPACE"
SLICE_MM = 4.0
"""Thickness given to a picture that states none (our choice)."""
JUDGED = (Structure.VERTEBRA, Structure.DISC, Structure.CANAL)


@dataclass(frozen=True)
class ContrastPair:
    """T1 and T2 of one patient with pixels of one size and number."""

    key: str
    first: Path
    second: Path
    pixel_mm: tuple[float, float]
    segmenter: Segmenter

    @property
    def patient(self) -> str:
        """Each pair is one patient."""
        return self.key

    @property
    def fingerprint(self) -> str:
        """Sizes and times of both pictures."""
        stats = [path.stat() for path in (self.first, self.second)]
        return " ".join(f"{s.st_size}:{s.st_mtime_ns}" for s in stats)

    def images(self) -> Iterator[LabelledImage]:
        """Read T1, with what is predicted on T2 as its reference."""
        first, second = (read_picture(path, self.pixel_mm) for path in (self.first, self.second))
        if first.shape != second.shape:
            raise UnreadableInput(f"{self.key}: T1 and T2 show different fields of view; they were left out.")
        for problem in size_problem(self.key, first.geometry):
            raise UnreadableInput(problem.text)
        found = self.segmenter.segment(second)
        ids = ids_of_labelmap(found.labels, found.levels) if found.lumbar else None
        levels = Convention.LEVEL_IDS
        reference = Reference(classes_of_labelmap(found.labels), ids, Convention.PREDICTION, levels, JUDGED)
        yield LabelledImage(self.key, first, reference)


def read_picture(path: Path, pixel_mm: tuple[float, float]) -> Volume:
    """Read a mid-sagittal picture, head up and anterior left, as a volume of one slice.

    Raises
    ------
    UnreadableInput
        When it is no picture.
    """
    try:
        with Image.open(path) as picture:
            array = np.asarray(picture.convert("L"))
    except (OSError, UnidentifiedImageError) as error:
        raise UnreadableInput(f"{path.name} cannot be read as a picture.") from error
    axes = (SAGITTAL_CANONICAL[0], SAGITTAL_CANONICAL[1], SAGITTAL_CANONICAL[2])
    down, back = ((n - 1) / 2 * size for n, size in zip(array.shape, pixel_mm, strict=True))
    origin = (0.0, -back, down)  # the centre of every picture is 0, 0, 0
    grid = VolumeGeometry.from_axes(origin, axes, (SLICE_MM, *pixel_mm), (1, *array.shape))
    return Volume(array[None], grid)


def contrast_pairs(folder: Path, segmenter: Segmenter) -> Sequence[Source]:
    """Return T1 and T2 of equal pixel size of each patient without a T2 SPACE series.

    ``overview.csv`` names the pictures (``new_file_name`` without ``.png``: ``<patient>_t1``,
    ``<patient>_t2``) and their ``PixelSpacing``. A patient with a SPACE series may have a labelled
    volume that the model was trained on, and is left out.

    Raises
    ------
    NothingReadable
        When the folder holds no such table or no pair.
    """
    rows = {row["new_file_name"]: row for row in _table(folder / TABLE)}
    pairs: list[Source] = []
    for name in sorted(rows):
        patient = name.removesuffix(FIRST)
        if not name.endswith(FIRST) or f"{patient}{SPACE}" in rows or f"{patient}{SECOND}" not in rows:
            continue
        spacing = rows[name]["PixelSpacing"]
        if spacing == rows[f"{patient}{SECOND}"]["PixelSpacing"]:
            paths = (folder / f"{patient}{FIRST}.png", folder / f"{patient}{SECOND}.png")
            if all(path.is_file() for path in paths):
                pairs.append(ContrastPair(patient, *paths, pixel_size(spacing), segmenter))
    if not pairs:
        raise NothingReadable(f"{folder} holds no T1 and T2 pictures of one patient with equal pixels.")
    return pairs


def pixel_size(text: str) -> tuple[float, float]:
    """Return the row and column spacing in mm of a text such as ``[0.6, .6]``.

    Raises
    ------
    UnreadableInput
        When it holds no two positive numbers.
    """
    try:
        row, column = (float(part) for part in text.strip().strip("[]").split(","))
    except ValueError:
        row, column = 0.0, 0.0
    if not (row > 0 and column > 0 and math.isfinite(row + column)):
        raise UnreadableInput(f"{text!r} is no pixel size; [row, column] in mm is expected.")
    return row, column


def _table(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise NothingReadable(f"{path} cannot be read: {error.strerror}.") from error
    if not rows or not {"new_file_name", "PixelSpacing"} <= rows[0].keys():
        raise NothingReadable(f"{path} lacks the columns new_file_name and PixelSpacing.")
    return rows
