"""Grades from hand-made measures."""

from __future__ import annotations

import math

import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.findings import GRID_SCALES, SCALES, Proposal
from lvp_workstation.domain.study import SeriesRole, Weighting
from lvp_workstation.grading.engine import GradingContext, GradingResult, grade_spine
from lvp_workstation.grading.herniation import herniation_probability
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
    assert result.narrowing["D2"] > result.narrowing["D4"]


def test_pfirrmann_rises_with_loss_of_signal() -> None:
    grades = []
    for share in (1.0, 0.5, 0.25, 0.12):
        features = {3: {"disc_marrow_ratio": 1.3 * share, "nucleus_annulus_ratio": 1 + 2.2 * share}}
        result = graded(spine({3: {"disc_csf_ratio": 0.5 * share}}, features))
        grades.append(int(proposal(result, "D3", "pfirrmann").grade))
    assert grades == sorted(grades)
    assert grades[-1] > grades[0]


@pytest.mark.parametrize("weighting", [Weighting.T1, Weighting.STIR, Weighting.OTHER])
def test_pfirrmann_needs_t2(weighting: Weighting) -> None:
    context = GradingContext(weighting, contrast_agent=False, slices=15, slice_spacing_mm=4.4)
    found = proposal(graded(spine(weighting=weighting), context), "D2", "pfirrmann")
    assert found.not_assessable == "no_t2"


def test_herniation_grows_with_displacement_and_no_type_is_proposed() -> None:
    chances = []
    for depth in (-0.5, 2.0, 4.0, 7.0):
        profile = (0.2, depth / 2, depth, depth * 0.7, 0.2)
        features = {2: {"bulge_signed": depth, "sac_narrowest": 12.0 - max(depth, 0)}}
        found = proposal(graded(spine({}, features, {2: profile})), "D2", "herniation")
        assert found.grade in ("none", "bulge", "herniation")
        chances.append(herniation_probability(found))
    assert chances == sorted(chances)
    assert chances[0] < 0.1
    assert chances[-1] > 0.5


def test_herniation_is_not_assessable_without_corners() -> None:
    measures = spine({2: {"disc_bulge_depth": None}})
    profiles = {d: p for d, p in measures.bulge_profiles.items() if d != "D2"}
    object.__setattr__(measures, "bulge_profiles", profiles)
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


def test_recess_foramen_and_modic_say_why_not() -> None:
    result = graded(spine())
    assert proposal(result, "D2", "lateral_recess_left").not_assessable == "needs_axial"
    assert proposal(result, "D2", "foramen_right").not_assessable == "not_implemented"
    assert proposal(result, "D2", "modic").not_assessable == "needs_t1_and_t2"
    narrow = GradingContext(Weighting.T2, slices=15, slice_spacing_mm=0.9, axial_cover=frozenset({"D2"}))
    found = graded(spine(), narrow)
    assert proposal(found, "D2", "foramen_right").not_assessable == "needs_parasagittal"
    assert proposal(found, "D2", "lateral_recess_left").not_assessable == "not_implemented"


def test_missing_neighbours_lower_nothing_to_nan() -> None:
    measures = spine({n: {"disc_height_middle": None, "sac_ap": None} for n in range(1, 6)})
    for p in graded(measures).proposals:
        assert all(math.isfinite(chance) for _, chance in p.probabilities)
