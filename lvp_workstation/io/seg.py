"""Write a label map as a DICOM Segmentation (PS3.3 A.51), binary, one segment a structure, by highdicom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from highdicom.sr.coding import CodedConcept as HdCode
from numpy.typing import NDArray
from pydicom.sr.codedict import codes

from lvp_workstation.domain.anatomy import CodedConcept, LevelMap, Structure
from lvp_workstation.domain.errors import OutputProblem, UnreadableInput
from lvp_workstation.domain.labelmap import ExportedLabel, LabelMap
from lvp_workstation.domain.study import Series
from lvp_workstation.domain.volume import SLICE, VolumeGeometry
from lvp_workstation.io import tags
from lvp_workstation.io.atomic import write_with
from lvp_workstation.io.image_info import functional_groups, group_item
from lvp_workstation.io.quiet import collected_warnings
from lvp_workstation.io.source_header import copyable
from lvp_workstation.io.sources import open_source
from lvp_workstation.io.write_mr import uid_of

ANATOMICAL_STRUCTURE = CodedConcept("SCT", "91723000", "Anatomical Structure")
"""Segmented property category (CID 7150)."""

SERIES_NUMBER = 9001
"""SeriesNumber of our segmentations, beyond those of scanners (our choice)."""

CONTENT_LABEL = "LUMBAR_SPINE"
SAME_GRID_MM = 0.01
COPIED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator"),
)
"""Elements of type 2 that a SEG takes from its source (PS3.3 C.7.1.1, C.7.2.1, C.7.4.1)."""


@dataclass(frozen=True)
class SegAuthor:
    """Which algorithm made a segmentation, with which program."""

    algorithm_name: str
    algorithm_version: str
    manufacturer: str = "lvp_workstation"
    model_name: str = "lvp_workstation"
    software_version: str = "0"
    device_serial: str = "0"
    edited: bool = False
    """True when a reader changed the algorithm's voxels: SEMIAUTOMATIC instead of AUTOMATIC."""


@dataclass(frozen=True)
class Segment:
    """A segment: SegmentLabel, what it is, and what must be said about it (SegmentDescription)."""

    label: str
    code: CodedConcept
    note: str = ""


@dataclass(frozen=True, eq=False)
class SegContent:
    """What a SEG object holds.

    Attributes
    ----------
    numbers
        Segment number 1 … n of every voxel of ``geometry``, 0 for none.
    title
        SeriesDescription and ContentDescription, at most 64 characters.
    """

    numbers: NDArray[np.uint8]
    geometry: VolumeGeometry
    segments: Sequence[Segment]
    title: str = "Lumbar spine segmentation"
    series_number: int = SERIES_NUMBER


def segmentation(
    label_map: LabelMap, levels: LevelMap, series: Series, author: SegAuthor, uids: tuple[str, str]
) -> Any:
    """Return the SEG object of a label map made on a DICOM series.

    Parameters
    ----------
    uids
        SeriesInstanceUID and SOPInstanceUID of the new object.

    Raises
    ------
    OutputProblem
        When the map is empty or does not lie on the grid of the series, or its images share a UID.
    UnreadableInput
        When a source file is gone.
    """
    exported, rows = label_map.exported(levels)
    segments = [Segment(segment_label(row), row.code) for row in rows]
    content = SegContent(_numbered(exported, rows), label_map.geometry, segments)
    return segmentation_of(content, series, author, uids)


