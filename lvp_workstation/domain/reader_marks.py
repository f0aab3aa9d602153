"""What a reader measures by hand: distances, angles and regions, as world points on one slice.

A value is computed from the points and, for the signal of a region, from the pixels of the acquired slice;
nothing is typed in. Marks are kept in the reading and change by edits, see `mark_edits`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lvp_workstation.domain.annotations import Point, Provenance, as_points
from lvp_workstation.domain.geometry import Array, unit

ELLIPSE_POINTS = 72
"""Corners of the polygon that an ellipse is drawn as (our choice)."""

TOO_SHORT_MM = 1e-3
"""Shorter than the rounding of the points: no direction can be told."""


class MarkShape(StrEnum):
    """What is measured, and what the points ``p0, p1 …`` mean (LPS mm)."""

    DISTANCE = "distance"
    """|p1 - p0|, mm."""
    ANGLE = "angle"
    """Angle at p1 between the arms p1 -> p0 and p1 -> p2, deg, 0 to 180."""
    ELLIPSE = "ellipse"
    """Centre p0 and the ends p1, p2 of two semi-axes at right angles; area in mm2."""


UNITS = {MarkShape.DISTANCE: "mm", MarkShape.ANGLE: "deg", MarkShape.ELLIPSE: "mm2"}
POINTS = {MarkShape.DISTANCE: 2, MarkShape.ANGLE: 3, MarkShape.ELLIPSE: 3}
"""How many points each shape has."""


@dataclass(frozen=True)
class SignalStatistics:
    """Signal of the pixels whose centre lies in a region of one acquired slice, stored values.

    ``deviation`` is the standard deviation of these pixels (divided by their number).
    """

    pixels: int
    mean: float
    deviation: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class ReaderMark:
    """One measurement by hand.

    Attributes
    ----------
    mark_id
        Unique in the reading.
    points_lps
        World points, LPS mm; what they mean is told by `MarkShape`.
    series_key, slice_index
        The stack and the slice it was drawn on; ``slice_index`` is None on a computed slice.
    source, image
        Description of the series, and number and count of its images such as ``8/15``; ``image`` is empty on
        a computed slice.
    signal
        Signal in an ellipse on an acquired slice, None elsewhere.
    """

    mark_id: str
    shape: MarkShape
    points_lps: tuple[Point, ...]
    series_key: str
    slice_index: int | None
    provenance: Provenance
    frame_of_reference_uid: str = ""
    source_sop_uids: tuple[str, ...] = ()
    source: str = ""
    image: str = ""
    signal: SignalStatistics | None = None

    @property
    def points(self) -> Array:
        """The world points, shape (n, 3), LPS mm."""
        return np.array(self.points_lps, dtype=np.float64).reshape(-1, 3)

    @property
    def value(self) -> float:
        """The value in `unit`, computed from the points."""
        return value_of(self.shape, self.points)

    @property
    def unit(self) -> str:
        """UCUM-like unit: mm, deg or mm2."""
        return UNITS[self.shape]

    @property
    def words(self) -> str:
        """The value in one line, such as ``angle 32.1°``."""
        return f"{self.shape.value} {', '.join(value_lines(self.shape, self.points, self.signal))}"

    def with_points(self, points: Array, signal: SignalStatistics | None) -> ReaderMark:
        """Return the mark after its points were moved; ``signal`` is what it encloses now."""
        return replace(self, points_lps=as_points(*points), signal=signal)


def value_of(shape: MarkShape, points: Array) -> float:
    """Return the value of a shape in its unit; ``points`` of shape (n, 3), LPS mm."""
    if shape is MarkShape.DISTANCE:
        return float(np.linalg.norm(points[1] - points[0]))
    first, second = points[1] - points[0], points[2] - points[0]
    if shape is MarkShape.ELLIPSE:
        return float(np.pi * np.linalg.norm(first) * np.linalg.norm(second))
    arms = points[0] - points[1], points[2] - points[1]
    if min(np.linalg.norm(arm) for arm in arms) < TOO_SHORT_MM:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(unit(arms[0]) @ unit(arms[1]), -1.0, 1.0))))


def value_lines(shape: MarkShape, points: Array, signal: SignalStatistics | None) -> tuple[str, ...]:
    """Return the value with its unit as a caption of one or more lines."""
    value = value_of(shape, points)
    if shape is MarkShape.DISTANCE:
        return (f"{value:.1f} mm",)
    if shape is MarkShape.ANGLE:
        return (f"{value:.1f}°",)
    if signal is None:
        return (f"{value:.1f} mm²",)
    spread = f"mean {signal.mean:.1f}  SD {signal.deviation:.1f}"
    return f"{value:.1f} mm²", spread, f"min {signal.minimum:g}  max {signal.maximum:g}"


def moved(shape: MarkShape, points: Array, number: int, to: Array) -> Array:
    """Return the points after one of them was dragged to an LPS point.

    The centre of an ellipse takes the whole along; the end of a semi-axis turns the other one, so that
    they stay at right angles.
    """
    after = points.copy()
    if shape is not MarkShape.ELLIPSE:
        after[number] = to
        return after
    if number == 0:
        return np.asarray(points + (to - points[0]))
    arm, other = to - points[0], points[3 - number] - points[0]
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    if np.linalg.norm(arm) < TOO_SHORT_MM or np.linalg.norm(normal) < TOO_SHORT_MM**2:
        return after
    across = unit(np.cross(normal, arm))
    side = 1.0 if across @ other >= 0 else -1.0
    after[number] = to
    after[3 - number] = points[0] + side * np.linalg.norm(other) * across
    return after


def outline(shape: MarkShape, points: Array) -> Array:
    """Return the line that is drawn for a shape, (n, 3) LPS mm; that of an ellipse is closed."""
    if shape is not MarkShape.ELLIPSE:
        return points
    turn = np.linspace(0.0, 2.0 * np.pi, ELLIPSE_POINTS, endpoint=False)[:, None]
    return np.asarray(
        points[0] + np.cos(turn) * (points[1] - points[0]) + np.sin(turn) * (points[2] - points[0])
    )
