"""The expert-graded mid-sagittal slices of SPIDER with the shipped V-Net's masks, made once and kept.

Data: SPIDER lumbar spine MRI, van der Graaf et al., Scientific Data 11, 264 (2024), CC BY 4.0.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.services.evaluate.contrast import pixel_size, read_picture

CONTRASTS = ("t2", "t2_SPACE", "t1")


@dataclass(frozen=True, eq=False)
class MidSlice:
    """One picture with its masks.

    Attributes
    ----------
    name
        ``<patient>_<contrast>``, as in ``overview.csv``.
    volume
        One sagittal slice, pixel spacing of the table, any origin.
    """

    name: str
    volume: Volume
    labels: LabelMap
    levels: LevelMap

    @property
    def patient(self) -> str:
        """SPIDER number of the patient."""
        return self.name.split("_", 1)[0]

    @property
    def contrast(self) -> str:
        """``t1``, ``t2`` or ``t2_SPACE``."""
        return self.name.split("_", 1)[1]


def overview(folder: Path) -> dict[str, dict[str, str]]:
    """Return the rows of ``overview.csv`` by file name."""
    with (folder / "overview.csv").open(newline="", encoding="utf-8") as file:
        return {row["new_file_name"]: row for row in csv.DictReader(file)}


def gradings(folder: Path) -> dict[str, dict[int, dict[str, int]]]:
    """Return the expert grades by patient and disc, counted from below."""
    found: dict[str, dict[int, dict[str, int]]] = {}
    with (folder / "radiological_gradings.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            known = {k: int(v) for k, v in row.items() if k not in ("Patient", "IVD label")}
            found.setdefault(row["Patient"], {})[int(row["IVD label"])] = known
    return found


class MidSlices:
    """Reads pictures and their masks; masks are made by the shipped V-Net and kept in a folder.

    Parameters
    ----------
    folder
        ``spider_midslices``.
    cache
        Folder of the masks; one sub-folder a model, named by its hash.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        bundle = load_bundle()
        home = cache or Path(tempfile.gettempdir()) / "lvp_midslices"
        self._folder, self._rows = folder, overview(folder)
        self._cache = home / bundle.sha256[:16]
        self._cache.mkdir(parents=True, exist_ok=True)
        self._bundle = bundle
        self._segmenter: Segmenter | None = None

    def names(self, contrasts: tuple[str, ...] = CONTRASTS) -> tuple[str, ...]:
        """Return the pictures of some contrasts in order of patient."""
        kept = [name for name in self._rows if name.split("_", 1)[1] in contrasts]
        return tuple(sorted(kept, key=lambda name: (int(name.split("_", 1)[0]), name)))

    def read(self, name: str) -> MidSlice:
        """Return a picture with its masks, segmenting it when it is not in the cache."""
        size = pixel_size(self._rows[name]["PixelSpacing"])
        volume = read_picture(self._folder / f"{name}.png", size)
        kept = self._cache / f"{name}.npz"
        if not kept.exists():
            self._segment(volume, kept)
        with np.load(kept) as stored:
            count, lowest, sacrum = (int(v) for v in stored["levels"])
            levels = LevelMap(
                count, lowest=lowest, sacrum_seen=bool(sacrum), confidence=float(stored["sure"])
            )
            return MidSlice(name, volume, LabelMap(stored["codes"], volume.geometry), levels)

    def __iter__(self) -> Iterator[MidSlice]:
        """Go through all pictures."""
        return (self.read(name) for name in self.names())

    def _segment(self, volume: Volume, kept: Path) -> None:
        if self._segmenter is None:
            self._segmenter = Segmenter(self._bundle, OnnxSession(self._bundle.model_path, 2))
        made = self._segmenter.segment(volume)
        levels = made.levels
        numbers = (levels.vertebra_count, levels.lowest, int(levels.sacrum_seen))
        np.savez_compressed(kept, codes=made.labels.array, levels=numbers, sure=levels.confidence)
