"""Grades from axial measurements: the rules of the papers, and the mark on everything."""

from typing import Any

import pytest

from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.findings import SCALES
from lvp_workstation.grading.axial import MARK, grade_axial, without_scope
from lvp_workstation.grading.axial_herniation import herniation_type, msu_class, zone
from lvp_workstation.grading.axial_recess import recess_chances
from lvp_workstation.measure.axial import measure_axial
from tests.measure.axial_blocks import block, fragment, mound, squeezed

AI = Provenance(Provenance.AI, "axial_vnet", "", "1.0.0")


def material(**changes: float) -> dict[str, float]:
    """Features of a mound: 12 mm wide, 4 mm deep, in the midline, 8 mm in front of a line of 16 mm."""
    plain = {
        "material_depth": 4.0,
        "material_base": 12.0,
        "material_dome": 8.0,
        "material_offset": 0.0,
        "material_joined": 1.0,
        "material_lateral": 0.0,
        "facet_line": 16.0,
        "facet_room": 10.0,
        "pedicle_left": 11.0,
        "pedicle_right": 11.0,
    }
    return plain | changes


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "protrusion"),
        ({"material_dome": 13.0}, "extrusion"),
        ({"material_offset": -5.0}, "extrusion"),
        ({"material_joined": 0.0, "material_offset": 9.0}, "sequestration"),
        ({"material_joined": 0.0, "material_offset": 2.0}, "extrusion"),
    ],
)
def test_type_by_width_and_continuity(changes: dict[str, float], kind: str) -> None:
    assert herniation_type(material(**changes)) == kind


@pytest.mark.parametrize(
    ("lateral", "name"),
    [
        (0.0, "central"),
        (-5.0, "right central"),
        (9.5, "left subarticular"),
        (-15.0, "right foraminal"),
        (24.0, "left extraforaminal"),
    ],
)
def test_zone_by_facets_and_pedicle(lateral: float, name: str) -> None:
    assert zone(material(material_lateral=lateral)) == name


@pytest.mark.parametrize(
    ("depth", "lateral", "grade"),
    [(4.0, 0.0, "1-A"), (6.0, 5.0, "2-B"), (12.0, -5.0, "3-B"), (4.0, 12.0, "1-C")],
)
def test_msu_by_depth_and_quarter(depth: float, lateral: float, grade: str) -> None:
    assert msu_class(material(material_depth=depth, material_lateral=lateral)) == grade


def test_without_material_there_is_no_type_zone_or_size() -> None:
    assert herniation_type({}) == zone({}) == ""
    assert msu_class({"facet_line": 16.0}) == "none"
    assert msu_class({k: v for k, v in material().items() if not k.startswith("facet")}) == ""


def grades(*drawn: Any, room: float = 4.5) -> dict[str, Any]:
    def draw(x: Any, y: Any, offset: float, labels: Any) -> None:
        for one in drawn:
            one(x, y, offset, labels)

    found = grade_axial(measure_axial({"D1": block(draw, room=room)}, AI), AI)
    return {p.scale: p for p in (*found.proposals, *found.further)}


def test_more_loss_of_area_is_a_worse_canal() -> None:
    order = SCALES["central_canal"].grades
    given = [order.index(grades(squeezed(share))["central_canal"].grade) for share in (0.0, 0.4, 0.85)]
    assert given == sorted(given)
    assert given[0] < given[-1]


def test_a_lower_recess_is_a_worse_one_and_sides_are_kept_apart() -> None:
    found = grades(room=1.2)
    order = SCALES["lateral_recess_left"].grades
    assert order.index(found["lateral_recess_left"].grade) > order.index(found["lateral_recess_right"].grade)
    assert int(found["bartynski_left"].grade) > int(found["bartynski_right"].grade)


def test_a_mound_is_herniated_and_a_fragment_is_free() -> None:
    assert grades(mound(3.0, 5.0, 12.0))["herniation"].grade == "protrusion"
    assert grades(fragment(-3.0, 8.8, 3.0))["herniation"].grade == "sequestration"
    assert grades()["herniation"].grade in ("none", "bulge")


def test_every_grade_is_marked_and_its_chances_sum_to_one() -> None:
    for proposal in grades(mound(3.0, 5.0, 12.0)).values():
        assert not proposal.validated_on_patients
        assert MARK in proposal.text
        assert sum(p for _, p in proposal.probabilities) == pytest.approx(1.0)


def test_nothing_measured_is_no_grade() -> None:
    assert recess_chances({}, "left") == {}
    one = block()
    empty = one.probabilities * 0
    empty[0] = 1
    found = grade_axial(measure_axial({"D1": type(one)(one.disc, empty, one.geometry, one.offsets)}, AI), AI)
    rows = {p.scale: p for p in (*found.proposals, *found.further)}
    assert rows["central_canal"].not_assessable == "not_measured"
    assert rows["lateral_recess_left"].not_assessable == "not_measured"


def test_a_reason_of_the_examination_withholds_all() -> None:
    found = grade_axial(measure_axial({"D1": block()}, AI), AI)
    held = without_scope(found, "metal", "Metal.")
    assert {p.not_assessable for p in (*held.proposals, *held.further, *held.binary)} == {"metal"}
