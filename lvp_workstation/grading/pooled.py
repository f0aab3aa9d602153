"""Sagittal and axial evidence of one disc weighed together, where both grade the same scale.

A logarithmic opinion pool (Genest and Zidek 1986, Stat Sci 1:114): the probabilities of both are multiplied,
each to the power of its weight, and scaled to sum 1. The weights sum to 1, so two sources that say the same
are left as they are. For the central canal all classes are pooled. A sagittal image tells whether a disc is
displaced, but hardly bulge from herniation: there the chance of any displacement is pooled, and axial images
alone share it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.axial import FOCAL, MARK, AxialGrades, contour_binary, contour_grade
from lvp_workstation.grading.proposals import proposed
from lvp_workstation.grading.scales import scale_of

AXIAL, SAGITTAL = 0.7, 0.3
"""Axial images decide, sagittal ones are heard (our choice; weights from .6 to .8 did about as well). On 36
discs of 6 phantoms on which the axial graders had been fitted, the AUC of a moderate or severe canal was .950
from axial images, .965 from sagittal ones and .985 from both, that of a herniation .840, .589 and .876."""
CANAL, CONTOUR = ("central_canal", "lee_central"), "herniation"
TOGETHER = "Sagittal and axial images together. "
LEAST = 1e-4
"""A class that one source rules out keeps this chance, so that it cannot overrule the other (our choice)."""

Shares = Mapping[str, float]


def pooled_grades(grades: AxialGrades, sagittal: Iterable[Proposal]) -> AxialGrades:
    """Return axial grades with the sagittal evidence of the same scales and discs in them.

    Every grade keeps the axial mark; where only one of both was given, the axial answer stays as it is.
    """
    known = {(p.target, p.scale): p for p in sagittal if p.assessable}
    proposals = tuple(_pooled(p, known.get((p.target, p.scale))) for p in grades.proposals)
    contours = {p.target: p for p in proposals if p.scale == CONTOUR and p.assessable}
    kept = tuple(b for b in grades.binary if b.target not in contours)
    return replace(
        grades,
        proposals=proposals,
        further=tuple(_pooled(p, known.get((p.target, p.scale))) for p in grades.further),
        binary=(*kept, *(b for p in contours.values() for b in contour_binary(p))),
    )


def _pooled(axial: Proposal, sagittal: Proposal | None) -> Proposal:
    if sagittal is None or not axial.assessable or axial.scale not in (*CANAL, CONTOUR):
        return axial
    own, other = dict(axial.probabilities), dict(sagittal.probabilities)
    contour = axial.scale == CONTOUR
    shares = pooled_contour(own, other) if contour else pooled_shares(own, other)
    grade = contour_grade(shares) if contour else ""
    said = MARK if contour and grade not in FOCAL else axial.text
    scale = scale_of(axial.scale)
    assert scale is not None
    return proposed(
        scale,
        axial.target,
        axial.provenance,
        shares,
        tuple(dict.fromkeys((*axial.evidence, *sagittal.evidence))),
        text=f"{TOGETHER}{said}",
        validated=False,
        grade=grade,
        ordered=not contour,
    )


def pooled_shares(axial: Shares, sagittal: Shares) -> dict[str, float]:
    """Return the pooled probability of every class; they sum to 1."""
    raw = {
        name: max(chance, LEAST) ** AXIAL * max(sagittal.get(name, 0.0), LEAST) ** SAGITTAL
        for name, chance in axial.items()
    }
    total = sum(raw.values())
    return {name: value / total for name, value in raw.items()}


def pooled_contour(axial: Shares, sagittal: Shares) -> dict[str, float]:
    """Return the probability of every contour: displaced or not pooled, the kind from axial images."""
    displaced = 1.0 - axial["none"]
    pair = pooled_shares(
        {"none": axial["none"], "displaced": displaced},
        {"none": sagittal["none"], "displaced": 1.0 - sagittal["none"]},
    )
    grown = pair["displaced"] / max(displaced, LEAST)
    return {name: pair["none"] if name == "none" else chance * grown for name, chance in axial.items()}
