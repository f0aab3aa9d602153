"""One image of a file as plain values: single-frame attributes, or the functional groups of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.io import tags
from lvp_workstation.io.header import Header

ORTHOGONAL_TOLERANCE = 0.01
"""Largest error of length and angle cosine accepted in ImageOrientationPatient (our choice)."""


@dataclass(frozen=True, eq=False)
class ImageInfo:
    """What grouping and geometry need to know of one image.

    Attributes
    ----------
    position
        ImagePositionPatient (0020,0032), LPS mm of the centre of the first voxel; NaN when unusable.
    orientation
        ImageOrientationPatient (0020,0037): direction in which columns grow, then rows, each of length 1;
        zeros when unusable.
    pixel_spacing
        (distance between rows, distance between columns) in mm (0028,0030); zeros when unusable.
    image_type
        ImageType or FrameType without its first two values.
    groups
        The per-frame and the shared functional groups, empty for single-frame objects.
    """

    header: Header
    frame_index: int
    rows: int
    columns: int
    position: Array
    orientation: Array
    pixel_spacing: tuple[float, float]
    thickness: float | None
    echo_time: float | None
    echo_number: int | None
    temporal_position: int | None
    acquisition: int | None
    image_type: tuple[str, ...]
    stack_id: str = ""
    b_value: float | None = None
    inversion_time: float | None = None
    flip_angle: float | None = None
    trigger_time: float | None = None
    time: str = ""
    instance: int | None = None
    groups: tuple[Any, ...] = ()

    @property
    def has_geometry(self) -> bool:
        """Whether position, orientation and pixel spacing are all usable."""
        placed = bool(np.isfinite(self.position).all() and self.orientation.any())
        return placed and min(self.pixel_spacing) > 0

    @property
    def across(self) -> Array:
        """Unit direction in which columns grow."""
        return self.orientation[:3]

    @property
    def down(self) -> Array:
        """Unit direction in which rows grow."""
        return self.orientation[3:]

    @property
    def normal(self) -> Array:
        """Direction of the slice normal, across x down."""
        return np.cross(self.across, self.down)


def images_of(header: Header) -> list[ImageInfo]:
    """Return every image of an object, in file order."""
    per_frame = tags.items(header.dataset, "PerFrameFunctionalGroupsSequence")
    shared = tags.items(header.dataset, "SharedFunctionalGroupsSequence")[:1]
    if header.frames == 1 and not (per_frame or shared):
        return [_single(header)]
    return [
        _framed(header, index, tuple(per_frame[index : index + 1] + shared)) for index in range(header.frames)
    ]


def functional_groups(dataset: Any, index: int) -> tuple[Any, ...]:
    """Return the per-frame and the shared functional groups of a frame (PS3.3 C.7.6.16), those present."""
    per_frame = tags.items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = tags.items(dataset, "SharedFunctionalGroupsSequence")
    return tuple(per_frame[index : index + 1] + shared[:1])


def group_item(groups: tuple[Any, ...], macro: str) -> Any:
    """Return the item of a functional group macro, an empty dict when no group holds it."""
    for group in groups:
        found = tags.items(group, macro)
        if found:
            return found[0]
    return {}


def checked_orientation(values: tuple[float, ...] | None) -> Array:
    """Return six direction cosines scaled to unit vectors, zeros unless they are orthonormal enough."""
    if values is None or len(values) != 6:
        return np.zeros(6)
    axes = np.array(values, dtype=np.float64).reshape(2, 3)
    lengths = np.linalg.norm(axes, axis=1)
    if np.abs(lengths - 1).max() > ORTHOGONAL_TOLERANCE:
        return np.zeros(6)
    axes = axes / lengths[:, None]
    return axes.reshape(6) if abs(float(axes[0] @ axes[1])) <= ORTHOGONAL_TOLERANCE else np.zeros(6)


def _position(values: tuple[float, ...] | None) -> Array:
    return np.full(3, np.nan) if values is None else np.array(values, dtype=np.float64)


def _spacing(values: tuple[float, ...] | None) -> tuple[float, float]:
    return (values[0], values[1]) if values is not None and min(values) > 0 else (0.0, 0.0)


def _time(dataset: Any) -> str:
    return tags.text(dataset, "AcquisitionTime") or tags.text(dataset, "ContentTime")


def _single(header: Header) -> ImageInfo:
    data = header.dataset
    return ImageInfo(
        header=header,
        frame_index=0,
        rows=tags.integer(data, "Rows") or 0,
        columns=tags.integer(data, "Columns") or 0,
        position=_position(tags.numbers(data, "ImagePositionPatient", 3)),
        orientation=checked_orientation(tags.numbers(data, "ImageOrientationPatient", 6)),
        pixel_spacing=_spacing(tags.numbers(data, "PixelSpacing", 2)),
        thickness=tags.number(data, "SliceThickness"),
        echo_time=tags.number(data, "EchoTime"),
        echo_number=tags.integer(data, "EchoNumbers"),
        temporal_position=tags.integer(data, "TemporalPositionIdentifier"),
        acquisition=tags.integer(data, "AcquisitionNumber"),
        image_type=tags.texts(data, "ImageType")[2:],
        b_value=tags.number(data, "DiffusionBValue"),
        inversion_time=tags.number(data, "InversionTime"),
        flip_angle=tags.number(data, "FlipAngle"),
        trigger_time=tags.number(data, "TriggerTime"),
        time=_time(data),
        instance=tags.integer(data, "InstanceNumber"),
    )


def _framed(header: Header, index: int, groups: tuple[Any, ...]) -> ImageInfo:
    data = header.dataset
    content = group_item(groups, "FrameContentSequence")
    measures = group_item(groups, "PixelMeasuresSequence")
    cardiac = group_item(groups, "CardiacSynchronizationSequence")
    timing = group_item(groups, "MRTimingAndRelatedParametersSequence")
    frame_type = tags.texts(group_item(groups, "MRImageFrameTypeSequence"), "FrameType")
    position = tags.numbers(group_item(groups, "PlanePositionSequence"), "ImagePositionPatient", 3)
    orientation = tags.numbers(group_item(groups, "PlaneOrientationSequence"), "ImageOrientationPatient", 6)
    temporal = tags.integer(content, "TemporalPositionIndex")
    return ImageInfo(
        header=header,
        frame_index=index,
        rows=tags.integer(data, "Rows") or 0,
        columns=tags.integer(data, "Columns") or 0,
        position=_position(position),
        orientation=checked_orientation(orientation),
        pixel_spacing=_spacing(tags.numbers(measures, "PixelSpacing", 2)),
        thickness=tags.number(measures, "SliceThickness"),
        echo_time=tags.number(group_item(groups, "MREchoSequence"), "EffectiveEchoTime"),
        echo_number=None,
        temporal_position=temporal,
        acquisition=tags.integer(content, "FrameAcquisitionNumber"),
        image_type=(frame_type or tags.texts(data, "ImageType"))[2:],
        stack_id=tags.text(content, "StackID"),
        b_value=tags.number(group_item(groups, "MRDiffusionSequence"), "DiffusionBValue"),
        inversion_time=tags.number(group_item(groups, "MRModifierSequence"), "InversionTimes"),
        flip_angle=tags.number(timing, "FlipAngle"),
        trigger_time=tags.number(cardiac, "NominalCardiacTriggerDelayTime"),
        time=tags.text(content, "FrameAcquisitionDateTime"),
        instance=index + 1,
        groups=groups,
    )
