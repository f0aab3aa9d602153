"""Image a phantom along any grid, as a scanner does with planes that were drawn for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.generate import PLANES_PER_SLICE, PhantomStudy, _Scanner, make_phantom
from lvp_workstation.phantom.protocol import Protocol


@dataclass(frozen=True)
class Movement:
    """What a patient does.

    Attributes
    ----------
    shift_mm
        Where the body lies against its place at the beginning, LPS mm.
    turn_deg
        How far it is turned about the long axis, to the left.
    during_mm
        Movement while a series is being scanned, see `lvp_workstation.phantom.signal.acquire`.
    """

    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn_deg: float = 0.0
    during_mm: float = 0.0

    @property
    def to_body(self) -> Array:
        """Shape (4, 4): LPS mm of the scanner to those of the body at the beginning."""
        angle = np.radians(self.turn_deg)
        matrix = np.eye(4)
        matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        matrix[:3, 3] = self.shift_mm
        return np.asarray(np.linalg.inv(matrix))


STILL = Movement()


class Rescanner:
    """One patient on the table of a simulated scanner.

    Parameters
    ----------
    seed, preset
        As for `make_phantom`.
    planes_per_slice, threads
        As for `make_phantom`.
    """

    def __init__(
        self, seed: int, preset: str, planes_per_slice: int = PLANES_PER_SLICE, threads: int = 1
    ) -> None:
        self.study: PhantomStudy = make_phantom(seed, preset, ())
        self._scanner: Callable[[Anatomy], _Scanner] = lambda anatomy: _Scanner(
            seed, anatomy, False, "", planes_per_slice, threads
        )

    @property
    def anatomy(self) -> Anatomy:
        """The patient."""
        return self.study.anatomy

    def image(
        self, geometry: VolumeGeometry, protocol: Protocol, key: str, movement: Movement = STILL
    ) -> Volume:
        """Return the image of a grid.

        Parameters
        ----------
        geometry
            Where the scanner thinks it images.
        key
            Noise differs from key to key.
        movement
            Where the patient really lies.
        """
        conditions = replace(self.anatomy.plan.conditions, motion=movement.during_mm)
        anatomy = replace(self.anatomy, plan=replace(self.anatomy.plan, conditions=conditions))
        moved = replace(geometry, affine=movement.to_body @ geometry.affine)
        found = self._scanner(anatomy).image(moved, [protocol], [key])[0]
        return replace(found, geometry=geometry)
