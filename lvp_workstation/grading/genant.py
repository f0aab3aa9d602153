"""Vertebral fracture: Genant 1993, J Bone Miner Res 8:1137, grades 0-3 by lost height.

The paper grades by eye how much of the anterior, middle or posterior height is gone: 20-25 % mild, 25-40 %
moderate, more severe. Here each height is compared with the same height of the neighbouring bodies (the
median of up to two above and two below, our choice), each in proportion to what is usual at its place, and
the largest loss counts. A loss alone does not tell a fracture from a body that has always been short or
wedged. The highest measured body is not graded: images end there, and masks with them. The probabilities are
those of the true loss when the measured one has a normally distributed error. No expert grades were
available, so every proposal says that it was not validated on patients.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from types import MappingProxyType

from lvp_workstation.domain.anatomy import InstanceId, instance_number, vertebra_id
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.proposals import present, proposed, withheld
from lvp_workstation.grading.scales import GENANT as SCALE
from lvp_workstation.measure.result import SpineMeasures

HEIGHTS = ("height_anterior", "height_middle", "height_posterior")
LIMITS = (0.20, 0.25, 0.40)
USUAL = MappingProxyType(
    {
        "height_anterior": (1.068, 1.004, 1.0, 0.987, 0.912, 0.831, 0.784, 0.765),
        "height_middle": (0.979, 1.0, 1.0, 1.0, 0.989, 0.915, 0.846, 0.783),
        "height_posterior": (0.875, 0.977, 1.0, 1.005, 0.997, 0.944, 0.885, 0.806),
    }
)
"""Usual height of the bodies from below over the median of the second to fourth: medians of 170 SPIDER
patients (T2 mid-slices, shipped masks; 57 of them at the seventh body, 15 at the eighth)."""
REACH = 2
"""Bodies above and below that give the expected height (our choice)."""
MIN_NEIGHBOURS = 2
LOSS_SD = 0.05
"""Error of a lost share of height: 1 mm in a body of 27 mm, and the scatter of healthy bodies (our choice: in
SPIDER the median of the largest loss is 0.03, its 75th percentile 0.06)."""


def lost_height(measures: SpineMeasures, body: InstanceId) -> tuple[str, float] | None:
    """Return the height that has lost most and the lost share, 0-1; None where it cannot be told."""
    n = instance_number(body)
    losses = {}
    for name in HEIGHTS:
        near = {k: _in_proportion(measures, n + k, name) for k in range(-REACH, REACH + 1)}
        own = near.pop(0)
        known = {k: value for k, value in near.items() if value is not None}
        if own is None or len(known) < MIN_NEIGHBOURS or max(known) < 0:
            return None
        losses[name] = 1.0 - own / max(_expected(list(known.values())), 1e-6)
    worst = max(losses, key=lambda name: losses[name])
    return worst, losses[worst]


def _expected(neighbours: list[float]) -> float:
    """Return the expected height: where there are only two neighbours, a loss must hold against each.

    An osteophyte or a ragged mask of one of two would otherwise break the lowest body (our choice).
    """
    return median(neighbours) if len(neighbours) > MIN_NEIGHBOURS else min(neighbours)


def grade_genant(measures: SpineMeasures, body: InstanceId, provenance: Provenance) -> Proposal:
    """Return the Genant grade of a vertebral body."""
    found = lost_height(measures, body)
    if found is None:
        text = "The heights of this body or of two neighbours were not measured."
        return withheld(SCALE, body, provenance, "not_measured", text)
    name, loss = found
    below = [0.0, *(_below(limit, loss) for limit in LIMITS), 1.0]
    shares = {grade: high - low for grade, (low, high) in zip(SCALE.grades, pairwise(below), strict=True)}
    text = ""
    if loss >= LIMITS[0]:
        place = name.removeprefix("height_")
        text = f"{100 * loss:.0f} % less {place} height than the neighbouring bodies."
    evidence = present(measures, body, *HEIGHTS)
    return proposed(SCALE, body, provenance, shares, evidence, text=text, validated=False)


def _in_proportion(measures: SpineMeasures, n: int, name: str) -> float | None:
    """Return a height of body ``n`` over what is usual there, None outside of the table."""
    usual = USUAL[name]
    value = measures.value(vertebra_id(n), name) if 1 <= n <= len(usual) else None
    return None if value is None else value / usual[n - 1]


def _below(limit: float, loss: float) -> float:
    """Return the probability that the true loss is below a limit."""
    return 0.5 * (1.0 + math.erf((limit - loss) / (LOSS_SD * math.sqrt(2.0))))
