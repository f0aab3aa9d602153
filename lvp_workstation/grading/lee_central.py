"""Central canal after Lee 2011, Skeletal Radiol 40:1033, grades 0-3, proposed from sagittal images.

The paper reads axial T2: 0 the fluid in front of the roots is kept; 1 it is lost in part, all roots lie
apart; 2 some roots cling together; 3 the roots are one bundle. Crowding follows the lost area of the sac, so
the grades are laid on the classes of `central_canal` one to one (our choice). Sagittal images do not show
single roots: every proposal says so, and that it was not validated on patients.
"""

from __future__ import annotations

from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.proposals import proposed, withheld
from lvp_workstation.grading.scales import LEE_CENTRAL as SCALE

_TEXT = "From the width of the sac on sagittal images; whether roots lie apart is seen on axial images."


def grade_lee_central(central: Proposal) -> Proposal:
    """Return Lee's grade from the proposal for the central canal of the same disc."""
    if not central.assessable:
        return withheld(SCALE, central.target, central.provenance, central.not_assessable, central.text)
    shares = {grade: p for grade, (_, p) in zip(SCALE.grades, central.probabilities, strict=True)}
    return proposed(
        SCALE,
        central.target,
        central.provenance,
        shares,
        central.evidence,
        text=_TEXT,
        validated=False,
        ordered=True,
    )
