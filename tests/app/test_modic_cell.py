"""What the grid and the evidence panel say of a Modic type that T2 alone cannot give."""

from __future__ import annotations

from lvp_workstation.app.panels.findings_model import UNTYPED, describe
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import HERNIATION, MODIC, FindingKey, FindingStatus, Proposal
from lvp_workstation.domain.reading_view import OpenCell
from lvp_workstation.grading.modic import ANY_ON_T2, NONE_ON_T2

BY_AI = Provenance(Provenance.AI, "made by hand", "2026-01-01T00:00:00Z")


def test_a_cell_says_any_or_none_but_no_type() -> None:
    assert UNTYPED == {ANY_ON_T2: "any", NONE_ON_T2: "none"}
    assert not set(UNTYPED.values()) & set(MODIC.grades)


def test_the_words_of_a_proposal_are_shown() -> None:
    why = "Measured displacement 3.0 mm; signal speaks for it."
    proposal = Proposal(
        "herniation", "D1", BY_AI, "bulge", (("bulge", 1.0),), ("disc_bulge_depth",), text=why
    )
    cell = OpenCell(FindingKey("D1", "herniation"), HERNIATION, None, proposal, FindingStatus.OPEN, None)
    assert why in describe(cell).splitlines()
