"""Mid-sagittal pictures with grades by an expert, disc by disc: each patient becomes a small study.

Folder: ``<patient>_<series>.png`` (series t1, t2 or t2_SPACE), ``overview.csv`` with their pixel sizes, TE
and TR, and ``radiological_gradings.csv`` with one row a disc (``IVD label`` 1 = the lowest, then upward).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lvp_workstation.domain.errors import NothingReadable, UnreadableInput
from lvp_workstation.domain.study import Patient
from lvp_workstation.evaluation.conventions import LEVEL_NAMES
from lvp_workstation.evaluation.overlap import SPIDER_DISCS
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.services.evaluate.contrast import TABLE, pixel_size, read_picture
from lvp_workstation.services.evaluate.sources import LabelledImage

GRADES_TABLE = "radiological_gradings.csv"
SERIES = ("_t2", "_t2_SPACE", "_t1")


def _yes(text: str) -> bool:
    return float(text) > 0


def _whole(text: str) -> int:
    return int(float(text))


COLUMNS: Mapping[str, tuple[str, Callable[[str], Any]]] = MappingProxyType(
    {
        "pfirrmann": ("Pfirrman grade", _whole),
        "modic": ("Modic", _whole),
        "disc_herniation": ("Disc herniation", _yes),
        "disc_narrowing": ("Disc narrowing", _yes),
        "disc_bulging": ("Disc bulging", _yes),
        "endplate_upper": ("UP endplate", _yes),
        "endplate_lower": ("LOW endplate", _yes),
        "slip_present": ("Spondylolisthesis", _yes),
    }
)
"""Key of a grade, its column in the table, and how the text is read. The table tells only whether a disc
slips, not how far: `slip_present`."""


@dataclass(frozen=True)
class WrittenSlices:
    """A patient's pictures as DICOM in a folder, and the expert's grades."""

    folder: Path
    rows: tuple[Mapping[str, str], ...]

    def truth(self) -> dict[str, Any]:
        """Return the grades in the form of ``truth.json``."""
        return graded_levels(self.rows)


def graded_levels(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return rows of a table of grades in the form of ``truth.json``.

    Levels are named as if there were five lumbar bodies.
    """
    levels = {}
    for row in rows:
        number = _whole(row["IVD label"])
        if not 1 <= number <= len(SPIDER_DISCS):
            continue
        grades = {
            key: {"grade": read(row[column])}
            for key, (column, read) in COLUMNS.items()
            if row.get(column, "").strip()
        }
        levels[LEVEL_NAMES[SPIDER_DISCS[number - 1]]] = {"grades": grades}
    return {"levels": levels}


@dataclass(frozen=True)
class ExpertSlices:
    """One graded patient."""

    patient: str
    pictures: tuple[tuple[Path, Mapping[str, str]], ...]
    rows: tuple[Mapping[str, str], ...]

    @property
    def key(self) -> str:
        """The patient."""
        return self.patient

    @property
    def fingerprint(self) -> str:
        """Sizes and times of the pictures, and the grades."""
        stats = [path.stat() for path, _ in self.pictures]
        grades = [row.get(column, "") for row in self.rows for column, _ in COLUMNS.values()]
        return " ".join([*(f"{s.st_size}:{s.st_mtime_ns}" for s in stats), "".join(grades)])

    def images(self) -> Iterator[LabelledImage]:
        """Raise: these pictures have grades, no labels."""
        raise UnreadableInput(f"{self.key}: graded pictures hold no labels.")

    def made(self, folder: Path) -> WrittenSlices:
        """Write the pictures as the series of one study into a folder."""
        who = Patient(self.patient, "", self.patient, "", "", "")
        target = StudyToWrite(f"expert slices {self.patient}", who, "MID-SAGITTAL SLICES")
        for number, (path, row) in enumerate(self.pictures, start=1):
            volume = read_picture(path, pixel_size(row["PixelSpacing"]))
            write_series(folder / path.stem, target, _protocol(number, path, row), volume)
        return WrittenSlices(folder, self.rows)


def _protocol(number: int, path: Path, row: Mapping[str, str]) -> MrProtocol:
    weighting = "T1" if path.stem.endswith("_t1") else "T2"
    return MrProtocol(
        description=f"SAG {weighting}",
        number=number,
        repetition_time=float(row["RepetitionTime"]),
        echo_time=float(row["EchoTime"]),
        slice_thickness=float(row.get("SliceThickness") or 4.0),
        field_strength=float(row.get("MagneticFieldStrength") or 1.5),
    )


def is_expert_folder(folder: Path) -> bool:
    """Whether a folder holds the tables of graded mid-sagittal pictures."""
    return (folder / GRADES_TABLE).is_file() and (folder / TABLE).is_file()


def expert_slices(folder: Path) -> Sequence[ExpertSlices]:
    """Return the graded patients of a folder.

    Raises
    ------
    NothingReadable
        When its tables name none.
    """
    overview = {row["new_file_name"]: row for row in _rows(folder / TABLE)}
    graded = graded_patients(folder / GRADES_TABLE)
    found = []
    for patient in sorted(graded, key=lambda p: (len(p), p)):
        names = [f"{patient}{s}" for s in SERIES if f"{patient}{s}" in overview]
        paths = ((folder / f"{name}.png", overview[name]) for name in names)
        pictures = tuple((path, row) for path, row in paths if path.is_file())
        if pictures:
            found.append(ExpertSlices(patient, pictures, tuple(graded[patient])))
    if not found:
        raise NothingReadable(f"{folder} holds no graded patient with a picture.")
    return found


def graded_patients(table: Path) -> dict[str, list[Mapping[str, str]]]:
    """Return the rows of a table of grades by patient; raise `NothingReadable` when it cannot be read."""
    graded: dict[str, list[Mapping[str, str]]] = {}
    for row in _rows(table):
        graded.setdefault(row["Patient"], []).append(row)
    return graded


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.DictReader(stream))
    except OSError as error:
        raise NothingReadable(f"{path} cannot be read: {error.strerror}.") from error
