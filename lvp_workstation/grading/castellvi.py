"""Transitional anatomy: Castellvi 1984, Spine 9:493. Sagittal images raise the suspicion, no more.

The classes rest on the transverse processes of the lowest lumbar body: broad (19 mm or more, I), joined with
the sacrum by a joint (II) or bone (III), or both (IV), on one side (a) or both (b). They lie beside the slab
of a sagittal series, so no class is proposed. What such a series does show is said in words: another number
of lumbar bodies than five, or an unusual lowest disc or sacrum. The shape of the lowest body is not used: its
height over depth, from 0.52 to 0.68 said to be transitional, lies below 0.68 in four of ten SPIDER patients.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import STUDY_TARGET, Provenance
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.grading.proposals import withheld
from lvp_workstation.grading.scales import CASTELLVI as SCALE

USUAL_COUNT, UNCERTAIN = 5, 0.5
"""Up to a confidence of one half the sacrum or the lowest disc looks unusual (`inference.levels`)."""
_NEEDS = "Castellvi's classes need the transverse processes: coronal images or a radiograph."


def grade_castellvi(levels: LevelMap, provenance: Provenance) -> Proposal:
    """Return why no class is proposed, and what raises the suspicion of transitional anatomy."""
    if levels.sacrum_seen and levels.lumbar_count not in (0, USUAL_COUNT):
        reason = f"{levels.lumbar_count} lumbar bodies were counted"
    elif levels.sacrum_seen and levels.confidence <= UNCERTAIN and levels.alternatives:
        reason = f"The numbering is uncertain: {levels.alternatives[0]}"
    else:
        return withheld(SCALE, STUDY_TARGET, provenance, "needs_coronal", _NEEDS)
    return withheld(SCALE, STUDY_TARGET, provenance, "suspected_transitional", f"{reason}. {_NEEDS}")
