"""Grades from hand-made measures."""

from __future__ import annotations

import math

import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, BinaryGrade, Proposal
from lvp_workstation.domain.study import SeriesRole, Weighting
from lvp_workstation.grading.engine import GradingContext, GradingResult, grade_spine
from lvp_workstation.grading.herniation import herniation_probability
from lvp_workstation.grading.modic import modic_type, named_share
from lvp_workstation.grading.proposals import middle_class
from lvp_workstation.measure.result import SpineMeasures
from tests.grading.measures_factory import PROVENANCE, WORN, WORN_FEATURES, spine

LEVELS = LevelMap(5, confidence=0.9)
T2 = GradingContext(Weighting.T2, frozenset({SeriesRole.SAG_T2}), False, 15, 4.4)


def graded(measures: SpineMeasures, context: GradingContext = T2) -> GradingResult:
    """Return the grades of hand-made measures."""
    return grade_spine(measures, LEVELS, context, PROVENANCE)


def proposal(result: GradingResult, disc: str, scale: str) -> Proposal:
    """Return the one proposal of a scale at a disc."""
    (found,) = [p for p in result.proposals if p.target == disc and p.scale == scale]
    return found


def yes_no(result: GradingResult, disc: str, key: str) -> BinaryGrade:
    """Return the one yes-or-no grade of a key at a disc."""
    (found,) = [b for b in result.binary if b.target == disc and b.key == key]
    return found


def test_every_scale_of_the_grid_is_answered_for_every_disc() -> None:
    result = graded(spine())
    wanted = {(f"D{n}", scale.key) for n in range(1, 6) for scale in GRID_SCALES}
    assert [(p.target, p.scale) for p in result.proposals] == sorted(
        wanted, key=lambda pair: (pair[0], [s.key for s in GRID_SCALES].index(pair[1]))
    )


@pytest.mark.parametrize("worn", [False, True])
def test_probabilities_cover_the_scale_and_sum_to_one(worn: bool) -> None:
    changes = {n: dict(WORN) for n in range(1, 6)} if worn else {}
    for p in graded(spine(changes)).proposals:
        if p.assessable:
            assert [grade for grade, _ in p.probabilities] == list(SCALES[p.scale].grades)
            assert sum(chance for _, chance in p.probabilities) == pytest.approx(1.0, abs=1e-9)
            assert all(0.0 <= chance <= 1.0 for _, chance in p.probabilities)
            if p.scale in ("herniation", "modic", "spondylolisthesis"):  # others: the middle of their classes
                assert p.confidence == max(chance for _, chance in p.probabilities)
            assert p.evidence
        else:
            assert p.text
            assert not p.probabilities
            assert not p.grade


def test_healthy_and_collapsed_discs() -> None:
    result = graded(spine({2: dict(WORN)}, {2: dict(WORN_FEATURES)}, {2: (1.0, 1.5, 1.5, 1.4, 1.0)}))
    assert proposal(result, "D4", "pfirrmann").grade in ("1", "2")
    assert proposal(result, "D2", "pfirrmann").grade in ("4", "5")
    assert yes_no(result, "D2", "disc_narrowing").probability > 0.5
    assert yes_no(result, "D4", "disc_narrowing").probability < 0.2


def test_pfirrmann_rises_with_loss_of_signal() -> None:
    grades = []
    for share in (1.0, 0.5, 0.25, 0.12):
        features = {3: {"disc_marrow_ratio": 1.3 * share, "nucleus_annulus_ratio": 1 + 2.2 * share}}
        result = graded(spine({3: {"disc_csf_ratio": 0.5 * share}}, features))
        grades.append(int(proposal(result, "D3", "pfirrmann").grade))
    assert grades == sorted(grades)
    assert grades[-1] > grades[0]


@pytest.mark.parametrize(
    ("chances", "middle"),
    [((1.0, 0.0, 0.0), 0), ((0.45, 0.2, 0.35), 1), ((0.2, 0.3, 0.5), 1), ((0.1, 0.3, 0.6), 2)],
)
def test_the_middle_grade_has_half_of_the_probability_below_it(chances, middle) -> None:
    assert middle_class(chances) == middle
    distance = [sum(p * abs(k - n) for n, p in enumerate(chances)) for k in range(len(chances))]
    assert distance[middle] == pytest.approx(min(distance))


@pytest.mark.parametrize("weighting", [Weighting.T1, Weighting.STIR, Weighting.OTHER])
def test_pfirrmann_needs_t2(weighting: Weighting) -> None:
    context = GradingContext(weighting, contrast_agent=False, slices=15, slice_spacing_mm=4.4)
    found = proposal(graded(spine(weighting=weighting), context), "D2", "pfirrmann")
    assert found.not_assessable == "no_t2"


