"""Labelled images to evaluate on: NIfTI pairs in a folder, phantom folders, phantoms made on the way."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lvp_workstation import __version__
from lvp_workstation.domain.errors import NothingReadable, UnreadableInput, UsageProblem
from lvp_workstation.domain.volume import ImagePlane, Volume
from lvp_workstation.evaluation.conventions import Reference, read_reference
from lvp_workstation.io import nifti
from lvp_workstation.phantom.generate import PhantomStudy, label_volume, make_phantom
from lvp_workstation.services.make_phantom import TRUTH, make_one
from lvp_workstation.services.open_study import VolumeLoader, open_paths

IMAGE, LABELS, LEVELS = "_image", "_labels", "_levels"
SUFFIXES = (".nii.gz", ".nii")
PATIENT_TABLE = "patients.csv"
SPLIT_COLUMNS = ("split", "suggested_split")
SAME_GRID_MM = 0.1
"""Image and labels may differ by so much: headers are rounded (our choice)."""
SAME_ANATOMY_MM = 0.01


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """An image with its labels on the same voxels; ``group`` tells its kind where a case has several."""

    key: str
    volume: Volume
    reference: Reference
    group: str = ""


class Source(Protocol):
    """A case to evaluate on; nothing is read before it is asked for."""

    @property
    def key(self) -> str:
        """Name of the case, unique in an evaluation."""

    @property
    def patient(self) -> str:
        """Whose it is."""

    @property
    def fingerprint(self) -> str:
        """Changes when the content changes, so that an old score is not taken for it."""

    def images(self) -> Iterator[LabelledImage]:
        """Read the labelled images one after the other; raise `UnreadableInput` with a sentence."""


@dataclass(frozen=True)
class LabelledFiles:
    """``<case>_image``, ``<case>_labels`` and, if there is one, ``<case>_levels`` in one folder."""

    key: str
    patient: str
    image: Path
    labels: Path
    levels: Path | None = None

    @property
    def fingerprint(self) -> str:
        """Sizes and times of the files."""
        paths = [p for p in (self.image, self.labels, self.levels) if p is not None]
        stats = [path.stat() for path in paths]
        return " ".join(f"{s.st_size}:{s.st_mtime_ns}" for s in stats)

    def images(self) -> Iterator[LabelledImage]:
        """Read image and labels."""
        volume, labels = _read(self.image), _read(self.labels)
        levels = _read(self.levels) if self.levels else None
        for one in (labels, levels):
            if one is not None and not one.geometry.same_grid(volume.geometry, SAME_GRID_MM):
                raise UnreadableInput(f"{self.key}: image and labels do not lie on the same voxels.")
        try:
            reference = read_reference(labels.array, None if levels is None else levels.array)
        except ValueError as error:
            raise UnreadableInput(f"{self.labels.name} cannot be used: {error}.") from error
        yield LabelledImage(self.key, volume, reference)


def _read(path: Path) -> Volume:
    return nifti.load_research_volume(nifti.read_study(str(path)).series[0])


@dataclass(frozen=True)
class PhantomFolder:
    """A folder that ``lvp phantom make`` wrote; labels are drawn again from the seed in its truth."""

    folder: Path
    key: str

    @property
    def patient(self) -> str:
        """Every phantom is a patient of its own."""
        return self.key

    @property
    def fingerprint(self) -> str:
        """Size and time of the truth."""
        found = (self.folder / TRUTH).stat()
        return f"{found.st_size}:{found.st_mtime_ns}"

    def truth(self) -> dict[str, Any]:
        """Return the content of ``truth.json``."""
        try:
            truth = json.loads((self.folder / TRUTH).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreadableInput(f"{self.folder / TRUTH} cannot be read as JSON.") from error
        if not isinstance(truth, dict) or "generator" not in truth:
            raise UnreadableInput(f"{self.folder / TRUTH} is not the truth of a phantom.")
        return truth

    def images(self) -> Iterator[LabelledImage]:
        """Read each sagittal series, and draw its labels on the same voxels."""
        study = remade(self.truth(), self.folder)
        opened = open_paths([self.folder])
        loader = VolumeLoader()
        for series in (s for one in opened.studies for s in one.series):
            if series.plane is ImagePlane.SAGITTAL:
                volume = loader.load(series).volume
                labels = label_volume(study, volume.geometry)
                role = series.role.value
                yield LabelledImage(f"{self.key}/{role}", volume, read_reference(labels), role)


def remade(truth: Mapping[str, Any], folder: Path) -> PhantomStudy:
    """Return the phantom of a truth without images; raise when this program makes another anatomy of it."""
    generator = truth["generator"]
    try:
        study = make_phantom(int(generator["seed"]), str(generator["preset"]), ())
    except (KeyError, ValueError) as error:
        raise UnreadableInput(f"{folder / TRUTH} names no phantom that can be made: {error}.") from error
    for vertebra in study.anatomy.vertebrae:
        stated = truth.get("vertebrae", {}).get(vertebra.name)
        if stated and not np.allclose(vertebra.frame.origin, stated["centroid_lps"], atol=SAME_ANATOMY_MM):
            raise UnreadableInput(
                f"{folder} was made by another version of the generator; make the phantoms again."
            )
    return study


@dataclass(frozen=True)
class MadePhantom:
    """A phantom that is made when it is needed and not kept."""

    seed: int
    preset: str
    series: tuple[str, ...]

    @property
    def key(self) -> str:
        """Preset and seed."""
        return f"{self.preset}_{self.seed:06d}"

    @property
    def patient(self) -> str:
        """Every phantom is a patient of its own."""
        return self.key

    @property
    def fingerprint(self) -> str:
        """Version and series: the rest is in the name."""
        return f"{__version__} {','.join(self.series)}"

    def images(self) -> Iterator[LabelledImage]:
        """Make the phantom, read it as any other, and remove it."""
        with tempfile.TemporaryDirectory(prefix="lvp_phantom_") as name:
            yield from self.made(Path(name)).images()

    def made(self, folder: Path) -> PhantomFolder:
        """Write the phantom into a folder."""
        make_one(folder, self.seed, self.preset, self.series)
        return PhantomFolder(folder, self.key)


def made_phantoms(preset: str, seed: int, count: int, series: Sequence[str]) -> list[MadePhantom]:
    """Return phantoms with seeds from ``seed`` on."""
    return [MadePhantom(seed + n, preset, tuple(series)) for n in range(count)]


def phantom_folders(data: Path) -> list[PhantomFolder]:
    """Return the phantoms in a folder: itself, or those directly inside."""
    if (data / TRUTH).is_file():
        return [PhantomFolder(data, data.resolve().name)]
    return [PhantomFolder(path.parent, path.parent.name) for path in sorted(data.glob(f"*/{TRUTH}"))]


def find_sources(data: Path) -> tuple[list[Source], list[str]]:
    """Return the cases of a folder, and sentences about files that are no case.

    Raises
    ------
    NothingReadable
        When the folder holds no case.
    """
    if not data.is_dir():
        raise NothingReadable(f"{data} is not a folder with labelled images.")
    cases, problems = _labelled(data)
    found: list[Source] = [*cases, *phantom_folders(data)]
    if not found:
        expected = f"<case>{IMAGE}.nii.gz with <case>{LABELS}.nii.gz, or phantoms with {TRUTH}"
        raise NothingReadable("\n".join([f"{data} holds nothing to evaluate on: {expected}.", *problems]))
    return found, problems


def _labelled(data: Path) -> tuple[list[LabelledFiles], list[str]]:
    cases, problems = [], []
    patients = [row["patient"] for row in patient_table(data) if row.get("patient")]
    for image in sorted(p for s in SUFFIXES for p in data.glob(f"*{IMAGE}{s}")):
        suffix = next(s for s in SUFFIXES if image.name.endswith(s))
        case = image.name.removesuffix(f"{IMAGE}{suffix}")
        labels, levels = (_beside(data, case, what) for what in (LABELS, LEVELS))
        if labels is None:
            problems.append(f"{image.name} has no labels ({case}{LABELS}.nii.gz); it was left out.")
            continue
        cases.append(LabelledFiles(case, patient_of(case, patients), image, labels, levels))
    return cases, problems


def _beside(data: Path, case: str, what: str) -> Path | None:
    return next((p for s in SUFFIXES if (p := data / f"{case}{what}{s}").is_file()), None)


def patient_table(data: Path) -> list[dict[str, str]]:
    """Return the rows of ``patients.csv``, none without it."""
    try:
        with (data / PATIENT_TABLE).open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        return []


def patient_of(case: str, patients: Iterable[str]) -> str:
    """Return the patient whose id is the case, its first or its last part; the case itself without one."""
    matching = [p for p in patients if case == p or case.startswith(f"{p}_") or case.endswith(f"_{p}")]
    return max(matching, key=len, default=case)


def chosen_sources(sources: Sequence[Source], which: str, data: Path | None) -> list[Source]:
    """Return the cases of some patients: ``all``, a split of ``patients.csv``, or ids with commas.

    Raises
    ------
    UsageProblem
        When no case belongs to them.
    """
    if which == "all":
        return list(sources)
    table = patient_table(data) if data else []
    splits = {row["patient"]: row.get(c, "") for row in table for c in SPLIT_COLUMNS if row.get(c)}
    wanted = {patient for patient, split in splits.items() if split == which}
    wanted = wanted or {name.strip() for name in which.split(",")}
    found = [s for s in sources if s.patient in wanted or s.key in wanted]
    if not found:
        named = ", ".join(sorted(set(splits.values()))) or f"none ({PATIENT_TABLE} is missing)"
        raise UsageProblem(f"No case belongs to the patients {which!r}; splits: {named}.")
    return found


SPIDER_PREFIX = "spider_"


def unseen(manifest: Mapping[str, Any], source: Source) -> bool | None:
    """Return whether a model never trained on a case; None when its manifest does not tell.

    A manifest lists names in ``training.trained_on`` or ``training.never_trained_on``; plain numbers
    there are patients of the SPIDER data set, whose cases here are called ``spider_<number>``.
    """
    training = manifest.get("training", {})
    names = {source.key}
    if source.key.startswith(SPIDER_PREFIX):
        names.add(source.key.removeprefix(SPIDER_PREFIX))
    trained, held = training.get("trained_on"), training.get("never_trained_on", ())
    if trained is not None:
        return not names & {str(name) for name in trained}
    if names & {str(name) for name in held}:
        return True
    return False if held and source.key.startswith(SPIDER_PREFIX) else None
