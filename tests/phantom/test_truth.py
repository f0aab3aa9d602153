"""The truth has the promised form, sides and classes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lvp_workstation.phantom import limits
from lvp_workstation.phantom.presets import PRESETS, plan_of
from tests.phantom.conftest import anatomy_of, truth

SEEDS = range(4)
LEVELS = ["T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]


def grade(preset: str, seed: int, level: str, name: str) -> object:
    return truth(preset, seed)["levels"][level]["grades"][name]["grade"]


def value(preset: str, seed: int, level: str, name: str) -> float:
    return float(truth(preset, seed)["levels"][level]["measurements"][name]["value"])


@pytest.mark.parametrize("preset", list(PRESETS))
def test_truth_is_json_without_absent_values(preset: str) -> None:
    text = json.dumps(truth(preset, 1), allow_nan=False)
    assert "null" not in text
    assert {"level_map", "levels", "vertebrae", "study", "planes", "generator"} <= set(json.loads(text))


def test_levels_and_planes_are_named_after_their_neighbours() -> None:
    assert list(truth("normal", 1)["levels"]) == LEVELS
    assert set(truth("normal", 1)["planes"]) == {*LEVELS, "sagittal"}


def test_lengths_are_the_distance_of_their_points() -> None:
    for level in truth("degenerate", 2)["levels"].values():
        for name, entry in level["measurements"].items():
            if entry["unit"] == "mm" and name != "slip":
                a, b = np.array(entry["points_lps"])
                assert np.linalg.norm(a - b) == pytest.approx(entry["value"], abs=0.01), name


@pytest.mark.parametrize("seed", SEEDS)
def test_normal_has_nothing_wrong(seed: int) -> None:
    for level in LEVELS:
        assert grade("normal", seed, level, "herniation") == "none"
        assert grade("normal", seed, level, "central_canal") == "normal"
        assert grade("normal", seed, level, "spondylolisthesis") == 0
        assert grade("normal", seed, level, "pfirrmann") in (1, 2)
        assert grade("normal", seed, level, "lateral_recess_left") == "normal"


@pytest.mark.parametrize("seed", SEEDS)
def test_degenerate_has_a_bad_low_disc(seed: int) -> None:
    assert grade("degenerate", seed, "L4-L5", "pfirrmann") in (4, 5)


@pytest.mark.parametrize("seed", SEEDS)
def test_herniation_lies_on_the_left_only(seed: int) -> None:
    assert grade("herniation", seed, "L4-L5", "herniation") == "protrusion"
    assert value("herniation", seed, "L4-L5", "disc_bulge_depth") > 2.5
    disc = anatomy_of("herniation", seed).disc("L4-L5")
    points = truth("herniation", seed)["levels"]["L4-L5"]["measurements"]["disc_bulge_depth"]["points_lps"]
    assert disc.frame.to_local(points[1])[0] > 1.0  # +x is the patient's left


@pytest.mark.parametrize("seed", SEEDS)
def test_stenosis_narrows_the_sac(seed: int) -> None:
    assert grade("stenosis", seed, "L4-L5", "central_canal") in ("moderate", "severe")
    assert value("stenosis", seed, "L4-L5", "sac_area") < 0.6 * value("normal", seed, "L4-L5", "sac_area")


@pytest.mark.parametrize("seed", SEEDS)
def test_listhesis_moves_the_upper_body_forward(seed: int) -> None:
    assert grade("listhesis", seed, "L4-L5", "spondylolisthesis") == 1
    assert value("listhesis", seed, "L4-L5", "slip") > 3.0
    anatomy = anatomy_of("listhesis", seed)
    disc = anatomy.disc("L4-L5")
    wanted = anatomy.plan.level(1).slip
    assert value("listhesis", seed, "L4-L5", "slip") == pytest.approx(wanted, abs=0.8)
    assert disc.frame.to_local(disc.upper.frame.origin)[1] < disc.frame.to_local(disc.lower.frame.origin)[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_high_slip_is_one_of_the_lowest_body_and_leaves_its_arch_behind(seed: int) -> None:
    anatomy = anatomy_of("high_slip", seed)
    lowest, sacrum = anatomy.vertebra("L5"), anatomy.vertebra("S1")
    wanted = anatomy.plan.level(0).slip
    assert grade("high_slip", seed, "L5-S1", "spondylolisthesis") >= 2
    assert value("high_slip", seed, "L5-S1", "slip") == pytest.approx(wanted, abs=3.5)
    assert lowest.canal_ap > anatomy.vertebra("L4").canal_ap + 1.0
    assert sacrum.concavity[0] <= 0.8


def test_a_dysplastic_junction_is_trapezoid_domed_and_kyphotic() -> None:
    seed = next(n for n in range(1, 50) if plan_of("high_slip", n).dysplasia > 0.8)
    built, plain = anatomy_of("high_slip", seed), anatomy_of("normal", seed)
    assert built.vertebra("L5").wedge > plain.vertebra("L5").wedge + 0.1
    assert built.vertebra("S1").concavity[0] < -3.0
    assert built.disc("L5-S1").wedge < plain.disc("L5-S1").wedge


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="normal, degenerate, herniation, stenosis, listhesis"):
        plan_of("nonsense", 1)


def test_random_plans_have_every_lumbar_count() -> None:
    assert {plan_of("random", seed).lumbar_count for seed in range(60)} == {4, 5, 6}


@pytest.mark.parametrize(
    ("loss", "wanted"),
    [
        (0.0, "normal"),
        (0.099, "normal"),
        (0.1, "mild"),
        (0.34, "moderate"),
        (0.66, "moderate"),
        (0.67, "severe"),
    ],
)
def test_central_canal_classes_are_thirds(loss: float, wanted: str) -> None:
    assert limits.central_canal(loss) == wanted


@pytest.mark.parametrize(
    ("height", "wanted"),
    [(4.0, "normal"), (3.9, "mild"), (2.9, "moderate"), (1.9, "severe"), (0.0, "severe")],
)
def test_recess_classes(height: float, wanted: str) -> None:
    assert limits.recess(height) == wanted


@pytest.mark.parametrize(
    ("shift", "percent", "wanted"), [(2.9, 9, 0), (-3.5, -10, 1), (9.5, 26, 2), (40, 104, 5)]
)
def test_slip_classes_follow_meyerding(shift: float, percent: float, wanted: int) -> None:
    assert limits.slip(shift, percent) == wanted


def test_a_bulge_needs_a_millimetre_over_a_quarter() -> None:
    assert limits.herniation("none", 0.9, 200) == "none"
    assert limits.herniation("none", 1.5, 60) == "none"
    assert limits.herniation("none", 1.5, 120) == "bulge"
    assert limits.herniation("extrusion", 6.0, 0) == "extrusion"


@pytest.mark.parametrize(("loss", "wanted"), [(0.1, 0), (0.2, 1), (0.3, 2), (0.45, 3)])
def test_genant_classes(loss: float, wanted: int) -> None:
    assert limits.genant(loss) == wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fractured_body_is_graded_and_lower(seed: int) -> None:
    anatomy = anatomy_of("fracture", seed)
    ((name, fracture),) = anatomy.plan.fractures.items()
    vertebra = truth("fracture", seed)["vertebrae"][name]
    assert vertebra["grades"]["genant"]["grade"] >= 1
    heights = {key: entry["value"] for key, entry in vertebra["measurements"].items()}
    if fracture.kind == "wedge":
        assert heights["height_anterior"] < 0.9 * heights["height_posterior"]
    if fracture.kind == "biconcave":
        assert heights["height_middle"] < 0.9 * heights["height_posterior"]


def test_transitional_anatomy_is_named_from_the_sacrum() -> None:
    names = {plan_of("transitional", seed).lumbar_count: seed for seed in range(20)}
    assert set(names) == {4, 5, 6}
    assert "L4-S1" in truth("transitional", names[4])["levels"]
    assert {"L5-L6", "L6-S1"} <= set(truth("transitional", names[6])["levels"])


def test_scoliosis_bends_to_the_side() -> None:
    anatomy = anatomy_of("scoliosis", 1)
    lateral = [abs(v.frame.axes[2][0]) for v in anatomy.vertebrae]
    assert np.degrees(np.arcsin(max(lateral))) > 8


def test_sizes_follow_the_tables() -> None:
    """Means over persons lie within one SD of the cited ones (pooled sexes)."""
    people = [anatomy_of("normal", seed) for seed in range(24)]
    areas = [v.canal_ap for a in people for v in a.vertebrae if v.name == "L3"]
    heights = [v.height for a in people for v in a.vertebrae if v.name == "L3"]
    discs = [d.height for a in people for d in a.discs if d.name == "L4-L5"]
    lordosis = [truth("normal", s)["study"]["measurements"]["lordosis_l1_s1"]["value"] for s in range(6)]
    assert np.mean(areas) == pytest.approx(13.7, abs=2.3)  # Pierro, MRI
    assert np.mean(heights) == pytest.approx(26.8, abs=2.1)  # Bonczar, Gilad
    assert np.mean(discs) + 2.5 == pytest.approx(9.3, abs=1.75)  # Shin; endplate hollows added
    assert np.mean(lordosis) == pytest.approx(36.8, abs=13.2)  # supine, PMC6680033