def test_herniation_grows_with_displacement_and_no_type_is_proposed() -> None:
    chances = []
    for depth in (-0.5, 2.0, 4.0, 7.0):
        gap = {"canal_gap": 1.0 + max(depth, 0), "canal_gap_middle": 0.5 + max(depth, 0) / 2}
        features = {"displacement": depth, "sac_narrowest": 12.0 - max(depth, 0), **gap}
        found = proposal(
            graded(spine({2: dict(WORN)}, {2: {**WORN_FEATURES, **features}})), "D2", "herniation"
        )
        assert found.grade in ("none", "bulge", "herniation")
        chances.append(herniation_probability(found))
    assert chances == sorted(chances)
    assert chances[0] < 0.2
    assert chances[-1] > 2 * chances[0]


@pytest.mark.parametrize("depth", [-2.0, 0.0])
def test_no_bulge_is_proposed_without_measured_displacement(depth: float) -> None:
    worn = {**WORN_FEATURES, "sac_narrowest": 7.0}
    unseen = proposal(
        graded(spine({2: dict(WORN)}, {2: {**worn, "displacement": depth}})), "D2", "herniation"
    )
    assert unseen.grade == "none"
    assert unseen.text.startswith("No displacement measured")
    assert "For displacement: " in unseen.text or "Against displacement: " in unseen.text
    seen = proposal(graded(spine({2: dict(WORN)}, {2: {**worn, "displacement": 3.0}})), "D2", "herniation")
    assert seen.grade in ("bulge", "herniation")
    assert seen.text.startswith("Measured displacement 3.0 mm")


def test_contour_is_graded_without_corners_and_says_so() -> None:
    measures = spine({2: {"disc_bulge_depth": None}})
    features = {key: v for key, v in measures.features.items() if key != ("D2", "displacement")}
    object.__setattr__(measures, "features", features)
    found = proposal(graded(measures), "D2", "herniation")
    assert found.grade == "none"
    assert found.text.startswith("Posterior margin not measured")
    bare = {key: v for key, v in features.items() if key != ("D2", "disc_marrow_ratio")}
    object.__setattr__(measures, "features", bare)
    assert proposal(graded(measures), "D2", "herniation").not_assessable == "not_measured"


@pytest.mark.parametrize(
    ("slip", "grade"),
    [
        *((0.0, "0"), (2.5, "0"), (-2.5, "0"), (3.6, "1"), (-3.6, "1"), (8.0, "1")),
        *((10.0, "2"), (-12.0, "2"), (20.0, "3"), (30.0, "4"), (40.0, "5")),
    ],
)
def test_meyerding(slip: float, grade: str) -> None:
    changes: dict[int, dict[str, float | None]] = {1: {"slip": slip, "slip_percent": 100 * slip / 35}}
    found = proposal(graded(spine(changes)), "D1", "spondylolisthesis")
    assert found.grade == grade
    assert found.evidence == ("slip", "slip_percent")


def test_a_slip_at_the_limit_is_uncertain() -> None:
    changes: dict[int, dict[str, float | None]] = {1: {"slip": 3.0, "slip_percent": 100 * 3 / 35}}
    found = proposal(graded(spine(changes)), "D1", "spondylolisthesis")
    assert dict(found.probabilities)["0"] == pytest.approx(0.5, abs=0.02)


def test_central_canal_is_relative_to_the_patient_and_marked() -> None:
    narrow_everywhere = {n: {"sac_narrowest": 9.0, "canal_class_ap": 10.0} for n in range(1, 6)}
    result = graded(spine({}, narrow_everywhere))
    grades = {proposal(result, f"D{n}", "central_canal").grade for n in range(1, 6)}
    assert grades <= {"normal", "mild"}
    local = graded(spine({}, {3: {"sac_narrowest": 5.0}}))
    assert proposal(local, "D3", "central_canal").grade in ("moderate", "severe")
    assert proposal(local, "D5", "central_canal").grade == "normal"
    assert all(not p.validated_on_patients for p in local.proposals if p.scale == "central_canal" and p.grade)


def test_the_canal_is_not_graded_without_its_diameter_at_the_disc() -> None:
    found = graded(spine({2: {"sac_ap": None}}))
    assert proposal(found, "D2", "central_canal").not_assessable == "not_measured"
    assert proposal(found, "D3", "central_canal").evidence[0] == "sac_ap"


def test_recess_and_modic_say_why_not() -> None:
    result = graded(spine(features=with_marrow()))
    assert proposal(result, "D2", "lateral_recess_left").not_assessable == "needs_axial"
    assert proposal(result, "D4", "modic").not_assessable == "none_on_t2"
    narrow = GradingContext(Weighting.T2, slices=15, slice_spacing_mm=0.9, axial_cover=frozenset({"D2"}))
    found = graded(spine(), narrow)
    assert proposal(found, "D2", "lateral_recess_left").not_assessable == "axial_not_measured"


