"""Measures and grades of phantoms against their truth, and agreement between T1 and T2."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from lvp_workstation.domain.errors import NothingReadable, UnreadableInput
from lvp_workstation.domain.volume import Volume
from lvp_workstation.evaluation.figures import Need
from lvp_workstation.services.evaluate.analysis import AnalysisEvaluation
from lvp_workstation.services.evaluate.compare import (
    grade_rows,
    matched_levels,
    matched_vertebrae,
    measure_rows,
)
from lvp_workstation.services.evaluate.contrast import contrast_pairs, pixel_size, read_picture
from lvp_workstation.services.evaluate.expert_slices import (
    WrittenSlices,
    expert_slices,
    is_expert_folder,
)
from lvp_workstation.services.evaluate.outcome import write_outcome
from lvp_workstation.services.evaluate.segmentation import SegmentationEvaluation
from lvp_workstation.services.evaluate.sources import made_phantoms
from tests.app.cli_samples import TIME, KnownSpine
from tests.conftest import REPOSITORY
from tests.services.evaluate_samples import KnowingSegmenter, known_spine

SCHEMA = json.loads((REPOSITORY / "docs" / "metrics.schema.json").read_text(encoding="utf-8"))


def level(z, measurements=(), grades=()):
    return {
        "centroid_lps": [0.0, 0.0, float(z)],
        "measurements": {n: {"value": v, "unit": "mm"} for n, v in measurements},
        "grades": dict(grades),
    }


TRUTH = {
    "levels": {
        "L4-L5": level(35, [("slip", 2.0)], [("disc_bulging", {"grade": True})]),
        "L5-L6": level(0, [("slip", 5.0)], [("disc_bulging", {"grade": False})]),
        "L6-S1": level(-35, [("slip", 0.0)], [("pfirrmann", {"grade": 4})]),
    },
    "vertebrae": {"L5": {"measurements": {"height_middle": {"value": 27.0, "unit": "mm"}}, "grades": {}}},
    "study": {"measurements": {"lordosis_l1_s1": {"value": 50.0, "unit": "deg"}}, "grades": {}},
}
FOUND = {
    "levels": {
        "L3-L4": level(37, [("slip", 2.5)], [("disc_bulging", {"grade": True, "probability": 0.9})]),
        "L4-L5": level(1, [("slip", 4.0)], [("disc_bulging", {"not_assessable": "no_t2", "text": ""})]),
        "L1-L2": level(90, [("slip", 9.0)]),
    },
    "vertebrae": {"L4": {"measurements": {"height_middle": {"value": 26.0, "unit": "mm"}}}},
    "study": {"measurements": {"lordosis_l1_s1": {"value": 48.0, "unit": "deg"}}},
}


def test_discs_are_matched_by_place_and_vertebrae_by_their_discs():
    levels = matched_levels(TRUTH, FOUND)
    assert levels == {"L4-L5": "L3-L4", "L5-L6": "L4-L5"}
    assert matched_vertebrae(levels)["L5"] == "L4"


def test_a_spine_counted_otherwise_is_still_measured():
    rows = {(r.target, r.name): r.value for r in measure_rows("p", TRUTH, FOUND)}
    assert rows == {
        ("L4-L5", "slip"): 2.5,
        ("L5-L6", "slip"): 4.0,
        ("L6-S1", "slip"): None,
        ("L5", "height_middle"): 26.0,
        ("study", "lordosis_l1_s1"): 48.0,
    }


def test_grades_carry_the_probability_of_not_normal():
    rows = {(r.target, r.key): (r.truth, r.grade, r.score) for r in grade_rows("p", TRUTH, FOUND)}
    assert rows == {
        ("L4-L5", "disc_bulging"): ("true", "true", 0.9),
        ("L5-L6", "disc_bulging"): ("false", None, None),
        ("L6-S1", "pfirrmann"): ("4", None, None),
    }
    shares = {"1": 0.1, "2": 0.2, "3": 0.3, "4": 0.3, "5": 0.1}
    found = {"levels": {"L6-S1": level(-35, (), [("pfirrmann", {"grade": 3, "probabilities": shares})])}}
    row = next(r for r in grade_rows("p", TRUTH, found) if r.key == "pfirrmann")
    assert (row.grade, row.score, row.relevant) == ("3", pytest.approx(0.7), None)


def test_grades_carry_the_probability_of_a_relevant_finding():
    shares = {"none": 0.1, "bulge": 0.3, "protrusion": 0.4, "extrusion": 0.2}
    grades = [("herniation", {"grade": "protrusion", "probabilities": shares})]
    document = {"levels": {"L6-S1": level(-35, (), grades)}}
    (row,) = grade_rows("p", document, document)
    assert (row.score, row.relevant) == (pytest.approx(0.9), pytest.approx(0.6))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory) -> tuple[Path, AnalysisEvaluation]:
    """A phantom analysed with its exact labels; the ledger of it."""
    folder = tmp_path_factory.mktemp("analysed")
    segmenter = KnowingSegmenter(known_spine()[0])
    return folder, AnalysisEvaluation(segmenter, lambda: TIME, folder, lambda _: None, exact=True)


@pytest.fixture(scope="module")
def phantoms():
    return made_phantoms("degenerate", 900_501, 1, ("sag_t2",))


def test_measures_of_exact_labels_are_near_the_truth(analysed, phantoms, tmp_path):
    outcome = analysed[1].run("measures", phantoms)
    assert outcome.figures["mae_slip"].value < 1.0
    assert outcome.figures["mae_disc_height_middle"].value < 1.0
    assert outcome.figures["failures"].value == 0
    assert 0.5 < outcome.coverage <= 1.0
    write_outcome(tmp_path, outcome, (Need("mae_slip", 1.0),), TIME)
    document = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["needs"][0]["met"] is True
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "not clinical accuracy" in text
    assert "exact labels" in text


def test_grades_use_the_analysis_that_was_made_for_the_measures(analysed, phantoms, tmp_path, monkeypatch):
    analysed[1].run("measures", phantoms)
    monkeypatch.setattr(AnalysisEvaluation, "_analyse", pytest.fail)
    outcome = analysed[1].run("grades", phantoms)
    assert 0.0 <= outcome.figures["agreement_pfirrmann"].value <= 1.0
    assert outcome.figures["coverage_pfirrmann"].n == outcome.figures["agreement_pfirrmann"].n
    table = outcome.details["confusion"]["pfirrmann"]
    assert np.sum(table["table"]) == outcome.figures["agreement_pfirrmann"].n
    write_outcome(tmp_path, outcome, (), TIME)
    assert "Which grade was given" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.fixture
def pictures(tmp_path) -> tuple[Path, KnowingSegmenter]:
    """T1 and T2 of one patient, another whose pictures differ in size, one with a labelled volume."""
    known, _ = known_spine()
    table = ["new_file_name,PixelSpacing"]
    image = (known.volume.array[2] // 4).astype(np.uint8)
    for name, array in (
        *(("8_t1", image), ("8_t2", image), ("9_t1", image), ("9_t2", image[:-4])),
        *(("7_t1", image), ("7_t2", image), ("7_t2_SPACE", image)),
    ):
        Image.fromarray(array).save(tmp_path / f"{name}.png")
        table.append(f'{name},"[1.0, 1.0]"')
    (tmp_path / "overview.csv").write_text("\n".join(table), encoding="utf-8")
    shown = read_picture(tmp_path / "8_t1.png", (1.0, 1.0))
    segmenter = KnowingSegmenter(KnownSpine(known.classes[2:3], Volume(shown.array, shown.geometry)))
    return tmp_path, segmenter


def test_equal_predictions_on_t1_and_t2_agree_wholly(pictures, tmp_path):
    folder, segmenter = pictures
    pairs = contrast_pairs(folder, segmenter)
    assert [pair.key for pair in pairs] == ["8", "9"]
    evaluation = SegmentationEvaluation(segmenter, None, tmp_path, lambda _: None, kind="contrast")
    outcome = evaluation.run(pairs)
    assert outcome.kind == "contrast"
    assert outcome.coverage == 0.5
    assert "fields of view" in outcome.notes[0]
    assert {outcome.figures[f"dice_{name}"].value for name in ("vertebra", "disc", "canal")} == {1.0}
    assert outcome.figures["level_identification"].value == 1.0


def test_a_picture_with_an_absurd_pixel_size_is_left_out(pictures, tmp_path):
    folder, segmenter = pictures
    table = (folder / "overview.csv").read_text(encoding="utf-8").replace("[1.0, 1.0]", "[7.5, 7.5]")
    (folder / "overview.csv").write_text(table, encoding="utf-8")
    evaluation = SegmentationEvaluation(segmenter, None, tmp_path, lambda _: None, kind="contrast")
    with pytest.raises(NothingReadable, match="which no patient fits"):
        evaluation.run(contrast_pairs(folder, segmenter)[:1])


def test_a_contrast_in_which_nothing_is_found_counts_with_no_agreement(pictures, tmp_path):
    folder, segmenter = pictures
    segmenter.knowing._spine = KnownSpine(
        np.zeros_like(segmenter.knowing._spine.classes), read_picture(folder / "8_t1.png", (1.0, 1.0))
    )
    evaluation = SegmentationEvaluation(segmenter, None, tmp_path, lambda _: None, kind="contrast")
    outcome = evaluation.run(contrast_pairs(folder, segmenter)[:1])
    assert outcome.figures["dice_disc"].value == 0.0
    assert outcome.figures["failures"].value == 1


def test_a_folder_without_pairs_is_told(tmp_path):
    with pytest.raises(NothingReadable, match=r"overview\.csv"):
        contrast_pairs(tmp_path, KnowingSegmenter(known_spine()[0]))


def test_graded_pictures_are_analysed_as_studies_and_compared_by_level_name(pictures, tmp_path):
    folder, segmenter = pictures
    overview = "new_file_name,PixelSpacing,EchoTime,RepetitionTime\n"
    overview += '8_t1,"[1.0, 1.0]",12,600\n8_t2,"[1.0, 1.0]",100,3500\n'
    (folder / "overview.csv").write_text(overview, encoding="utf-8")
    table = "Patient,IVD label,Spondylolisthesis,Disc bulging,Pfirrman grade\n8,1,0,0,2\n8,2,0,1,2\n"
    (folder / "radiological_gradings.csv").write_text(table, encoding="utf-8")
    assert is_expert_folder(folder)
    (case,) = expert_slices(folder)
    evaluation = AnalysisEvaluation(segmenter, lambda: TIME, tmp_path, lambda _: None)
    outcome = evaluation.run("grades", [case])
    assert outcome.figures["failures"].value == 0
    slips = outcome.details["confusion"]["slip_present"]
    assert (slips["grades"], slips["table"]) == (["false", "true"], [[2, 0], [0, 0]])
    assert outcome.figures["coverage_slip_present"].n == 2
    assert "model cards" in dict(outcome.facts)["Data"]


def test_pixel_sizes_are_read_without_leading_zero_and_nonsense_is_refused():
    assert pixel_size("[.5859375, .5859375]") == (0.5859375, 0.5859375)
    for nonsense in ("", "[0.5]", "[0, 1]", "[nan, 1]", "__import__"):
        with pytest.raises(UnreadableInput, match="pixel size"):
            pixel_size(nonsense)


def test_the_grades_of_an_expert_keep_their_level_names(tmp_path):
    rows = ({"IVD label": "1", "Pfirrman grade": "4"}, {"IVD label": "6", "Modic": "2", "Disc bulging": "1"})
    assert WrittenSlices(tmp_path, rows).truth()["levels"] == {
        "L5-S1": {"grades": {"pfirrmann": {"grade": 4}}},
        "T12-L1": {"grades": {"modic": {"grade": 2}, "disc_bulging": {"grade": True}}},
    }
