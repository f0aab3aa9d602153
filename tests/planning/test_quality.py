"""Verdicts: the facts of a series against the rule file, and what to scan next."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.study import Weighting
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.measure.spine import find_landmarks
from lvp_workstation.planning.anatomy_checks import (
    anatomy_facts,
    contrast_is_wrong,
    marrow_abnormal,
    narrow_discs,
    outside_mm,
)
from lvp_workstation.planning.image_checks import image_facts
from lvp_workstation.planning.plan import plan_scan
from lvp_workstation.planning.protocol import read_protocol
from lvp_workstation.planning.quality import KNOWN, Verdict, judge_series, read_rules
from lvp_workstation.planning.suggest import read_suggestions, suggest
from tests.measure.model_spine import ModelSpine

CONTENT = tomllib.loads((asset_path("resources", "quality") / "lumbar.toml").read_text(encoding="utf-8"))
RULES = read_rules(CONTENT)
ORDER = read_protocol(
    "x", tomllib.loads((asset_path("resources", "protocols") / "lumbar_routine.toml").read_text("utf-8"))
)
AXES = ((-1, 0, 0), (0, 0, -1), (0, 1, 0))


def test_every_fact_has_a_rule_and_a_good_series_has_no_reason() -> None:
    assert {rule.measure for rule in RULES} == set(KNOWN)
    fine = {rule.measure: 0.0 if rule.worse == "above" else 1e6 for rule in RULES}
    quality = judge_series(fine, RULES)
    assert (quality.verdict, quality.reasons) == (Verdict.GOOD, ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_limit_decides_on_its_own_side(rule: Any) -> None:
    step = 1e-6 if rule.worse == "above" else -1e-6
    assert judge_series({rule.measure: rule.acceptable - step}, RULES).verdict is Verdict.GOOD
    assert judge_series({rule.measure: rule.repeat}, RULES).verdict is Verdict.REPEAT
    if rule.acceptable != rule.repeat:
        found = judge_series({rule.measure: rule.acceptable}, RULES)
        assert found.verdict is Verdict.ACCEPTABLE
        assert [reason.code for reason in found.reasons] == [rule.code]


def test_the_worst_reason_stands_first_and_decides() -> None:
    found = judge_series({"angle_deg": 4.0, "snr": 2.0, "aside_mm": -20.0}, RULES)
    assert found.verdict is Verdict.REPEAT
    assert [reason.code for reason in found.reasons] == ["side", "noise", "angulation"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"measure": "beauty"}, "measure of check 1"),
        ({"worse": "sideways"}, "worse of check 1"),
        ({"acceptable": 9.0}, "wrong way round"),
        ({"repeat": "much"}, "are numbers"),
        ({"text": "{patient}"}, "nothing else in braces"),
        ({"colour": "red"}, "unknown entry colour"),
    ],
)
def test_a_wrong_rule_is_told_in_words(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_rules({"check": [{**CONTENT["check"][0], **change}]})
    with pytest.raises(ValueError, match="holds no"):
        read_rules({})


def test_suggestions_follow_what_holds() -> None:
    rules = read_suggestions(CONTENT)
    found = suggest({"marrow_abnormal", "no_stir", "narrow_canal", "no_axial"}, rules, ("L4-L5", "L3-L4"))
    assert [one.series for one in found] == ["sag_stir", "ax_t2"]
    assert found[1].levels == ("L4-L5", "L3-L4")
    assert suggest(set(), rules) == ()
    for wrong in ({"when": ["moon"], "series": "x", "because": "y"}, {"when": ["repeat"], "series": "x"}):
        with pytest.raises(ValueError, match="suggestion 1"):
            read_suggestions({"suggest": [wrong]})


@pytest.fixture(scope="module")
def scanned() -> tuple[Any, Any, Any, Any]:
    """Return labels, image, landmarks and plan of a spine of boxes on a wide stack."""
    labels, levels, volume = ModelSpine(pitch=10.0).case(4.0, 0.8, 17)
    landmarks, _ = find_landmarks(labels, volume)
    return labels, volume, landmarks, plan_scan(labels, levels, landmarks, ORDER)


def moved(geometry: VolumeGeometry, shift: tuple[float, float, float]) -> VolumeGeometry:
    affine = geometry.affine.copy()
    affine[:3, 3] += shift
    return VolumeGeometry(affine, geometry.shape)


def test_a_stack_on_its_plan_is_good_and_one_beside_it_is_not(scanned: tuple[Any, ...]) -> None:
    _, volume, landmarks, plan = scanned
    facts = anatomy_facts(volume.geometry, landmarks, plan, plan)
    assert facts["angle_deg"] < 1.0
    assert abs(facts["aside_mm"]) < 1.0
    assert facts["outside_mm"] == 0.0
    assert facts["foramina_missed"] == 0.0
    aside = anatomy_facts(moved(volume.geometry, (20.0, 0.0, 0.0)), landmarks, plan, plan)
    assert aside["aside_mm"] == pytest.approx(20.0, abs=1.0)
    assert aside["offset_mm"] == pytest.approx(20.0, abs=1.0)
    assert aside["foramina_missed"] == 10.0 / 2
    assert judge_series(aside, RULES).verdict is Verdict.REPEAT
    high = anatomy_facts(moved(volume.geometry, (0.0, 0.0, 60.0)), landmarks, plan, plan)
    assert high["outside_mm"] > 6.0


def test_an_axial_block_is_compared_with_the_stack_it_comes_nearest_to(scanned: tuple[Any, ...]) -> None:
    _, _, landmarks, plan = scanned
    stack = plan.of_kind("axial")[2]
    turned = np.cos(0.1) * stack.normal + np.sin(0.1) * stack.column
    down = np.cross(turned, stack.row)
    corner = stack.centre - 2 * 4.4 * turned - 95 * stack.row - 95 * down
    grid = VolumeGeometry.from_axes(corner, (turned, down, stack.row), (4.4, 1.0, 1.0), (5, 191, 191))
    facts = anatomy_facts(grid, landmarks, plan, plan)
    assert facts["angle_deg"] == pytest.approx(np.degrees(0.1), abs=0.01)
    assert facts["offset_mm"] == pytest.approx(0.0, abs=0.01)
    assert facts["outside_mm"] == 0.0
    outside = anatomy_facts(moved(grid, tuple(14.0 * stack.normal)), landmarks, plan, plan)
    assert outside["outside_mm"] > 1.0


def test_distance_outside_is_that_to_the_outer_voxel_faces() -> None:
    grid = VolumeGeometry.from_axes((0, 0, 0), AXES, (4.0, 1.0, 1.0), (3, 10, 10))
    points = np.array([(0.0, 0.0, 0.0), (5.0, 0.0, 0.0), (0.0, 12.5, 0.0), (2.0, 0.0, 0.0)])
    np.testing.assert_allclose(outside_mm(grid, points), (0.0, 3.0, 3.0, 0.0))


def test_contrast_and_marrow_are_read_from_the_labels(scanned: tuple[Any, ...]) -> None:
    labels, volume, landmarks, _ = scanned
    assert not contrast_is_wrong(volume, labels, Weighting.T2)
    assert contrast_is_wrong(volume, labels, Weighting.T1)
    assert not marrow_abnormal(volume, labels)
    dark = volume.array.copy()
    dark[labels.array == 103] //= 3
    assert marrow_abnormal(volume.with_array(dark), labels)
    assert narrow_discs(labels, landmarks) == ()


def noise(seed: int = 0) -> np.ndarray:
    """Return a smooth random body in air, 9 slices of 128 x 128."""
    rng = np.random.default_rng(seed)
    body = np.zeros((9, 128, 128))
    wave = np.cumsum(np.cumsum(rng.normal(0, 1, (9, 128, 90)), axis=1), axis=2)
    body[:, :, 20:110] = 300 + 40 * wave / wave.std()
    return body + rng.normal(0, 2, body.shape)


def image_of(array: np.ndarray) -> Volume:
    grid = VolumeGeometry.from_axes((0, 0, 0), AXES, (4.0, 1.0, 1.0), array.shape)
    return Volume(np.clip(array, 0, None).astype(np.uint16), grid)


def test_noise_lowers_and_motion_and_fold_over_raise_their_facts() -> None:
    body = noise()
    plain = image_facts(image_of(body), "COL")
    noisy = image_facts(image_of(body + np.random.default_rng(1).normal(0, 30, body.shape)), "COL")
    assert plain["snr"] > 4 * noisy["snr"]
    moved_twice = image_facts(image_of(0.6 * body + 0.4 * np.roll(body, 9, axis=1)), "COL")
    assert moved_twice["ripple"] > 1.3 * plain["ripple"]
    assert "fold_over" not in plain
    anterior = image_facts(image_of(body), "ROW")["fold_over"]
    folded = image_facts(image_of(body + np.roll(body, 64, axis=2)), "ROW")["fold_over"]
    assert anterior < 0.1 < 0.4 < folded


def test_an_image_without_content_has_no_facts() -> None:
    assert image_facts(image_of(np.zeros((3, 128, 128)))) == {}
    assert image_facts(image_of(noise()[:, :40, :40])) == {}
