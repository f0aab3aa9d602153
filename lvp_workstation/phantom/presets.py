"""Named kinds of patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lvp_workstation.phantom.conditions import (
    Conditions,
    infection,
    metal,
    motion,
    postoperative,
    tumour,
)
from lvp_workstation.phantom.evaluation_plan import evaluation_plan
from lvp_workstation.phantom.pathology import (
    LevelPathology,
    Plan,
    degenerated,
    fractured,
    herniated,
    random_plan,
    stenosed,
)


def _normal(rng: np.random.Generator) -> Plan:
    levels = {n: LevelPathology(pfirrmann=int(rng.integers(1, 3))) for n in range(9)}
    return Plan(age=float(rng.uniform(20, 40)), levels=levels)


def _degenerate(rng: np.random.Generator) -> Plan:
    grades = [int(rng.integers(4, 6)), int(rng.integers(3, 6)), int(rng.integers(3, 5)), 3, 2, 2, 2, 2, 2]
    levels = {n: degenerated(rng, grade) for n, grade in enumerate(grades)}
    levels[1] = replace(levels[1], pfirrmann=max(levels[1].pfirrmann, 4))
    return Plan(age=float(rng.uniform(50, 75)), levels=levels)


def _herniation(rng: np.random.Generator) -> Plan:
    """A left-sided protrusion at L4-L5 and, in half the seeds, an extrusion at L5-S1, also left."""
    plan = _normal(rng)
    levels = {**plan.levels, 1: herniated(rng, "protrusion", float(rng.uniform(0.45, 0.8)))}
    if rng.random() < 0.5:
        levels[0] = herniated(rng, "extrusion", float(rng.uniform(0.3, 0.7)))
    return replace(plan, age=float(rng.uniform(30, 55)), levels=levels)


def _stenosis(rng: np.random.Generator) -> Plan:
    plan = _degenerate(rng)
    levels = {**plan.levels, 1: stenosed(rng, float(rng.uniform(0.56, 0.70)))}
    levels[2] = stenosed(rng, float(rng.uniform(0.28, 0.42)))
    return replace(plan, age=float(rng.uniform(60, 85)), levels=levels)


def _listhesis(rng: np.random.Generator) -> Plan:
    plan = _degenerate(rng)
    levels = {**plan.levels}
    levels[1] = replace(
        levels[1], slip=float(rng.uniform(4.5, 9)), pfirrmann=4, narrowing=float(rng.uniform(0.1, 0.4))
    )
    return replace(plan, levels=levels)


def _high_slip(rng: np.random.Generator) -> Plan:
    """A lytic slip of L5 on S1, Meyerding II to IV, the junction built for it more or less."""
    plan = _normal(rng)
    lowest = degenerated(rng, int(rng.integers(4, 6)))
    slip = float(rng.uniform(8.0, 26.0))
    levels = {**plan.levels, 0: replace(lowest, slip=slip, lysis=True, narrowing=0.0)}
    built = float(np.clip(rng.normal(slip / 26.0, 0.3), 0.0, 1.0))
    return replace(plan, age=float(rng.uniform(14, 55)), levels=levels, dysplasia=built)


def _scoliosis(rng: np.random.Generator) -> Plan:
    return replace(_degenerate(rng), scoliosis=float(rng.uniform(12, 26)))


def _transitional(rng: np.random.Generator) -> Plan:
    """Four or six lumbar bodies, or a sacralised lowest one."""
    plan = _normal(rng)
    kind = int(rng.integers(3))
    count = (4, 6, 5)[kind]
    sacralised = kind == 2 or bool(rng.random() < 0.4)
    squared = float(rng.uniform(0.5, 1.0)) if kind == 0 or rng.random() < 0.5 else 0.0
    return replace(plan, lumbar_count=count, sacralised=sacralised, squared=squared)


def _fracture(rng: np.random.Generator) -> Plan:
    plan = _degenerate(rng)
    return replace(plan, age=float(rng.uniform(60, 85)), fractures=fractured(rng))


def _with(draw: Callable[[np.random.Generator], Conditions]) -> Callable[[np.random.Generator], Plan]:
    """Return a preset: a worn spine with a condition of the whole examination."""

    def plan(rng: np.random.Generator) -> Plan:
        return replace(_degenerate(rng), conditions=draw(rng))

    return plan


def _contrast(rng: np.random.Generator) -> Plan:
    return replace(_degenerate(rng), conditions=Conditions(enhanced=True))


PRESETS: dict[str, Callable[[np.random.Generator], Plan]] = {
    "normal": _normal,
    "degenerate": _degenerate,
    "herniation": _herniation,
    "stenosis": _stenosis,
    "listhesis": _listhesis,
    "high_slip": _high_slip,
    "scoliosis": _scoliosis,
    "transitional": _transitional,
    "fracture": _fracture,
    "metal": _with(metal),
    "tumour": _with(tumour),
    "infection": _with(infection),
    "contrast": _contrast,
    "postoperative": _with(postoperative),
    "motion": _with(motion),
    "random": random_plan,
    "evaluation": evaluation_plan,
}


def plan_of(preset: str, seed: int) -> Plan:
    """Return the plan of a preset for a seed.

    Raises
    ------
    ValueError
        When there is no such preset; the message lists them.
    """
    if preset not in PRESETS:
        raise ValueError(f"no phantom preset {preset!r}; there are: {', '.join(PRESETS)}")
    return PRESETS[preset](np.random.default_rng([seed, 2]))
