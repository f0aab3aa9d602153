"""Draw the vertebral column: sizes per level, then bodies and discs stacked from the sacrum upward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom import dimensions as dim
from lvp_workstation.phantom.anatomy import DISC_LABELS, LOWEST_DISC_LABEL, NO_GROWTH, Disc, Vertebra
from lvp_workstation.phantom.foramina import narrowed
from lvp_workstation.phantom.grid import WORLD, Frame
from lvp_workstation.phantom.herniation import disc_outline
from lvp_workstation.phantom.pathology import Fracture, LevelPathology, Plan
from lvp_workstation.phantom.shapes import Outline

THORACIC = ("T9", "T10", "T11", "T12")
SACRAL_TILT = {"S1": 3.0, "S2": 6.0, "S3": -3.0, "S4": -19.0, "S5": -36.0}
"""Tilt of each sacral body against the S1 endplate, degrees (our choice)."""
SACRAL_SIZE = {
    "S1": (29.0, 50.0, 31.0, 0.24),
    "S2": (25.0, 36.0, 20.0, 0.20),
    "S3": (21.0, 30.0, 14.5, 0.16),
    "S4": (18.0, 26.0, 11.5, 0.14),
    "S5": (15.0, 22.0, 9.5, 0.12),
}
"""Height, width, depth (mm) and taper of the sacral bodies (our choice, from mid-sagittal images)."""
AXIAL_TURN = 0.35
"""Axial rotation of a body per lateral tilt in scoliosis (our choice)."""
HYPERTROPHY = 3.5
"""Growth of the lower facets per unit of narrowing, mm (our choice)."""
TRAPEZOID, DOME, KYPHOSIS = 0.3, 5.0, 22.0
"""Wholly dysplastic: share of its posterior height that the lowest body lacks, rise of the S1 endplate (mm)
and loss of lordosis at the lowest disc (degrees). The signs are those of Boxall 1979 (JBJS Am 61:479); the
sizes are our choice."""
ARCH_LEFT_BEHIND = 0.5
"""Share of a slip by which the canal of a lytic vertebra is deeper (wide canal sign; our choice)."""
RESIDUAL_GAP = 3.5
"""Growth of the rudimentary disc between S1 and S2 when S1 is wholly squared, mm (our choice)."""
MAXIMUM_HOLLOW = 4.0
"""Hollow of both endplates that a disc fills; deeper ones are fractures, mm."""
SACRAL_GAP = {"S1": 0.0, "S2": 3.2, "S3": 1.6, "S4": 1.2, "S5": 1.2}


@dataclass(frozen=True)
class Person:
    """What all levels of a person share."""

    female: bool
    stature: float
    deviation: dict[str, float]

    def size(self, rng: np.random.Generator, kind: str, mean: float, sd: float) -> float:
        """Return a size: person's scale, person's deviation and the level's own."""
        shared = np.sqrt(dim.LEVEL_CORRELATION) * self.deviation[kind]
        own = np.sqrt(1 - dim.LEVEL_CORRELATION) * float(np.clip(rng.standard_normal(), -2, 2))
        return float(max(mean * self.stature + sd * (shared + own), 0.6 * mean))


KINDS = ("height", "depth", "width", "canal_ap", "canal_width", "disc", "concavity", "sac")


def draw_person(rng: np.random.Generator) -> Person:
    """Draw sex, stature factor and the person's share of every deviation."""
    female = bool(rng.random() < 0.5)
    scale = (dim.FEMALE_SCALE if female else 1.0) * float(np.clip(rng.normal(1, 0.035), 0.91, 1.09))
    return Person(female, scale, {kind: float(np.clip(rng.standard_normal(), -2, 2)) for kind in KINDS})


@dataclass(frozen=True)
class _Pose:
    """Middle of an upper endplate, LPS mm, and its forward tilt, radians."""

    point: Array
    sagittal: float


def axes_of(sagittal: float, coronal: float, axial: float) -> Array:
    """Return rows left, posterior, superior for a forward tilt, a tilt to the left and a turn (radians)."""
    ca, sa = np.cos(axial), np.sin(axial)
    turn = np.array([[ca, sa, 0], [-sa, ca, 0], [0, 0, 1]])
    cs, ss = np.cos(sagittal), np.sin(sagittal)
    pitch = np.array([[1, 0, 0], [0, cs, ss], [0, -ss, cs]])
    cc, sc = np.cos(coronal), np.sin(coronal)
    roll = np.array([[cc, 0, -sc], [0, 1, 0], [sc, 0, cc]])
    return np.asarray(turn @ pitch @ roll)


