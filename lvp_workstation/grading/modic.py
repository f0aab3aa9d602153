"""Endplate marrow change: Modic 1988. The type follows from T1 and T2 together.

Type 1 is dark on T1 and bright on T2, type 2 bright on T1, type 3 dark on both; one contrast alone cannot
tell them apart. This version measures one series, so no type is proposed.
"""

from __future__ import annotations

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import MODIC as SCALE
from lvp_workstation.domain.findings import Proposal
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.proposals import withheld

_T1 = frozenset({SeriesRole.SAG_T1, SeriesRole.SAG_DIXON_FAT})
_T2 = frozenset({SeriesRole.SAG_T2, SeriesRole.SAG_T2_FS, SeriesRole.SAG_STIR, SeriesRole.SAG_DIXON_WATER})


def grade_modic(disc: InstanceId, context: GradingContext, provenance: Provenance) -> Proposal:
    """Return why no Modic type is proposed at a disc."""
    if context.roles & _T1 and context.roles & _T2:
        return withheld(
            SCALE,
            disc,
            provenance,
            "not_implemented",
            "T1 and T2 are there, but this version does not compare their endplate signal.",
        )
    return withheld(
        SCALE, disc, provenance, "needs_t1_and_t2", "The Modic type needs sagittal T1 and T2 together."
    )
