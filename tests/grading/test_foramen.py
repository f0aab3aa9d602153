"""Grades of a foramen from the fat around its root."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from lvp_workstation.domain.study import Problem, Weighting
from lvp_workstation.grading.foramen import SIDES_OF_ROOT, SURROUNDINGS, grade_foramina
from lvp_workstation.measure.result import Coverage, SpineMeasures
from tests.grading.measures_factory import PROVENANCE

OPEN = dict.fromkeys(SIDES_OF_ROOT, 0.95) | {
    "across": 9.0,
    "along": 9.0,
    "share": 0.55,
    "dark": 0.0,
    "bright": 0.95,
    "brightest": 1.05,
}
CLOSED = dict.fromkeys(SIDES_OF_ROOT, 0.0) | {
    "across": 3.0,
    "along": 4.0,
    "share": 0.02,
    "dark": 0.3,
    "bright": 0.45,
    "brightest": 0.5,
}


def measures(weighting: Weighting, left: dict[str, float], right: dict[str, float]) -> SpineMeasures:
    """Return measures of D2 with the fat of both sides."""
    features = {
        ("D2", f"foramen_fat_{name}_{side}"): value
        for side, fat in (("left", left), ("right", right))
        for name, value in fat.items()
    }
    unseen = {("D2", "right"): Problem("needs_parasagittal", "The slices end 8 mm right of the midline.")}
    return SpineMeasures(
        weighting,
        Coverage(15, 4.4, 0.75, True),
        features=MappingProxyType(features),
        unseen=MappingProxyType({} if right else unseen),
    )


def test_lost_fat_is_a_narrow_foramen_on_its_own_side() -> None:
    assert set(OPEN) == set(CLOSED) == {*SIDES_OF_ROOT, *SURROUNDINGS}
    left, right = grade_foramina(measures(Weighting.T2, CLOSED, OPEN), "D2", PROVENANCE)
    assert left.grade in ("moderate", "severe")
    assert right.grade == "normal"
    assert not left.validated_on_patients
    assert "left root" in left.text
    assert "right root" in right.text


def test_a_foramen_that_is_not_seen_says_why() -> None:
    _, right = grade_foramina(measures(Weighting.T2, OPEN, {}), "D2", PROVENANCE)
    assert (right.not_assessable, right.text) == (
        "needs_parasagittal",
        "The slices end 8 mm right of the midline.",
    )


@pytest.mark.parametrize("weighting", [Weighting.T1, Weighting.STIR, Weighting.OTHER])
def test_foramina_are_graded_on_t2_only(weighting: Weighting) -> None:
    for proposal in grade_foramina(measures(weighting, CLOSED, OPEN), "D2", PROVENANCE):
        assert proposal.not_assessable == "needs_t2"
        assert not proposal.grade