def level_names(lumbar_count: int) -> list[str]:
    """Return the vertebra names above the sacrum, bottom first."""
    return [f"L{n}" for n in range(lumbar_count, 0, -1)] + list(reversed(THORACIC))


def profile_name(name: str, lumbar_count: int) -> str:
    """Return the level of the size tables that a vertebra takes, counted from the sacrum."""
    if name.startswith("T") or lumbar_count == 5:
        return name
    return f"L{max(int(name[1:]) + 5 - lumbar_count, 1)}"


def stack_column(
    rng: np.random.Generator, plan: Plan, person: Person
) -> tuple[tuple[Vertebra, ...], tuple[Disc, ...]]:
    """Build the column from the sacrum upward; the middle lumbar body ends at the origin.

    Returns
    -------
    vertebrae, discs
        Both from top to bottom, S1-S5 included; the last disc lies on S1.
    """
    slope = np.radians(np.clip(rng.normal(dim.SACRAL_SLOPE, dim.SACRAL_SLOPE_SD), 20, 55))
    sacrum = _stack_sacrum(person, slope, plan)
    names = level_names(plan.lumbar_count)
    total = np.degrees(slope) + float(rng.normal(dim.LORDOSIS_OVER_SLOPE, dim.LORDOSIS_OVER_SLOPE_SD))
    lordosis = max(total, 12.0) / (dim.SUPINE_FACTOR * dim.STANDING_LORDOSIS)
    build = _Build(rng, plan, person, lordosis)
    phase = float(rng.uniform(0, 2 * np.pi))
    bodies: list[Vertebra] = []
    below, pose = sacrum[0], _Pose(np.zeros(3), slope)
    for number, name in enumerate(names):
        bend = np.sin(number * 0.75 + phase) - np.sin(phase) * np.exp(-number)
        coronal = float(np.radians(plan.scoliosis) * bend)
        below, pose = _placed(build, _shape(build, name, number), number, below, pose, coronal)
        bodies.append(below)
    vertebrae = [*reversed(bodies), *sacrum]
    shift = -next(v for v in vertebrae if v.name == "L3").frame.origin
    vertebrae = [replace(v, frame=Frame(v.frame.origin + shift, v.frame.axes)) for v in vertebrae]
    grown = narrowed(discs_between(plan, vertebrae))
    vertebrae = [grown.get(v.name, v) for v in vertebrae]
    return tuple(vertebrae), discs_between(plan, vertebrae)


@dataclass(frozen=True)
class _Build:
    """What every step of stacking one column needs."""

    rng: np.random.Generator
    plan: Plan
    person: Person
    lordosis: float
    """Factor on the tabulated lordosis of each segment."""


def _shape(build: _Build, name: str, number: int) -> Vertebra:
    """Return a vertebra at the origin; ``number`` counts the disc below it from the sacrum."""
    rng, plan, person = build.rng, build.plan, build.person
    profile = profile_name(name, plan.lumbar_count)
    size, level, above = dim.BODY_SIZES[profile], plan.level(number), plan.level(number + 1)
    fracture = plan.fractures.get(name)
    front = person.size(rng, "height", size.height_anterior, dim.BODY_HEIGHT_SD * 0.8)
    back = front * size.height_posterior / size.height_anterior * float(rng.normal(1, 0.02))
    front, back = _collapsed(front, back, fracture)
    back *= 1 - (TRAPEZOID * plan.dysplasia if number == 0 else 0.0)
    depth = person.size(rng, "depth", size.depth, dim.BODY_DEPTH_SD * 0.7)
    width = person.size(rng, "width", size.width, dim.BODY_WIDTH_SD * 0.7)
    hollow = float(rng.uniform(0.5, 2.0)) if number else float(rng.uniform(0, 1.0))
    return Vertebra(
        name=name,
        frame=WORLD,
        width=width,
        depth=depth,
        height=(front + back) / 2,
        wedge=float(np.arctan((front - back) / depth)),
        concavity=_concavity(rng, person, front, fracture),
        outline=Outline.of_body(width, depth, hollow),
        canal_ap=person.size(rng, "canal_ap", size.canal_ap, dim.CANAL_AP_SD)
        + (ARCH_LEFT_BEHIND * level.slip if level.lysis else 0.0),
        canal_width=person.size(rng, "canal_width", size.canal_width, dim.CANAL_WIDTH_SD),
        pedicle=(size.pedicle_width * person.stature, size.pedicle_height * person.stature),
        transverse=dim.TRANSVERSE_SPAN[profile] / 2 * person.stature * float(rng.normal(1, 0.05)),
        spinous=_spinous(rng, person, name),
        rim=(above.osteophyte, level.osteophyte),
        facets=(above.recess_left, above.recess_right),
        nodes=(above.node_lower, level.node_upper),
        hypertrophy=HYPERTROPHY * level.narrowing,
        laminectomy=name in plan.conditions.laminectomy,
        transverse_height=24.0 if plan.sacralised and number == 0 else 10.0,
    )


