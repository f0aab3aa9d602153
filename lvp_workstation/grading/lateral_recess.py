"""Lateral recess: Bartynski 2003, AJNR. Read on axial images through the recess."""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import RECESS_LEFT, RECESS_RIGHT, Proposal
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.proposals import withheld

_NONE = "The lateral recess is read on axial images; no axial series crosses this level."
_UNREAD = (
    "The axial series at this level is for the reader; grades from axial images are switched off. "
    "Disc contour and canal rest on sagittal images alone; what the axial model says of them in "
    "analysis.json may differ, and it was trained on synthetic images only."
)


def grade_recesses(
    disc: InstanceId, context: GradingContext, provenance: Provenance
) -> tuple[Proposal, Proposal]:
    """Return why no recess grade is proposed, left and right."""
    covered = disc in context.axial_cover
    code, text = ("axial_not_measured", _UNREAD) if covered else ("needs_axial", _NONE)
    left, right = (withheld(scale, disc, provenance, code, text) for scale in (RECESS_LEFT, RECESS_RIGHT))
    return left, right
