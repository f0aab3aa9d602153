"""Read back the DICOM Segmentations that this program writes, as exported level ids on the image's grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import SegmentationStorage

from lvp_workstation.domain.anatomy import Structure
from lvp_workstation.domain.errors import UnreadableInput
from lvp_workstation.domain.labelmap import CANAL_CODE, LEVEL_IDS, LOWEST_DISC_ID, SACRUM_CODE
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io import tags
from lvp_workstation.io.quiet import collected_warnings

OFF_GRID = 0.05
"""Share of a voxel by which a segment may lie beside the voxels of the image (our choice: rounding)."""


def segmented_series(path: Path) -> str | None:
    """Return the SeriesInstanceUID that a segmentation was made on, None when the file holds none."""
    try:
        with collected_warnings():
            data = pydicom.dcmread(path, stop_before_pixels=True)
    except tags.PARSER_ERRORS:
        return None
    if tags.text(data, "SOPClassUID") != SegmentationStorage:
        return None
    series = tags.items(data, "ReferencedSeriesSequence")
    return tags.text(series[0], "SeriesInstanceUID") if series else None


def read_segmentation(path: Path, geometry: VolumeGeometry) -> NDArray[np.uint8]:
    """Return the level ids of a segmentation on the voxels of its image.

    Parameters
    ----------
    path
        A SEG object whose segments are labelled as `io.seg.segment_label` does.
    geometry
        Grid of the series it was made on.

    Returns
    -------
    ids
        uint8, shape of the grid: the ids of `LabelMap.exported`; segments of other names are left out.

    Raises
    ------
    UnreadableInput
        When it cannot be read, knows none of the names, or lies on other voxels.
    """
    try:
        with collected_warnings():
            data: Any = hd.seg.segread(str(path))
            found = {n: _id_of(data.get_segment_description(n).segment_label) for n in data.segment_numbers}
            volume = data.get_volume(combine_segments=True)
    except tags.PARSER_ERRORS as error:
        raise UnreadableInput(f"{path.name} cannot be read as a DICOM segmentation ({error}).") from error
    if not any(found.values()):
        raise UnreadableInput(f"{path.name} names no structure that this program knows.")
    places = np.argwhere(volume.array > 0)
    world = places @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    exact = geometry.world_to_index(world)
    index = np.rint(exact).astype(np.intp)
    inside = ((index >= 0) & (index < np.array(geometry.shape))).all()
    if not inside or np.abs(exact - index).max(initial=0.0) > OFF_GRID:
        raise UnreadableInput(f"{path.name} does not lie on the voxels of its image.")
    table = np.zeros(max(found) + 1, dtype=np.uint8)
    for number, value in found.items():
        table[number] = value
    ids = np.zeros(geometry.shape, dtype=np.uint8)
    ids[tuple(index.T)] = table[volume.array[tuple(places.T)].astype(np.intp)]
    return ids


def _id_of(label: str) -> int:
    """Return the exported id of a segment's label, 0 for one that is not ours."""
    if label in (Structure.CANAL.value, Structure.SACRUM.value):
        return CANAL_CODE if label == Structure.CANAL.value else SACRUM_CODE
    level, _, structure = label.partition(" ")
    if structure == Structure.DISC.value and level.endswith("-S1"):
        return LOWEST_DISC_ID
    known = structure == (Structure.DISC if "-" in level else Structure.VERTEBRA).value
    return LEVEL_IDS.get(level, 0) if known else 0
