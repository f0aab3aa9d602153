"""Plans for judging graders: every class of every scale often, and many levels close to a limit.

Grades of one level are drawn apart from each other as far as anatomy allows, so that one cannot be
guessed from another. All shares are our choice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvp_workstation.phantom.pathology import LevelPathology, Plan

DISCS = 6
"""Graded discs, T12-L1 to L5-S1."""
KINDS = ("none", "bulge", "protrusion", "extrusion", "sequestration")
KIND_SHARES = (0.24, 0.22, 0.20, 0.18, 0.16)
NARROWINGS = ((0.0, 0.06), (0.04, 0.30), (0.28, 0.62), (0.62, 0.88))
"""Narrowing by flavum and facets for the four classes of the canal."""
NARROWING_SHARES = (0.44, 0.14, 0.22, 0.20)
RECESS_GROWTH = (1.5, 5.0)
"""Growth of a facet into the recess, mm: 6 mm less this is the height of the recess."""
WELL_OPEN = 0.28
"""Share of recesses without growth."""


def evaluation_plan(rng: np.random.Generator) -> Plan:
    """Return a plan for seeds of 900000 and above."""
    return Plan(
        age=float(rng.uniform(25, 80)),
        scoliosis=float(rng.choice((0.0, rng.uniform(2, 8)), p=(0.8, 0.2))),
        levels={n: _level(rng) if n < DISCS else LevelPathology(pfirrmann=2) for n in range(9)},
    )


def _level(rng: np.random.Generator) -> LevelPathology:
    kind = str(rng.choice(KINDS, p=KIND_SHARES))
    low, high = NARROWINGS[int(rng.choice(4, p=NARROWING_SHARES))]
    recess = [_recess(rng) for _ in range(2)]
    foramen = [float(rng.uniform(0.0, 1.0)) for _ in range(2)]
    level = LevelPathology(
        pfirrmann=int(rng.integers(1, 6)),
        nucleus_shift=_shift(rng),
        bulge=_bulge(rng, kind),
        narrowing=float(rng.uniform(low, high)),
        recess_left=recess[0],
        recess_right=recess[1],
        foramen_left=foramen[0],
        foramen_right=foramen[1],
        foramen_vertical=bool(rng.random() < 0.4),
        slip=float(rng.uniform(2.0, 9.0)) if rng.random() < 0.06 else 0.0,
        osteophyte=float(max(0.0, rng.normal(0.6, 0.6))),
        modic_upper=int(rng.choice(4, p=(0.7, 0.1, 0.14, 0.06))),
        modic_lower=int(rng.choice(4, p=(0.7, 0.1, 0.14, 0.06))),
        node_upper=float(rng.uniform(1.0, 4.0)) if rng.random() < 0.15 else 0.0,
        node_lower=float(rng.uniform(1.0, 4.0)) if rng.random() < 0.15 else 0.0,
    )
    return level if kind in ("none", "bulge") else _herniated(rng, level, kind)


def _shift(rng: np.random.Generator) -> float:
    """Return a shift of the nucleus's signal: in a third of the discs close to the next grade."""
    low, high = (0.4, 0.5) if rng.random() < 0.36 else (0.0, 0.4)
    return float(rng.choice((-1.0, 1.0)) * rng.uniform(low, high))


def _bulge(rng: np.random.Generator, kind: str) -> float:
    """Return the displacement of the margin, mm: close to the limit of a bulge in half of the cases."""
    near = rng.random() < 0.5
    if kind == "bulge":
        return float(rng.uniform(0.7, 1.3) if near else rng.uniform(1.3, 3.0))
    if kind == "none":
        return float(rng.uniform(0.15, 0.45) if near else rng.uniform(0.0, 0.15))
    return float(rng.uniform(0.0, 0.8))


def _herniated(rng: np.random.Generator, level: LevelPathology, kind: str) -> LevelPathology:
    """Return a level with a focal herniation in any zone."""
    zone = float(rng.choice((0.0, 0.6, 1.15, 1.5, 2.4), p=(0.22, 0.28, 0.24, 0.16, 0.1)))
    side = float(rng.choice((-1.0, 1.0))) * max(zone + float(rng.normal(0, 0.12)), 0.0)
    if kind == "protrusion":
        depth, base = float(rng.uniform(1.8, 5.0)), float(rng.uniform(10, 18))
        return replace(level, herniation=kind, side=side, displacement=depth, base=base)
    down = float(rng.choice((-1.0, 1.0), p=(0.65, 0.35)))
    free = kind == "sequestration"
    return replace(
        level,
        herniation=kind,
        side=float(np.clip(side, -1.2, 1.2)) if free else side,
        displacement=float(rng.uniform(4.0, 6.5) if free else rng.uniform(4.0, 8.0)),
        base=float(rng.uniform(5, 8)),
        migration=down * float(rng.uniform(9.0, 13.0) if free else rng.uniform(0.0, 6.0)),
    )


def _recess(rng: np.random.Generator) -> float:
    return 0.0 if rng.random() < WELL_OPEN else float(rng.uniform(*RECESS_GROWTH))
