"""Scales that only files carry: vertebral fractures, Lee's numbers, Modic by endplate, Castellvi."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Formula, Measurement, Provenance
from lvp_workstation.domain.findings import CENTRAL_CANAL
from lvp_workstation.domain.landmarks import BodyLandmarks, SpineLandmarks
from lvp_workstation.domain.study import Weighting
from lvp_workstation.grading.castellvi import grade_castellvi
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.genant import USUAL, grade_genant, lost_height
from lvp_workstation.grading.lee_central import grade_lee_central
from lvp_workstation.grading.modic_endplate import endplate_type, grade_modic_endplates
from lvp_workstation.grading.proposals import proposed, withheld
from lvp_workstation.grading.scope import decide_scope
from lvp_workstation.measure.result import Coverage, SpineMeasures

AI = Provenance(Provenance.AI, "test", "")


def measures(values=(), features=()):
    found = {
        (target, name): Measurement(name, target, Formula.DISTANCE, ((0.0, 0.0, 0.0), (0.0, 0.0, value)), AI)
        for target, name, value in values
    }
    return SpineMeasures(
        Weighting.T2,
        Coverage(15, 4.0, 0.5, True),
        MappingProxyType(found),
        features=MappingProxyType(dict(features)),
    )


def spine(broken=3, name="height_anterior", share=1.0):
    """Six bodies as high as usual, one height of one of them reduced to a share."""
    return measures(
        (f"V{n}", height, 28.0 * usual[n - 1] * (share if (n, height) == (broken, name) else 1.0))
        for height, usual in USUAL.items()
        for n in range(1, 7)
    )


@pytest.mark.parametrize(("share", "grade"), [(1.0, "0"), (0.83, "0"), (0.7, "2"), (0.5, "3")])
@pytest.mark.parametrize("body", [1, 3, 5])
def test_genant_follows_the_lost_height_at_any_level(share, grade, body):
    assert grade_genant(spine(body, share=share), f"V{body}", AI).grade == grade


def test_genant_names_the_height_that_is_lost_and_its_neighbours_stay_normal():
    found = spine(3, "height_middle", 0.6)
    assert lost_height(found, "V3") == ("height_middle", pytest.approx(0.4))
    assert "40 % less middle height" in grade_genant(found, "V3", AI).text
    assert {grade_genant(found, f"V{n}", AI).grade for n in (1, 2, 4, 5)} == {"0"}


@pytest.mark.parametrize(
    ("body", "name", "suspected"),
    [(1, "height_posterior", False), (1, "height_anterior", True), (3, "height_posterior", True)],
)
def test_a_trapezoid_lowest_body_is_no_suspected_fracture(body, name, suspected):
    found = spine(body, name, 0.7)
    bodies = {f"V{n}": BodyLandmarks(f"V{n}", (0, 0, 30.0 * n), (0, 0, 1)) for n in range(1, 7)}
    found = replace(found, landmarks=SpineLandmarks(bodies=MappingProxyType(bodies)))
    reasons = decide_scope(found, LevelMap(6), GradingContext(Weighting.T2, slices=15)).reasons
    assert ("suspected_fracture" in {r.code for r in reasons}) is suspected


def test_the_highest_body_and_one_without_neighbours_are_not_graded():
    assert grade_genant(spine(), "V6", AI).not_assessable == "not_measured"
    alone = measures(("V2", name, 28.0) for name in USUAL)
    assert not grade_genant(alone, "V2", AI).assessable


def test_lee_central_says_what_the_central_canal_says():
    shares = {"normal": 0.1, "mild": 0.2, "moderate": 0.6, "severe": 0.1}
    central = proposed(CENTRAL_CANAL, "D1", AI, shares, (), validated=False)
    lee = grade_lee_central(central)
    assert (lee.grade, lee.confidence, lee.validated_on_patients) == ("2", pytest.approx(0.6), False)
    none = grade_lee_central(withheld(CENTRAL_CANAL, "D1", AI, "not_measured", "why"))
    assert (none.not_assessable, none.text) == ("not_measured", "why")


def strips(side, t1, t2):
    names = (("t1_", t1), ("", t2))
    return {
        ("D1", f"{prefix}{side}_near_{end}"): value
        for prefix, pair in names
        for end, value in zip(("max", "min"), pair, strict=True)
    }


def test_the_type_of_an_endplate_follows_from_t1_and_t2():
    dark, bright, plain = (-0.1, -0.6), (0.5, 0.0), (0.0, -0.1)
    found = measures(features={**strips("upper", bright, bright), **strips("lower", dark, bright)})
    assert endplate_type(found, "D1", "upper") == "2"
    assert endplate_type(found, "D1", "lower") == "1"
    assert endplate_type(measures(features=strips("upper", dark, plain)), "D1", "upper") == "3"
    assert endplate_type(measures(), "D1", "upper") is None


def test_without_t1_no_endplate_gets_a_type():
    assert {p.not_assessable for p in grade_modic_endplates(measures(), "D1", AI)} == {"needs_t1_and_t2"}


def test_castellvi_needs_other_images_and_says_what_raises_suspicion():
    sure = LevelMap(6, confidence=0.84, alternatives=("four or six cannot be excluded",))
    assert grade_castellvi(sure, AI).not_assessable == "needs_coronal"
    squared = LevelMap(6, confidence=0.5, alternatives=("the first sacral body is squared",))
    assert "body is squared" in grade_castellvi(squared, AI).text
    six = grade_castellvi(LevelMap(7, lumbar_count=6), AI)
    assert six.not_assessable == "suspected_transitional"
    assert six.text.startswith("6 lumbar bodies")
