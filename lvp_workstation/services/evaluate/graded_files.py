"""Labelled images in a folder with an expert's grades of their discs: grades and boxes together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvp_workstation.domain.errors import NothingReadable
from lvp_workstation.services.evaluate.detected import Labelled, labelled_discs
from lvp_workstation.services.evaluate.expert_slices import graded_levels, graded_patients
from lvp_workstation.services.evaluate.sources import LabelledFiles, LabelledImage, Source


@dataclass(frozen=True)
class GradedFiles:
    """An image with labels and the rows of its patient in a table of grades."""

    files: LabelledFiles
    rows: tuple[Mapping[str, str], ...]

    @property
    def key(self) -> str:
        """Name of the case."""
        return self.files.key

    @property
    def patient(self) -> str:
        """Whose it is."""
        return self.files.patient

    @property
    def fingerprint(self) -> str:
        """Sizes and times of the files, and the grades."""
        return f"{self.files.fingerprint} {[sorted(row.items()) for row in self.rows]}"

    @property
    def image(self) -> Path:
        """The image to analyse."""
        return self.files.image

    def images(self) -> Iterator[LabelledImage]:
        """Read image and labels."""
        return self.files.images()

    def truth(self) -> dict[str, Any]:
        """Return the grades in the form of ``truth.json``."""
        return graded_levels(self.rows)

    def labelled(self) -> Labelled | None:
        """Return the labelled discs; None where the labels hold no instances."""
        image = next(self.images())
        return labelled_discs(image.reference, image.volume.geometry)


def graded_files(sources: Sequence[Source], table: Path) -> list[GradedFiles]:
    """Return the labelled images whose patient is in a table of grades.

    Raises
    ------
    NothingReadable
        When there is none, or the table cannot be read.
    """
    graded = graded_patients(table)
    found = [
        GradedFiles(source, tuple(graded[source.patient]))
        for source in sources
        if isinstance(source, LabelledFiles) and source.patient in graded
    ]
    if not found:
        raise NothingReadable(f"No labelled image belongs to a patient of {table}.")
    return found
