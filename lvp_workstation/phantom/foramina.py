"""The intervertebral foramina: where the exiting root lies, and the bone that grows around it.

Everything is worked out in one sagittal plane of the upper vertebra, a little medial of the middle
of its pedicle, where a parasagittal image shows the root in cross-section.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.phantom.anatomy import Disc, ForaminalRoot, Growth, Vertebra
from lvp_workstation.phantom.bones import arch_distance, body_distance, disc_distance
from lvp_workstation.phantom.grid import Frame, SampleGrid
from lvp_workstation.phantom.limits import FORAMEN_FAT_MM, ROOT_DEFORMED
from lvp_workstation.phantom.probe import on_grid

STEP = 0.3
REACH = (12.0, 20.0)
"""How far in front of and behind the body's wall the plane is searched, mm."""
PEDICLE_DISTANCE = 1.5
"""Fat between the pedicle and a root that has room, mm (our choice)."""
MEDIAL_SHARE, MEDIAL_LIMIT = 0.5, 4.5
"""The plane lies this share of a pedicle's width, at most so many mm, beside the canal."""
ROOT_RADII: dict[str, tuple[float, float]] = {
    "T": (1.7, 2.0),
    "L1": (1.9, 2.3),
    "L2": (2.1, 2.6),
    "L3": (2.3, 2.8),
    "L4": (2.4, 3.0),
    "L5": (2.6, 3.1),
    "L6": (2.6, 3.1),
}
"""Half of the depth and height of a ganglion in sagittal section, mm (our choice: 4-6 mm wide, growing
downward)."""
OPEN_TO = 0.25
"""Encroachment up to which fat stays on all sides; each further quarter is one more grade of Lee."""
CRUSHED = 0.45
"""Share of its size that a root keeps in a closed foramen (our choice)."""
FACET_SHARE = 0.65
"""Part of the narrowing from front to back that comes from the facet; the rest is a ridge in front."""
GROWTH_HALF_WIDTH = 2.5
RECESS_CLEARANCE = 0.3


@dataclass(frozen=True, eq=False)
class _Plane:
    """Distance to bones and disc in the plane of one foramen; coordinates of the upper vertebra, mm."""

    v: Array
    w: Array
    distance: Array

    def room(self, along_v: bool, at: float, near: float) -> tuple[float, float]:
        """Return the free stretch along one axis around a coordinate, empty where all is taken."""
        axis, other = (self.v, self.w) if along_v else (self.w, self.v)
        line = int(np.clip(np.rint((at - other[0]) / STEP), 0, other.size - 1))
        values = self.distance[line] if along_v else self.distance[:, line]
        free = np.nonzero(values > 0)[0]
        if free.size == 0:
            return near, near
        start = int(free[np.argmin(np.abs(axis[free] - near))])
        taken = np.nonzero(values <= 0)[0]
        low, high = taken[taken < start], taken[taken > start]
        first = _crossing(axis, values, int(low[-1])) if low.size else float(axis[0])
        last = _crossing(axis, values, int(high[0]) - 1) if high.size else float(axis[-1])
        return first, last


def _crossing(axis: Array, values: Array, left: int) -> float:
    """Return where a distance changes its sign between two samples."""
    a, b = float(values[left]), float(values[left + 1])
    return float(axis[left] + STEP * a / (a - b))


def plane_position(vertebra: Vertebra, sign: float) -> float:
    """Return the local lateral coordinate of the plane of a foramen, mm; ``sign`` +1 = patient left."""
    return sign * (vertebra.canal_width / 2 + min(MEDIAL_SHARE * vertebra.pedicle[0], MEDIAL_LIMIT))


def roots_of(discs: tuple[Disc, ...]) -> tuple[ForaminalRoot, ...]:
    """Return the roots in the foramina beside all discs, left before right."""
    roots = []
    for disc in discs:
        for sign, plane in zip((1.0, -1.0), _planes(disc), strict=True):
            roots.append(_root(disc, sign, plane))
    return tuple(roots)


def _planes(disc: Disc) -> list[_Plane]:
    """Return the planes of the left and the right foramen of a disc."""
    upper, wall = disc.upper, disc.upper.posterior_wall
    v = np.arange(wall - REACH[0], wall + REACH[1], STEP)
    w = np.arange(-0.5 * upper.height - 12.0, 0.3 * upper.height, STEP)
    left = plane_position(upper, 1.0)
    geometry = VolumeGeometry.from_axes(
        upper.frame.to_world((left, v[0], w[0])),
        (-upper.frame.axes[0], upper.frame.axes[2], upper.frame.axes[1]),
        (2 * left, STEP, STEP),
        (2, w.size, v.size),
    )
    grid = SampleGrid.of_slices(geometry)
    patch = grid.whole()
    solids = [body_distance(patch, upper), body_distance(patch, disc.lower), disc_distance(patch, disc)]
    solids += [on_grid(grid, arch_distance(grid, bone)) for bone in (upper, disc.lower)]
    return [_Plane(v, w, one) for one in np.min(solids, axis=0)]


def _root(disc: Disc, sign: float, plane: _Plane) -> ForaminalRoot:
    """Return the root where it has most room below the pedicle; pressed flat where room is short."""
    upper = disc.upper
    healthy = _healthy_radii(upper)
    x = plane_position(upper, sign)
    v = upper.wall_at(x) + healthy[0] + 1.5
    below = 0.22 * upper.height - upper.pedicle[1] / 2 - 3.0
    _, ceiling = plane.room(False, v, below)
    w = ceiling - PEDICLE_DISTANCE - healthy[1]
    v, depth = _fitted(plane.room(True, w, v), v, healthy[0])
    w, height = _fitted(plane.room(False, v, w), w, healthy[1])
    v, depth = _fitted(plane.room(True, w, v), v, healthy[0])
    return ForaminalRoot(disc.name, upper, sign, (x, v, w), (depth, height), healthy)


