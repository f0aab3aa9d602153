"""Landmarks of vertebral bodies, discs and the canal in the mid-sagittal section of the spine.

All points and directions are patient LPS in mm. "Mid-sagittal" means the curved section through the
centreline of the canal, so in a scoliotic spine the points of one body may lie on another slice than
those of the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Point


@dataclass(frozen=True)
class EndplateLandmarks:
    """One endplate in the mid-sagittal section.

    Attributes
    ----------
    anterior, posterior
        Corners of the body: where the line that rests on both rims meets the lines of the walls.
    middle
        Point of the endplate itself halfway between the corners; its hollow is followed.
    derived
        The endplate was not segmented and was taken from the surface of the neighbouring disc.
    """

    anterior: Point
    middle: Point
    posterior: Point
    derived: bool = False


@dataclass(frozen=True)
class BodyLandmarks:
    """A vertebral body, or the first sacral body (superior endplate only).

    Attributes
    ----------
    centre
        Centroid of the body in the section.
    up
        Unit direction of the body axis, pointing superior.
    superior, inferior
        Endplates; None where the body is cut by the image or was not segmented.
    """

    instance: InstanceId
    centre: Point
    up: Point
    superior: EndplateLandmarks | None = None
    inferior: EndplateLandmarks | None = None


@dataclass(frozen=True)
class DiscLandmarks:
    """A disc: its centroid in the section and its axis (unit normal, pointing superior)."""

    instance: InstanceId
    centroid: Point
    normal: Point


@dataclass(frozen=True)
class SpineLandmarks:
    """All landmarks found in one series.

    Attributes
    ----------
    bodies, discs
        By instance; the first sacral body is under ``SACRUM`` (or ``V0`` when it was derived from the
        lowest disc).
    canal
        Centreline of the canal from cranial to caudal.
    """

    bodies: MappingProxyType[InstanceId, BodyLandmarks] = field(default_factory=lambda: MappingProxyType({}))
    discs: MappingProxyType[InstanceId, DiscLandmarks] = field(default_factory=lambda: MappingProxyType({}))
    canal: tuple[Point, ...] = ()
