"""The anatomy of one phantom as values: vertebrae, discs, canal tables and soft-tissue sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.phantom.grid import Frame
from lvp_workstation.phantom.pathology import LevelPathology, Plan
from lvp_workstation.phantom.shapes import Outline

VERTEBRA_LABELS: dict[str, int] = {
    **{f"T{n}": 20 + n for n in range(9, 13)},
    **{f"L{n}": 40 + n for n in range(1, 7)},
}
"""TotalSpineSeg ids of vertebrae; L6 is ours."""
SACRUM_LABEL = 50
CANAL_LABEL = 2
LOWEST_DISC_LABEL = 100
DISC_LABELS: dict[str, int] = {
    "T9-T10": 80,
    "T10-T11": 81,
    "T11-T12": 82,
    "T12-L1": 91,
    "L1-L2": 92,
    "L2-L3": 93,
    "L3-L4": 94,
    "L4-L5": 95,
    "L5-L6": 96,
}
"""TotalSpineSeg ids of discs; the lowest one above the sacrum is `LOWEST_DISC_LABEL` whatever its name."""


NO_GROWTH = (0.0, 0.0)


@dataclass(frozen=True)
class Growth:
    """Bone that has grown: a rod between two local points, widened to both sides, mm."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    half_width: float


@dataclass(frozen=True, eq=False)
class Vertebra:
    """A vertebra; its frame has the origin in the middle of the body, mm.

    Attributes
    ----------
    name
        ``T10`` ... ``L6`` or ``S1`` ... ``S5``.
    frame
        Body frame: left, posterior, superior.
    width, depth, height
        Full extents of the body at its rims and between the endplate planes on its axis, mm.
    wedge
        Angle between the endplate planes in radians, positive = taller in front.
    concavity
        Depth of the hollow of the upper and of the lower endplate, mm.
    outline
        Rim of the body.
    canal_ap, canal_width
        Bony canal at the pedicles, mm.
    pedicle
        Width and height of a pedicle, mm.
    transverse
        Half span of the transverse processes, mm.
    spinous
        Length and height of the spinous process, mm.
    rim
        Osteophyte beyond the upper and the lower rim, mm.
    taper
        Relative growth of the outline from the middle to the upper rim (sacrum), 0 = none.
    facets
        Growth of the upper facets into the recess on the left and right, mm.
    laminectomy
        Whether laminae and spinous process were taken away.
    hypertrophy
        Growth of the lower facets towards the canal, mm.
    nodes
        Depth of a Schmorl node in the upper and in the lower endplate, mm.
    growths
        Bone that narrows the foramina above and below.
    transverse_height
        Height of the transverse processes, mm.
    """

    name: str
    frame: Frame
    width: float
    depth: float
    height: float
    wedge: float
    concavity: tuple[float, float]
    outline: Outline
    canal_ap: float
    canal_width: float
    pedicle: tuple[float, float] = (9.0, 14.0)
    transverse: float = 40.0
    spinous: tuple[float, float] = (29.0, 20.0)
    rim: tuple[float, float] = (0.0, 0.0)
    taper: float = 0.0
    facets: tuple[float, float] = NO_GROWTH
    nodes: tuple[float, float] = (0.0, 0.0)
    hypertrophy: float = 0.0
    laminectomy: bool = False
    growths: tuple[Growth, ...] = ()
    transverse_height: float = 10.0

    @property
    def sacral(self) -> bool:
        """Whether the vertebra is part of the sacrum."""
        return self.name.startswith("S")

    @property
    def label(self) -> int:
        """The TotalSpineSeg id."""
        return SACRUM_LABEL if self.sacral else VERTEBRA_LABELS[self.name]

    @property
    def posterior_wall(self) -> float:
        """Local posterior coordinate of the midline of the rim's posterior wall, mm."""
        return float(self.outline.at(np.pi / 2))

    def wall_at(self, left: float) -> float:
        """Return the posterior coordinate of the upper rim's posterior wall at a lateral position, mm."""
        angle = np.linspace(0.02, np.pi - 0.02, 361)
        radius = self.outline.at(angle) * (1 + self.taper)
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        return float(np.interp(left, x[::-1], y[::-1]))

    def endplate_point(self, upper: bool, left: float = 0.0, posterior: float = 0.0) -> Array:
        """Return a point of an endplate *plane* (its hollow not followed), LPS mm."""
        sign = 1.0 if upper else -1.0
        tilt = np.tan(self.wedge / 2)
        return self.frame.to_world((left, posterior, sign * (self.height / 2 - tilt * posterior)))

    def endplate_normal(self, upper: bool) -> Array:
        """Return the unit normal of an endplate plane, pointing up for both, LPS."""
        sign = 1.0 if upper else -1.0
        local = np.array([0.0, sign * np.sin(self.wedge / 2), np.cos(self.wedge / 2)])
        return local @ self.frame.axes


