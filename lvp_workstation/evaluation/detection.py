"""Detected discs against labelled ones: precision and recall by class, and the table of a reading study.

A detection counts when its box overlaps a labelled disc of the same class by an intersection over union of at
least one half (the PASCAL VOC criterion, Everingham 2010, Int J Comput Vis 88:303); each labelled disc is
found once. The average precision is the area under the whole curve, precision made falling first (VOC 2010
and later). Detections on discs whose class the reference does not tell count neither way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvp_workstation.evaluation.figures import Figure, pooled, resampled

Array = NDArray[np.float64]
Box = tuple[tuple[float, ...], ...]
CLASSES = ("normal", "bulge-or-herniation", "spondylolisthesis")
NORMAL = CLASSES[0]
MIN_OVERLAP = 0.5


@dataclass(frozen=True)
class DiscRow:
    """A disc of one patient: what the reference says, what was detected, or both.

    Attributes
    ----------
    truth
        Class; empty where the reference labels the disc but does not tell, None where it labels none.
    box
        Four corners of the labelled disc, LPS mm; None without a labelled mask.
    given, score
        Class detected and its score; None and 0 without a detection.
    given_box
        Four corners of the detection.
    named
        Class detected at the level of the same name or place, for tables without boxes; None without one.
    """

    patient: str
    target: str
    truth: str | None = None
    box: Box | None = None
    given: str | None = None
    score: float = 0.0
    given_box: Box | None = None
    named: str | None = None


def overlap(first: ArrayLike, second: ArrayLike) -> float:
    """Return the intersection over union of two rectangles with parallel sides, 0-1.

    Parameters
    ----------
    first, second
        Corners in order around each rectangle, LPS mm, shape (4, 3); measured in the plane of the first.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    sides = np.stack([a[1] - a[0], a[3] - a[0]])
    axes = sides / np.maximum(np.linalg.norm(sides, axis=1), 1e-9)[:, None]
    one, two = (a - a[0]) @ axes.T, (b - a[0]) @ axes.T
    low = np.maximum(one.min(axis=0), two.min(axis=0))
    high = np.minimum(one.max(axis=0), two.max(axis=0))
    shared = float(np.prod(np.maximum(high - low, 0.0)))
    whole = float(np.prod(np.ptp(one, axis=0)) + np.prod(np.ptp(two, axis=0))) - shared
    return shared / whole if whole > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision and recall of one class, detections in falling order of score."""

    kind: str
    recall: Array
    precision: Array
    labelled: int

    @property
    def area(self) -> float | None:
        """Average precision; None where no disc of the class is labelled."""
        return _area(self.recall, self.precision) if self.labelled else None


def _area(recall: Array, precision: Array) -> float:
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * falling))


@dataclass(frozen=True, eq=False)
class _Hits:
    """Detections of one class: score, whether each is right, and how many discs are labelled, by patient."""

    score: Array
    right: NDArray[np.bool_]
    patient: NDArray[np.intp]
    labelled: Array


def _hits(rows: Sequence[DiscRow], kind: str, patients: Sequence[str]) -> _Hits:
    score, right, whose = [], [], []
    labelled = np.zeros(len(patients))
    for number, patient in enumerate(patients):
        own = [row for row in rows if row.patient == patient]
        true = [row for row in own if row.box is not None]
        labelled[number] = sum(row.truth == kind for row in true)
        taken: set[int] = set()
        for row in sorted((r for r in own if r.given == kind), key=lambda r: -r.score):
            assert row.given_box is not None
            shares = [overlap(row.given_box, one.box or ()) for one in true]
            best = int(np.argmax(shares)) if shares else -1
            fits = best >= 0 and shares[best] >= MIN_OVERLAP
            if fits and true[best].truth == "":
                continue
            found = fits and true[best].truth == kind and best not in taken
            taken |= {best} if found else set()
            score.append(row.score)
            right.append(found)
            whose.append(number)
    return _Hits(np.array(score), np.array(right, dtype=bool), np.array(whose, dtype=np.intp), labelled)


def _curve(hits: _Hits, kind: str, weight: Array) -> Curve:
    """Return the curve when each patient counts ``weight`` times."""
    order = np.argsort(-hits.score, kind="stable")
    times = weight[hits.patient[order]]
    right = np.cumsum(times * hits.right[order])
    total = np.cumsum(times)
    labelled = float((weight * hits.labelled).sum())
    precision = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    return Curve(kind, right / max(labelled, 1e-9), precision, round(labelled))


def curves(rows: Sequence[DiscRow]) -> list[Curve]:
    """Return the precision-recall curve of each class that is labelled with a box."""
    patients = sorted({row.patient for row in rows})
    found = [_curve(_hits(rows, kind, patients), kind, np.ones(len(patients))) for kind in CLASSES]
    return [curve for curve in found if curve.labelled]


def detection_figures(rows: Sequence[DiscRow]) -> dict[str, Figure]:
    """Return the average precisions, their mean, and the table of a reading study, with intervals.

    Returns
    -------
    dict
        ``ap_<class>`` and ``map`` where discs have labelled boxes; ``sensitivity``, ``specificity`` and
        ``accuracy`` of "not normal", and the same ending in ``_<class>``, where they have classes.
    """
    return {name: figure for name, figure in (_boxes(rows) | _table(rows)).items() if figure is not None}


def _boxes(rows: Sequence[DiscRow]) -> dict[str, Figure | None]:
    patients = sorted({row.patient for row in rows})
    hits = {kind: _hits(rows, kind, patients) for kind in CLASSES}
    hits = {kind: one for kind, one in hits.items() if one.labelled.sum()}

    def area(kind: str, chosen: NDArray[np.int_]) -> float | None:
        weight = np.bincount(chosen, minlength=len(patients)).astype(np.float64)
        return _curve(hits[kind], kind, weight).area

    def mean(chosen: NDArray[np.int_]) -> float | None:
        areas = [area(kind, chosen) for kind in hits]
        known = [value for value in areas if value is not None]
        return float(np.mean(known)) if len(known) == len(hits) and known else None

    found: dict[str, Figure | None] = {}
    for kind, one in hits.items():
        n = int(one.labelled.sum())
        found[f"ap_{kind}"] = resampled(lambda k, kind=kind: area(kind, k), patients, n)  # type: ignore[misc]
    if hits:
        total = int(sum(one.labelled.sum() for one in hits.values()))
        found["map"] = resampled(mean, patients, total)
    return found


def _table(rows: Sequence[DiscRow]) -> dict[str, Figure | None]:
    judged = [row for row in rows if row.truth and row.named]
    if not judged:
        return {}
    truth = np.array([row.truth for row in judged])
    given = np.array([row.named for row in judged])
    patients = [row.patient for row in judged]
    found: dict[str, Figure | None] = {}
    for ending, yes, said in (
        ("", truth != NORMAL, given != NORMAL),
        *((f"_{kind}", truth == kind, given == kind) for kind in CLASSES[1:]),
    ):
        for name, keep in (("sensitivity", yes), ("specificity", ~yes), ("accuracy", yes | True)):
            hits = [
                (whose, float(hit), 1.0)
                for whose, hit, inside in zip(patients, said == yes, keep, strict=True)
                if inside
            ]
            found[f"{name}{ending}"] = pooled(hits)
    return found
