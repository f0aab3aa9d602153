"""The contract of the command line: files, exit codes, messages; run in this process with a known spine."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import RLELossless
from pypdf import PdfReader

from lvp_workstation.app import headless
from lvp_workstation.evaluation.overlap import dice
from lvp_workstation.inference.bundle import DEFAULT_MODEL
from lvp_workstation.io import atomic
from lvp_workstation.io.decode import FrameRequest, FrameResult
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.io.scan import RESULT_FILES
from lvp_workstation.services import results
from lvp_workstation.services.output_folder import STAGING_PREFIX, output_folder
from tests import dicom_factory as factory
from tests.app import cli_samples as samples
from tests.app.cli_samples import SCHEMA, files_of, lvp, valid_document

pytestmark = pytest.mark.usefixtures("own_data")
BANNER = "AI OUTPUT, NOT REVIEWED BY A READER"
RESEARCH_FILES = set(results.OWN_FILES) - {results.DICOM_SEGMENTATION}


@pytest.fixture(scope="module")
def spine() -> samples.KnownSpine:
    return samples.known_spine()


@pytest.fixture
def known(spine: samples.KnownSpine, monkeypatch: pytest.MonkeyPatch) -> samples.KnownSpine:
    """Let the command line analyse with the network that knows the spine."""
    monkeypatch.setattr(headless, "make_analyser", samples.analyser_of(spine))
    return spine


# -- what is written


def test_a_dicom_study_leaves_every_promised_file(
    known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    out = tmp_path / "out"
    out.mkdir()
    (out / "note.txt").write_text("mine")
    (out / results.LABELS).write_text("an earlier run")
    assert lvp("analyze", study, "--out", out) == 0
    said = capfd.readouterr()
    assert said.out == ""
    assert all("uncertain" in line or "sacrum" in line for line in said.err.splitlines())
    assert files_of(out) == {*results.OWN_FILES, "note.txt"}
    assert (out / "note.txt").read_text() == "mine"

    document = valid_document(out / results.ANALYSIS)
    assert document["input"]["patient_id"] == "TEST-1"
    steps = set(SCHEMA["properties"]["timings_s"]["properties"])
    assert set(document["timings_s"]) == steps - {"axial"}  # this study holds no axial series
    labels = json.loads((out / results.LABELS).read_text())
    ids = np.unique(sitk.GetArrayFromImage(sitk.ReadImage(str(out / results.SEGMENTATION))))
    assert {str(value) for value in ids if value} == set(labels)
    assert {row["structure"] for row in labels.values()} == {"vertebra", "disc", "canal", "sacrum"}
    assert labels["100"]["level"] == "L5-S1"
    assert labels["95"]["level"] == "L4-L5"
    assert labels["45"]["level"] == "L5"
    assert {r["level"] for r in labels.values() if r["structure"] == "disc"} == set(document["levels"])
    pages = PdfReader(out / results.DRAFT_REPORT).pages
    assert all(BANNER in page.extract_text() for page in pages)
    assert (out / results.OVERLAY).read_bytes().startswith(b"\x89PNG")
    if shutil.which("dciodvfy"):
        seg = out / results.DICOM_SEGMENTATION
        told = subprocess.run(["dciodvfy", str(seg)], capture_output=True, text=True, check=False)
        assert "Error" not in told.stdout + told.stderr


def test_the_segmentation_lies_on_the_grid_simpleitk_reads(known: samples.KnownSpine, tmp_path: Path) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    assert lvp("analyze", study, "--out", tmp_path / "out") == 0
    found = sitk.ReadImage(str(tmp_path / "out" / results.SEGMENTATION))
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(study))
    read = sitk.ReadImage(list(names))
    assert found.GetSize() == read.GetSize()
    np.testing.assert_allclose(found.GetSpacing(), read.GetSpacing(), atol=1e-4)
    np.testing.assert_allclose(found.GetOrigin(), read.GetOrigin(), atol=1e-3)
    np.testing.assert_allclose(found.GetDirection(), read.GetDirection(), atol=1e-5)
    assert samples.form_codes(tmp_path / "out" / results.SEGMENTATION) == (1, 1)


@pytest.mark.parametrize("way", ["HFP", "HFDR", "FFS", "nifti", "nifti_flipped", "mha_permuted"])
def test_the_same_anatomy_gets_the_same_labels_however_it_was_written(
    way: str, known: samples.KnownSpine, tmp_path: Path
) -> None:
    geometry = known.volume.geometry
    source, expected = tmp_path / "in", set(results.OWN_FILES)
    if way in ("HFP", "HFDR", "FFS"):
        samples.write_dicom(source, known.volume, position=way)
    else:
        image = samples.image_of(known.volume)
        image = sitk.Flip(image, [False, False, True]) if way == "nifti_flipped" else image
        image = sitk.PermuteAxes(image, [2, 0, 1]) if way == "mha_permuted" else image
        source = source.with_suffix(".mha" if way == "mha_permuted" else ".nii.gz")
        sitk.WriteImage(image, str(source))
        expected = RESEARCH_FILES
    out = tmp_path / "out"
    assert lvp("analyze", source, "--out", out, "--role", "sag_t2") == 0
    assert files_of(out) == expected
    document = valid_document(out / results.ANALYSIS)
    assert document["series"][0]["role"] == "sag_t2"
    if source.is_file():
        given = sitk.ReadImage(str(source))
        written = sitk.ReadImage(str(out / results.SEGMENTATION))
        assert written.GetSize() == given.GetSize()
        np.testing.assert_allclose(written.GetDirection(), given.GetDirection(), atol=1e-5)
        np.testing.assert_allclose(written.GetOrigin(), given.GetOrigin(), atol=1e-3)
    array = samples.in_world(out / results.SEGMENTATION, geometry)
    for kind, inside in ((1, (array >= 20) & (array < 50)), (2, array >= 80), (3, array == 2)):
        overlap, mirrored = (dice(inside, known.classes[::step] == kind) for step in (1, -1))
        assert overlap is not None
        assert overlap > 0.97
        assert mirrored is not None
        assert mirrored < 0.9


def test_several_studies_go_into_folders_of_their_own(
    known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    samples.write_dicom(tmp_path / "in" / "a", known.volume, "1")
    factory.write(tmp_path / "in" / "head", factory.stack(3))
    with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w") as archive:
        for path in samples.write_dicom(tmp_path / "b", known.volume, "2").iterdir():
            archive.write(path, path.name)
    (tmp_path / "in" / "junk.dcm").write_bytes(b"no image")
    out = tmp_path / "out"
    assert lvp("analyze", tmp_path / "in", "--out", out) == 0
    documents = [valid_document(folder / results.ANALYSIS) for folder in sorted(out.iterdir())]
    assert {d["input"]["study_uid"] for d in documents} == files_of(out)
    by_patient = {d["input"]["patient_id"]: d for d in documents}
    assert by_patient["T1"]["levels"] == {}
    assert by_patient["TEST-1"]["levels"].keys() == by_patient["TEST-2"]["levels"].keys() != set()
    assert sum("junk.dcm" in line for line in capfd.readouterr().err.splitlines()) == 1
    assert lvp("analyze", tmp_path / "in", "--out", tmp_path / "one", "--series", factory.SERIES_UID) == 4
    assert files_of(tmp_path / "one") == {results.ANALYSIS}


def test_results_inside_the_study_folder_are_not_taken_for_input(
    known: samples.KnownSpine, tmp_path: Path
) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    for _ in range(2):
        assert lvp("analyze", study, "--out", study / "results") == 0
        assert files_of(study / "results") == set(results.OWN_FILES)
    assert set(results.OWN_FILES) == RESULT_FILES


def test_images_that_share_a_uid_are_analysed_without_a_dicom_object(
    known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    for path in study.iterdir():
        data = pydicom.dcmread(path)
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
        data.save_as(path)
    assert lvp("analyze", study, "--out", tmp_path / "out") == 0
    assert files_of(tmp_path / "out") == RESEARCH_FILES
    assert valid_document(tmp_path / "out" / results.ANALYSIS)["levels"]
    assert "several images carry one SOPInstanceUID" in capfd.readouterr().err


def test_codecs_run_in_worker_processes(
    known: samples.KnownSpine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = samples.write_dicom(tmp_path / "study", known.volume)
    for path in sorted(study.iterdir()):
        factory.save(pydicom.dcmread(path), path, RLELossless)
    asked: list[bool] = []

    class Watched(WorkerDecoder):
        def decode(self, request: FrameRequest) -> Sequence[FrameResult]:
            asked.append(request.compressed)
            return super().decode(request)

    monkeypatch.setattr(headless, "WorkerDecoder", Watched)
    assert lvp("analyze", study, "--out", tmp_path / "out") == 0
    assert asked == [True] * known.volume.shape[0]
    assert not multiprocessing.active_children()


# -- exit codes


def test_exit_2_usage(known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study, out = factory.write(tmp_path / "in", factory.stack(3))[0].parent, tmp_path / "new" / "out"
    for wrong in (["--role", "knee"], ["--threads", "0"], ["--threads", "two"], ["--series", "1.2.3"]):
        capfd.readouterr()
        assert lvp("analyze", study, "--out", out, *wrong) == 2
        assert wrong[1] in capfd.readouterr().err
    assert lvp("analyze", study) == 2
    assert lvp("analyze", study, "--out", "") == 2  # an unset variable of a shell is not this folder
    assert lvp("analyze", "", "--out", out) == 2
    assert lvp("phantom", "make", "--out", out, "--seed", "1", "--preset", "perfect") == 2
    assert lvp("phantom", "make", "--out", out, "--seed", "1", "--series", "ct") == 2
    assert lvp("phantom", "make", "--out", out, "--seed", "-1") == 2
    assert not (tmp_path / "new").exists()


def test_exit_3_nothing_readable(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty, junk, out = tmp_path / "empty", tmp_path / "junk", tmp_path / "out"
    empty.mkdir()
    junk.mkdir()
    for name in ("a.dcm", "b.nii.gz", "c.zip", "d.mha", "e.txt"):
        (junk / name).write_bytes(b"nothing of the kind")
    (junk / "f.dcm").write_bytes(b"")
    for path in (tmp_path / "absent", empty, junk, junk / "b.nii.gz", tmp_path / ("x" * 300)):
        assert lvp("analyze", path, "--out", out) == 3
    told = capfd.readouterr().err
    assert all(told.count(f"{name} ") >= 1 for name in ("a.dcm", "c.zip", "d.mha", "e.txt", "f.dcm"))
    assert "ERROR" not in told
    assert not out.exists()


def test_exit_4_readable_but_not_lumbar(known: samples.KnownSpine, tmp_path: Path) -> None:
    head, out = tmp_path / "head", tmp_path / "out"
    factory.write(head, factory.stack(3))
    out.mkdir()
    (out / results.OVERLAY).write_text("of an earlier study")
    assert lvp("analyze", head, "--out", out) == 4
    assert files_of(out) == {results.ANALYSIS}
    document = valid_document(out / results.ANALYSIS)
    assert document["scope"]["decision"] == "withhold"
    assert document["levels"] == {}
    assert document["detections"] == []
    assert document["model"]["name"] == "known"
    steps = {"load", "preprocess", "inference", "postprocess", "total"}
    assert set(document["timings_s"]) == steps, "nothing was measured, graded or drawn"


@pytest.mark.parametrize("damage", ["absent", "changed"])
def test_exit_5_model_missing_or_corrupt(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    version = tmp_path / "models" / DEFAULT_MODEL / "1.0.0"
    if damage == "changed":
        version.mkdir(parents=True)
        (version / "model.onnx").write_bytes(b"other weights")
        manifest = {"name": "x", "version": "1", "model": {"sha256": "0" * 64}, "input": {}, "output": {}}
        (version / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(
        "lvp_workstation.inference.bundle.asset_path", lambda *parts: tmp_path.joinpath(*parts)
    )
    factory.write(tmp_path / "in", factory.stack(3))
    assert lvp("analyze", tmp_path / "in", "--out", tmp_path / "out") == 5
    assert len(capfd.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_exit_6_the_folder_cannot_be_written(
    known: samples.KnownSpine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, file = samples.write_dicom(tmp_path / "study", known.volume), tmp_path / "file"
    file.write_text("not a folder")
    assert lvp("analyze", study, "--out", file) == 6
    assert lvp("analyze", study, "--out", file / "below") == 6
    assert lvp("analyze", study, "--out", tmp_path / ("x" * 300)) == 6
    assert lvp("phantom", "make", "--out", file, "--seed", "1") == 6

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "_settle", full)
    before = tmp_path / "before"
    before.mkdir()
    (before / results.ANALYSIS).write_text("earlier")
    for out in (tmp_path / "full", before):
        assert lvp("analyze", study, "--out", out) == 6
    assert not (tmp_path / "full").exists()
    assert (before / results.ANALYSIS).read_text() == "earlier"
    assert files_of(before) == {results.ANALYSIS}


def test_exit_6_a_result_never_replaces_the_input(
    known: samples.KnownSpine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "study" / results.SEGMENTATION
    image.parent.mkdir()
    sitk.WriteImage(samples.image_of(known.volume), str(image))
    before = image.read_bytes()
    assert lvp("analyze", image, "--out", image.parent, "--role", "sag_t2") == 6
    assert image.read_bytes() == before
    assert "part of the input" in capfd.readouterr().err
    assert files_of(image.parent) == {image.name}


def test_exit_1_an_internal_error_leaves_nothing_but_the_log(
    known: samples.KnownSpine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("a bug")

    monkeypatch.setattr(results, "draft_pdf", broken)
    study = samples.write_dicom(tmp_path / "study", known.volume)
    assert lvp("analyze", study, "--out", tmp_path / "out") == 1
    told = capfd.readouterr().err.splitlines()
    log = tmp_path / "data" / "logs" / "lvp.log"
    assert str(log) in told[-1]
    assert "a bug" in log.read_text()
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.rglob(f"{STAGING_PREFIX}*"))


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX systems")
def test_the_data_folder_is_the_users_own(tmp_path: Path) -> None:
    assert lvp("analyze", tmp_path / "absent", "--out", tmp_path / "out") == 3
    for folder in (tmp_path / "data", tmp_path / "data" / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# -- the other commands


def test_phantom_truth_keeps_the_schema_and_replaces_an_earlier_phantom(tmp_path: Path) -> None:
    assert lvp("phantom", "make", "--out", tmp_path, "--seed", "3", "--series", "sag_t2,loc") == 0
    (tmp_path / "mine.txt").write_text("mine")
    first = valid_document(tmp_path / "truth.json")
    assert first["generator"]["seed"] == 3
    assert {"sagittal", "L5-S1", "L4-L5"} <= set(first["planes"])
    assert lvp("phantom", "make", "--out", tmp_path, "--seed", "4", "--series", "sag_t1") == 0
    truth = valid_document(tmp_path / "truth.json")
    assert truth["input"]["patient_id"] != first["input"]["patient_id"]
    folders = {path.name for path in tmp_path.iterdir() if path.is_dir()} - {"data"}
    assert len(folders) == len(truth["series"]) == 1
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_verify_of_what_is_no_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert lvp("verify", tmp_path / "absent.pdf") == 3
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.4")
    assert lvp("verify", tmp_path / "other.pdf") == 1
    assert "not a report" in capfd.readouterr().out


def test_the_demo_needs_no_data_folder_that_can_be_written(
    known: samples.KnownSpine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("LVP_DATA", str(blocked / "data"))

    def made(folder: Path) -> Path:
        with output_folder(folder / "demo"):
            return samples.write_dicom(folder / "demo" / "study", known.volume)

    monkeypatch.setattr(headless, "demo_folder", made)
    assert lvp("demo", "--headless", "--out", tmp_path / "out") == 0
    assert results.ANALYSIS in {path.name for path in (tmp_path / "out").iterdir()}