@dataclass(frozen=True, eq=False)
class Disc:
    """An intervertebral disc between two vertebrae; the frame has its origin in its middle, mm.

    Attributes
    ----------
    outline
        Rim of the disc at middle height, bulge included.
    rim_change
        Growth of the rim from the lower to the upper body, mm, for each outline bin.
    shear
        Shift of the upper body against the lower along left and posterior, over the height, mm.
    """

    name: str
    label: int
    upper: Vertebra
    lower: Vertebra
    frame: Frame
    height: float
    wedge: float
    outline: Outline
    rim_change: Array
    shear: tuple[float, float]
    pathology: LevelPathology

    @property
    def posterior_margin(self) -> float:
        """Local posterior coordinate of the midline of the rim, mm."""
        return float(self.outline.at(np.pi / 2))


@dataclass(frozen=True, eq=False)
class ForaminalRoot:
    """The exiting root where it passes the plane of its foramen, in the frame of the upper vertebra.

    Attributes
    ----------
    level
        Name of the disc.
    vertebra
        The vertebra above, whose pedicle is the roof of the foramen.
    sign
        +1 on the patient's left, -1 on the right.
    centre
        Middle of the section: left, posterior, superior, mm.
    radii, healthy
        Half of its depth and height, mm: as it is, and without pressure.
    """

    level: str
    vertebra: Vertebra
    sign: float
    centre: tuple[float, float, float]
    radii: tuple[float, float]
    healthy: tuple[float, float]


@dataclass(frozen=True, eq=False)
class CanalTables:
    """The canal as functions of the arc length ``s`` (mm, from the top) of a reference curve.

    Attributes
    ----------
    curve
        Shape (n, 3): points of the reference curve, LPS mm, ``step`` mm apart.
    s
        Arc length of the points, mm.
    wall
        Offset of the posterior wall of the column from the curve along posterior, mm.
    back
        Offset of the bony or ligamentous posterior border of the canal, mm.
    half_width
        Half width of the canal, mm.
    sac_front, sac_back, sac_half_width
        The dural sac without what presses on it, mm.
    disc_weight
        1 in the middle of a disc, 0 behind the middle of a body.
    flavum
        Thickness of the ligamentum flavum, mm.
    conus_s
        Where the tip of the conus is.
    """

    curve: Array
    s: Array
    wall: Array
    back: Array
    half_width: Array
    sac_front: Array
    sac_back: Array
    sac_half_width: Array
    disc_weight: Array
    flavum: Array
    conus_s: float

    @property
    def step(self) -> float:
        """Distance between the points of the curve, mm."""
        return float(self.s[1] - self.s[0])

    @cached_property
    def normals(self) -> Array:
        """Shape (n, 2): unit posterior normal of the curve in the (y, z) plane."""
        tangent = np.gradient(self.curve[:, 1:], axis=0)
        tangent /= np.linalg.norm(tangent, axis=1)[:, None]
        return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


@dataclass(frozen=True)
class SoftTissue:
    """Sizes of what surrounds the spine, mm unless said.

    Attributes
    ----------
    fat_back
        Thickness of the fat behind the fascia of the back.
    belly
        Distance from the column's posterior wall to the skin in front.
    half_width
        Half width of the trunk.
    psoas, erector
        Radii scale of these muscles (1 = mean).
    infiltration
        Fat share of the paraspinal muscles, 0-1.
    aorta, cava
        Radii of the vessels.
    bowel
        Threshold of the bowel texture: lower means more bowel, less fat.
    aorta_left
        How far left of the midline the aorta runs.
    """

    fat_back: float
    belly: float
    half_width: float
    psoas: float
    erector: float
    infiltration: float
    aorta: float
    cava: float
    bowel: float
    aorta_left: float


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A whole phantom without signal: what `label_volume` and the truth need.

    ``canal_free`` is the canal of the same person before anything narrowed it.
    """

    seed: int
    plan: Plan
    female: bool
    stature: float
    vertebrae: tuple[Vertebra, ...]
    discs: tuple[Disc, ...]
    canal: CanalTables
    canal_free: CanalTables
    roots: tuple[ForaminalRoot, ...]
    soft: SoftTissue

    @property
    def lowest_lumbar(self) -> Vertebra:
        """The vertebra above the sacrum."""
        return self.discs[-1].upper

    def vertebra(self, name: str) -> Vertebra:
        """Return a vertebra by name."""
        return next(v for v in self.vertebrae if v.name == name)

    def disc(self, name: str) -> Disc:
        """Return a disc by the names of its neighbours, such as ``L4-L5``."""
        return next(d for d in self.discs if d.name == name)

    def root(self, level: str, sign: float) -> ForaminalRoot:
        """Return the root in the foramen beside a disc; ``sign`` +1 = patient left."""
        return next(r for r in self.roots if r.level == level and r.sign == sign)
