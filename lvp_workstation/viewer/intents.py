"""What a reader asked for with the mouse; sent by viewports, carried out elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.reader_marks import MarkShape

SERIES_MIME = "application/x-lvp-series"
"""MIME type of a dragged series: its key."""


@dataclass(frozen=True, eq=False)
class PointReadout:
    """What lies under the mouse: LPS mm, stored value, instance and its name."""

    point: Array
    value: float | None = None
    instance: InstanceId | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class BrushStroke:
    """A stroke of the brush or the eraser on one slice.

    Attributes
    ----------
    points
        Shape (n, 3): LPS mm points the middle of the brush went through, on the slice.
    radius_mm
        Radius of the brush in the slice plane.
    erase
        Whether voxels are to become background.
    normal
        Unit normal of the slice.
    series_key, slice_index
        The stack and the slice painted on; ``slice_index`` is None on a computed slice.
    frame_of_reference_uid
        Frame of reference of the points.
    """

    points: Array
    radius_mm: float
    erase: bool
    normal: Array
    series_key: str
    slice_index: int | None
    frame_of_reference_uid: str


@dataclass(frozen=True, eq=False)
class PlaneMove:
    """The computed plane of linked viewport ``number`` shall go through an LPS mm point."""

    number: int
    point: Array


@dataclass(frozen=True, eq=False)
class PlaneTurn:
    """The computed plane of linked viewport ``number`` shall turn about an axis through a point.

    Attributes
    ----------
    pivot, axis
        LPS mm point and direction of the axis.
    degrees
        Angle, right-handed about the axis.
    """

    number: int
    pivot: Array
    axis: Array
    degrees: float


@dataclass(frozen=True, eq=False)
class MarkDrawn:
    """A measurement drawn by the reader on a slice; what its LPS mm points mean is told by `MarkShape`."""

    shape: MarkShape
    points: Array
    series_key: str
    slice_index: int | None
    frame_of_reference_uid: str


@dataclass(frozen=True, eq=False)
class MarkMoved:
    """A point of a measurement was dragged: all its points now, LPS mm."""

    mark_id: str
    points: Array
