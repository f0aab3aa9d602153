"""What the axial model found, drawn on the images it was found on and written as DICOM segmentations.

The model learned from phantoms only: every segment and every series says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvp_workstation import __version__
from lvp_workstation.domain.anatomy import CodedConcept, InstanceId
from lvp_workstation.domain.axial_anatomy import AXIAL_CLASSES, AxialStructures
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io.seg import SegAuthor, SegContent, Segment, save_segmentation, segmentation_of
from lvp_workstation.io.write_mr import uid_of
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.axial_findings import AxialFindings

AXIAL_SEGMENTATIONS = tuple(f"axial_segmentation_{n}.dcm" for n in range(1, 13))
"""One object a stack of axial images, at most twelve: a block a disc from T9-T10 to the sacrum, and spare."""
TITLE = "Axial: synthetic training, not validated on patients"
NOTE = "Synthetic training, not validated on patients"
SERIES_NUMBER = 9002
CODES: Mapping[str, CodedConcept] = {
    "sac": CodedConcept("SCT", "35951006", "Subarachnoid space"),
    "disc": CodedConcept("99LVP", "DISC", "Intervertebral disc"),
    "body": CodedConcept("SCT", "3572006", "Vertebral body"),
    "arch": CodedConcept("SCT", "40265002", "Arch of vertebra"),
    "flavum": CodedConcept("99LVP", "FLAVUM", "Ligamentum flavum"),
    "root": CodedConcept("99LVP", "ROOT", "Spinal nerve root beside the dural sac"),
    "herniation": CodedConcept("99LVP", "DISPLACED", "Displaced disc material"),
}
"""SNOMED CT where a code was found, else our own scheme."""
LABELS = {"sac": "dural sac", "arch": "posterior elements", "flavum": "ligamentum flavum"}
SAME_SLICE = 0.15
"""A slice of a patch is a slice of a series when it lies within this share of the slice spacing (our choice:
patches keep the slices as acquired)."""

Numbers = NDArray[np.uint8]


def drawn(structures: Mapping[InstanceId, AxialStructures], grid: VolumeGeometry) -> Numbers:
    """Return the structure of every voxel of an acquired series, numbers of `AXIAL_CLASSES`.

    Where the patches of two discs meet in one slice, that of the lower disc counts.
    """
    found = np.zeros(grid.shape, dtype=np.uint8)
    for one in structures.values():
        for number, plane in enumerate(one.labels):
            place = _slice_of(one.geometry, number, grid)
            if place is not None:
                _draw(found[place], plane, grid, place, one.geometry)
    return found


def _slice_of(patch: VolumeGeometry, number: int, grid: VolumeGeometry) -> int | None:
    """Return the slice of a grid in which a slice of a patch lies, None where it lies in none."""
    _, rows, columns = patch.shape
    corners = [(number, r, c) for r in (0, rows - 1) for c in (0, columns - 1)]
    places = grid.world_to_index(patch.index_to_world(corners))[:, 0]
    nearest = round(float(places.mean()))
    inside = 0 <= nearest < grid.shape[0]
    return nearest if inside and bool((np.abs(places - nearest) <= SAME_SLICE).all()) else None


def _draw(target: Numbers, plane: Numbers, grid: VolumeGeometry, place: int, patch: VolumeGeometry) -> None:
    """Fill the empty pixels of a slice with the nearest labels of a patch, in place."""
    rows, columns = np.indices(target.shape)
    index = np.stack([np.full(target.shape, float(place)), rows, columns], axis=-1)
    at = _rounded(patch.world_to_index(grid.index_to_world(index)))
    inside = ((at >= 0) & (at < np.array(plane.shape))).all(axis=-1) & (target == 0)
    target[inside] = plane[tuple(at[inside].T)]


def _rounded(index: Array) -> NDArray[np.intp]:
    return np.rint(np.asarray(index)[..., 1:]).astype(np.intp)


def write_axial_segmentations(folder: Path, analysis: Analysis) -> tuple[Path, ...]:
    """Write one SEG object for each stack of axial images that shows a structure; nothing without any.

    Raises
    ------
    OutputProblem
        When an object cannot be written.
    """
    found = analysis.axial
    if found is None:
        return ()
    shown = zip(AXIAL_SEGMENTATIONS, _shown(analysis, found), strict=False)
    return tuple(_write(folder / name, found, series, numbers) for name, (series, numbers) in shown)


def _shown(analysis: Analysis, found: AxialFindings) -> Iterator[tuple[Series, Numbers]]:
    for series in analysis.study.series:
        files = all(frame.path for frame in series.frames)
        if series.role is SeriesRole.AX_T2 and series.geometry is not None and files:
            numbers = drawn(found.structures, series.geometry)
            if numbers.any():
                yield series, numbers


def _write(path: Path, found: AxialFindings, series: Series, numbers: Numbers) -> Path:
    assert series.geometry is not None
    present = [n for n in range(1, len(AXIAL_CLASSES)) if (numbers == n).any()]
    table = np.zeros(len(AXIAL_CLASSES), dtype=np.uint8)
    table[present] = np.arange(1, len(present) + 1)
    names = [AXIAL_CLASSES[n] for n in present]
    segments = [Segment(LABELS.get(name, CODES[name].meaning), CODES[name], NOTE) for name in names]
    content = SegContent(table[numbers], series.geometry, segments, TITLE, SERIES_NUMBER)
    author = SegAuthor(found.name, found.version, software_version=__version__)
    seed = (series.series_instance_uid, series.stack, found.sha256, labels_sha256(content.numbers))
    uids = (uid_of("axial seg series", *seed), uid_of("axial seg", *seed))
    return save_segmentation(path, segmentation_of(content, series, author, uids))
