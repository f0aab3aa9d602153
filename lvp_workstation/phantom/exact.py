"""Measure the continuous shapes themselves: lines and planes sampled far below voxel size.

Every function returns world points, LPS mm. These definitions are the phantom's truth:

* heights of discs and bodies are taken at the corners where endplate plane and wall meet,
  osteophytes and rounding left out, along the normal of the disc or the axis of the body;
  the middle one lies between the hollow endplates;
* `canal_ap` lies in the midline of the *upper* vertebra, from bone to lamina, a quarter of its height
  below its middle;
* `sac_area` and `sac_ap` lie in the plane of the disc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvp_workstation.domain.geometry import Array, vector
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Anatomy, Disc, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_distance, disc_box, disc_distance
from lvp_workstation.phantom.grid import Field, SampleGrid
from lvp_workstation.phantom.herniation import herniation_angle
from lvp_workstation.phantom.probe import LINE_STEP, Span, box_grid, line_grid, on_grid
from lvp_workstation.phantom.sac import (
    DURA_THICKNESS,
    canal_coordinates,
    flavum_distance,
    free_sac_distance,
    sac_distance,
)
from lvp_workstation.phantom.shapes import outline_angles

AREA_STEP = 0.4
FLAVUM_ANGLE = 40.0
FLAVUM_GAP, FLAVUM_MINIMUM = 0.4, 1.0
"""Interruptions of the flavum along its ray that are bridged, and the least that is measured, mm."""
SAC_WINDOW = 44.0
SECTION_OFFSETS = np.arange(-7.5, 7.6, 1.5)
"""Sections searched for the narrowest sac: along the disc normal, mm."""


def corner(vertebra: Vertebra, upper: bool, posterior: bool) -> Array:
    """Return the midline corner of a body, where endplate plane and wall meet."""
    angle = np.pi / 2 if posterior else -np.pi / 2
    grow = 1 + vertebra.taper if upper else 1 - vertebra.taper
    offset = float(vertebra.outline.at(angle)) * grow * (1 if posterior else -1)
    return vertebra.endplate_point(upper, posterior=offset)


def hollow_point(vertebra: Vertebra, upper: bool) -> Array:
    """Return the deepest point of an endplate, on the axis of the body."""
    up = vertebra.frame.axes[2]
    depth = vertebra.concavity[0 if upper else 1] * (-1 if upper else 1)
    return np.asarray(vertebra.endplate_point(upper) + depth * up)


def disc_heights(disc: Disc) -> dict[str, Span]:
    """Return the anterior, middle and posterior height of a disc."""
    normal = disc.lower.endplate_normal(True)
    base = disc.lower.endplate_point(True)
    result = {}
    for name, posterior in (("anterior", False), ("posterior", True)):
        top = corner(disc.upper, False, posterior)
        result[name] = Span(top, top - ((top - base) @ normal) * normal)
    result["middle"] = Span(hollow_point(disc.upper, False), hollow_point(disc.lower, True))
    return result


def endplate_depth(vertebra: Vertebra, upper: bool) -> Span:
    """Return the midline depth of an endplate, from corner to corner."""
    return Span(corner(vertebra, upper, False), corner(vertebra, upper, True))


def body_heights(vertebra: Vertebra) -> dict[str, Span]:
    """Return the anterior, middle and posterior height of a body."""
    result = {
        name: Span(corner(vertebra, True, posterior), corner(vertebra, False, posterior))
        for name, posterior in (("anterior", False), ("posterior", True))
    }
    result["middle"] = Span(hollow_point(vertebra, True), hollow_point(vertebra, False))
    return result


def slip(disc: Disc) -> tuple[float, Span]:
    """Return the shift of the upper body along the lower endplate, mm, positive = upper anterior."""
    low = corner(disc.lower, True, True)
    along = low - corner(disc.lower, True, False)
    along /= np.linalg.norm(along)
    high = corner(disc.upper, False, True)
    shift = float((low - high) @ along)
    return shift, Span(low, low - shift * along)


def bulge_depth(disc: Disc) -> Span:
    """Return the largest displacement of disc material behind the bony rims (posterior 120 degrees).

    A focal herniation is followed wherever it lies.
    """
    angle = outline_angles()
    rim = _rim(disc)
    extra = disc.outline.radius - rim
    sector = np.abs(angle - np.pi / 2) < np.radians(60)
    if disc.pathology.herniation != "none":
        sector |= np.abs(angle - herniation_angle(disc.pathology)) < np.radians(20)
    best = int(np.argmax(np.where(sector, extra, -np.inf)))
    direction = np.array([np.cos(angle[best]), np.sin(angle[best]), 0.0])
    start, end = rim[best] * direction, disc.outline.radius[best] * direction
    level = disc.pathology
    if level.herniation in ("extrusion", "sequestration"):
        place = herniation_angle(level)
        direction = np.array([np.cos(place), np.sin(place), 0.0])
        start = float(np.interp(place, angle, rim)) * direction
        end = (float(disc.outline.at(place)) + level.displacement) * direction
        shift = np.array([0.0, 0.0, level.migration])
        start, end = start + shift, end + shift
    return Span(disc.frame.to_world(start), disc.frame.to_world(end))


def _rim(disc: Disc) -> Array:
    """Return the mean bony rim of a disc."""
    lower = disc.lower.outline.radius * (1 + disc.lower.taper)
    return np.asarray((disc.upper.outline.radius + lower) / 2)


def displaced_arc(disc: Disc, threshold: float) -> float:
    """Return the angle in degrees over which the margin lies ``threshold`` mm beyond the bony rims."""
    beyond = disc.outline.radius - _rim(disc) >= threshold
    return float(360.0 * beyond.mean())


def disc_centroid(disc: Disc) -> Array:
    """Return the centroid of the disc's shape."""
    step = 1.0
    low, high = (np.array(c) for c in disc_box(disc))
    grid = box_grid(disc.frame, low, high, step)
    patch = grid.whole()
    weight = np.clip(0.5 - disc_distance(patch, disc) / step, 0, 1).astype(float)
    local = [np.broadcast_to(c, weight.shape) for c in patch.local(disc.frame)]
    centre = np.array([float((weight * c).sum()) for c in local]) / weight.sum()
    return disc.frame.to_world(centre)


