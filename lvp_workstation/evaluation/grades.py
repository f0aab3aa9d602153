"""Grades against a reference: kappa, discrimination, calibration and coverage, by scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lvp_workstation.domain.findings import SCALES, Scale
from lvp_workstation.evaluation.agreement import Counts, confusion, share_within, weighted_kappa
from lvp_workstation.evaluation.calibration import Reliability, reliability
from lvp_workstation.evaluation.figures import Figure, pooled, resampled
from lvp_workstation.evaluation.measures import plain_name
from lvp_workstation.evaluation.roc import auc, delong_interval
from lvp_workstation.grading.scales import FILE_SCALES

YES, NO = "true", "false"
RELEVANT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "herniation": ("herniation", "protrusion", "extrusion", "sequestration"),
        "central_canal": ("moderate", "severe"),
        "lateral_recess": ("moderate", "severe"),
        "foramen": ("moderate", "severe"),
    }
)
"""Grades of a scale, without its side, that count as a relevant finding: a herniation of any type, a stenosis
of moderate degree or worse (our choice: what a referrer acts on; a bulge and a mild narrowing are common in
people without pain)."""


@dataclass(frozen=True)
class GradeRow:
    """One reference grade and what the program gave.

    Attributes
    ----------
    key
        Scale without its side: left and right are judged together.
    truth, grade
        In the words of the scale; ``grade`` is None when the program gave none.
    score
        Probability, 0-1, that the scale is not normal; None when the program gave none.
    relevant
        Probability, 0-1, of a `RELEVANT` grade; None for other scales and when the program gave none.
    """

    patient: str
    target: str
    key: str
    truth: str
    grade: str | None
    score: float | None
    relevant: float | None = None


def order_of(key: str, seen: Sequence[str]) -> tuple[str, ...]:
    """Return the grades of a scale in rising order; of an unknown scale those seen, numbers by size."""
    scale = _known(key)
    if scale is not None and set(seen) <= set(scale.grades):
        return scale.grades
    if set(seen) <= {YES, NO}:
        return (NO, YES)
    return tuple(sorted(set(seen), key=lambda g: (not _number(g), float(g) if _number(g) else 0.0, g)))


def _known(key: str) -> Scale | None:
    """Return the scale of a key without its side, None for an unknown one."""
    scales = {**SCALES, **FILE_SCALES}
    return next((s for name, s in scales.items() if plain_name(name) == key), None)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def normal_of(key: str, order: Sequence[str]) -> tuple[str, ...]:
    """Return the grades of a scale that mean "nothing to report"."""
    scale = _known(key)
    if scale is not None and set(order) <= set(scale.grades):
        return scale.normal
    return tuple(order[:1])


@dataclass(frozen=True)
class ScaleResult:
    """What one scale gave.

    Attributes
    ----------
    order
        Its grades; rows and columns of ``table`` (rows are the reference, graded ones only).
    area
        AUC of "not normal" with its DeLong interval, None when it cannot be computed.
    calibration
        Of the probability of "not normal".
    """

    key: str
    order: tuple[str, ...]
    table: Counts
    area: tuple[float, float, float] | None
    calibration: Reliability
    figures: dict[str, Figure]


def scale_results(rows: Sequence[GradeRow]) -> list[ScaleResult]:
    """Return the result of each scale that the program graded at least once."""
    keys = sorted({row.key for row in rows if row.grade is not None})
    return [_scale(key, [row for row in rows if row.key == key]) for key in keys]


def _scale(key: str, rows: Sequence[GradeRow]) -> ScaleResult:
    graded = [row for row in rows if row.grade is not None]
    order = order_of(key, [*(r.truth for r in rows), *(str(r.grade) for r in graded)])
    truth = np.array([order.index(r.truth) for r in graded])
    given = np.array([order.index(str(r.grade)) for r in graded])
    patients = [r.patient for r in graded]
    n = len(graded)
    found: dict[str, Figure | None] = {
        f"coverage_{key}": pooled((r.patient, float(r.grade is not None), 1.0) for r in rows),
        f"agreement_{key}": resampled(lambda k: share_within(truth[k], given[k]), patients, n),
    }
    if len(order) > 2:
        found[f"kappa_{key}"] = resampled(
            lambda k: weighted_kappa(truth[k], given[k], len(order)), patients, n
        )
        found[f"within_one_{key}"] = resampled(lambda k: share_within(truth[k], given[k], 1), patients, n)
    scored = [r for r in graded if r.score is not None]
    normal = normal_of(key, order)
    score = np.array([r.score for r in scored], dtype=np.float64)
    positive = np.array([r.truth not in normal for r in scored], dtype=bool)
    whose = [r.patient for r in scored]
    calibration = reliability(score, positive)
    if scored:
        found[f"auc_{key}"] = resampled(lambda k: auc(score[k], positive[k]), whose, len(scored))
        found[f"ece_{key}"] = resampled(
            lambda k: reliability(score[k], positive[k]).error, whose, len(scored)
        )
    found |= _relevant(key, graded)
    figures = {name: figure for name, figure in found.items() if figure is not None}
    table = confusion(truth, given, len(order))
    return ScaleResult(key, order, table, delong_interval(score, positive), calibration, figures)


def _relevant(key: str, graded: Sequence[GradeRow]) -> dict[str, Figure | None]:
    """Return the AUC of a relevant finding, nothing for scales without one."""
    scored = [row for row in graded if row.relevant is not None]
    if key not in RELEVANT or not scored:
        return {}
    score = np.array([row.relevant for row in scored], dtype=np.float64)
    positive = np.array([row.truth in RELEVANT[key] for row in scored], dtype=bool)
    whose = [row.patient for row in scored]
    return {
        f"auc_relevant_{key}": resampled(lambda k: auc(score[k], positive[k]), whose, len(scored)),
    }