def test_missing_neighbours_lower_nothing_to_nan() -> None:
    measures = spine({n: {"disc_height_middle": None, "sac_ap": None} for n in range(1, 6)})
    for p in graded(measures).proposals:
        assert all(math.isfinite(chance) for _, chance in p.probabilities)


STRIPS = {f"{side}_{name}": 0.0 for side in ("upper", "lower") for name in ("near_max", "near_min")}


def with_marrow(**change: float) -> dict[int, dict[str, float]]:
    """Return features of an even marrow beside the endplates of every disc, with changes at the second."""
    found = {n: dict(STRIPS) for n in range(1, 6)}
    found[2] |= {**WORN_FEATURES, **change}
    return found


def test_t2_alone_says_any_or_none_and_never_a_type() -> None:
    result = graded(spine({2: dict(WORN)}, with_marrow()))
    for disc in ("D2", "D4"):
        found = proposal(result, disc, "modic")
        changed = yes_no(result, disc, "modic_any").grade
        assert found.not_assessable == ("any_change_on_t2" if changed else "none_on_t2")
        assert not found.grade
        word = "any change" if changed else "none"
        assert f"On T2 alone: {word}" in found.text
    worn, healthy = (yes_no(result, disc, "modic_any").probability for disc in ("D2", "D4"))
    assert worn > healthy


@pytest.mark.parametrize(
    ("t1", "t2", "kind"), [(0.4, 0.3, "2"), (-0.6, 0.4, "1"), (-0.6, -0.5, "3"), (-0.1, 0.4, "2")]
)
def test_modic_type_follows_from_t1_and_t2(t1: float, t2: float, kind: str) -> None:
    change = {"upper_near_max": max(t2, 0.0), "upper_near_min": min(t2, 0.0)}
    beside = {"t1_upper_near_max": max(t1, 0.0), "t1_upper_near_min": min(t1, 0.0)}
    measures = spine({2: dict(WORN)}, with_marrow(**change, **beside))
    assert modic_type(measures, "D2") == kind
    found = proposal(graded(measures), "D2", "modic")
    chance = yes_no(graded(measures), "D2", "modic_any").probability
    assert found.grade == (kind if chance >= 0.5 else "0")
    assert dict(found.probabilities)["0"] == pytest.approx(1.0 - chance)
    assert found.validated_on_patients == (found.grade == "0")


@pytest.mark.parametrize("chance", [0.5, 0.55, 0.6, 0.9])
def test_a_named_modic_type_is_the_likeliest_grade(chance: float) -> None:
    assert 0.7 <= named_share(chance) <= 1.0
    assert chance * named_share(chance) >= 1.0 - chance - 1e-9


@pytest.mark.parametrize(
    ("slip", "called"), [(10.8, True), (7.5, True), (4.0, False), (-10.8, False), (0.2, False)]
)
def test_a_large_forward_step_is_a_slip_whatever_the_signal(slip: float, called: bool) -> None:
    changes: dict[int, dict[str, float | None]] = {2: {"slip": slip, "slip_percent": slip / 0.35}}
    assert yes_no(graded(spine(changes)), "D2", "slip_any").grade is called


def test_yes_no_grades_have_a_probability_or_a_reason() -> None:
    result = graded(spine(features=with_marrow()))
    keys = ["disc_narrowing", "disc_bulging", "disc_herniation", "slip_any", "modic_any"]
    for n in range(1, 6):
        rows = [b for b in result.binary if b.target == f"D{n}"]
        assert [b.key for b in rows] == [*keys, "endplate_upper", "endplate_lower"]
        assert all(0.0 <= b.probability <= 1.0 and b.grade == (b.probability >= 0.5) for b in rows)
        assert all(b.text for b in rows if b.not_assessable)


def test_t1_alone_gives_no_marrow_grade() -> None:
    context = GradingContext(Weighting.T1, contrast_agent=False, slices=15, slice_spacing_mm=4.4)
    result = graded(spine(weighting=Weighting.T1), context)
    for key in ("modic_any", "endplate_upper", "endplate_lower"):
        assert yes_no(result, "D2", key).not_assessable == "no_t2"


def test_a_backward_step_is_named_and_doubted() -> None:
    changes: dict[int, dict[str, float | None]] = {1: {"slip": -3.6, "slip_percent": -10.3}}
    assert "posterior" in proposal(graded(spine(changes)), "D1", "spondylolisthesis").text
    assert "seldom" in proposal(graded(spine(changes)), "D1", "spondylolisthesis").text


def test_yes_no_grades_are_withheld_with_the_study() -> None:
    result = graded(spine(count=2))
    narrowing = yes_no(result, "D1", "disc_narrowing")
    assert narrowing.not_assessable == "too_few_levels"
    assert narrowing.text
    assert all(b.not_assessable for b in result.binary)