def segmentation_of(content: SegContent, series: Series, author: SegAuthor, uids: tuple[str, str]) -> Any:
    """Return the SEG object of numbered segments on the slices of a DICOM series; see `segmentation`."""
    if not content.segments:
        raise OutputProblem("The segmentation is empty; no DICOM segmentation was written.")
    stack = _fitted(series, content.geometry)
    present = [(frame.sop_instance_uid, frame.frame_index) for frame in stack.frames if frame.path]
    if len(set(present)) < len(present):
        raise OutputProblem(
            "No DICOM segmentation was written: several images carry one SOPInstanceUID; "
            "use segmentation.nii.gz."
        )
    sources = [_source(path) for path in dict.fromkeys(frame.path for frame in stack.frames if frame.path)]
    where = _on_frames if functional_groups(sources[0], 0) else _on_files
    try:
        with collected_warnings():
            data = hd.seg.Segmentation(
                **where(stack, sources, content.numbers),
                **_descriptions(content, author),
                series_instance_uid=uids[0],
                sop_instance_uid=uids[1],
            )
    except tags.PARSER_ERRORS as error:
        raise OutputProblem(_unfit(sources[0], error)) from error
    _keep_frames_of_stack(data, stack)
    for item, segment in zip(data.SegmentSequence, content.segments, strict=True):
        if segment.note:
            item.SegmentDescription = segment.note
    return data


def _descriptions(content: SegContent, author: SegAuthor) -> dict[str, Any]:
    """Return what is the same for every source: segments, device and labels."""
    return {
        "segmentation_type": hd.seg.SegmentationTypeValues.BINARY,
        "segment_descriptions": [
            _describe(n, segment, author) for n, segment in enumerate(content.segments, start=1)
        ],
        "series_number": content.series_number,
        "instance_number": 1,
        "manufacturer": author.manufacturer,
        "manufacturer_model_name": author.model_name,
        "software_versions": author.software_version,
        "device_serial_number": author.device_serial,
        "content_label": CONTENT_LABEL,
        "content_description": content.title,
        "series_description": content.title,
        "omit_empty_frames": True,
    }


def _unfit(source: Any, error: Exception) -> str:
    """Return why the files of a series cannot be referred to, naming what their headers lack."""
    name = getattr(error, "name", None)
    lack = f"lack {name}" if name and name not in source else "do not allow one"
    return f"No DICOM segmentation was written: the headers of the series {lack}; use segmentation.nii.gz."


def _fitted(series: Series, geometry: VolumeGeometry) -> Series:
    """Return the part of a stack on which a label map lies: slices may be missing at its ends."""
    if series.geometry is not None:
        count = geometry.shape[SLICE]
        for first in range(len(series.frames) - count + 1):
            affine = series.geometry.affine.copy()
            affine[:3, 3] += affine[:3, SLICE] * first
            shape = (count, *series.geometry.shape[1:])
            if VolumeGeometry(affine, shape).same_grid(geometry, SAME_GRID_MM):
                return replace(series, frames=series.frames[first : first + count], geometry=geometry)
    raise OutputProblem("The segmentation does not lie on the slices of the series; it was not written.")


def write_segmentation(
    path: Path,
    label_map: LabelMap,
    levels: LevelMap,
    series: Series,
    author: SegAuthor,
    uids: tuple[str, str],
) -> Path:
    """Write the SEG object atomically; see `segmentation`."""
    return save_segmentation(path, segmentation(label_map, levels, series, author, uids))


def save_segmentation(path: Path, data: Any) -> Path:
    """Write a SEG object atomically."""

    def write(temporary: Path) -> None:
        with collected_warnings():
            data.save_as(temporary)

    return write_with(path, write)


def _numbered(exported: NDArray[np.uint8], rows: tuple[ExportedLabel, ...]) -> NDArray[np.uint8]:
    """Return the array with exported ids replaced by segment numbers 1 … n."""
    table = np.zeros(256, dtype=np.uint8)
    for number, row in enumerate(rows, start=1):
        table[row.value] = number
    return np.asarray(table[exported])


def _on_files(series: Series, sources: list[Any], array: NDArray[np.uint8]) -> dict[str, Any]:
    """Return images and labels for a stack of single-frame objects."""
    present = [number for number, frame in enumerate(series.frames) if frame.path]
    return {"source_images": sources, "pixel_array": array[present]}


