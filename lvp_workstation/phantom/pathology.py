"""What is wrong at each level: the generating parameters of a phantom."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lvp_workstation.phantom.conditions import Conditions
from lvp_workstation.phantom.dimensions import LUMBAR_COUNT_PROBABILITY, PFIRRMANN_DISTRIBUTION


@dataclass(frozen=True)
class LevelPathology:
    """One disc level.

    Attributes
    ----------
    pfirrmann
        Disc degeneration 1-5.
    bulge
        Circumferential displacement of the posterior margin, mm.
    herniation
        ``none``, ``protrusion``, ``extrusion`` or ``sequestration``.
    side
        Lateral place of the herniation: 0 central, +1.1 subarticular on the patient's left, +1.4 foraminal,
        +2.4 extraforaminal, negative on the right; fractions lie between.
    displacement
        Depth of the herniation behind the disc margin, mm.
    base
        Width of its base along the disc margin, mm.
    migration
        Shift of its dome upward (positive) or downward, mm.
    narrowing
        Share of the sac area taken by ligamentum flavum and facets, 0-1.
    recess_left, recess_right
        Extra encroachment of the facet on the lateral recess, mm.
    foramen_left, foramen_right
        Encroachment on the foramen, 0 (open) - 1 (closed); each quarter is a grade of Lee.
    foramen_vertical
        Whether fat is lost above and below the root first, instead of in front and behind.
    slip
        Forward shift of the upper body on the lower, mm; negative is retrolisthesis.
    lysis
        Whether the pars of the vertebra above is interrupted, so that its arch stays behind when it slips.
    osteophyte
        Height of the bony rim beyond the body outline, mm.
    modic_upper, modic_lower
        Change of the marrow above and below the disc, 0-3.
    node_upper, node_lower
        Depth of a Schmorl node in the endplate above and below the disc, mm.
    nucleus_shift
        Signal of the nucleus between two grades: -0.5 (half way to the better) - 0.5 (to the worse).
    """

    pfirrmann: int = 1
    bulge: float = 0.0
    herniation: str = "none"
    side: float = 0.0
    displacement: float = 0.0
    base: float = 0.0
    migration: float = 0.0
    narrowing: float = 0.0
    recess_left: float = 0.0
    recess_right: float = 0.0
    foramen_left: float = 0.0
    foramen_right: float = 0.0
    foramen_vertical: bool = False
    slip: float = 0.0
    lysis: bool = False
    osteophyte: float = 0.0
    modic_upper: int = 0
    modic_lower: int = 0
    node_upper: float = 0.0
    node_lower: float = 0.0
    nucleus_shift: float = 0.0

    @property
    def nucleus(self) -> tuple[tuple[str, float], ...]:
        """The tissues of the nucleus and the share of each."""
        other = int(np.clip(self.pfirrmann + np.sign(self.nucleus_shift), 1, 5))
        share = abs(self.nucleus_shift)
        return (f"nucleus_{self.pfirrmann}", 1 - share), (f"nucleus_{other}", share)

    @property
    def modic(self) -> int:
        """The greater of the two marrow changes."""
        return max(self.modic_upper, self.modic_lower)


@dataclass(frozen=True)
class Fracture:
    """A compression fracture.

    Attributes
    ----------
    kind
        ``wedge`` (front), ``biconcave`` (middle) or ``crush`` (front and back).
    loss
        Share of the height that is lost there, 0-1.
    acute
        Whether the marrow is oedematous.
    """

    kind: str
    loss: float
    acute: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything about a phantom that a preset decides.

    Attributes
    ----------
    lumbar_count
        Number of lumbar bodies: 4, 5 or 6.
    sacralised
        Whether the lowest disc is rudimentary and the lowest transverse processes reach the sacrum.
    squared
        How much S1 looks like a lumbar body, with a rudimentary disc below it, 0-1.
    dysplasia
        How much the lumbosacral junction is built for a high slip, 0-1: trapezoid lowest body, domed S1
        endplate, kyphosis between them.
    age
        Years; more fat in marrow and muscle.
    scoliosis
        Largest lateral tilt of a body, degrees.
    levels
        Pathology by number of the disc, 0 = lowest (above the sacrum), counting upward.
    fractures
        Fractured vertebrae by name.
    conditions
        Metal, tumour, infection, contrast, surgery and motion.
    """

    lumbar_count: int = 5
    sacralised: bool = False
    squared: float = 0.0
    dysplasia: float = 0.0
    age: float = 45.0
    scoliosis: float = 0.0
    levels: dict[int, LevelPathology] = field(default_factory=dict)
    fractures: dict[str, Fracture] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)

    def level(self, number: int) -> LevelPathology:
        """Return the pathology of a disc counted from the lowest."""
        return self.levels.get(number, LevelPathology())


MODIC_WHEN_WORN = (0.68, 0.08, 0.2, 0.04)
"""Chances of Modic 0-3 beside a disc of Pfirrmann IV or V (our choice)."""


NODE_CHANCE = 0.06
"""Chance of a Schmorl node in an endplate for each grade above II (our choice)."""


