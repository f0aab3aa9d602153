"""Labelled volumes of the user's own: NIfTI pairs, or DICOM series with the segmentations of this program.

``<case>_image.nii.gz`` lies beside ``<case>_labels.nii.gz`` [and ``_levels``]; or the folder, at any depth,
holds DICOM series and the SEG objects that this program (or its reader) wrote on them.

Labels may hold the classes 1 vertebra, 2 disc, 3 canal, 4 sacrum; the numbers of SPIDER; or the level ids
that this program exports. Vertebrae, discs and canal must be labelled throughout the volume, because what
is not labelled is taught as background. Without a sacrum, its place is worked out as for SPIDER.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.labelmap import LOWEST_DISC_ID
from lvp_workstation.domain.volume import Volume, to_canonical
from lvp_workstation.evaluation.conventions import Reference, read_reference
from lvp_workstation.inference.preprocess import normalise
from lvp_workstation.io.read_seg import read_segmentation, segmented_series
from lvp_workstation.services.open_study import load_volume, open_paths
from models.training.cases import SPIDER_LOWEST_DISC, Case, as_ratio, read_volume
from models.training.labels import CANAL, CLASS_NAMES, DISC, SACRUM, VERTEBRA, targets
from models.training.validation import Judged

IMAGE, LABELS, LEVELS = "_image.nii.gz", "_labels.nii.gz", "_levels.nii.gz"


def labelled_folder(folder: Path) -> list[Case]:
    """Load all cases of a folder.

    Raises
    ------
    FileNotFoundError
        When it holds no case, or an image has no labels, or a segmentation no image.
    ValueError, UnreadableInput
        When labels do not lie on their image, or lack vertebrae, discs or canal; the file is named.
    """
    return [_case(*found) for found in _read(folder)]


def judged_folder(folder: Path) -> list[Judged]:
    """Load the same kind of folder to judge a network on; errors as `labelled_folder`."""
    return [Judged(name, volume, reference.classes) for name, volume, reference in _read(folder)]


def _read(folder: Path) -> Iterator[tuple[str, Volume, Reference]]:
    images = sorted(folder.glob(f"*{IMAGE}"))
    segmentations = _segmentations(folder)
    if not images and not segmentations:
        raise FileNotFoundError(f"no <case>{IMAGE} and no DICOM segmentation in {folder}")
    for path in images:
        volume = to_canonical(read_volume(path))
        yield path.name.removesuffix(IMAGE), volume, _reference(path, volume.shape)
    if segmentations:
        yield from _read_segmented(folder, segmentations)


def _segmentations(folder: Path) -> list[tuple[Path, str]]:
    """Return the DICOM segmentations of a folder and the series each was made on."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".gz"))
    found = ((path, segmented_series(path)) for path in files)
    return [(path, series) for path, series in found if series]


def _read_segmented(
    folder: Path, segmentations: list[tuple[Path, str]]
) -> Iterator[tuple[str, Volume, Reference]]:
    """Yield each segmented DICOM series; of several segmentations of one, the last by name counts."""
    known = {s.series_instance_uid: s for study in open_paths([folder]).studies for s in study.series}
    for uid, path in sorted({uid: path for path, uid in segmentations}.items()):
        if uid not in known:
            raise FileNotFoundError(f"{path}: the series {uid} that it was made on is not in {folder}")
        volume = load_volume(known[uid]).volume
        ids = read_segmentation(path, volume.geometry)
        canonical = to_canonical(volume)
        labels = to_canonical(Volume(ids, volume.geometry)).array
        yield f"{path.stem}_{uid[-12:]}", canonical, _complete(read_reference(labels), path)


def _case(name: str, volume: Volume, reference: Reference) -> Case:
    spacing = volume.geometry.spacing
    full = bool((reference.classes == SACRUM).any())
    target = reference.classes if full else _open_targets(reference, spacing)
    return Case(name, as_ratio(normalise(volume.array)), target, spacing, full)


def _reference(path: Path, shape: tuple[int, int, int]) -> Reference:
    name = path.name.removesuffix(IMAGE)
    labels_path, levels_path = path.with_name(name + LABELS), path.with_name(name + LEVELS)
    if not labels_path.exists():
        raise FileNotFoundError(f"{path} has no {labels_path.name} beside it")
    labels = _on_grid(labels_path, shape)
    levels = _on_grid(levels_path, shape) if levels_path.exists() else None
    try:
        reference = read_reference(labels, levels)
    except ValueError as error:
        raise ValueError(f"{labels_path}: {error}") from error
    return _complete(reference, labels_path)


def _complete(reference: Reference, path: Path) -> Reference:
    missing = [CLASS_NAMES[n] for n in (VERTEBRA, DISC, CANAL) if not (reference.classes == n).any()]
    if missing:
        raise ValueError(f"{path}: {', '.join(missing)} not labelled")
    return reference


def _on_grid(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    array = to_canonical(read_volume(path)).array
    if array.shape != shape:
        raise ValueError(f"{path} has the shape {array.shape}, its image {shape}")
    return np.asarray(np.rint(array), dtype=np.uint8)


def _open_targets(reference: Reference, spacing: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Leave the sacrum open; the S1 seed needs the L5-S1 disc to be named."""
    levels = None
    if reference.ids is not None and (reference.ids == LOWEST_DISC_ID).any():
        levels = np.where(reference.ids == LOWEST_DISC_ID, SPIDER_LOWEST_DISC, 0).astype(np.uint8)
    return targets(reference.classes, levels, spacing)
