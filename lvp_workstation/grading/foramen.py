"""Foramen: Lee 2010. Read by the fat around the root on parasagittal images through the foramina."""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import FORAMEN_LEFT, FORAMEN_RIGHT, Proposal
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.proposals import withheld

FORAMEN_OFFSET_MM = 15.0
"""Distance of the foramina from the midline that the slices must reach on both sides (our choice: half the
canal width of 24-29 mm and some of the pedicle)."""

_NARROW = "The slices end before the foramina; parasagittal slices on both sides are needed."
_UNREAD = "The foramina are in view, but this version does not measure the fat around the roots."


def grade_foramina(
    disc: InstanceId, context: GradingContext, provenance: Provenance
) -> tuple[Proposal, Proposal]:
    """Return why no foramen grade is proposed, left and right."""
    reach = context.slices * context.slice_spacing_mm / 2
    wide = reach >= FORAMEN_OFFSET_MM
    code, text = ("not_implemented", _UNREAD) if wide else ("needs_parasagittal", _NARROW)
    left, right = (withheld(scale, disc, provenance, code, text) for scale in (FORAMEN_LEFT, FORAMEN_RIGHT))
    return left, right
