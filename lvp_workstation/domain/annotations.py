"""Measurements as world points; their values are computed, never typed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.geometry import Array, unit

STUDY_TARGET: InstanceId = "STUDY"
"""Target of measurements and findings that belong to the whole study, such as lordosis."""

Point = tuple[float, float, float]


class Formula(StrEnum):
    """How a measurement's value follows from its points ``p0, p1 …`` (LPS mm) and samples."""

    DISTANCE = "distance"
    """|p1 - p0|, mm."""
    SIGNED_DISTANCE = "signed_distance"
    """(p1 - p0) along the direction p2 -> p3, mm."""
    SIGNED_PERCENT = "signed_percent"
    """(p1 - p0) along p2 -> p3, in percent of |p3 - p2|."""
    POLYGON_AREA = "polygon_area"
    """Area of the closed polygon p0 … pn, mm2."""
    ANGLE = "angle"
    """Angle between p0 -> p1 and p2 -> p3, deg; positive when they diverge towards p1 and p3."""
    DISTANCE_RATIO = "distance_ratio"
    """(|p1 - p0| + |p3 - p2|) / (|p5 - p4| + |p7 - p6|)."""
    SAMPLE_RATIO = "sample_ratio"
    """samples[0] / samples[1]: mean signals of two regions whose centres are p0 and p1."""


UNITS: dict[Formula, str] = {
    Formula.DISTANCE: "mm",
    Formula.SIGNED_DISTANCE: "mm",
    Formula.SIGNED_PERCENT: "%",
    Formula.POLYGON_AREA: "mm2",
    Formula.ANGLE: "deg",
    Formula.DISTANCE_RATIO: "ratio",
    Formula.SAMPLE_RATIO: "ratio",
}


@dataclass(frozen=True)
class Provenance:
    """Who or what made a value, from what, and when.

    ``time_utc`` is ISO 8601 in UTC. For AI values ``name``, ``version`` and ``weight_hash`` name
    the model; for reader values ``name`` is the reader.
    """

    source: str
    name: str
    time_utc: str
    version: str = ""
    weight_hash: str = ""
    input_sop_uids: tuple[str, ...] = ()

    AI = "ai"
    READER = "reader"

    @property
    def by_ai(self) -> bool:
        """Whether a model made the value."""
        return self.source == self.AI


@dataclass(frozen=True)
class Measurement:
    """A named measurement of one anatomical instance.

    Attributes
    ----------
    name
        Standard name such as ``sac_ap``.
    target
        Instance it belongs to, or `STUDY_TARGET`.
    points_lps
        World points, LPS mm; what they mean is told by `formula`.
    samples
        Mean signals for `Formula.SAMPLE_RATIO`, stored values.
    uncertainty
        One standard deviation in the unit of the value, None when unknown.
    source
        Which images it was taken from, in words ("sagittal T2", "sagittal reformat").
    """

    name: str
    target: InstanceId
    formula: Formula
    points_lps: tuple[Point, ...]
    provenance: Provenance
    samples: tuple[float, ...] = ()
    uncertainty: float | None = None
    source: str = ""
    frame_of_reference_uid: str = ""
    source_sop_uids: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The value in `unit`, computed from the points."""
        points = np.array(self.points_lps, dtype=np.float64).reshape(-1, 3)
        return _COMPUTE[self.formula](points, self.samples)

    @property
    def unit(self) -> str:
        """UCUM-like unit: mm, mm2, deg, % or ratio."""
        return UNITS[self.formula]


def as_points(*points: Array) -> tuple[Point, ...]:
    """Return arrays of shape (3,) as plain tuples, rounded to a thousandth of a millimetre."""
    return tuple((round(float(p[0]), 3), round(float(p[1]), 3), round(float(p[2]), 3)) for p in points)


def _distance(p: Array, _: tuple[float, ...]) -> float:
    return float(np.linalg.norm(p[1] - p[0]))


def _signed_distance(p: Array, _: tuple[float, ...]) -> float:
    return float(np.dot(p[1] - p[0], unit(p[3] - p[2])))


def _signed_percent(p: Array, samples: tuple[float, ...]) -> float:
    return 100.0 * _signed_distance(p, samples) / float(np.linalg.norm(p[3] - p[2]))


def polygon_area(p: Array) -> float:
    """Return the area of a closed polygon of shape (n, 3), mm2."""
    rolled = np.roll(p, -1, axis=0)
    return float(np.linalg.norm(np.cross(p - p[0], rolled - p[0]).sum(axis=0)) / 2)


def opening_angle(p: Array) -> float:
    """Return the angle between p0 -> p1 and p2 -> p3, deg; positive when they diverge towards p1 and p3."""
    first, second = unit(p[1] - p[0]), unit(p[3] - p[2])
    size = float(np.degrees(np.arccos(np.clip(np.dot(first, second), -1, 1))))
    near, far = np.linalg.norm(p[2] - p[0]), np.linalg.norm(p[3] - p[1])
    return size if far >= near else -size


def _distance_ratio(p: Array, _: tuple[float, ...]) -> float:
    lengths = np.linalg.norm(p[1::2] - p[0::2], axis=1)
    return float((lengths[0] + lengths[1]) / (lengths[2] + lengths[3]))


def _sample_ratio(_: Array, samples: tuple[float, ...]) -> float:
    return float(samples[0] / samples[1])


_COMPUTE: dict[Formula, Callable[[Array, tuple[float, ...]], float]] = {
    Formula.DISTANCE: _distance,
    Formula.SIGNED_DISTANCE: _signed_distance,
    Formula.SIGNED_PERCENT: _signed_percent,
    Formula.POLYGON_AREA: lambda points, _: polygon_area(points),
    Formula.ANGLE: lambda points, _: opening_angle(points),
    Formula.DISTANCE_RATIO: _distance_ratio,
    Formula.SAMPLE_RATIO: _sample_ratio,
}
