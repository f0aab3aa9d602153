"""Remnants of the discs between sacral bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.phantom.anatomy import Vertebra
from lvp_workstation.phantom.grid import Field, Frame, Patch
from lvp_workstation.phantom.shapes import ellipsoid

Corner = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Remnant:
    """A rudimentary disc inside the sacrum: a flat ellipsoid, radii in mm."""

    frame: Frame
    radii: Corner

    @property
    def box(self) -> tuple[Corner, Corner]:
        """Corners of its box in local mm."""
        a, b, c = self.radii
        return (-a, -b, -c), (a, b, c)


def remnants(vertebrae: tuple[Vertebra, ...]) -> list[Remnant]:
    """Return the remnants from S1-S2 downward."""
    sacral = [v for v in vertebrae if v.sacral]
    result = []
    for upper, lower in zip(sacral[:-1], sacral[1:], strict=True):
        a, b = upper.endplate_point(False), lower.endplate_point(True)
        gap = float(np.linalg.norm(a - b))
        radii = (0.40 * lower.width, 0.5 * lower.depth * (1 + lower.taper) + 0.5, gap / 2 + 0.8)
        result.append(Remnant(Frame((a + b) / 2, lower.frame.axes), radii))
    return result


def remnant_distance(patch: Patch, remnant: Remnant) -> Field:
    """Return the distance to a remnant."""
    return ellipsoid(*patch.local(remnant.frame), remnant.radii)