def fractured(rng: np.random.Generator) -> dict[str, Fracture]:
    """Return one fracture near the thoracolumbar junction."""
    name = str(rng.choice(("T12", "L1", "L2", "L3"), p=(0.25, 0.4, 0.2, 0.15)))
    kind = str(rng.choice(("wedge", "biconcave", "crush"), p=(0.6, 0.25, 0.15)))
    return {name: Fracture(kind, float(rng.uniform(0.22, 0.55)), bool(rng.random() < 0.5))}


def herniated(
    rng: np.random.Generator, kind: str, side: float, base: LevelPathology | None = None
) -> LevelPathology:
    """Return a level with a focal herniation of plausible size."""
    level = base or LevelPathology(pfirrmann=int(rng.integers(3, 5)), bulge=float(rng.uniform(0, 0.8)))
    if kind == "protrusion":
        depth, width, migration = rng.uniform(3.0, 5.5), rng.uniform(13, 19), 0.0
    else:
        depth, width = rng.uniform(6.0, 9.5), rng.uniform(7, 10)
        migration = rng.choice((-1, 1), p=(0.7, 0.3)) * rng.uniform(2, 7)
    return replace(
        level,
        herniation=kind,
        side=side,
        displacement=float(depth),
        base=float(width),
        migration=float(migration),
    )


def degenerated(rng: np.random.Generator, grade: int) -> LevelPathology:
    """Return a degenerated level: bulge and bony rim grow with the grade."""
    wear = max(grade - 2, 0)
    modic = int(rng.choice((0, 1, 2, 3), p=MODIC_WHEN_WORN)) if wear >= 2 else 0
    one_sided = modic > 0 and rng.random() < 0.3
    return LevelPathology(
        pfirrmann=grade,
        bulge=float(max(0.0, rng.normal(0.9 * wear, 0.5))),
        narrowing=float(np.clip(rng.normal(0.05 * wear, 0.04), 0, 0.3)),
        foramen_left=float(np.clip(rng.normal(0.09 * wear, 0.08), 0, 1)),
        foramen_right=float(np.clip(rng.normal(0.09 * wear, 0.08), 0, 1)),
        osteophyte=float(max(0.0, rng.normal(0.7 * wear, 0.5))),
        modic_upper=modic,
        modic_lower=0 if one_sided else modic,
        node_upper=_node(rng, wear),
        node_lower=_node(rng, wear),
        nucleus_shift=float(rng.uniform(-0.3, 0.3)),
    )


def _node(rng: np.random.Generator, wear: int) -> float:
    """Return the depth of a Schmorl node, 0 = none, mm."""
    return float(rng.uniform(2.0, 5.0)) if rng.random() < NODE_CHANCE * wear else 0.0


def stenosed(rng: np.random.Generator, narrowing: float) -> LevelPathology:
    """Return a level whose sac is narrowed from behind by facets and ligamentum flavum."""
    level = degenerated(rng, int(rng.integers(3, 5)))
    encroachment = 3.0 * narrowing
    return replace(
        level,
        narrowing=narrowing,
        recess_left=float(max(0, rng.normal(encroachment, 0.5))),
        recess_right=float(max(0, rng.normal(encroachment, 0.5))),
    )


def random_plan(rng: np.random.Generator) -> Plan:
    """Return the domain-randomised mixture used to train networks: every pathology, every level count."""
    counts = list(LUMBAR_COUNT_PROBABILITY)
    count = int(rng.choice(counts, p=list(LUMBAR_COUNT_PROBABILITY.values())))
    age = float(rng.uniform(20, 85))
    levels = {number: _random_level(rng, number, age) for number in range(8)}
    if rng.random() < 0.2:
        number = int(rng.integers(0, 3))
        slip = float(rng.uniform(3, 10) * (1 if rng.random() < 0.75 else -0.5))
        levels[number] = replace(levels[number], slip=slip, pfirrmann=max(3, levels[number].pfirrmann))
    return Plan(
        lumbar_count=count,
        sacralised=bool(rng.random() < 0.08),
        age=age,
        scoliosis=float(rng.choice((0.0, rng.uniform(2, 14)), p=(0.7, 0.3))),
        levels=levels,
        fractures=fractured(rng) if rng.random() < 0.08 else {},
    )


def _random_level(rng: np.random.Generator, number: int, age: float) -> LevelPathology:
    shift = (age - 50) / 25 - 0.25 * max(number - 2, 0)
    grades = np.arange(1, 6)
    weights = np.array(PFIRRMANN_DISTRIBUTION) * np.exp(0.5 * shift * (grades - 3))
    level = degenerated(rng, int(rng.choice(grades, p=weights / weights.sum())))
    draw = rng.random()
    if number < 4 and draw < 0.14 and level.pfirrmann < 5:
        kind = "protrusion" if rng.random() < 0.65 else "extrusion"
        level = herniated(rng, kind, float(rng.choice((-1, 0, 1)) * rng.uniform(0.4, 1)), level)
    elif number < 5 and draw < 0.3:
        level = replace(level, narrowing=float(rng.uniform(0.15, 0.8)))
    if number < 5 and rng.random() < 0.25:
        left, right = (float(rng.uniform(0, 5.5)) for _ in range(2))
        level = replace(level, recess_left=left, recess_right=right)
    if number < 5 and rng.random() < 0.25:
        left, right = (float(rng.uniform(0, 1)) for _ in range(2))
        level = replace(level, foramen_left=left, foramen_right=right)
    return level