def _healthy_radii(vertebra: Vertebra) -> tuple[float, float]:
    """Return half the depth and height of a root that nothing presses, mm."""
    depth, height = ROOT_RADII["T" if vertebra.name.startswith("T") else vertebra.name]
    scale = vertebra.pedicle[1] / 14.5  # follows the size of the person
    return depth * scale, height * scale


def _fitted(room: tuple[float, float], wanted: float, radius: float) -> tuple[float, float]:
    """Return position and radius of a root in a free stretch: centred where there is no room to spare."""
    low, high = room
    radius = min(radius, max((high - low) / 2, 0.3))
    margin = min(2 * FORAMEN_FAT_MM, (high - low) / 2 - radius)
    return float(np.clip(wanted, low + radius + margin, high - radius - margin)), radius


def narrowed(discs: tuple[Disc, ...]) -> dict[str, Vertebra]:
    """Return the vertebrae that bone must grow on to close the foramina as the plan wants it, by name."""
    grown: dict[str, Vertebra] = {}
    for disc in discs:
        level = disc.pathology
        wanted = (level.foramen_left, level.foramen_right)
        if max(wanted) <= 0:
            continue
        for sign, share, plane in zip((1.0, -1.0), wanted, _planes(disc), strict=True):
            if share > 0:
                ridge, facet = _growths(disc, sign, share, plane)
                _add(grown, disc.upper, ridge)
                _add(grown, disc.lower, facet)
    return grown


def _add(grown: dict[str, Vertebra], vertebra: Vertebra, growths: list[Growth]) -> None:
    now = grown.get(vertebra.name, vertebra)
    grown[vertebra.name] = replace(now, growths=(*now.growths, *growths))


def _growths(disc: Disc, sign: float, share: float, plane: _Plane) -> tuple[list[Growth], list[Growth]]:
    """Return the ridge on the upper body and the growth of the lower vertebra's upper facet.

    The room left for the root falls with the share of encroachment so that each quarter of it is a
    grade of Lee: fat on all sides, lost in two, lost in four, root deformed.
    """
    root = _root(disc, sign, plane)
    x, v, w = root.centre
    depth, height = (2 * r for r in root.healthy)
    front, back = plane.room(True, w, v)
    bottom, top = plane.room(False, v, w)
    vertical = disc.pathology.foramen_vertical
    room_v = _room(back - front, depth, share, not vertical)
    room_w = _room(top - bottom, height, share, vertical)
    loss = (back - front) - room_v
    edge_front, edge_back = front + (1 - FACET_SHARE) * loss, back - FACET_SHARE * loss
    floor = top - room_w
    ridge, facet = [], []
    upright = (max(floor, w - root.healthy[1] - 1.0) - 3.0, top - 1.0)
    if loss > 0.05:
        radius = max(1.2, 0.6 * (edge_front - front))
        ridge.append(_upright(disc, x, edge_front - radius, upright, radius))
        radius = max(2.4, 0.6 * (back - edge_back))
        facet.append(_upright(disc, x, edge_back + radius, upright, radius))
    if floor > bottom + 0.05:
        low, high = plane.room(True, (floor + bottom) / 2, v)
        middle, radius = (low + high) / 2, max((high - low) / 2 + 0.3, 1.5)
        tip = floor - np.sqrt(max(radius**2 - (v - middle) ** 2, 0.0))  # its dome meets the root's axis
        facet.append(_upright(disc, x, middle, (max(bottom - 3.0, float(tip) - 9.0), float(tip)), radius))
    return ridge, [_moved(growth, disc.upper.frame, disc.lower.frame) for growth in facet]


def _upright(disc: Disc, x: float, v: float, extent: tuple[float, float], radius: float) -> Growth:
    """Return an upright ridge that holds the plane ``x`` and stays out of the lateral recess."""
    canal = max(disc.upper.canal_width, disc.lower.canal_width)
    room = abs(x) - canal / 2 - RECESS_CLEARANCE
    aside = float(np.clip(GROWTH_HALF_WIDTH + radius - room, 0.0, GROWTH_HALF_WIDTH))
    x = x + np.sign(x) * aside
    return Growth((x, v, extent[0]), (x, v, extent[1]), radius, GROWTH_HALF_WIDTH)


def _moved(growth: Growth, origin: Frame, target: Frame) -> Growth:
    """Return a growth in the coordinates of another vertebra."""
    ends = target.to_local(origin.to_world([growth.start, growth.end]))
    (a, b, c), (d, e, f) = ends.tolist()
    return replace(growth, start=(a, b, c), end=(d, e, f))


def _room(room: float, size: float, share: float, first: bool) -> float:
    """Return the room in one direction for an encroachment of 0-1, mm.

    Parameters
    ----------
    room
        What there is without any.
    size
        Of the root in that direction.
    first
        Whether fat is lost in this direction first.
    """
    limit = size + 2 * FORAMEN_FAT_MM
    pressed = ROOT_DEFORMED * size
    if first:
        steps = (OPEN_TO, limit), (0.5, size + 0.6 * FORAMEN_FAT_MM), (0.75, pressed), (1.0, CRUSHED * size)
    else:
        steps = (0.3, room), (0.5, limit), (0.75, size + 0.4 * FORAMEN_FAT_MM), (1.0, pressed)
    shares, rooms = zip((0.0, room), *steps, strict=True)
    return float(min(room, np.interp(share, shares, rooms)))