def _on_frames(series: Series, sources: list[Any], array: NDArray[np.uint8]) -> dict[str, Any]:
    """Return image, labels and places for a stack of frames, which may share places with other frames."""
    present = [number for number, frame in enumerate(series.frames) if frame.path]
    places = [
        hd.PlanePositionSequence(
            hd.CoordinateSystemNames.PATIENT,
            tags.numbers(_plane_position(sources, series, number), "ImagePositionPatient", 3),
        )
        for number in present
    ]
    first = _with_shared_geometry(sources[0], series.frames[present[0]].frame_index)
    return {
        "source_images": [first],
        "further_source_images": sources[1:] or None,
        "pixel_array": array[present],
        "plane_positions": places,
    }


def _plane_position(sources: list[Any], series: Series, number: int) -> Any:
    frame = series.frames[number]
    source = next(s for s in sources if tags.text(s, "SOPInstanceUID") == frame.sop_instance_uid)
    return group_item(functional_groups(source, frame.frame_index), "PlanePositionSequence")


def _keep_frames_of_stack(data: Any, series: Series) -> None:
    """Drop references to source frames that lie at the same place but belong to another stack."""
    own = {(frame.sop_instance_uid, frame.frame_index + 1) for frame in series.frames}
    for groups in data.PerFrameFunctionalGroupsSequence:
        for derivation in tags.items(groups, "DerivationImageSequence"):
            derivation.SourceImageSequence = [
                item
                for item in derivation.SourceImageSequence
                if (item.ReferencedSOPInstanceUID, tags.integer(item, "ReferencedFrameNumber") or 1) in own
            ]


def _source(path: str) -> Any:
    """Return the header of a source object, with empty values where it lacks what every SEG must copy."""
    try:
        with collected_warnings(), open_source(path) as stream:
            data = copyable(pydicom.dcmread(stream, stop_before_pixels=True, force=True))
            for keyword in COPIED:
                if tags.value(data, keyword) is None:
                    setattr(data, keyword, None)
            if not tags.text(data, "FrameOfReferenceUID"):  # required: one that holds for this series only
                of_series = tags.text(data, "SeriesInstanceUID")
                data.FrameOfReferenceUID = uid_of("frame of reference", of_series)
            if tags.value(data, "SliceThickness") is None and not functional_groups(data, 0):
                data.SliceThickness = tags.number(data, "SpacingBetweenSlices") or 1.0
    except tags.PARSER_ERRORS as error:
        raise UnreadableInput(f"{path} can no longer be read; the segmentation was not written.") from error
    return data


def _with_shared_geometry(data: Any, frame_index: int) -> Any:
    """Put orientation and pixel measures of a frame into the shared functional groups of a multi-frame copy.

    Scanners often repeat them for each frame, and highdicom reads the shared ones only.
    """
    groups = functional_groups(data, frame_index)
    if groups:
        shared = tags.items(data, "SharedFunctionalGroupsSequence")
        target = shared[0] if shared else pydicom.Dataset()
        for macro in ("PlaneOrientationSequence", "PixelMeasuresSequence"):
            setattr(target, macro, [group_item(groups, macro)])
        data.SharedFunctionalGroupsSequence = [target]
    return data


def _code(concept: CodedConcept) -> HdCode:
    return HdCode(concept.value, concept.scheme, concept.meaning)


def _describe(number: int, segment: Segment, author: SegAuthor) -> Any:
    kind = hd.seg.SegmentAlgorithmTypeValues
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=_code(ANATOMICAL_STRUCTURE),
        segmented_property_type=_code(segment.code),
        algorithm_type=kind.SEMIAUTOMATIC if author.edited else kind.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=author.algorithm_name,
            version=author.algorithm_version,
            family=codes.DCM.ArtificialIntelligence,
        ),
    )


def segment_label(row: ExportedLabel) -> str:
    """Return the SegmentLabel of a structure, such as ``L4-L5 disc`` or ``L4 vertebra``."""
    if row.structure in (Structure.VERTEBRA, Structure.DISC):
        return f"{row.level} {row.structure.value}"
    return row.structure.value
