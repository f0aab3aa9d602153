"""The margin of a disc: bulge and focal herniation on its outline."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.pathology import LevelPathology
from lvp_workstation.phantom.shapes import Outline, outline_angles

DISC_MARGIN = 0.5
"""A healthy disc reaches this far beyond the bony rims, mm (our choice)."""
SIDE_REACH = 0.5
"""Angle in radians from the midline at which a fully lateral herniation (side = 1) sits."""


def herniation_angle(level: LevelPathology) -> float:
    """Return the direction of the herniation in the disc plane, radians (pi / 2 = posterior)."""
    return float(np.pi / 2 - SIDE_REACH * level.side)


def disc_outline(rim: Array, level: LevelPathology) -> Outline:
    """Return the margin of a disc, from the mean rim of its neighbours.

    A bulge lies behind and at the sides, a little in front. A protrusion is a mound of the
    outline (base wider than dome); the dome of an extrusion and a free fragment are shapes of
    their own.
    """
    angle = outline_angles()
    posterior = 0.5 + 0.5 * np.sin(angle)
    extra = DISC_MARGIN + level.bulge * (0.35 + 0.65 * posterior)
    if level.herniation == "protrusion":
        centre = herniation_angle(level)
        away = np.abs(np.angle(np.exp(1j * (angle - centre))))
        half = level.base / 2 / float(np.interp(centre, angle, rim))
        mound = np.where(away < half, np.cos(0.5 * np.pi * np.minimum(away / half, 1)) ** 1.5, 0.0)
        extra = extra + level.displacement * mound
    return Outline(rim + extra)