@dataclass(frozen=True, eq=False)
class SacSections:
    """Areas of the sac in sections parallel to a disc, with and without pathology, mm2."""

    areas: Array
    free_areas: Array
    sac_ap: Span

    @property
    def at_disc(self) -> float:
        """Area in the plane of the disc, mm2."""
        return float(self.areas[len(SECTION_OFFSETS) // 2])

    @property
    def loss(self) -> float:
        """Largest share of the area that is lost in any section, 0-1."""
        return float(np.max(1 - self.areas / np.maximum(self.free_areas, 1.0)))


def sac_sections(anatomy: Anatomy, disc: Disc) -> SacSections:
    """Measure the sac around a disc."""
    left, back, up = disc.frame.axes
    reach = SAC_WINDOW / 2
    middle = disc.frame.origin + (disc.posterior_margin + 0.28 * SAC_WINDOW) * back
    count = int(SAC_WINDOW / AREA_STEP) + 1
    origin = middle - reach * (left + back)
    geometry = VolumeGeometry.from_axes(
        origin, (up, back, left), (1.0, AREA_STEP, AREA_STEP), (1, count, count)
    )
    grid = SampleGrid(geometry, np.asarray(SECTION_OFFSETS, dtype=float))
    patch = grid.whole()
    distance = sac_distance(grid, patch, canal_coordinates(patch, anatomy.canal), anatomy)
    free = free_sac_distance(canal_coordinates(patch, anatomy.canal_free), anatomy.canal_free)
    areas, free_areas = _areas(distance), _areas(free)
    return SacSections(areas, free_areas, _sac_ap(grid, distance[len(SECTION_OFFSETS) // 2]))


def _areas(distance: Field) -> Array:
    covered = np.clip(0.5 - distance / AREA_STEP, 0, 1).sum(axis=(1, 2))
    return np.asarray(covered * AREA_STEP**2, dtype=float)


def _sac_ap(grid: SampleGrid, distance: Field) -> Span:
    """Return the AP diameter through the centroid of a sac section, along the disc's AP axis."""
    inside = distance < 0
    rows, columns = np.nonzero(inside)
    if rows.size == 0:
        point = grid.geometry.centre
        return Span(point, point)
    column = round(float(columns.mean()))
    line = distance[:, column].astype(float)
    hits = np.nonzero(line < 0)[0]
    if hits.size == 0:
        hits = rows[columns == columns[0]]
        column = int(columns[0])
        line = distance[:, column].astype(float)
    first = hits[0] - line[hits[0]] / min(line[hits[0]] - line[hits[0] - 1], -1e-6)
    last = hits[-1] - line[hits[-1]] / max(line[hits[-1] + 1] - line[hits[-1]], 1e-6)
    ends = [grid.geometry.index_to_world((0, row, column)) for row in (first, last)]
    return Span(vector(ends[0]), vector(ends[1]))


def flavum_thickness(anatomy: Anatomy, disc: Disc, sac: Span, sign: float) -> Span | None:
    """Return the thickness of the ligamentum flavum in the plane of the disc, None where there is none.

    It is taken along a ray from the middle of the sac, 40 degrees from the midline to one side
    (``sign`` +1 = patient left), from the dura to the outer face of the ligament.
    """
    count = int(24.0 / LINE_STEP)
    angle = np.radians(FLAVUM_ANGLE)
    along = np.array([sign * np.sin(angle), np.cos(angle), 0.0])
    start = disc.frame.to_local((sac.start + sac.end) / 2)
    grid = line_grid(disc.frame, start, along, count)
    patch = grid.whole()
    at = canal_coordinates(patch, anatomy.canal)
    outside = sac_distance(grid, patch, at, anatomy) > DURA_THICKNESS
    within = (outside & (flavum_distance(at, anatomy.canal) < 0)).ravel()
    first, last = _longest_run(within, round(FLAVUM_GAP / LINE_STEP))
    if last - first < FLAVUM_MINIMUM / LINE_STEP:
        return None
    ends = [disc.frame.to_world(start + i * LINE_STEP * along) for i in (first, last)]
    return Span(ends[0], ends[1])


def _longest_run(flags: NDArray[np.bool_], gap: int) -> tuple[int, int]:
    """Return first and last index of the longest stretch of true flags, gaps up to ``gap`` bridged."""
    index = np.nonzero(flags)[0]
    if index.size == 0:
        return 0, 0
    runs = np.split(index, np.nonzero(np.diff(index) > gap + 1)[0] + 1)
    best = max(runs, key=lambda run: int(run[-1] - run[0]))
    return int(best[0]), int(best[-1])


def canal_ap(vertebra: Vertebra) -> Span:
    """Return the midline bony AP diameter of the canal of a vertebra, body wall to lamina."""
    height = -0.25 * vertebra.height
    start = vertebra.posterior_wall - 4.0
    positions = np.arange(start, start + vertebra.canal_ap + 16.0, LINE_STEP)
    grid = line_grid(vertebra.frame, (0.0, start, height), (0.0, 1.0, 0.0), positions.size)
    body = body_distance(grid.whole(), vertebra).ravel()
    arch = on_grid(grid, arch_distance(grid, vertebra)).ravel()
    wall = positions[np.nonzero(body < 0)[0][-1]] + LINE_STEP / 2
    behind = np.nonzero((arch < 0) & (positions > wall + 4))[0]
    back = positions[behind[0]] - LINE_STEP / 2 if behind.size else positions[-1]
    ends = vertebra.frame.to_world([(0.0, wall, height), (0.0, back, height)])
    return Span(ends[0], ends[1])
