"""Turns section points into measurements with world points, sources and uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance, as_points
from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.measure.section import Section

EDGE_SD_VOXELS = 0.35
"""Standard deviation of one edge, in-plane voxels (our choice: a uniform error of one voxel has 0.29)."""
DERIVED_SD_MM = 1.0
"""Further standard deviation of a length whose bone edge was taken from the disc, mm (our choice)."""
_EDGES = {Formula.DISTANCE: 2, Formula.SIGNED_DISTANCE: 2}


class Place(Protocol):
    """A section or slice whose points have places in the patient."""

    def to_world(self, points: Array) -> Array:
        """Return points of shape (..., 2) as LPS mm, shape (..., 3)."""


@dataclass(eq=False)
class Recorder:
    """Collects the measurements of one series.

    Attributes
    ----------
    geometry
        Grid of the series, as the user's files order it: it finds the source images of a point.
    """

    section: Section
    geometry: VolumeGeometry
    sop_uids: tuple[str, ...]
    weighting: Weighting
    provenance: Provenance
    measurements: dict[tuple[InstanceId, str], Measurement] = field(default_factory=dict)

    def add(
        self,
        target: InstanceId,
        name: str,
        formula: Formula,
        points: list[Array],
        *,
        note: str = "",
        samples: tuple[float, ...] = (),
        derived: bool = False,
        section: Place | None = None,
        sd: float = 0.0,
    ) -> None:
        """Keep a measurement given by points of a section, the midline one unless said otherwise.

        One without a finite value is dropped. ``sd`` is a further standard deviation of a length, mm.
        """
        world = (section or self.section).to_world(np.stack(points))
        source = f"sagittal {self.weighting.value.upper()}" + (f"; {note}" if note else "")
        measurement = Measurement(
            name,
            target,
            formula,
            as_points(*world),
            self.provenance,
            samples,
            self._uncertainty(formula, points, np.hypot(DERIVED_SD_MM if derived else 0.0, sd)),
            source,
            self.geometry.frame_of_reference_uid,
            self._images(world),
        )
        if _finite(measurement):
            self.measurements[target, name] = measurement

    def _uncertainty(self, formula: Formula, points: list[Array], extra: float) -> float | None:
        edge = EDGE_SD_VOXELS * max(self.section.spacing)
        if formula in _EDGES:
            return round(float(np.hypot(edge * np.sqrt(2.0), extra)), 3)
        if formula is Formula.ANGLE:
            tilts = [
                np.hypot(edge * np.sqrt(2.0), extra) / max(float(np.linalg.norm(b - a)), 1.0)
                for a, b in (points[:2], points[2:])
            ]
            return round(float(np.degrees(np.hypot(*tilts))), 3)
        return None

    def _images(self, world: Array) -> tuple[str, ...]:
        if not self.sop_uids:
            return ()
        slices = np.round(self.geometry.world_to_index(world)[:, 0]).astype(int)
        kept = sorted({int(np.clip(n, 0, len(self.sop_uids) - 1)) for n in slices})
        return tuple(self.sop_uids[n] for n in kept)


def _finite(measurement: Measurement) -> bool:
    try:
        return bool(np.isfinite(measurement.value))
    except (ValueError, ZeroDivisionError):
        return False
