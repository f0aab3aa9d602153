"""The sacrum as one bone, and the remnants of the discs inside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lvp_workstation.phantom.anatomy import Vertebra
from lvp_workstation.phantom.bones import FAR, arch_distance, body_box, body_distance
from lvp_workstation.phantom.grid import Field, Frame, Patch, SampleGrid, inner_region
from lvp_workstation.phantom.shapes import ellipsoid, smooth_min

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
    for upper, lower in pairwise(sacral):
        a, b = upper.endplate_point(False), lower.endplate_point(True)
        gap = float(np.linalg.norm(a - b))
        radii = (0.40 * lower.width, 0.5 * lower.depth * (1 + lower.taper) + 0.5, gap / 2 + 0.8)
        result.append(Remnant(Frame((a + b) / 2, lower.frame.axes), radii))
    return result


def remnant_distance(patch: Patch, remnant: Remnant) -> Field:
    """Return the distance to a remnant."""
    return ellipsoid(*patch.local(remnant.frame), remnant.radii)


def sacrum_distance(grid: SampleGrid, vertebrae: tuple[Vertebra, ...]) -> tuple[Patch, Field] | None:
    """Return the distance to the fused sacrum with its patch, None when the grid misses it."""
    parts = []
    for vertebra in vertebrae:
        if not vertebra.sacral:
            continue
        box = grid.patch(vertebra.frame, *body_box(vertebra))
        if box is not None:
            parts.append((box, body_distance(box, vertebra)))
        arch = arch_distance(grid, vertebra)
        if arch is not None:
            parts.append(arch)
    if not parts:
        return None
    region = [
        slice(min(p.region[axis].start for p, _ in parts), max(p.region[axis].stop for p, _ in parts))
        for axis in range(3)
    ]
    patch = grid.cut((region[0], region[1], region[2]))
    distance = patch.full(FAR)
    for part, values in parts:
        inner = inner_region(part, patch)
        distance[inner] = smooth_min(distance[inner], values, FUSION_MM)
    return patch, distance


FUSION_MM = 3.0
"""How softly sacral bodies, wings and arches run into each other (our choice)."""
