"""The detector view: one class, score and box for each disc of the mid-sagittal image.

Classes as in Ke et al.: normal, bulge or herniation, spondylolisthesis. Every disc gets one class; a slip
goes before a displaced disc, that before normal. Theirs answers only present or absent; how severe and how
many mm stands in the grades and measurements of the same level. The classes follow from the grades of the
level, so nothing is detected that is not graded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Point, as_points
from lvp_workstation.domain.findings import BinaryGrade, Proposal
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.measure.boxes import disc_box, middle_slice

SLIP_LIMIT = 0.12
"""Probability of a slip from which a disc is called slipped (our choice: 37 of 1177 discs of SPIDER patients
have such a probability by graders that did not see the patient, and 14 of them slip, against 31 of all; a
slip that is missed weighs more than one too many)."""


class DiscClass(StrEnum):
    """What a disc is called, in rising order of precedence."""

    NORMAL = "normal"
    DISPLACED = "bulge-or-herniation"
    SLIPPED = "spondylolisthesis"


@dataclass(frozen=True)
class Detection:
    """A disc on the mid-sagittal image.

    Attributes
    ----------
    score
        Probability of the class, 0-1.
    box
        Four corners in LPS mm in order around the rectangle.
    """

    target: InstanceId
    kind: DiscClass
    score: float
    box: tuple[Point, ...]


def classify(displaced: float, slipped: float) -> tuple[DiscClass, float]:
    """Return the class of a disc and its probability.

    Parameters
    ----------
    displaced, slipped
        Probability of a bulge or herniation, and of a slip, 0-1, taken as independent (our choice).
    """
    if slipped >= SLIP_LIMIT:
        return DiscClass.SLIPPED, slipped
    if displaced >= 0.5:
        return DiscClass.DISPLACED, displaced * (1.0 - slipped)
    return DiscClass.NORMAL, (1.0 - displaced) * (1.0 - slipped)


def detect(
    labels: LabelMap, proposals: Iterable[Proposal], binary: Iterable[BinaryGrade]
) -> tuple[Detection, ...]:
    """Return the detections of a study, discs caudal to cranial.

    Discs without a grade of their contour, and discs that the mid-sagittal slice does not meet, are left out.
    """
    contours = {p.target: p for p in proposals if p.scale == "herniation" and p.assessable}
    slips = {b.target: b.probability for b in binary if b.key == "slip_any" and not b.not_assessable}
    index = middle_slice(labels)
    found = []
    for disc in labels.instances:
        box = disc_box(labels.mask(disc), labels.geometry, index) if disc in contours else None
        if box is not None:
            displaced = 1.0 - dict(contours[disc].probabilities)["none"]
            kind, score = classify(displaced, slips.get(disc, 0.0))
            found.append(Detection(disc, kind, score, as_points(*box)))
    return tuple(found)
