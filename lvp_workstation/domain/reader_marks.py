"""What a reader measures and marks by hand, as world points on one slice.

A value is computed from the points and, for the signal of a region, from the pixels of the acquired slice;
nothing is typed in but the words of an arrow or a text. Marks are kept in the reading and change by edits,
see `mark_edits`; what their shapes amount to is told by `mark_shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Point, Provenance, as_points
from lvp_workstation.domain.codec import LATER
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.mark_shapes import FACTS, MarkShape, SignalStatistics, parts_of, value_of

SIGNS = {"mm": " mm", "mm2": " mm²", "deg": "°", "%": " %"}
"""Units as they follow a number on screen."""

CAPTIONS = {
    MarkShape.COBB: "Cobb ",
    MarkShape.DISC_HEIGHT: "height ",
    MarkShape.CANAL_AP: "canal AP ",
    MarkShape.SLIP: "slip ",
    MarkShape.LORDOSIS: "lordosis ",
}
"""Words before the value where its unit does not tell what was measured."""


@dataclass(frozen=True)
class ReaderMark:
    """One measurement or mark by hand.

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
        Signal of a region or a point on an acquired slice, None elsewhere.
    text
        The reader's words beside an arrow or a place.
    target
        The level that a measurement of the spine belongs to, empty for others.
    across_mm
        Distance between the acquired slices, mm, where it was drawn on a computed slice across them: lengths
        in that direction are only as exact as that. 0 elsewhere.
    slab_mm
        Thickness of the slab it was drawn on, mm: only what lies in its plane is measured. 0 on a slice.
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
    text: str = field(default="", metadata=LATER)
    target: InstanceId = field(default="", metadata=LATER)
    across_mm: float = field(default=0.0, metadata=LATER)
    slab_mm: float = field(default=0.0, metadata=LATER)

    @property
    def points(self) -> Array:
        """The world points, shape (n, 3), LPS mm."""
        return np.array(self.points_lps, dtype=np.float64).reshape(-1, 3)

    @property
    def value(self) -> float | None:
        """The value in `unit`, computed from the points; None for a mark that measures nothing."""
        return value_of(self.shape, self.points)

    @property
    def unit(self) -> str:
        """UCUM-like unit: mm, deg or mm2; empty without a value."""
        return FACTS[self.shape].unit

    @property
    def lines(self) -> tuple[str, ...]:
        """What it says beside the image, in one or more lines."""
        lines = value_lines(self.shape, self.points, self.signal, self.text)
        across = (f"across {self.across_mm:.1f} mm slices",) if self.across_mm else ()
        slab = (f"in plane only, {self.slab_mm:.0f} mm slab",) if self.slab_mm else ()
        return lines + across + slab

    @property
    def words(self) -> str:
        """What it says in one line, such as ``angle 32.1°``."""
        name = "" if self.shape in CAPTIONS else shape_words(self.shape)
        return f"{name} {', '.join(self.lines)}".strip()

    def with_points(self, points: Array, signal: SignalStatistics | None, across_mm: float) -> ReaderMark:
        """Return the mark after its points were moved; ``signal`` is what it encloses now."""
        return replace(self, points_lps=as_points(*points), signal=signal, across_mm=across_mm)


def shape_words(shape: MarkShape) -> str:
    """Return the name of a shape, such as ``disc height``."""
    return shape.value.replace("_ap", " AP").replace("_", " ")


def value_lines(
    shape: MarkShape, points: Array, signal: SignalStatistics | None, text: str = ""
) -> tuple[str, ...]:
    """Return the value with its unit, or the words, as a caption of one or more lines."""
    value = value_of(shape, points)
    if value is None:
        told = f"signal {signal.mean:g}" if signal is not None else ""
        return tuple(line for line in (text, told) if line)
    first = f"{CAPTIONS.get(shape, '')}{_number(value)}{SIGNS[FACTS[shape].unit]}"
    parts = parts_of(shape, points)
    if shape is MarkShape.SLIP:
        direction = "forward" if value >= 0 else "backward"
        return first, f"{_number(parts[0][1])} %  {direction}"
    if parts:
        return first, "  ".join(f"{name} {_number(part)}" for name, part, _ in parts)
    if signal is None:
        return (first,)
    spread = f"mean {signal.mean:.1f}  SD {signal.deviation:.1f}"
    return first, spread, f"min {signal.minimum:g}  max {signal.maximum:g}"


def _number(value: float) -> str:
    """Return a number with one decimal and a true minus sign, never minus zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")
