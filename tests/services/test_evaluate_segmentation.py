"""``lvp evaluate segmentation`` on a folder whose answer is known: figures, files, resuming, refusals."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from pypdf import PdfReader

from lvp_workstation.app import cli, evaluate_command
from lvp_workstation.domain.errors import ModelProblem, NothingReadable, UsageProblem
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.services.evaluate.segmentation import SegmentationEvaluation
from lvp_workstation.services.evaluate.sources import chosen_sources, find_sources
from tests.app.cli_samples import KnownSpine
from tests.conftest import REPOSITORY
from tests.services.evaluate_samples import HELD, TRAINED, KnowingSegmenter, known_spine, write_case

SCHEMA = json.loads((REPOSITORY / "docs" / "metrics.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def spine() -> tuple[KnownSpine, np.ndarray]:
    """A phantom spine in the patient, and its level ids."""
    return known_spine()


@pytest.fixture(scope="module")
def data(spine, tmp_path_factory) -> Path:
    """Two cases: one labelled exactly, one whose lowest disc is missing from the labels."""
    folder = tmp_path_factory.mktemp("labelled")
    known, ids = spine
    write_case(folder, TRAINED, known.volume, ids)
    write_case(folder, HELD, known.volume, np.where(ids == 100, 0, ids).astype(np.uint8))
    rows = "patient,split\n1,train\n2,validation\n"
    (folder / "patients.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.fixture
def knowing(spine, monkeypatch) -> KnowingSegmenter:
    """Let the command line use the segmenter that knows; it was trained on the first case."""
    segmenter = KnowingSegmenter(spine[0], never_trained_on=["2"])
    monkeypatch.setattr(evaluate_command, "make_segmenter", lambda *_: (segmenter, segmenter.witness))
    return segmenter


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    """The log of each test lies in its own folder, and is not begun."""
    monkeypatch.setattr(cli, "start_log", lambda _: None)


def lvp(*arguments: object) -> int:
    try:
        return int(cli.main([str(a) for a in ("evaluate", "segmentation", *arguments)]))
    except SystemExit as error:  # argparse
        return int(error.code or 0)


def metrics(folder: Path) -> dict:
    document = json.loads((folder / "metrics.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


@pytest.fixture(scope="module")
def finished(data, spine, tmp_path_factory) -> tuple[Path, str]:
    """The folder of one evaluation of both cases with two needs, and what it said."""
    out = tmp_path_factory.mktemp("out")
    segmenter = KnowingSegmenter(spine[0], never_trained_on=["2"])
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as said:
        patch.setattr(cli, "start_log", lambda _: None)
        patch.setattr(evaluate_command, "make_segmenter", lambda *_: (segmenter, segmenter.witness))
        assert lvp(data, "--out", out, "--need", "dice_vertebra=0.9", "--need", "failures=0") == 0
    return out, said.getvalue()


def test_the_files_hold_the_figures_of_a_known_answer(finished):
    found = metrics(finished[0])
    assert (found["kind"], found["patients"], found["items"]) == ("segmentation", 2, 2)
    assert found["coverage"] == 1.0
    figures = found["figures"]
    assert figures["dice_vertebra"]["value"] > 0.95
    assert figures["dice_canal"]["value"] > 0.95
    assert figures["level_identification"]["value"] == 1.0
    assert figures["level_identification"]["low"] < 1.0
    assert figures["failures"]["value"] == 0
    assert figures["dice_disc"]["low"] < figures["dice_disc"]["value"] < figures["dice_disc"]["high"]
    assert 0.0 <= figures["ece_voxel"]["value"] < 0.1
    ratio = figures["seconds_median"]["value"] / figures["seconds_reference_median"]["value"]
    assert figures["seconds_ratio_median"]["value"] == pytest.approx(ratio, rel=0.5)
    assert not any(name.endswith("_thick") for name in figures)
    assert [need["met"] for need in found["needs"]] == [True, True]
    assert found["model"] == {"name": "known", "version": "1.0.0", "sha256": "0" * 64}


def test_the_reports_tell_labels_tables_and_pictures(finished):
    out, said = finished
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "level ids" in text
    assert "| vertebra |" in text
    pictures = [line.split("](")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert sum("case_" in name for name in pictures) == 2
    for name in pictures:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    pages = " ".join(page.extract_text() for page in PdfReader(out / "report.pdf").pages)
    assert "Evaluation: segmentation" in pages
    assert "met: failures <= 0" in said


def test_the_chances_of_poor_outlines_are_judged_and_told(finished):
    found = metrics(finished[0])
    assert found["figures"]["brier_instance_failure"]["n"] > 20
    assert "ece_instance_failure_unseen" in found["figures"]
    assert sum(found["outline_chances"]["counts"]) == found["figures"]["brier_instance_failure"]["n"]
    assert "Is the chance of a poor outline right?" in (finished[0] / "report.md").read_text(encoding="utf-8")


def test_cases_that_trained_the_model_are_told_and_left_out_of_the_unseen_figures(finished):
    found = metrics(finished[0])
    assert found["figures"]["dice_disc_unseen"]["n"] == 1
    assert found["figures"]["dice_disc_unseen"]["value"] < found["figures"]["dice_disc"]["value"]
    told = {row["case"]: row["trained_on"] for row in found["cases"]}
    assert told == {TRAINED: True, HELD: False}
    assert "trained on" in (finished[0] / "report.md").read_text(encoding="utf-8")


def test_a_missed_need_exits_with_1_and_is_in_the_report(data, knowing, tmp_path, capsys):
    assert lvp(data, "--out", tmp_path, "--need", "worst_dice_disc=0.999", "--patients", "validation") == 1
    assert metrics(tmp_path)["needs"][0]["met"] is False
    assert "MISSED: worst_dice_disc >= 0.999" in capsys.readouterr().out
    assert "missed" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert lvp(data, "--out", tmp_path, "--need", "no_such_figure=1") == 1


def test_an_interrupted_evaluation_goes_on_where_it_stopped(data, knowing, tmp_path):
    sources = find_sources(data)[0]
    said: list[str] = []
    evaluation = SegmentationEvaluation(knowing, knowing.witness, tmp_path, said.append)
    evaluation.run(sources[:1])
    assert knowing.calls == 1
    with (tmp_path / "cases.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"case": "spider_2", "finger')  # as a cut leaves it
    assert lvp(data, "--out", tmp_path) == 0
    assert knowing.calls == 2
    first = metrics(tmp_path)["figures"]
    assert lvp(data, "--out", tmp_path) == 0
    assert knowing.calls == 2
    assert metrics(tmp_path)["figures"] == first


def test_scores_are_made_anew_when_asked_for(data, knowing, tmp_path):
    for expected in (1, 2):
        assert lvp(data, "--out", tmp_path, "--again", "--patients", "2") == 0
        assert knowing.calls == expected


def test_another_model_or_other_labels_are_scored_anew(data, spine, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    sources = find_sources(folder)[0]
    first = KnowingSegmenter(spine[0])
    SegmentationEvaluation(first, first.witness, tmp_path, lambda _: None).run(sources)
    other = KnowingSegmenter(spine[0])
    other._bundle = replace(other.bundle, sha256="1" * 64)
    SegmentationEvaluation(other, other.witness, tmp_path, lambda _: None).run(sources)
    assert other.calls == 2
    known, ids = spine
    write_case(folder, HELD, known.volume, np.where(ids == 95, 0, ids).astype(np.uint8))
    SegmentationEvaluation(first, first.witness, tmp_path, lambda _: None).run(find_sources(folder)[0])
    assert first.calls == 3


def test_thin_slices_are_judged_merged_as_well(spine, tmp_path):
    known, ids = spine
    affine = known.volume.geometry.affine.copy()
    affine[:3, 0] *= 1.5 / 4.4
    affine[:3, 3] += known.volume.geometry.affine[:3, 0] - affine[:3, 0]
    labels = np.repeat(ids[1:3], 3, axis=0)
    volume = Volume(np.repeat(known.volume.array[1:3], 3, axis=0), VolumeGeometry(affine, labels.shape))
    write_case(tmp_path, "thin", volume, labels)
    segmenter = KnowingSegmenter(spine[0])
    outcome = SegmentationEvaluation(segmenter, None, tmp_path, lambda _: None).run(find_sources(tmp_path)[0])
    assert segmenter.calls == 2
    assert "dice_disc_thick" in outcome.figures
    assert "ece_voxel" not in outcome.figures


def test_a_case_that_cannot_be_read_is_left_out_and_told(data, spine, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    (folder / f"{HELD}_labels.nii.gz").write_bytes(b"no labels")
    shutil.copy(folder / f"{TRAINED}_image.nii.gz", folder / "alone_image.nii.gz")
    segmenter = KnowingSegmenter(spine[0])
    sources, problems = find_sources(folder)
    outcome = SegmentationEvaluation(segmenter, segmenter.witness, tmp_path, lambda _: None).run(
        sources, problems
    )
    assert outcome.coverage == pytest.approx(1 / 3)
    assert any("alone_image" in note for note in outcome.notes)
    assert any(HELD in note for note in outcome.notes)


def test_a_spine_that_is_not_found_counts_as_a_failure(spine, tmp_path):
    known, ids = spine
    write_case(tmp_path, "empty", known.volume, ids)
    blind = KnownSpine(np.zeros_like(known.classes), known.volume)
    segmenter = KnowingSegmenter(blind)
    outcome = SegmentationEvaluation(segmenter, segmenter.witness, tmp_path, lambda _: None).run(
        find_sources(tmp_path)[0]
    )
    assert outcome.figures["failures"].value == 1
    assert outcome.figures["dice_disc"].value == 0
    assert outcome.figures["level_identification"].value == 0
    assert outcome.figures["level_right_or_uncertain"].value == 1
    assert "hd95_disc" not in outcome.figures


def test_nothing_to_evaluate_a_missing_model_and_bad_options_have_their_exit_codes(
    data, tmp_path, monkeypatch
):
    assert lvp(tmp_path / "absent", "--out", tmp_path / "a") == 3
    assert not (tmp_path / "a").exists()
    assert lvp(data, "--out", tmp_path / "b", "--model", "no_such_model") == 5
    assert lvp(data, "--out", tmp_path / "c", "--need", "dice_disc") == 2
    assert lvp("--out", tmp_path / "d") == 2
    assert lvp(data, "--preset", "normal", "--out", tmp_path / "e") == 2
    assert lvp(data, "--patients", "nobody", "--out", tmp_path / "f") == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense", "DATA"), 2),
        (("measures", "DATA", "--threads", "0"), 2),
        (("measures", "DATA"), 3),
        (("grades", "DATA", "--masks", "exact"), 3),
        (("contrast", "DATA"), 3),
        (("contrast",), 2),
        (("segmentation", "--preset", "normal", "--count", "0"), 2),
        (("measures", "--preset", "normal", "--model", "no_such_model"), 5),
    ],
)
def test_every_kind_has_the_exit_codes(words, code, data, knowing, monkeypatch, tmp_path):
    if "no_such_model" in words:
        monkeypatch.undo()
        monkeypatch.setattr(cli, "start_log", lambda _: None)
    arguments = [str(data) if word == "DATA" else word for word in words]
    try:
        found = cli.main(["evaluate", *arguments, "--out", str(tmp_path / "out")])
    except SystemExit as error:  # argparse
        found = error.code
    assert found == code
    assert not (tmp_path / "out").exists()


def test_errors_are_sentences(data, tmp_path):
    with pytest.raises(NothingReadable, match=r"_image\.nii\.gz"):
        find_sources(tmp_path)
    with pytest.raises(UsageProblem, match="train, validation"):
        chosen_sources(find_sources(data)[0], "nobody", data)
    with pytest.raises(ModelProblem):
        evaluate_command.make_segmenter("no_such_model", 1)


def test_a_split_or_ids_choose_the_patients(data):
    sources = find_sources(data)[0]
    assert [s.key for s in chosen_sources(sources, "validation", data)] == [HELD]
    assert [s.key for s in chosen_sources(sources, "1,2", data)] == [TRAINED, HELD]
    assert [s.patient for s in chosen_sources(sources, TRAINED, data)] == ["1"]


def test_phantoms_made_on_the_way_are_scored_by_contrast_and_not_kept(monkeypatch, tmp_path):
    made: list[Path] = []
    from lvp_workstation.services.evaluate.sources import MadePhantom, PhantomFolder, made_phantoms

    make = MadePhantom.made

    def spying(self: MadePhantom, folder: Path) -> PhantomFolder:
        made.append(folder)
        return make(self, folder)

    monkeypatch.setattr(MadePhantom, "made", spying)
    (source,) = made_phantoms("normal", 900_001, 1, ("sag_t2",))
    (image,) = source.images()
    assert (image.key, image.group, source.patient) == ("normal_900001/sag_t2", "sag_t2", "normal_900001")
    assert [str(s) for s in image.reference.structures] == ["vertebra", "disc", "canal", "sacrum"]
    assert image.reference.ids is not None
    assert image.volume.geometry.shape == image.reference.classes.shape
    bright = image.volume.array[image.reference.classes == 3].mean()
    assert bright > 2 * image.volume.array[image.reference.classes == 1].mean() > 0
    assert made
    assert not any(folder.exists() for folder in made)
