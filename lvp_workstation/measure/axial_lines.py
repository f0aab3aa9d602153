"""Turns points of axial slices into measurements with world points, source images and uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance, as_points
from lvp_workstation.domain.geometry import Array
from lvp_workstation.measure.axial_slice import AxialSlice

EDGE_SD_MM = 0.3
"""Standard deviation of one edge, mm (our choice: less than half of a network pixel)."""
SOURCE = "axial T2; synthetic training, not validated on patients"


@dataclass(eq=False)
class LineRecorder:
    """Collects measurements; all carry the mark of the model in their source.

    One without a finite value, such as an angle of a recess that is closed, is dropped.
    """

    provenance: Provenance
    measurements: dict[tuple[InstanceId, str], Measurement] = field(default_factory=dict)

    def distance(self, disc: InstanceId, name: str, one: AxialSlice, start: Array, end: Array) -> None:
        """Keep a distance between two points of a slice."""
        self._keep(disc, name, Formula.DISTANCE, one, np.stack([start, end]), EDGE_SD_MM * np.sqrt(2.0))

    def area(self, disc: InstanceId, name: str, one: AxialSlice, outline: Array) -> None:
        """Keep the area inside an outline; its uncertainty moves the edge by one standard deviation."""
        around = float(np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1).sum())
        self._keep(disc, name, Formula.POLYGON_AREA, one, outline, EDGE_SD_MM * around)

    def angle(self, disc: InstanceId, name: str, one: AxialSlice, vertex: Array, a: Array, b: Array) -> None:
        """Keep the angle at a vertex between the ways to two points."""
        arm = max(float(np.linalg.norm(b - vertex)), 1.0)
        sd = float(np.degrees(EDGE_SD_MM * np.sqrt(2.0) / arm))
        self._keep(disc, name, Formula.ANGLE, one, np.stack([vertex, a, vertex, b]), sd)

    def share(self, disc: InstanceId, name: str, one: AxialSlice, outline: Array, hits: int) -> None:
        """Keep the share of the points of an outline that something holds for."""
        counts = (float(hits), float(len(outline)))
        self._keep(disc, name, Formula.SAMPLE_RATIO, one, outline, None, counts)

    def _keep(
        self,
        disc: InstanceId,
        name: str,
        formula: Formula,
        one: AxialSlice,
        points: Array,
        sd: float | None,
        samples: tuple[float, ...] = (),
    ) -> None:
        block = one.block
        uids = block.source_sop_uids[one.number : one.number + 1]
        note = f"; {block.note}" if block.note else ""
        measurement = Measurement(
            name,
            disc,
            formula,
            as_points(*one.to_world(points)),
            self.provenance,
            samples,
            None if sd is None else round(float(sd), 3),
            SOURCE + note,
            block.geometry.frame_of_reference_uid,
            uids,
        )
        if _finite(measurement):
            self.measurements[disc, name] = measurement


def _finite(measurement: Measurement) -> bool:
    try:
        return bool(np.isfinite(measurement.value))
    except (ValueError, ZeroDivisionError):
        return False
