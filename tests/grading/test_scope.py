"""When the AI may not grade, or only in part, and that it says why."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.study import SeriesRole, Weighting
from lvp_workstation.grading.engine import GradingContext, grade_spine
from lvp_workstation.grading.scope import Decision, coronal_cobb, decide_scope
from lvp_workstation.measure.result import ImageQuality, ScopeSigns
from tests.grading.measures_factory import PROVENANCE, measurement, spine

LEVELS = LevelMap(5, confidence=0.9)


def context(
    weighting: Weighting = Weighting.T2, agent: bool | None = False, slices: int = 15
) -> GradingContext:
    """Return a plain context."""
    return GradingContext(weighting, contrast_agent=agent, slices=slices, slice_spacing_mm=4.4)


def test_a_clean_study_is_graded_without_reasons() -> None:
    scope = decide_scope(spine(), LEVELS, context())
    assert scope.decision is Decision.GRADE
    assert scope.reasons == ()


@pytest.mark.parametrize(
    ("given", "code", "decision"),
    [
        (context(Weighting.T1, None), "contrast_unknown", Decision.WITHHOLD),
        (context(Weighting.T1, True), "contrast_agent", Decision.WITHHOLD),
        (context(Weighting.T1, False), "no_t2", Decision.PARTIAL),
        (context(Weighting.STIR), "no_t2", Decision.PARTIAL),
        (context(Weighting.T2, True), "contrast_agent", Decision.PARTIAL),
        (context(Weighting.T2, None), "", Decision.GRADE),
        (context(slices=1), "few_slices", Decision.PARTIAL),
    ],
)
def test_series_and_contrast_agent(given: GradingContext, code: str, decision: Decision) -> None:
    scope = decide_scope(spine(weighting=given.weighting), LEVELS, given)
    assert scope.decision is decision
    assert (code in {r.code for r in scope.reasons}) == bool(code)
    assert all(reason.text.endswith(".") for reason in scope.reasons)


def test_not_sagittal_and_too_few_levels_withhold() -> None:
    assert decide_scope(spine(sagittal=False), LEVELS, context()).reasons[0].code == "not_sagittal"
    scope = decide_scope(spine(count=2), LEVELS, context())
    assert (scope.decision, scope.reasons[0].code) == (Decision.WITHHOLD, "too_few_levels")


@pytest.mark.parametrize(("degrees", "decision"), [(8, "grade"), (25, "partial"), (45, "withhold")])
def test_scoliosis(degrees: float, decision: str) -> None:
    half = math.tan(math.radians(degrees / 2))
    measures = spine(tilt=(-half, -half / 2, 0.0, half / 2, half))
    assert coronal_cobb(measures) == pytest.approx(degrees, abs=0.5)
    assert decide_scope(measures, LEVELS, context()).decision == decision


def test_level_count_is_marked_but_withholds_nothing() -> None:
    unsure = LevelMap(5, confidence=0.3, sacrum_seen=False)
    scope = decide_scope(spine(), unsure, context())
    assert scope.decision is Decision.PARTIAL
    graded = [p for p in grade_spine(spine(), unsure, context(), PROVENANCE).proposals if p.assessable]
    assert graded, "a grade belongs to a disc, whatever its name"
    assert [r.code for r in scope.reasons] == ["level_count_uncertain"]
    assert decide_scope(spine(), unsure.confirmed("Reader"), context()).reasons == ()


def test_noise_withholds_signal_grades_only() -> None:
    measures = spine(quality=ImageQuality(2.0, 0.0))
    result = grade_spine(measures, LEVELS, context(), PROVENANCE)
    assert result.scope.decision is Decision.PARTIAL
    by_scale = {p.scale: p for p in result.proposals if p.target == "D3"}
    assert by_scale["pfirrmann"].not_assessable == "low_signal"
    assert by_scale["herniation"].not_assessable == "low_signal"
    assert by_scale["spondylolisthesis"].assessable


def test_metal_is_suspected_from_voids() -> None:
    scope = decide_scope(spine(quality=ImageQuality(12.0, 0.5)), LEVELS, context())
    assert [r.code for r in scope.reasons] == ["suspected_metal"]


def test_withheld_studies_have_no_grade_at_all() -> None:
    given = context(Weighting.T1, None)
    result = grade_spine(spine(weighting=Weighting.T1), LEVELS, given, PROVENANCE)
    assert not any(p.assessable for p in result.proposals)
    assert all(p.text for p in result.proposals)


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        (ScopeSigns(void_mm2=90.0), "suspected_metal"),
        (ScopeSigns(t1_over_disc=1.2), "suspected_marrow_lesion"),
        (ScopeSigns(t1_over_disc=2.0, dark_t1_mm2=80.0), "suspected_marrow_lesion"),
        (ScopeSigns(ghost=30.0), "suspected_motion"),
        (ScopeSigns(1.0, 2.0, 10.0, 4.0), ""),
    ],
)
def test_signs_in_the_image_are_stated(signs: ScopeSigns, code: str) -> None:
    scope = decide_scope(replace(spine(), signs=signs), LEVELS, context())
    assert [reason.code for reason in scope.reasons] == ([code] if code else [])
    assert scope.decision is (Decision.PARTIAL if code else Decision.GRADE)


def test_t1_after_contrast_alone_is_stated() -> None:
    after = replace(context(), roles=frozenset({SeriesRole.SAG_T2, SeriesRole.SAG_T1_GD}))
    assert [r.code for r in decide_scope(spine(), LEVELS, after).reasons] == ["contrast_agent_t1"]
    both = replace(after, roles=after.roles | {SeriesRole.SAG_T1})
    assert decide_scope(spine(), LEVELS, both).reasons == ()


def test_half_a_confidence_marks_the_level_count() -> None:
    scope = decide_scope(spine(), LevelMap(5, confidence=0.5), context())
    assert [r.code for r in scope.reasons] == ["level_count_uncertain"]


@pytest.mark.parametrize(
    ("given", "seen", "contradicts"),
    [
        (Weighting.T2, Weighting.T1, True),
        (Weighting.T1, Weighting.T2, True),
        (Weighting.STIR, Weighting.T1, True),
        (Weighting.T2, Weighting.STIR, False),
        (Weighting.T2, None, False),
        (Weighting.T2, Weighting.OTHER, False),
    ],
)
def test_an_image_that_contradicts_its_role_is_not_graded(
    given: Weighting, seen: Weighting | None, contradicts: bool
) -> None:
    scope = decide_scope(spine(weighting=given), LEVELS, replace(context(given), seen=seen))
    assert ("contrast_contradicts" in {r.code for r in scope.reasons}) is contradicts
    assert (scope.decision is Decision.WITHHOLD) is contradicts


@pytest.mark.parametrize(
    ("across", "along", "plausible"),
    [
        (1.0, 1.0, True),
        (1.1, 1.1, True),
        (2.0, 2.0, False),
        (0.5, 0.5, False),
        (1.6, 1.0, False),
        (1.0, 1.6, False),
    ],
)
def test_bodies_of_no_adult_tell_of_a_wrong_pixel_size(across: float, along: float, plausible: bool) -> None:
    measures = spine()
    heights = {"height_anterior": 29.0 * along, "height_posterior": 28.0 * along}
    sizes = {"depth_superior": 35.0 * across, **heights}
    bodies = [f"V{n}" for n in range(1, 6)]
    measured = {(b, name): measurement(b, name, value) for b in bodies for name, value in sizes.items()}
    measures = replace(measures, measurements=MappingProxyType({**measures.measurements, **measured}))
    scope = decide_scope(measures, LEVELS, context())
    assert ("implausible_size" in {r.code for r in scope.reasons}) is not plausible
    by_scale = {p.scale: p for p in grade_spine(measures, LEVELS, context(), PROVENANCE).proposals}
    assert by_scale["spondylolisthesis"].assessable is plausible
    assert by_scale["pfirrmann"].assessable, "what is seen without a length is graded"
