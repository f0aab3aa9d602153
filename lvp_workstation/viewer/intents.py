"""What a reader asked for with the mouse; sent by viewports, carried out elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import MarkShape

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


class LabelTool(StrEnum):
    """Tools that correct the segmentation, and what their points mean."""

    FILL = "fill"
    """A closed outline whose inside is filled, or one point in a hole."""
    GROW = "grow"
    """The point to grow from."""
    RELABEL = "relabel"
    """A point of the piece that gets another label."""
    SPLIT = "split"
    """Both ends of a line through a structure."""
    MERGE = "merge"
    """A point of the structure that becomes part of the one at the other point."""


@dataclass(frozen=True, eq=False)
class LabelGesture:
    """A correction of the segmentation on one slice, other than a stroke.

    Attributes
    ----------
    points
        Shape (n, 3), LPS mm; what they mean is told by `LabelTool`.
    normal
        Unit normal of the slice.
    erase
        Whether voxels are to become background.
    """

    tool: LabelTool
    points: Array
    normal: Array
    erase: bool = False


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
    """A measurement drawn by the reader on a slice; what its LPS mm points mean is told by `MarkShape`.

    ``normal`` is the unit normal of the slice, ``slab_mm`` the thickness of a slab, 0 on a slice.
    """

    shape: MarkShape
    points: Array
    series_key: str
    slice_index: int | None
    frame_of_reference_uid: str
    normal: Array
    slab_mm: float = 0.0


@dataclass(frozen=True, eq=False)
class MarkMoved:
    """A point of a measurement was dragged: all its points now, LPS mm."""

    mark_id: str
    points: Array
