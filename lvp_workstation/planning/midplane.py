"""The mid-sagittal plane: through bodies and discs, along canal and spinous processes.

In the form ``x = c + a y + b z`` (LPS) every piece of evidence is linear:

- the middle of a body, its canal, its arch, and of a disc lies on the plane;
- within one vertebra, middle of the body, canal and spinous process lie equally far from it: this gives the
  rotation about the long axis, whatever the curve of the spine;
- the mean axis of the discs lies in it, and the line through the middles of the bodies, which differ in a
  curved spine: both give the mean tilt sideways.

One robust fit weighs them. A curved spine has no exact mid-plane; the rest tells how far it leaves the plane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.anatomy import CANAL, SACRUM, InstanceId
from lvp_workstation.domain.geometry import LEFT, Array, Plane, unit
from lvp_workstation.domain.landmarks import BodyLandmarks, SpineLandmarks
from lvp_workstation.planning.clouds import Cloud
from lvp_workstation.planning.robust import robust_fit

BODY_SD_MM = 5.0
"""Distance of a body or disc from one straight plane: spines curve (our choice)."""
LINE_SHARE = 0.7
"""The sideways tilt follows the line through the middles of the bodies by this share, for the rest the mean
axis of the discs (our choice: on 24 phantoms with scoliosis of 12-26 degrees
both errors are smallest between 0.6 and 0.8)."""
PART_SD_MM = {"body": 1.0, "canal": 2.5, "arch": 1.0}
"""Standard deviation of the sideways middle of a part, mm (our choice, near the errors on phantoms; the outer
slices of the canal are the least sure)."""
CUT_SD_MM = {"body": 8.0, "canal": 3.0, "arch": 0.0}
"""Further standard deviation of the middle of a part that a narrow slab cuts, mm: anywhere within half of
what is cut off, some 30 mm of a body, 8 mm of the canal; an arch keeps its spinous process (our choice)."""
AXIS_SD = 0.035
"""Standard deviation of the sideways tilt of one disc against the plane, radians (our choice)."""
TUNING = 2.0
LUMBAR = 5
"""Bodies and discs counted from below that take part."""
WALL_MM = 3.0
"""The body ends this far in front of its posterior wall: pedicles leave there (our choice)."""
CANAL_MM = 12.0
"""The spinous process and laminae begin this far behind the wall (our choice: most of the canal's depth)."""
CANAL_HALF_MM = 14.0
"""Half length of the canal that belongs to one body (our choice: half a body)."""
MIN_PART = 30
MIN_BODIES = 3


@dataclass(frozen=True, eq=False)
class MidPlane:
    """The mid-plane of the lumbar spine.

    Attributes
    ----------
    plane
        Its normal points to the patient's left.
    sd_deg, sd_mm
        Standard deviation of direction and place by the fit.
    curve_mm
        Root mean square distance of the middles of bodies from the plane.
    aside_mm
        Largest distance of a body's middle from the plane.
    bodies
        Middles of the bodies, from below, LPS mm.
    """

    plane: Plane
    sd_deg: float
    sd_mm: float
    curve_mm: float
    aside_mm: float
    bodies: Array


def find_mid_plane(landmarks: SpineLandmarks, clouds: Mapping[InstanceId, Cloud]) -> MidPlane | None:
    """Return the mid-plane, None when fewer than three lumbar bodies carry it."""
    parts = [p for p in (_parts(body, clouds) for body in _lumbar(landmarks)) if "body" in p]
    if len(parts) < MIN_BODIES:
        return None
    rows, targets = _within(parts)
    on_plane = [(middle, _sd(name, middle, BODY_SD_MM)) for p in parts for name, middle in p.items()]
    discs = [disc for n in range(1, LUMBAR + 1) if (disc := clouds.get(f"D{n}")) is not None]
    on_plane += [(_middle(d), _sd("body", _middle(d), BODY_SD_MM)) for d in discs]
    for middle, sd in on_plane:
        rows.append(np.array([1.0, *middle[1:3]]) / sd)
        targets.append(middle[0] / sd)
    axes = [landmarks.discs[f"D{n}"].normal for n in range(1, LUMBAR + 1) if f"D{n}" in landmarks.discs]
    if axes:  # one row for all: the tilts of a curved spine differ, and none of them is an error
        mean = np.mean(axes, axis=0)
        sd = AXIS_SD / np.sqrt(len(axes))
        rows.append(np.array([0.0, *mean[1:]]) / sd)
        targets.append(float(mean[0]) / sd)
    sure = [p["body"][:3] for p in parts if not p["body"][3]]
    bodies = np.array([p["body"][:3] for p in parts])
    middles = bodies
    if len(sure) < MIN_BODIES:  # a narrow slab: the canal tells the middle better than bodies that it cuts
        middles = np.array([p.get("canal", p["body"])[:3] for p in parts])
    return _solved(np.array(rows), np.array(targets), middles, bodies)


def _lumbar(landmarks: SpineLandmarks) -> list[BodyLandmarks]:
    return [landmarks.bodies[f"V{n}"] for n in range(1, LUMBAR + 1) if f"V{n}" in landmarks.bodies]


def _within(parts: Sequence[Mapping[str, Array]]) -> tuple[list[Array], list[float]]:
    """Return the rows that compare the parts of one vertebra with each other."""
    rows: list[Array] = []
    targets: list[float] = []
    for found in parts:
        if len(found) < 2:
            continue
        sds = np.array([_sd(name, middle, PART_SD_MM[name]) for name, middle in found.items()])
        middles = np.array([middle[:3] for middle in found.values()])
        offsets = middles - np.average(middles, axis=0, weights=sds**-2)
        for offset, sd in zip(offsets, sds, strict=True):
            rows.append(np.array([0.0, *offset[1:]]) / sd)
            targets.append(float(offset[0]) / sd)
    return rows, targets


def _sd(name: str, middle: Array, sd: float) -> float:
    """Return the standard deviation of a part; its fourth value tells whether the slab cuts it."""
    return float(np.hypot(sd, CUT_SD_MM[name])) if middle[3] else sd


def _middle(cloud: Cloud) -> Array:
    return np.append(cloud.points.mean(axis=0), float(cloud.cut_sideways))


def _parts(body: BodyLandmarks, clouds: Mapping[InstanceId, Cloud]) -> dict[str, Array]:
    """Return the middles of body, canal and spinous process of one vertebra, each with its cut mark."""
    bone, canal = clouds.get(body.instance), clouds.get(CANAL)
    wall = _wall(body)
    if bone is None or wall is None:
        return {}
    centre, up = np.array(body.centre), unit(body.up)
    back = _backward(up)
    depth = (bone.points - centre) @ back
    chosen = {"body": bone.part(depth < wall - WALL_MM), "arch": bone.part(depth > wall + CANAL_MM)}
    if canal is not None:
        chosen["canal"] = canal.part(np.abs((canal.points - centre) @ up) < CANAL_HALF_MM)
    return {name: _middle(part) for name, part in chosen.items() if len(part.points) >= MIN_PART}


def _backward(up: Array) -> Array:
    return unit(np.cross(up, LEFT - (LEFT @ up) * up))


def _wall(body: BodyLandmarks) -> float | None:
    """Return the posterior coordinate of the posterior wall of a body, None without endplates."""
    plates = [plate for plate in (body.superior, body.inferior) if plate is not None]
    if not plates:
        return None
    back = _backward(unit(body.up))
    return max(float((np.array(plate.posterior) - np.array(body.centre)) @ back) for plate in plates)


def _solved(rows: Array, targets: Array, middles: Array, bodies: Array) -> MidPlane:
    fit = robust_fit(rows, targets, TUNING)
    _, back, up = fit.values
    up += LINE_SHARE * (_line_tilt(middles, float(back)) - up)
    length = float(np.linalg.norm([1.0, back, up]))
    centre = middles.mean(axis=0)
    plane = Plane(centre, np.array([1.0, -back, -up]) / length)
    at = np.array([1.0, *centre[1:]])
    aside = plane.signed_distance(middles)
    return MidPlane(
        plane=plane,
        sd_deg=float(np.degrees(np.sqrt(np.trace(fit.covariance[1:, 1:]))) / length),
        sd_mm=float(np.sqrt(at @ fit.covariance @ at) / length),
        curve_mm=float(np.sqrt(np.mean(aside**2))),
        aside_mm=float(np.abs(aside).max()),
        bodies=bodies,
    )


def _line_tilt(middles: Array, back: float) -> float:
    """Return the slope along z of the line through points, less what the rotation ``back`` explains."""
    sideways = middles[:, 0] - back * middles[:, 1]
    height = middles[:, 2] - middles[:, 2].mean()
    return float(height @ sideways / (height @ height))


def front_corners(landmarks: SpineLandmarks) -> Array:
    """Return the anterior corners of lumbar bodies and sacrum, shape (n, 3), LPS mm."""
    bodies = [*_lumbar(landmarks), *(landmarks.bodies[k] for k in (SACRUM, "V0") if k in landmarks.bodies)]
    plates = [p for body in bodies for p in (body.superior, body.inferior) if p is not None]
    return np.array([plate.anterior for plate in plates]).reshape(-1, 3)
