"""Spondylolisthesis: Meyerding, percent of the superior endplate of the lower body.

0 = less than 3 mm either way (our choice), then 1 up to 25 %, 2 up to 50 %, 3 up to 75 %, 4 up to 100 %,
5 beyond. The probabilities are those of the true slip lying in each class when the measured one has a
normally distributed error.
"""

from __future__ import annotations

import math
from itertools import pairwise

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import SPONDYLOLISTHESIS as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.measure.result import SpineMeasures

LIMIT_MM = 3.0
"""Smaller slips are not graded (our choice; 3 mm is the commonest limit in the literature)."""
MEYERDING = (0.25, 0.50, 0.75, 1.0)
BACKWARD = "Backward steps of this size are seldom called a slip by experts; check the corners."
"""Of 1089 discs of SPIDER patients (T2 mid-slices, shipped masks) experts called 4 of 73 with a backward step
of 3 mm or more a slip, but 14 of 42 with a forward one, and 9 of 11 from 6 mm on."""
CORNER_SD_MM = 0.7
"""Error of a slip from rounded and chamfered corners, beside that of the resolution, mm (our choice)."""


def grade_listhesis(measures: SpineMeasures, disc: InstanceId, provenance: Provenance) -> Proposal:
    """Return the Meyerding grade of the body above a disc."""
    chances = slip_chances(measures, disc)
    slip = measures.value(disc, "slip")
    if chances is None or slip is None:
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_measured",
            "The corners of both bodies are not in view, or contradict each other.",
        )
    evidence = present(measures, disc, "slip", "slip_percent")
    shares = dict(zip(SCALE.grades, chances, strict=True))
    return proposed(SCALE, disc, provenance, shares, evidence, text=_text(slip))


def slip_chances(measures: SpineMeasures, disc: InstanceId) -> tuple[float, ...] | None:
    """Return the probability of each grade, 0-5, from the measured slip and its error; None without one."""
    slip, percent = measures.value(disc, "slip"), measures.value(disc, "slip_percent")
    if slip is None or percent is None:
        return None
    spread = _spread(measures, disc)
    depth = 100.0 * slip / percent if abs(percent) > 1e-6 else 35.0
    limits = (LIMIT_MM, *(max(share * abs(depth), LIMIT_MM) for share in MEYERDING))
    return tuple(_class_chances(slip, limits, spread))


def step_chance(measures: SpineMeasures, disc: InstanceId, limit_mm: float) -> float:
    """Return the chance that the true step is a limit or more in size, 0 where none was measured."""
    slip = measures.value(disc, "slip")
    return 0.0 if slip is None else 1.0 - _class_chances(slip, (limit_mm,), _spread(measures, disc))[0]


def _spread(measures: SpineMeasures, disc: InstanceId) -> float:
    """Return the standard deviation of a measured slip, mm."""
    return math.hypot(measures.measurements[disc, "slip"].uncertainty or 0.5, CORNER_SD_MM)


def _text(slip: float) -> str:
    if abs(slip) < LIMIT_MM:
        return ""
    if slip > 0:
        return f"Upper body {slip:.1f} mm anterior."
    return f"Upper body {-slip:.1f} mm posterior. {BACKWARD}"


def _class_chances(slip: float, limits: tuple[float, ...], spread: float) -> list[float]:
    """Return the chance that the size of the true slip lies in each class."""
    inside = [_normal((limit - slip) / spread) - _normal((-limit - slip) / spread) for limit in limits]
    edges = [0.0, *inside, 1.0]
    return [max(0.0, high - low) for low, high in pairwise(edges)]


def _normal(x: float) -> float:
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))