def _placed(
    build: _Build, shape: Vertebra, number: int, below: Vertebra, pose: _Pose, coronal: float
) -> tuple[Vertebra, _Pose]:
    """Return a vertebra on top of the one below, and the pose of its upper endplate."""
    plan, rng = build.plan, build.rng
    profile = profile_name(shape.name, plan.lumbar_count)
    plane_height = _disc_plane_height(build, profile, number, below, shape.concavity)
    segment = np.radians(dim.SUPINE_FACTOR * dim.SEGMENT_LORDOSIS[profile]) * build.lordosis
    segment += np.radians(rng.normal(0, dim.SEGMENT_LORDOSIS_SD * 0.5))
    segment -= np.radians(KYPHOSIS * plan.dysplasia) if number == 0 else 0.0
    limit = 1.2 * plane_height / shape.depth  # the planes of a disc must not meet inside it
    disc_wedge = float(np.clip(segment - shape.wedge, -0.4 * limit, limit))
    middle = axes_of(pose.sagittal - disc_wedge / 2, coronal, AXIAL_TURN * coronal)
    # without slip the posterior walls of neighbours meet
    back_step = below.posterior_wall * (1 + below.taper) - shape.posterior_wall - plan.level(number).slip
    base = pose.point + plane_height * middle[2] + back_step * middle[1]
    axes = axes_of(pose.sagittal - disc_wedge - shape.wedge / 2, coronal, AXIAL_TURN * coronal)
    frame = Frame(base + shape.height / 2 * axes[2], axes)
    top = frame.origin + shape.height / 2 * axes[2]
    return replace(shape, frame=frame), _Pose(top, pose.sagittal - disc_wedge - shape.wedge)


def _collapsed(front: float, back: float, fracture: Fracture | None) -> tuple[float, float]:
    """Return the anterior and posterior height after a fracture, mm."""
    if fracture is None or fracture.kind == "biconcave":
        return front, back
    if fracture.kind == "wedge":
        return front * (1 - fracture.loss), back * (1 - 0.2 * fracture.loss)
    return front * (1 - fracture.loss), back * (1 - 0.9 * fracture.loss)


def _concavity(
    rng: np.random.Generator, person: Person, height: float, fracture: Fracture | None
) -> tuple[float, float]:
    """Return the depth of the hollow of the upper and of the lower endplate, mm."""
    sd = dim.ENDPLATE_CONCAVITY_SD
    upper = person.size(rng, "concavity", dim.ENDPLATE_CONCAVITY_UPPER, sd)
    lower = person.size(rng, "concavity", dim.ENDPLATE_CONCAVITY_LOWER, sd)
    sunk = 0.5 * fracture.loss * height if fracture and fracture.kind == "biconcave" else 0.0
    return max(upper, 0.2) + sunk, max(lower, 0.3) + sunk


def _spinous(rng: np.random.Generator, person: Person, name: str) -> tuple[float, float]:
    short = 0.72 if name == "L5" or name == "L6" else 1.0
    length = dim.SPINOUS_LENGTH * person.stature * float(rng.normal(1, 0.08)) * short
    height = dim.SPINOUS_HEIGHT * person.stature * float(rng.normal(1, 0.1)) * short
    return length, height * (0.75 if name.startswith("T") else 1.0)


def _disc_plane_height(
    build: _Build, profile: str, number: int, below: Vertebra, concavity: tuple[float, float]
) -> float:
    """Return the distance between the endplate planes on the axis, from the disc's middle height."""
    middle = build.person.size(build.rng, "disc", dim.DISC_HEIGHT[profile], dim.DISC_HEIGHT_SD)
    middle -= dim.DISC_HEIGHT_LOSS[build.plan.level(number).pfirrmann]
    if build.plan.sacralised and number == 0:
        middle *= 0.5
    hollow = min(below.concavity[0] + concavity[1], MAXIMUM_HOLLOW)
    return max(middle - hollow, dim.DISC_HEIGHT_MINIMUM - 0.5 * hollow, 1.2)


