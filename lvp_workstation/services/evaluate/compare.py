"""Lay ``analysis.json`` beside ``truth.json``: which level is which, and pairs of values and grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lvp_workstation.evaluation.grades import NO, RELEVANT, YES, GradeRow, normal_of, order_of
from lvp_workstation.evaluation.measures import MeasureRow, plain_name
from lvp_workstation.grading.scales import scale_of

SAME_DISC_MM = 12.0
"""Centres of one disc found and true lie nearer than this (our choice: half the way to the next disc)."""
STUDY = "study"
SLIP_PRESENT = "slip_present"
"""A disc slips at all: what a yes-or-no reference tells of spondylolisthesis."""

Document = Mapping[str, Any]


def matched_levels(truth: Document, found: Document) -> dict[str, str]:
    """Return the true name of each level to the name of the disc found in its place.

    Discs are matched by place, not by name, so that a spine counted otherwise is still measured;
    whether names are right is judged by ``lvp evaluate segmentation``.
    """
    pairs: dict[str, str] = {}
    for name, level in truth["levels"].items():
        if "centroid_lps" not in level:  # an expert's grades carry names only
            pairs |= {name: name} if name in found["levels"] else {}
            continue
        distances = {
            other: float(np.linalg.norm(np.subtract(level["centroid_lps"], row["centroid_lps"])))
            for other, row in found["levels"].items()
        }
        nearest = min(distances, key=lambda other: distances[other], default="")
        if nearest and distances[nearest] <= SAME_DISC_MM:
            pairs[name] = nearest
    return pairs


def matched_vertebrae(levels: Mapping[str, str]) -> dict[str, str]:
    """Return the true name of each vertebra above or below a matched disc to the name it was found under."""
    pairs: dict[str, str] = {}
    for name, other in levels.items():
        for true, given in zip(name.split("-"), other.split("-"), strict=True):
            pairs.setdefault(true, given)
    return pairs


def _targets(truth: Document, found: Document) -> Iterator[tuple[str, Document, Document]]:
    """Yield (name, true part, found part) of each level, vertebra and of the study."""
    levels = matched_levels(truth, found)
    for name, part in truth["levels"].items():
        yield name, part, found["levels"].get(levels.get(name, ""), {})
    vertebrae = matched_vertebrae(levels)
    for name, part in truth.get("vertebrae", {}).items():
        yield name, part, found.get("vertebrae", {}).get(vertebrae.get(name, ""), {})
    yield STUDY, truth.get("study", {}), found.get("study", {})


def measure_rows(patient: str, truth: Document, found: Document) -> list[MeasureRow]:
    """Return a row for each true measure."""
    rows = []
    for target, true, given in _targets(truth, found):
        for name, measure in true.get("measurements", {}).items():
            value = given.get("measurements", {}).get(name, {}).get("value")
            unit = measure["unit"]
            rows.append(MeasureRow(patient, target, plain_name(name), unit, float(measure["value"]), value))
    return rows


def grade_rows(patient: str, truth: Document, found: Document) -> list[GradeRow]:
    """Return a row for each true grade."""
    rows = []
    for target, true, given in _targets(truth, found):
        for name, grade in true.get("grades", {}).items():
            if "grade" not in grade:
                continue
            answer = _answer(given.get("grades", {}), name)
            stated = _word(answer["grade"]) if "grade" in answer else None
            key = plain_name(name)
            score, relevant = not_normal(name, answer), _relevant(key, answer)
            rows.append(GradeRow(patient, target, key, _word(grade["grade"]), stated, score, relevant))
    return rows


def _answer(grades: Document, name: str) -> Document:
    """Return what the program says of a scale; whether a disc slips follows from Meyerding's grade."""
    if name != SLIP_PRESENT or name in grades:
        return dict(grades.get(name, {}))
    meyerding = grades.get("spondylolisthesis", {})
    if "grade" not in meyerding:
        return {}
    answer: dict[str, Any] = {"grade": int(meyerding["grade"]) > 0}
    score = not_normal("spondylolisthesis", meyerding)
    return answer if score is None else {**answer, "probability": score}


def _word(grade: Any) -> str:
    """Return a grade of a document as text: booleans as ``true`` and ``false``."""
    return {True: YES, False: NO}[grade] if isinstance(grade, bool) else str(grade)


def not_normal(key: str, answer: Document) -> float | None:
    """Return the probability that a grade of ``analysis.json`` is not normal, None without one."""
    if "probability" in answer:
        return float(answer["probability"])
    shares = answer.get("probabilities")
    if not shares:
        return None
    scale = scale_of(key)
    normal = normal_of(key, order_of(key, list(shares))) if scale is None else scale.normal
    return round(sum(float(p) for grade, p in shares.items() if grade not in normal), 6)


def _relevant(key: str, answer: Document) -> float | None:
    """Return the probability of a relevant grade, None without one."""
    shares = answer.get("probabilities")
    if not shares or key not in RELEVANT:
        return None
    return round(sum(float(shares.get(grade, 0.0)) for grade in RELEVANT[key]), 6)
