"""Planning a study: files, exit codes, and the score against exact planes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pydicom
import pytest

from lvp_workstation.app import plan_command
from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.plan_fiducials import read_planes
from lvp_workstation.phantom.generate import PhantomSeries, PhantomStudy, label_volume, make_phantom
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.services.evaluate.analysis import ExactSegmenter
from lvp_workstation.services.evaluate.ledger import LEDGER, Ledger
from lvp_workstation.services.evaluate.planning import (
    PRESETS,
    PlanningEvaluation,
    planning_cases,
    score_plan,
)
from lvp_workstation.services.evaluate.planning_report import is_silent
from lvp_workstation.services.plan import Planner, load_plan_protocol
from lvp_workstation.services.plan_files import OWN_FILES, PLAN
from lvp_workstation.services.plan_objects import FIDUCIALS, PRESENTATION
from tests.app import cli_samples as samples
from tests.app.cli_samples import lvp
from tests.conftest import REPOSITORY
from tests.services.evaluate_samples import KnowingSegmenter

SCHEMA = json.loads((REPOSITORY / "docs" / "plan.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def phantom() -> tuple[PhantomStudy, PhantomSeries]:
    """A curved spine with a picture of its labels in place of the slow MR signal."""
    bare = make_phantom(910_001, "scoliosis", ())
    slices = make_phantom(910_001, "scoliosis", ("loc",), planes_per_slice=1).series[0]
    axes = tuple(slices.volume.geometry.directions.T)
    centre = slices.volume.geometry.centre
    grid = type(slices.volume.geometry).from_axes(
        centre - 7 * 4.4 * axes[0] - 140.0 * axes[1] - 100.0 * axes[2], axes, (4.4, 1.0, 1.0), (15, 280, 200)
    )
    image = Volume((label_volume(bare, grid) * 7).astype(np.uint16), grid)
    return bare, replace(slices, role="sag_t2", volume=image)


@pytest.fixture(scope="module")
def plan(phantom: tuple[PhantomStudy, PhantomSeries]) -> ScanPlan:
    study, series = phantom
    segmenter = ExactSegmenter(KnowingSegmenter(samples.known_spine()), study)
    found = Planner(segmenter).plan_volume(series.volume, load_plan_protocol())
    assert found is not None
    return found.plan


def test_planes_of_exact_labels_lie_near_the_true_ones(
    phantom: tuple[PhantomStudy, PhantomSeries], plan: ScanPlan
) -> None:
    rows = score_plan("one", *phantom, plan, load_plan_protocol())
    assert [row.level for row in rows] == ["sagittal", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]
    assert all("scoliosis" in row.groups for row in rows)
    assert all(row.covered and row.named for row in rows)
    for row in rows[1:]:
        assert row.angle_deg is not None
        assert row.angle_deg < 3.0
        assert row.offset_mm is not None
        assert row.offset_mm < 1.0
    assert rows[0].angle_deg is not None
    assert rows[0].angle_deg < 6.0


def test_a_wrong_or_missing_plane_is_a_silent_failure_unless_declined(
    phantom: tuple[PhantomStudy, PhantomSeries], plan: ScanPlan
) -> None:
    order = load_plan_protocol()
    first = plan.of_kind("axial")[0]
    assert first.centre is not None
    moved = replace(first, centre=first.centre + 7.0 * first.normal)
    others = tuple(stack for stack in plan.stacks if stack is not first)
    for stacks, silent in (
        ((moved, *others), True),
        ((replace(moved, declined="not sure"), *others), False),
        (others, True),
        (plan.stacks, False),
    ):
        rows = score_plan("one", *phantom, replace(plan, stacks=stacks), order)
        assert [is_silent(row) for row in rows] == [False, silent, False, False, False, False]
    rows = score_plan("one", *phantom, None, order)
    assert not any(is_silent(row) for row in rows)
    assert all(row.declined for row in rows)


def test_cases_take_turns_and_are_scored_once(
    tmp_path: Path,
    phantom: tuple[PhantomStudy, PhantomSeries],
    plan: ScanPlan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert [case.preset for case in planning_cases(None, 900_000, 13, "sag_t2")][-2:] == [
        PRESETS[-1],
        PRESETS[0],
    ]
    made: list[int] = []

    def make(seed: int, *_: Any, **__: Any) -> PhantomStudy:
        made.append(seed)
        return replace(phantom[0], series=(phantom[1],))

    monkeypatch.setattr("lvp_workstation.services.evaluate.planning.make_phantom", make)
    segmenter = ExactSegmenter(KnowingSegmenter(samples.known_spine()), phantom[0])
    cases = planning_cases("scoliosis", 910_001, 1, "sag_t2")
    outcomes = [
        PlanningEvaluation(
            Planner(segmenter),
            load_plan_protocol(),
            Ledger(tmp_path, {"kind": "planning"}),
            lambda _: None,
        ).run(cases)
        for _ in range(2)
    ]
    assert made == [910_001]
    assert (tmp_path / LEDGER).is_file()
    first, second = (outcome.figures for outcome in outcomes)
    assert first == second
    assert first["failures_silent"].value == 0
    assert first["withheld"].n == 6
    assert first["mae_angle_axial"].value <= first["mae_p95_angle_axial"].value
    assert first["mae_angle_axial_scoliosis"] == first["mae_angle_axial"]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> samples.KnownSpine:
    """Let the command plan with a network that knows the spine."""
    spine = samples.known_spine()
    monkeypatch.setattr(plan_command, "make_planner", lambda _: Planner(KnowingSegmenter(spine)))
    return spine


def test_the_command_writes_plan_and_picture(
    known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    study, out = samples.write_dicom(tmp_path / "study", known.volume), tmp_path / "out"
    assert lvp("plan", study, "--out", out) == 0
    assert {path.name for path in out.iterdir()} == set(OWN_FILES)
    document = json.loads((out / PLAN).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    fiducials = pydicom.dcmread(out / FIDUCIALS)
    proposed = {stack["name"]: stack for stack in document["stacks"] if not stack["declined"]}
    assert {stack.name for stack in read_planes(fiducials)} == set(proposed)
    for stack in read_planes(fiducials):
        assert len(stack.centres) == proposed[stack.name]["count"]
        assert np.allclose(stack.centres.mean(axis=0), proposed[stack.name]["centre_lps"], atol=0.01)
    state = pydicom.dcmread(out / PRESENTATION)
    slices = sum(stack["count"] for stack in proposed.values() if stack["kind"] == "axial")
    assert len(state.GraphicAnnotationSequence[0].GraphicObjectSequence) >= slices
    assert state.PatientID == fiducials.PatientID == document["input"]["patient_id"]
    assert "null" not in (out / PLAN).read_text(encoding="utf-8")
    axial = [stack for stack in document["stacks"] if stack["kind"] == "axial"]
    assert [stack["level"] for stack in axial] == ["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]
    said = capfd.readouterr().out.splitlines()
    for stack in document["stacks"]:
        line = next(line for line in said if line.startswith(f"{stack['name']}:"))
        assert ("declined" in line) is bool(stack["declined"])


def test_exit_codes(
    known: samples.KnownSpine,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    assert lvp("plan", study, "--out", tmp_path / "a", "--protocol", "nothing") == 2
    assert "lumbar_three_levels" in capfd.readouterr().err
    assert lvp("plan", study, "--out", tmp_path / "b", "--series", "1.2.3") == 2
    assert lvp("plan", tmp_path / "absent", "--out", tmp_path / "c") == 3
    (tmp_path / "file").write_text("taken")
    assert lvp("plan", study, "--out", tmp_path / "file") == 6
    nothing = replace(known, classes=np.zeros_like(known.classes))
    monkeypatch.setattr(plan_command, "make_planner", lambda _: Planner(KnowingSegmenter(nothing)))
    assert lvp("plan", study, "--out", tmp_path / "d") == 4
    assert not list((tmp_path / "d").iterdir())


def test_a_hospital_s_own_template_goes_before_ours(tmp_path: Path) -> None:
    ours = REPOSITORY / "resources" / "protocols" / "lumbar_routine.toml"
    text = ours.read_text(encoding="utf-8").replace("count = 5", "count = 7")
    (tmp_path / "lumbar_routine.toml").write_text(text, encoding="utf-8")
    assert load_plan_protocol("lumbar_routine", tmp_path).axial.count == 7
    (tmp_path / "lumbar_routine.toml").write_text("[axial", encoding="utf-8")
    with pytest.raises(UsageProblem, match="cannot be used"):
        load_plan_protocol("lumbar_routine", tmp_path)
