"""Exact measurements of the lateral recess, the dorsal fat and the place and size of a herniation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy, Disc
from lvp_workstation.phantom.bones import arch_distance
from lvp_workstation.phantom.exact import bulge_depth
from lvp_workstation.phantom.grid import SampleGrid
from lvp_workstation.phantom.herniation import herniation_angle
from lvp_workstation.phantom.probe import LINE_STEP, Span, first_gap, line_grid, on_grid
from lvp_workstation.phantom.sac import canal_coordinates, canal_distance, flavum_distance

RECESS_LEVEL = 0.44
"""Height of the recess measurement above the middle of the lower body, in body heights."""
RECESS_OFFSETS = (2.5, 3.0)
"""Distances medial of the pedicle at which the recess height is measured, mm; the smallest counts. Nearer to
the pedicle the line would meet its rounded medial wall, which is no roof."""
ROOF_OFFSETS = (2.5, 3.0, 4.0)
"""Distances medial of the pedicle at which the roof of the recess is sought for its angle, mm."""
ROOF_TOLERANCE, VERTEX_LATERAL = 0.3, 2.0
BACKWARD = np.array([0.0, 1.0, 0.0])
FACET_STEP = 0.4


def recess_gap(disc: Disc, sign: float, offset: float) -> Span:
    """Return the free stretch from the body's wall to the facets, ``offset`` mm medial of the pedicle."""
    body = disc.lower
    start = np.array([sign * (body.canal_width / 2 - offset), 0.0, RECESS_LEVEL * body.height])
    return first_gap(body.frame, start, BACKWARD, 50.0, [body, disc], [body, disc.upper])


def recess_height(disc: Disc, sign: float) -> Span:
    """Return the smallest height of the lateral recess at the upper endplate of the lower body."""
    return min((recess_gap(disc, sign, offset) for offset in RECESS_OFFSETS), key=lambda span: span.length)


def recess_angle(disc: Disc, sign: float) -> float:
    """Return the angle between floor and roof of the lateral recess in degrees.

    The floor is the posterior wall of the body. The roof runs from a vertex on the floor, 2 mm lateral of
    the medial border of the pedicle, to the point of the facet that lies nearest to the floor, the most
    medial one where several do (our choice).
    """
    gaps = [recess_gap(disc, sign, offset) for offset in ROOF_OFFSETS]
    heights = np.array([gap.length for gap in gaps])
    tip = int(np.nonzero(heights <= heights.min() + ROOF_TOLERANCE)[0][-1])
    return float(np.degrees(np.arctan2(heights[tip], ROOF_OFFSETS[tip] + VERTEX_LATERAL)))


def dorsal_fat(anatomy: Anatomy, disc: Disc, sac: Span) -> Span:
    """Return the depth of the fat between sac and flavum in the midline of the plane of a disc."""
    local = disc.frame.to_local(sac.end)
    count = int(12.0 / LINE_STEP)
    grid = line_grid(disc.frame, local, BACKWARD, count)
    at = canal_coordinates(grid.whole(), anatomy.canal)
    bound = (flavum_distance(at, anatomy.canal) <= 0) | (canal_distance(at, anatomy.canal) >= 0)
    taken = np.nonzero(bound.ravel())[0]
    end = local + (int(taken[0]) if taken.size else count) * LINE_STEP * BACKWARD
    return Span(disc.frame.to_world(local), disc.frame.to_world(end))


@dataclass(frozen=True)
class HerniationPlace:
    """Where a herniation lies and how large it is, mm in the plane of the disc.

    Attributes
    ----------
    lateral
        Distance of its tip from the midline, positive = patient left.
    zone
        ``central``, ``subarticular``, ``foraminal`` or ``extraforaminal``.
    depth
        Extent behind the margin of the healthy disc.
    to_facets
        Distance from that margin to the line between the medial margins of the facets.
    half_line
        Half of the length of that line.
    """

    lateral: float
    zone: str
    depth: float
    to_facets: float
    half_line: float


def herniation_place(disc: Disc) -> HerniationPlace:
    """Return the place of the herniation of a disc that has one."""
    level = disc.pathology
    tip = disc.frame.to_local(bulge_depth(disc).end)
    lateral = float(tip[0])
    left, right = (facet_margin(disc, sign) for sign in (1.0, -1.0))
    line = (left[1] + right[1]) / 2
    margin = disc.posterior_margin - (level.displacement if _in_midline(disc) else 0.0)
    return HerniationPlace(
        lateral=lateral,
        zone=_zone(disc, abs(lateral), min(abs(left[0]), abs(right[0]))),
        depth=bulge_depth(disc).length,
        to_facets=float(line - margin),
        half_line=float((left[0] - right[0]) / 2),
    )


def _in_midline(disc: Disc) -> bool:
    """Return whether a protrusion covers the midline of the margin."""
    level = disc.pathology
    half = level.base / 2 / max(disc.posterior_margin, 1.0)
    return level.herniation == "protrusion" and abs(np.pi / 2 - herniation_angle(level)) < 0.5 * half


def _zone(disc: Disc, lateral: float, facet: float) -> str:
    """Return the zone (Fardon): medial edge of the facets, medial and lateral border of the pedicle."""
    pedicle = disc.upper.canal_width / 2
    limits = (facet, pedicle, pedicle + disc.upper.pedicle[0])
    names = ("central", "subarticular", "foraminal", "extraforaminal")
    return names[sum(lateral > limit for limit in limits)]


def facet_margin(disc: Disc, sign: float) -> Array:
    """Return the medial margin of the upper facet in the plane of the disc, disc coordinates, mm."""
    frame, half = disc.frame, disc.upper.canal_width / 2
    back = disc.upper.posterior_wall + 2.0
    columns = np.arange(3.0, half + 8.0, FACET_STEP)
    rows = np.arange(back, back + disc.upper.canal_ap + 2.0, FACET_STEP)
    geometry = VolumeGeometry.from_axes(
        frame.to_world((sign * columns[0], rows[0], 0.0)),
        (frame.axes[2] * -sign, frame.axes[1], sign * frame.axes[0]),
        (1.0, FACET_STEP, FACET_STEP),
        (1, rows.size, columns.size),
    )
    grid = SampleGrid.of_slices(geometry)
    bone = np.argwhere(on_grid(grid, arch_distance(grid, disc.lower))[0] < 0)
    if bone.size == 0:
        return np.array([sign * half, back + 6.0, 0.0])
    row, column = bone[np.argmin(bone[:, 1])]
    return np.array([sign * columns[column], rows[row], 0.0])
