"""Shapes that a reader draws on a slice: what their points mean, what they amount to, how they are changed.

Every value is computed from world points (LPS mm). Lines are joined in pairs where two endplates are
meant; which end of such a line is the front one, and which line the upper one, follows from where they lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from lvp_workstation.domain.annotations import opening_angle, polygon_area
from lvp_workstation.domain.geometry import Array, unit

ELLIPSE_POINTS = 72
"""Corners of the polygon that an ellipse is drawn as (our choice)."""

TOO_SHORT_MM = 1e-3
"""Shorter than the rounding of the points: no direction can be told."""

PULL_MM = 8.0
"""Length of a freehand outline on each side of a dragged point that follows it (our choice)."""


class MarkShape(StrEnum):
    """What is drawn, and what the points ``p0, p1 …`` mean (LPS mm)."""

    DISTANCE = "distance"
    """|p1 - p0|, mm."""
    ANGLE = "angle"
    """Angle at p1 between the arms p1 -> p0 and p1 -> p2, deg, 0 to 180."""
    COBB = "cobb"
    """Angle between the lines p0-p1 and p2-p3, deg, 0 to 90: the lines have no direction."""
    ELLIPSE = "ellipse"
    """Centre p0 and the ends p1, p2 of two semi-axes at right angles; area in mm2."""
    POLYGON = "polygon"
    """Corners of a closed outline; area in mm2."""
    FREEHAND = "freehand"
    """Points of a closed outline drawn by hand; area in mm2."""
    POINT = "point"
    """A place; its signal on an acquired slice."""
    ARROW = "arrow"
    """Tip p0 and tail p1, with words when the reader wrote some."""
    TEXT = "text"
    """Words at p0."""
    DISC_HEIGHT = "disc_height"
    """Endplates p0-p1 and p2-p3 beside a disc: mean of anterior and posterior height, mm."""
    CANAL_AP = "canal_ap"
    """|p1 - p0| across the canal, mm."""
    SLIP = "slip"
    """Endplates p0-p1 and p2-p3 beside a disc: how far the upper body stands forward, mm."""
    LORDOSIS = "lordosis"
    """Endplates p0-p1 and p2-p3: their angle, deg, positive when they open towards the front."""


@dataclass(frozen=True)
class ShapeFacts:
    """What is the same for every mark of a shape.

    ``unit`` is UCUM-like and empty for shapes without a value; ``most`` is None where any number of points
    from ``least`` on is right.
    """

    unit: str
    least: int
    most: int | None
    closed: bool = False
    spine: bool = False
    """Whether it measures a level of the spine."""

    def takes(self, count: int) -> bool:
        """Return whether a mark may have this many points."""
        return self.least <= count and (self.most is None or count <= self.most)


FACTS: Mapping[MarkShape, ShapeFacts] = MappingProxyType(
    {
        MarkShape.DISTANCE: ShapeFacts("mm", 2, 2),
        MarkShape.ANGLE: ShapeFacts("deg", 3, 3),
        MarkShape.COBB: ShapeFacts("deg", 4, 4),
        MarkShape.ELLIPSE: ShapeFacts("mm2", 3, 3, closed=True),
        MarkShape.POLYGON: ShapeFacts("mm2", 3, None, closed=True),
        MarkShape.FREEHAND: ShapeFacts("mm2", 3, None, closed=True),
        MarkShape.POINT: ShapeFacts("", 1, 1),
        MarkShape.ARROW: ShapeFacts("", 2, 2),
        MarkShape.TEXT: ShapeFacts("", 1, 1),
        MarkShape.DISC_HEIGHT: ShapeFacts("mm", 4, 4, spine=True),
        MarkShape.CANAL_AP: ShapeFacts("mm", 2, 2, spine=True),
        MarkShape.SLIP: ShapeFacts("mm", 4, 4, spine=True),
        MarkShape.LORDOSIS: ShapeFacts("deg", 4, 4, spine=True),
    }
)
LINE_PAIRS = frozenset({MarkShape.COBB, MarkShape.DISC_HEIGHT, MarkShape.SLIP, MarkShape.LORDOSIS})
"""Shapes of two lines that are not joined."""


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


@dataclass(frozen=True, eq=False)
class Endplates:
    """The two endplates beside a disc as straight lines: front and back end of each, LPS mm."""

    upper_front: Array
    upper_back: Array
    lower_front: Array
    lower_back: Array

    @classmethod
    def of(cls, points: Array) -> Endplates:
        """Sort the ends of two lines: the front end lies more anterior, the upper line more superior."""
        lines = [line[np.argsort(line[:, 1], kind="stable")] for line in (points[:2], points[2:])]
        upper, lower = sorted(lines, key=lambda line: -float(line[:, 2].mean()))
        return cls(upper[0], upper[1], lower[0], lower[1])

    @property
    def forward(self) -> Array:
        """Unit direction to the front along the bisector of both lines."""
        directions = [_direction(self.upper_back, self.upper_front)]
        directions.append(_direction(self.lower_back, self.lower_front))
        return _direction(np.zeros(3), directions[0] + directions[1])

    @property
    def heights(self) -> tuple[float, float]:
        """Anterior and posterior height, mm: across the bisector, where both endplates reach.

        The definition is that of `measure.discs.disc_heights`: a slip does not lengthen them.
        """
        front, back = self.height_lines
        return _length(front), _length(back)

    @property
    def height_lines(self) -> tuple[Array, Array]:
        """The anterior and the posterior height as lines, each (2, 3) LPS mm."""
        along = self.forward
        front = min(float(self.upper_front @ along), float(self.lower_front @ along))
        back = max(float(self.upper_back @ along), float(self.lower_back @ along))
        return self._height_line(front), self._height_line(back)

    def _height_line(self, place: float) -> Array:
        along = self.forward
        upper = _met(self.upper_front, self.upper_back, along, place)
        return np.stack([upper, _met(self.lower_front, self.lower_back, along, place)])

    @property
    def slip(self) -> float:
        """How far the posterior corner of the upper body stands in front of that of the lower one, mm.

        Across the bisector of both endplates, as `measure.records` measures it.
        """
        return float((self.upper_back - self.lower_back) @ self.forward)

    @property
    def slip_percent(self) -> float:
        """The slip in percent of the depth of the lower endplate, as Meyerding."""
        depth = float(np.linalg.norm(self.lower_front - self.lower_back))
        return 100.0 * self.slip / max(depth, TOO_SHORT_MM)


def _direction(start: Array, end: Array) -> Array:
    """Return a unit direction, the zero vector between points too near to tell one."""
    return unit(end - start) if np.linalg.norm(end - start) >= TOO_SHORT_MM else np.zeros(3)


def _met(start: Array, end: Array, along: Array, place: float) -> Array:
    """Return the point of a line at a coordinate along a direction; its start when it runs across it."""
    run = float((end - start) @ along)
    if abs(run) < TOO_SHORT_MM:
        return start
    return np.asarray(start + (place - float(start @ along)) / run * (end - start))


def _length(points: Array) -> float:
    return float(np.linalg.norm(points[1] - points[0]))


def _corner_angle(points: Array) -> float:
    arms = points[0] - points[1], points[2] - points[1]
    if min(np.linalg.norm(arm) for arm in arms) < TOO_SHORT_MM:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(unit(arms[0]) @ unit(arms[1]), -1.0, 1.0))))


def _cobb_angle(points: Array) -> float:
    first, second = _direction(points[0], points[1]), _direction(points[2], points[3])
    if not first.any() or not second.any():
        return 0.0
    return float(np.degrees(np.arccos(np.clip(abs(first @ second), 0.0, 1.0))))


def _ellipse_area(points: Array) -> float:
    return float(np.pi * np.linalg.norm(points[1] - points[0]) * np.linalg.norm(points[2] - points[0]))


def _lordosis(points: Array) -> float:
    if _cobb_angle(points) == 0.0:
        return 0.0
    ends = Endplates.of(points)
    return opening_angle(np.stack([ends.upper_back, ends.upper_front, ends.lower_back, ends.lower_front]))


_VALUES: Mapping[MarkShape, Callable[[Array], float]] = MappingProxyType(
    {
        MarkShape.DISTANCE: _length,
        MarkShape.ANGLE: _corner_angle,
        MarkShape.COBB: _cobb_angle,
        MarkShape.ELLIPSE: _ellipse_area,
        MarkShape.POLYGON: polygon_area,
        MarkShape.FREEHAND: polygon_area,
        MarkShape.DISC_HEIGHT: lambda points: sum(Endplates.of(points).heights) / 2,
        MarkShape.CANAL_AP: _length,
        MarkShape.SLIP: lambda points: Endplates.of(points).slip,
        MarkShape.LORDOSIS: _lordosis,
    }
)


def value_of(shape: MarkShape, points: Array) -> float | None:
    """Return the value of a shape in its unit, None for one without; ``points`` of shape (n, 3), LPS mm."""
    compute = _VALUES.get(shape)
    return None if compute is None else compute(points)


def parts_of(shape: MarkShape, points: Array) -> tuple[tuple[str, float, str], ...]:
    """Return the further values of a shape: name, value and unit of each."""
    if shape is MarkShape.DISC_HEIGHT:
        front, back = Endplates.of(points).heights
        return ("anterior", front, "mm"), ("posterior", back, "mm")
    if shape is MarkShape.SLIP:
        return (("percent", Endplates.of(points).slip_percent, "%"),)
    return ()


def moved(shape: MarkShape, points: Array, number: int, to: Array) -> Array:
    """Return the points after one of them was dragged to an LPS point.

    The centre of an ellipse takes the whole along; the end of a semi-axis turns the other one, so that
    they stay at right angles. A freehand outline follows the dragged point softly on both sides.
    """
    after = points.copy()
    if shape is MarkShape.FREEHAND:
        return np.asarray(points + _pull(points, number)[:, None] * (to - points[number]))
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


def _pull(points: Array, number: int) -> Array:
    """Return how much each point of an outline follows one that is dragged, 1 for itself, 0-1."""
    steps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    apart = np.abs(along[:-1] - along[number])
    apart = np.minimum(apart, along[-1] - apart)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip(apart / PULL_MM, 0.0, 1.0)))


def outline(shape: MarkShape, points: Array) -> Array:
    """Return the line that is drawn for a shape, (n, 3) LPS mm; that of an ellipse is closed."""
    if shape is not MarkShape.ELLIPSE:
        return points
    turn = np.linspace(0.0, 2.0 * np.pi, ELLIPSE_POINTS, endpoint=False)[:, None]
    return np.asarray(
        points[0] + np.cos(turn) * (points[1] - points[0]) + np.sin(turn) * (points[2] - points[0])
    )


def strokes(shape: MarkShape, points: Array) -> tuple[Array, ...]:
    """Return the lines that are drawn for a shape, each (n, 3) LPS mm; words alone have none."""
    if shape is MarkShape.TEXT:
        return ()
    if shape in LINE_PAIRS and len(points) == FACTS[shape].least:
        return points[:2], points[2:]
    return (outline(shape, points),)


def guides(shape: MarkShape, points: Array) -> tuple[Array, ...]:
    """Return the thin lines that show how two lines are measured, each (2, 3) LPS mm."""
    if shape not in LINE_PAIRS or len(points) != FACTS[shape].least:
        return ()
    ends = Endplates.of(points)
    if shape is MarkShape.DISC_HEIGHT:
        return ends.height_lines
    if shape is MarkShape.SLIP:
        corner = ends.lower_back
        return (np.stack([corner, corner + ends.slip * ends.forward]), np.stack([corner, ends.upper_back]))
    return (np.stack([points[:2].mean(axis=0), points[2:].mean(axis=0)]),)


def simplified(points: Array, tolerance_mm: float) -> Array:
    """Return a hand-drawn outline with fewer points; none that is left out lay further away than told.

    The algorithm is that of Douglas and Peucker (Cartographica 10, 112-122, 1973).
    """
    keep = np.zeros(len(points), dtype=np.bool_)
    keep[[0, -1]] = True
    open_pieces = [(0, len(points) - 1)]
    while open_pieces:
        first, last = open_pieces.pop()
        if last - first < 2:
            continue
        away = _away(points[first + 1 : last], points[first], points[last])
        worst = int(np.argmax(away))
        if away[worst] > tolerance_mm:
            middle = first + 1 + worst
            keep[middle] = True
            open_pieces += [(first, middle), (middle, last)]
    return points[keep]


def _away(points: Array, start: Array, end: Array) -> Array:
    """Return the distance of points from a segment, mm."""
    run = end - start
    share = np.clip((points - start) @ run / max(float(run @ run), TOO_SHORT_MM**2), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * run, axis=1))
