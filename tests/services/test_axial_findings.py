"""What the axial model adds to an analysis: marked, beside the sagittal values, off until switched on."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np

from lvp_workstation.domain.anatomy import InstanceId
from lvp_workstation.domain.annotations import Formula
from lvp_workstation.domain.axial_anatomy import AxialBlock
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.domain.findings import RECESS_LEFT, BinaryGrade
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.study import Frame, Problem, RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.grading.proposals import withheld
from lvp_workstation.inference.axial import AxialSegmenter
from lvp_workstation.services.analysis import (
    Analysis,
    ModelRun,
    ScopeReport,
    analysis_document,
    with_axial,
)
from lvp_workstation.services.axial_findings import OTHER_FRAME, AxialReader
from lvp_workstation.services.axial_series import load_axials, load_foreign_axials
from lvp_workstation.services.study_facts import study_facts
from tests.measure.axial_blocks import block, mound
from tests.services import reading_samples as samples

DISC = DiscLandmarks("D1", (0.0, -14.0, 0.0), (0.0, 0.0, 1.0))
SCHEMA = Path(__file__).parents[2] / "docs/analysis.schema.json"


class DrawnSegmenter:
    """Answers with blocks that were drawn by hand."""

    bundle = SimpleNamespace(name="axial_vnet", version="1.0.0", sha256="cd" * 32)
    threads = 1

    def blocks(
        self, axials: Any, discs: Mapping[InstanceId, DiscLandmarks], notes: Mapping[int, str], _: Any
    ) -> dict[InstanceId, AxialBlock]:
        """Return one block a disc."""
        note = notes.get(0, "")
        return {disc: replace(block(mound(5.0, 4.5, 12.0), room=1.5), note=note) for disc in discs}


def volume() -> Volume:
    return Volume(np.zeros(samples.GEOMETRY.shape, dtype=np.uint8), samples.GEOMETRY)


def reader() -> AxialReader:
    return AxialReader(lambda: DrawnSegmenter())  # type: ignore[arg-type,return-value]


def analysis(axial: bool = True, foreign: bool = False) -> Analysis:
    """Return an analysis of one disc that the sagittal series calls healthy."""
    found, said = reader().read([volume()] if axial else [], {"D1": DISC}, samples.TIME, foreign)
    decision = RoleDecision(SeriesRole.SAG_T2, "stated")
    one = Series("1.2.3.4", 0, (), samples.GEOMETRY, decision)
    names = ("pfirrmann", "herniation", "central_canal")
    quiet = ("1", "none", "normal")
    return Analysis(
        study=samples.STUDY,
        series=one,
        decision=decision,
        volume=volume(),
        labels=samples.label_map(),
        levels=samples.LEVELS,
        discs={"D1": DISC},
        measurements={("D1", "sac_ap"): samples.measurement()},
        proposals=tuple(samples.proposal(n, g) for n, g in zip(names, quiet, strict=True)),
        binary=(BinaryGrade("disc_herniation", "D1", 0.1),),
        scope=ScopeReport("grade"),
        model=ModelRun("lumbar_vnet", "1.2.0", "ab" * 32, "CPU", 1),
        timings={"load": 0.1, "total": 1.0},
        warnings=said,
        axial=found,
    )


def level(one: Analysis) -> dict[str, Any]:
    (found,) = analysis_document(one)["levels"].values()
    return dict(found)


def test_the_document_holds_both_and_marks_what_the_axial_model_says() -> None:
    grades = level(analysis())["grades"]
    assert grades["herniation"]["grade"] in ("protrusion", "extrusion")
    assert grades["herniation_sagittal"]["grade"] == "none"
    assert "validated_on_patients" not in grades["herniation_sagittal"]
    assert grades["disc_herniation_sagittal"]["probability"] == 0.1
    for key in ("herniation", "disc_herniation", "msu", "schizas", "lee_central", "lateral_recess_left"):
        assert grades[key]["validated_on_patients"] is False
    for key in ("bartynski_left", "bartynski_right"):
        assert grades[key]["grade"] in (0, 1, 2, 3)
    assert grades["msu"]["grade"][1:] in ("-A", "-B")
    assert "pfirrmann_sagittal" not in grades


def test_measurements_say_which_images_they_are_from() -> None:
    rows = level(analysis())["measurements"]
    assert "synthetic training, not validated on patients" in rows["sac_area"]["source"]
    assert rows["sac_area"]["source"].startswith("axial T2")
    assert rows["recess_height_left"]["value"] < rows["recess_height_right"]["value"]


def test_the_document_keeps_to_its_schema_with_and_without_axial_images() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for one in (analysis(), analysis(axial=False)):
        jsonschema.validate(analysis_document(one), schema)
    assert analysis_document(analysis())["axial_model"]["validated_on_patients"] is False
    assert "axial_model" not in analysis_document(analysis(axial=False))


def test_without_axial_images_the_document_is_as_before() -> None:
    grades = level(analysis(axial=False))["grades"]
    assert grades["herniation"]["grade"] == "none"
    assert set(grades) == {"pfirrmann", "herniation", "central_canal", "disc_herniation"}


def test_on_screen_it_is_off_until_it_is_switched_on() -> None:
    one = analysis()
    assert {p.grade for p in one.proposals} == {"1", "none", "normal"}
    shown = {p.scale: p for p in with_axial(one).proposals}
    assert shown["herniation"].grade != "none"
    assert not shown["herniation"].validated_on_patients
    assert shown["pfirrmann"].validated_on_patients
    assert with_axial(one).measurements["D1", "sac_area"].formula is Formula.POLYGON_AREA


def test_a_reason_to_withhold_holds_for_axial_grades_too() -> None:
    one = analysis()
    assert one.axial is not None
    held = one.axial.withheld(Problem("metal", "Metal."))
    assert all(p.not_assessable == "metal" for p in (*held.grades.proposals, *held.grades.further))
    grades = level(replace(one, axial=held))["grades"]
    assert grades["herniation"]["grade"] == "none"
    assert grades["schizas"]["not_assessable"] == "metal"


def test_what_axial_images_could_not_answer_is_not_said_to_be_switched_off() -> None:
    one = analysis()
    assert one.axial is not None
    axial = next(p for p in one.axial.grades.proposals if p.scale == RECESS_LEFT.key)
    off = withheld(RECESS_LEFT, axial.target, axial.provenance, "axial_not_measured", "Switched off.")
    held = one.axial.withheld(Problem("not_measured", "Not measured on axial images."))
    one = replace(one, proposals=(*one.proposals, off), axial=held)
    shown = next(p for p in with_axial(one).proposals if p.scale == RECESS_LEFT.key)
    assert shown.text == "Not measured on axial images."
    assert level(one)["grades"][RECESS_LEFT.key]["text"] == "Not measured on axial images."


def test_a_model_that_cannot_be_used_is_a_warning() -> None:
    def broken() -> AxialSegmenter:
        raise ModelProblem("No model was found.")

    found, said = AxialReader(broken).read([volume()], {"D1": DISC}, samples.TIME)
    assert found is None
    assert [p.code for p in said] == ["axial_model"]
    assert AxialReader(broken).read([], {"D1": DISC}, samples.TIME) == (None, ())


def test_another_frame_of_reference_is_said() -> None:
    one = analysis(foreign=True)
    assert [w.code for w in one.warnings] == ["axial_frame"]
    assert OTHER_FRAME in level(one)["measurements"]["sac_area"]["source"]


def test_series_of_another_frame_are_told_apart() -> None:
    def axial(key: str, frame: str) -> Series:
        grid = VolumeGeometry.from_axes(
            (0, 0, 0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (4, 1, 1), (3, 9, 9), frame
        )
        return Series(key, 0, (), grid, RoleDecision(SeriesRole.AX_T2, ""))

    own = replace(axial("s", "1.1"), decision=RoleDecision(SeriesRole.SAG_T2, ""))
    study = Study("1.2", samples.PATIENT, (own, axial("a", "1.1"), axial("b", "1.2"), axial("c", "")))
    read: list[str] = []

    def load(series: Series, _: Any) -> Volume:
        read.append(series.series_instance_uid)
        return volume()

    load_axials(study, own, load)
    assert read == ["a"]
    load_foreign_axials(study, own, load)
    assert read == ["a", "b"]


def one_of(role: SeriesRole, uid: str) -> Series:
    return Series(uid, 0, (Frame(f"{uid}.dcm", f"{uid}.1"),), samples.GEOMETRY, RoleDecision(role, "stated"))


def test_every_series_that_was_measured_is_said_to_be_used() -> None:
    t2, t1 = one_of(SeriesRole.SAG_T2, "1.1"), one_of(SeriesRole.SAG_T1, "1.2")
    axial, other = one_of(SeriesRole.AX_T2, "1.3"), one_of(SeriesRole.LOC, "1.4")
    study = replace(samples.STUDY, series=(other, axial, t1, t2))
    whole = replace(
        analysis(),
        study=study,
        series=t2,
        companion=replace(volume(), source_sop_uids=("1.2.1",)),
        axials=(replace(volume(), source_sop_uids=("1.3.1",)),),
    )
    used = {row["uid"]: row["used"] for row in analysis_document(whole)["series"]}
    assert used == {"1.1": True, "1.2": True, "1.3": True, "1.4": False}
    told = {row.series_uid: (row.used, row.consulted) for row in study_facts(study, whole).series}
    assert told == {"1.1": (True, False), "1.2": (False, True), "1.3": (False, True), "1.4": (False, False)}
    alone = replace(whole, companion=None, axial=None)
    assert [row["used"] for row in analysis_document(alone)["series"]] == [False, False, False, True]