def _stack_sacrum(person: Person, slope: float, plan: Plan) -> list[Vertebra]:
    """Return S1-S5 with the middle of the S1 endplate at the origin, top first."""
    top, bodies = np.zeros(3), []
    below, scale = plan.level(0), person.stature
    for name, (height, width, depth, taper) in _sacral_sizes(plan).items():
        first = name == "S1"
        axes = axes_of(slope + np.radians(SACRAL_TILT[name]), 0.0, 0.0)
        gap = SACRAL_GAP[name] + (RESIDUAL_GAP * plan.squared if name == "S2" else 0.0)
        centre = top - (gap + height * scale / 2) * axes[2]
        # the S1 endplate, not the axis of its body, has the sacral slope
        wedge = np.radians(2 * SACRAL_TILT["S1"]) if first else 0.0
        ap = {"S1": 15.0, "S2": 12.0, "S3": 9.0, "S4": 7.0, "S5": 5.0}[name]
        bodies.append(
            Vertebra(
                name=name,
                frame=Frame(centre, axes),
                width=width * scale / (1 + taper) * (1.02 if first else 1.0),
                depth=depth * scale / (1 + taper),
                height=height * scale,
                wedge=wedge,
                concavity=(0.8 - DOME * plan.dysplasia, 0.3) if first else (0.2, 0.2),
                outline=Outline.of_body(width * scale / (1 + taper), depth * scale / (1 + taper), 0.3),
                canal_ap=ap * scale,
                canal_width={"S1": 30.0, "S2": 25.0, "S3": 19.0, "S4": 15.0, "S5": 11.0}[name] * scale,
                taper=taper,
                facets=(below.recess_left, below.recess_right) if first else NO_GROWTH,
                nodes=(below.node_lower, 0.0) if first else (0.0, 0.0),
            )
        )
        top = centre - height * scale / 2 * axes[2]
    return bodies


def _sacral_sizes(plan: Plan) -> dict[str, tuple[float, float, float, float]]:
    """Return height, width, depth and taper of the sacral bodies; squaring makes S1 look lumbar."""
    sizes = dict(SACRAL_SIZE)
    for name, loss, growth in (("S1", 0.75, 0.0), ("S2", 0.3, 0.22)):
        height, width, depth, taper = sizes[name]
        wider = 1 + growth * plan.squared
        sizes[name] = (height, width * wider, depth * wider, taper * (1 - loss * plan.squared))
    return sizes


def discs_between(plan: Plan, vertebrae: list[Vertebra]) -> tuple[Disc, ...]:
    """Return the discs between vertebrae given from top to bottom."""
    discs = []
    movable = [v for v in vertebrae if not v.sacral]
    below = {v.name: w for v, w in pairwise(vertebrae)}
    for position, upper in enumerate(movable):
        number = len(movable) - 1 - position
        lower = below[upper.name]
        discs.append(_disc(plan.level(number), number, upper, lower))
    return tuple(discs)


def _disc(level: LevelPathology, number: int, upper: Vertebra, lower: Vertebra) -> Disc:
    a, b = upper.endplate_point(False), lower.endplate_point(True)
    up = upper.endplate_normal(False) + lower.endplate_normal(True)
    up /= np.linalg.norm(up)
    left = upper.frame.axes[0] + lower.frame.axes[0]
    left -= (left @ up) * up
    left /= np.linalg.norm(left)
    axes = np.stack([left, np.cross(up, left), up])
    shift = (a - b) @ axes.T
    cosine = np.clip(upper.endplate_normal(False) @ lower.endplate_normal(True), -1, 1)
    side = np.sign((upper.endplate_normal(False) - lower.endplate_normal(True)) @ axes[1])
    name = f"{upper.name}-{lower.name}"
    taper = 1 + lower.taper
    rims = [upper.outline.radius, lower.outline.radius * taper]
    return Disc(
        name=name,
        label=LOWEST_DISC_LABEL if number == 0 else DISC_LABELS[name],
        upper=upper,
        lower=lower,
        frame=Frame((a + b) / 2, axes),
        height=float(shift[2]),
        wedge=float(np.arccos(cosine) * side),
        outline=disc_outline(np.mean(rims, axis=0), level),
        rim_change=rims[0] - rims[1],
        shear=(float(shift[0]), float(shift[1])),
        pathology=level,
    )
