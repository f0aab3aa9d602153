"""Draw a whole anatomy from a seed and a plan."""

from __future__ import annotations

import numpy as np

from lvp_workstation.phantom.anatomy import Anatomy, SoftTissue
from lvp_workstation.phantom.canal import canal_tables
from lvp_workstation.phantom.column import draw_person, stack_column
from lvp_workstation.phantom.foramina import roots_of
from lvp_workstation.phantom.pathology import Plan


def draw_anatomy(seed: int, plan: Plan) -> Anatomy:
    """Return the anatomy of a seed under a plan.

    Parameters
    ----------
    seed
        Any non-negative integer.
    plan
        Level count, age and pathology.
    """
    streams = np.random.SeedSequence([seed, 1]).spawn(4)
    person = draw_person(np.random.default_rng(streams[0]))
    vertebrae, discs = stack_column(np.random.default_rng(streams[1]), plan, person)
    canal, free = (
        canal_tables(np.random.default_rng(streams[2]), person, plan.lumbar_count, vertebrae, discs, narrowed)
        for narrowed in (True, False)
    )
    soft = _soft_tissue(np.random.default_rng(streams[3]), plan)
    return Anatomy(
        seed=seed,
        plan=plan,
        female=person.female,
        stature=person.stature,
        vertebrae=vertebrae,
        discs=discs,
        canal=canal,
        canal_free=free,
        roots=roots_of(discs),
        soft=soft,
    )


def _soft_tissue(rng: np.random.Generator, plan: Plan) -> SoftTissue:
    return SoftTissue(
        fat_back=float(rng.gamma(3.0, 6.0) + 6.0),
        belly=float(rng.uniform(85, 150)),
        half_width=float(rng.uniform(140, 180)),
        psoas=float(rng.uniform(0.85, 1.2)),
        erector=float(rng.uniform(0.85, 1.15)),
        infiltration=float(np.clip(rng.normal(0.1 + 0.004 * (plan.age - 20), 0.08), 0.03, 0.55)),
        aorta=float(rng.uniform(7.5, 10.5)),
        cava=float(rng.uniform(8.5, 12.0)),
        bowel=float(rng.uniform(-0.6, 0.4)),
        aorta_left=float(rng.uniform(4.0, 13.0)),
    )
