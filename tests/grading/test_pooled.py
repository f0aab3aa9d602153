"""Sagittal and axial evidence of one disc: weighed, never lost, always marked."""

from __future__ import annotations

import pytest

from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import CENTRAL_CANAL, HERNIATION, RECESS_LEFT, Proposal, Scale
from lvp_workstation.grading.axial import MARK, AxialGrades, contour_binary
from lvp_workstation.grading.pooled import pooled_contour, pooled_grades, pooled_shares
from lvp_workstation.grading.proposals import proposed, withheld

AI = Provenance(Provenance.AI, "test", "")
OPEN = {"normal": 0.7, "mild": 0.2, "moderate": 0.08, "severe": 0.02}
TIGHT = {"normal": 0.02, "mild": 0.08, "moderate": 0.3, "severe": 0.6}


def stated(scale: Scale, shares: dict[str, float], text: str = MARK, *evidence: str) -> Proposal:
    return proposed(scale, "D2", AI, shares, evidence, text=text, validated=False)


def test_two_that_agree_are_left_as_they_are() -> None:
    assert pooled_shares(TIGHT, TIGHT) == pytest.approx(TIGHT)


def test_axial_images_weigh_more_and_sagittal_ones_are_heard() -> None:
    together = pooled_shares(TIGHT, OPEN)
    assert sum(together.values()) == pytest.approx(1.0)
    assert OPEN["severe"] < together["severe"] < TIGHT["severe"]
    assert together["severe"] + together["moderate"] > pooled_shares(OPEN, TIGHT)["severe"]


def test_a_sagittal_image_tells_displaced_from_not_but_no_type() -> None:
    axial = {"none": 0.4, "bulge": 0.2, "protrusion": 0.3, "extrusion": 0.1}
    sagittal = {"none": 0.05, "bulge": 0.95, "herniation": 0.0}
    found = pooled_contour(axial, sagittal)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["none"] < axial["none"]
    assert found["protrusion"] / found["bulge"] == pytest.approx(axial["protrusion"] / axial["bulge"])


def test_grades_are_pooled_marked_and_carry_both_evidences() -> None:
    axial = AxialGrades((stated(CENTRAL_CANAL, TIGHT, MARK, "sac_area"), stated(RECESS_LEFT, TIGHT)))
    sagittal = stated(CENTRAL_CANAL, OPEN, "sagittal", "sac_ap")
    canal, recess = pooled_grades(axial, [sagittal]).proposals
    assert canal.evidence == ("sac_area", "sac_ap")
    assert MARK in canal.text
    assert not canal.validated_on_patients
    assert canal.probabilities != axial.proposals[0].probabilities
    assert recess == axial.proposals[1]


def test_what_only_one_of_both_graded_stays() -> None:
    axial = AxialGrades((stated(CENTRAL_CANAL, TIGHT),))
    assert pooled_grades(axial, [withheld(CENTRAL_CANAL, "D2", AI, "x", "why")]) == axial
    unseen = AxialGrades((withheld(CENTRAL_CANAL, "D2", AI, "x", "why"),))
    assert pooled_grades(unseen, [stated(CENTRAL_CANAL, OPEN)]) == unseen


def test_yes_or_no_follows_the_pooled_contour() -> None:
    contour = stated(HERNIATION, {"none": 0.45, "bulge": 0.05, "protrusion": 0.5})
    axial = AxialGrades((contour,), (), contour_binary(contour))
    against = stated(HERNIATION, {"none": 0.99, "bulge": 0.005, "herniation": 0.005}, "sagittal")
    found = pooled_grades(axial, [against])
    chances = {b.key: b.probability for b in found.binary}
    assert chances["disc_herniation"] < 0.5
    assert found.proposals[0].grade == "none"
    assert chances["disc_herniation"] == pytest.approx(dict(found.proposals[0].probabilities)["protrusion"])
