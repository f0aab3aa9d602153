"""Every scale of the report has its key in the truth, and agrees with the geometry it rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvp_workstation.phantom import limits
from lvp_workstation.phantom.build import draw_anatomy
from lvp_workstation.phantom.herniation import herniation_angle
from lvp_workstation.phantom.pathology import LevelPathology, Plan
from lvp_workstation.phantom.presets import plan_of
from lvp_workstation.phantom.truth import truth_of
from tests.phantom.conftest import anatomy_of, truth

KEYS = {
    *("pfirrmann", "herniation", "central_canal", "spondylolisthesis", "schizas", "lee_central", "msu"),
    *("disc_narrowing", "disc_bulging", "disc_herniation", "modic", "modic_upper", "modic_lower"),
    *("endplate_upper", "endplate_lower"),
    *(f"{name}_{side}" for name in ("lateral_recess", "bartynski") for side in ("left", "right")),
    *(f"{name}_{side}" for name in ("foramen", "lee_foramen") for side in ("left", "right")),
}


@pytest.mark.parametrize("seed", [900_000, 900_001])
def test_every_key_is_there_and_scales_agree(seed: int) -> None:
    found = truth("evaluation", seed)
    for name, level in found["levels"].items():
        grades = {key: entry["grade"] for key, entry in level["grades"].items()}
        assert set(grades) == KEYS
        assert limits.SEVERITY[grades["lee_central"]] == grades["central_canal"]
        assert (grades["msu"] == "none") is not grades["disc_herniation"]
        assert ("herniation" in found["generator"]["shapes"][name]) >= grades["disc_herniation"]
        assert grades["modic"] == max(grades["modic_upper"], grades["modic_lower"])


@pytest.mark.parametrize(
    ("side", "zone"), [(0.0, "central"), (1.1, "subarticular"), (1.4, "foraminal"), (2.4, "extraforaminal")]
)
def test_zones_run_from_the_midline_outward(side: float, zone: str) -> None:
    plan = plan_of("normal", 3)
    level = LevelPathology(pfirrmann=3, herniation="protrusion", side=side, displacement=4.0, base=11.0)
    found = truth_of(draw_anatomy(3, replace(plan, levels={**plan.levels, 2: level})))
    herniation = found["generator"]["shapes"]["L3-L4"]["herniation"]
    assert herniation["zone"] == zone
    assert (herniation["side"] == "left") is (side > 0)
    assert np.degrees(np.pi / 2 - herniation_angle(level)) == pytest.approx(np.degrees(0.5 * side))


def test_a_free_fragment_lies_apart_from_the_disc() -> None:
    plan = plan_of("normal", 3)
    level = LevelPathology(
        pfirrmann=3, herniation="sequestration", side=0.4, displacement=5.0, base=6.0, migration=-11.0
    )
    anatomy = draw_anatomy(3, replace(plan, levels={**plan.levels, 2: level}))
    truth = truth_of(anatomy)
    found = truth["levels"]["L3-L4"]
    assert found["grades"]["herniation"]["grade"] == "sequestration"
    assert truth["generator"]["shapes"]["L3-L4"]["herniation"]["migration_mm"] == pytest.approx(-11.0)
    tip = anatomy.disc("L3-L4").frame.to_local(found["measurements"]["disc_bulge_depth"]["points_lps"][1])
    assert tip[2] == pytest.approx(-11.0, abs=0.1)


def test_a_lower_recess_has_a_smaller_angle() -> None:
    plan = plan_of("normal", 3)
    found = []
    for growth in (0.0, 2.5, 4.0):
        level = replace(plan.level(2), recess_left=growth)
        anatomy = draw_anatomy(3, replace(plan, levels={**plan.levels, 2: level}))
        values = truth_of(anatomy)["levels"]["L3-L4"]["measurements"]
        found.append((values["recess_height_left"]["value"], values["recess_angle_left"]["value"]))
        assert values["recess_angle_right"]["value"] > 55
    assert found == sorted(found, reverse=True)
    assert found[-1][1] < 40


def test_flavum_is_of_plausible_thickness() -> None:
    thickness = {"normal": [], "stenosis": []}
    for preset, values in thickness.items():
        for seed in range(4):
            entry = truth(preset, seed)["levels"]["L4-L5"]["measurements"].get("flavum_thickness_left")
            values.extend([entry["value"]] if entry else [])
    assert 2.5 < np.mean(thickness["normal"]) < 4.5
    assert 4.5 < np.median(thickness["stenosis"]) < 7.5


@pytest.mark.parametrize(
    ("loss", "fat", "wanted"),
    [(0.05, 2, "A1"), (0.15, 2, "A2"), (0.3, 2, "A4"), (0.5, 0, "B"), (0.8, 2, "C"), (0.8, 0.2, "D")],
)
def test_schizas(loss: float, fat: float, wanted: str) -> None:
    assert limits.schizas(loss, fat) == wanted


@pytest.mark.parametrize(
    ("depth", "lateral", "wanted"), [(2.0, 1.0, "1-A"), (4.0, 6.0, "2-B"), (9.0, 14.0, "3-C")]
)
def test_msu(depth: float, lateral: float, wanted: str) -> None:
    assert limits.msu(depth, 6.0, lateral, 10.0) == wanted


def test_a_squared_first_sacral_body_keeps_its_name_and_the_count() -> None:
    plain, squared = (draw_anatomy(3, Plan(lumbar_count=4, squared=s)) for s in (0.0, 1.0))
    assert squared.vertebra("S1").taper < 0.5 * plain.vertebra("S1").taper
    found = truth_of(squared)
    assert found["level_map"]["lumbar_count"] == 4
    assert "L4-S1" in found["levels"]
    assert anatomy_of("transitional", 1).plan.lumbar_count in (4, 5, 6)
