"""The commands of the recipe on a tiny data folder: options, added cases, folds, cross-validation."""

# ruff: noqa: E402  (the imports need PyTorch, whose absence skips the file)

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

torch = pytest.importorskip("torch", reason="PyTorch is absent: install the dependency group `train`")

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from models.training import crossval, train
from models.training.added import judged_folder, labelled_folder
from models.training.cases import write_phantom
from models.training.export import write_onnx
from models.training.facts import training_facts
from models.training.folds import Fold, read_fold
from models.training.labels import AMBIGUOUS, IGNORE, SACRUM
from models.training.network import NetworkConfig
from models.training.pseudo import displacement
from tests import dicom_factory as factory
from tests.io.test_seg import GENERAL, first_series, written
from tests.training.small_world import (
    SPACING,
    column,
    data_folder,
    shaken,
    small_recipe,
    write_case,
    write_nifti,
)

pytestmark = pytest.mark.train


def test_every_patient_is_held_out_by_exactly_one_fold() -> None:
    rows = [{"patient": str(p)} for p in (110, 7, 5, 41, 18, 22, 9)]
    held = [row["patient"] for k in range(1, 4) for row in Fold(k, 3).split(rows)[1]]
    assert sorted(held) == sorted(row["patient"] for row in rows)
    for k in range(1, 4):
        known, unknown = Fold(k, 3).split(rows)
        assert len(known) + len(unknown) == 7
        assert not [row for row in known if row in unknown]


@pytest.mark.parametrize("text", ["0/5", "6/5", "1/1", "2", "a/b", "-1/5"])
def test_a_wrong_fold_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="K/N"):
        read_fold(text)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fold", "1/5", "--from-bundle", "."], "has learned from"),
        (["--fold", "1/5", "--no-real"], "--no-real"),
        (["--from-bundle", ".", "--from-run", "."], "not allowed with"),
        (["--add", "nowhere"], "there is no folder nowhere"),
        (["--phantoms", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_options_that_cannot_be_are_refused(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit):
        train.arguments(["--run", str(tmp_path), *options])
    assert words in capsys.readouterr().err


def test_a_folder_of_ones_own_is_read_with_and_without_sacrum(tmp_path: Path) -> None:
    write_case(tmp_path, "a")
    write_case(tmp_path, "b", sacrum=True)
    (tmp_path / "b_levels.nii.gz").unlink()
    open_case, full_case = labelled_folder(tmp_path)
    assert (open_case.name, open_case.full_labels) == ("a", False)
    assert {AMBIGUOUS, SACRUM} <= set(np.unique(open_case.target))
    assert full_case.full_labels
    assert not {AMBIGUOUS, IGNORE} & set(np.unique(full_case.target))
    assert [case.name for case in judged_folder(tmp_path)] == ["a", "b"]


def test_a_folder_of_ones_own_may_hold_dicom_with_the_segmentations_of_this_program(tmp_path: Path) -> None:
    factory.write(tmp_path / "series", factory.stack(4, **GENERAL))
    (series,) = first_series(tmp_path / "series")
    path, label_map = written(tmp_path, series)
    (case,) = labelled_folder(tmp_path)
    assert case.full_labels
    assert (case.target > 0).sum() == (label_map.array > 0).sum()
    assert set(np.unique(case.target)) == {0, 1, 2, 3, 4}
    for image in (tmp_path / "series").iterdir():
        image.unlink()
    factory.write(tmp_path / "series", factory.stack(4, SeriesInstanceUID="2.25.77"))
    with pytest.raises(FileNotFoundError, match=path.name):
        labelled_folder(tmp_path)


def test_a_folder_of_ones_own_may_hold_any_orientation_and_level_ids(tmp_path: Path) -> None:
    _, labels = column(sacrum=True)
    ids = np.array([0, 41, 100, 2, 50], np.uint8)[labels]
    write_case(tmp_path, "a", sacrum=True)
    write_nifti(tmp_path / "a_labels.nii.gz", ids)
    (tmp_path / "a_levels.nii.gz").unlink()
    (case,) = labelled_folder(tmp_path)
    np.testing.assert_array_equal(case.target, labels)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda labels: np.where(labels == 3, 0, labels), "canal not labelled"),
        (lambda labels: labels[:, :50], "has the shape"),
        (lambda labels: labels + 190, "no convention"),
        (lambda labels: labels * 0, "nothing is labelled"),
    ],
)
def test_labels_that_cannot_be_taught_are_named(tmp_path: Path, damage, words: str) -> None:
    write_case(tmp_path, "a")
    (tmp_path / "a_levels.nii.gz").unlink()
    write_nifti(tmp_path / "a_labels.nii.gz", damage(column()[1]).astype(np.uint8))
    with pytest.raises(ValueError, match=f"a_labels.*{words}"):
        labelled_folder(tmp_path)


def test_an_image_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no <case>_image"):
        labelled_folder(tmp_path)
    write_case(tmp_path, "a")
    (tmp_path / "a_labels.nii.gz").unlink()
    with pytest.raises(FileNotFoundError, match="a_labels"):
        labelled_folder(tmp_path)


def test_a_pair_is_moved_back_by_as_much_as_it_was_moved() -> None:
    rng = np.random.default_rng(0)
    smooth = ndimage.gaussian_filter(rng.normal(0, 6, (96, 90)), 3)
    other = 1.0 - smooth + rng.normal(0, 0.02, smooth.shape)
    fixed, moved = smooth.clip(-1, 2), np.roll(other, (5, -4), (0, 1)).clip(-1, 2)
    assert displacement(fixed.astype(np.float32), moved.astype(np.float32), reach=9) == (-5, 4)


def test_a_hospital_adapts_a_network_without_our_data(tmp_path: Path) -> None:
    own, bundle = tmp_path / "own", tmp_path / "bundle"
    own.mkdir()
    bundle.mkdir()
    write_case(own, "a")
    write_onnx(shaken(NetworkConfig((8, 8, 8, 16, 16), (1,) * 5, (1,) * 4)), bundle / "model.onnx")
    (bundle / "manifest.json").write_text('{"name": "tiny", "version": "0.1"}', encoding="utf-8")
    recipe = small_recipe(tmp_path / "small.toml", minutes=0.01)
    given = ["--run", tmp_path / "run", "--config", recipe, "--data", tmp_path / "none", "--no-real"]
    given = [str(o) for o in (*given, "--from-bundle", bundle, "--add", own, "--judge", own)]
    train.main(given)
    train.main([*given, "--resume", "--minutes", "0.03"])
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    first, second = (entry for entry in log if "validation" in entry)
    assert set(first["validation"]) == {"a"}
    assert second["step"] > first["step"]
    assert (tmp_path / "run" / "curves.png").exists()
    facts = training_facts(tmp_path / "run")
    assert facts["start"] == "tiny 0.1"
    assert [item["name"] for item in facts["data"]] == ["1 labelled volumes of the user's own"]


def test_cross_validation_judges_every_patient_once_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, phantoms = data_folder(tmp_path / "data"), tmp_path / "phantoms"
    phantoms.mkdir()
    grey, labels = column(sacrum=True)
    grid = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, SPACING, labels.shape)
    write_phantom(phantoms / "phantom_1.npz", Volume(grey, grid), labels)
    recipe = small_recipe(tmp_path / "small.toml")
    options = ("--run", tmp_path / "cv", "--phantoms", phantoms, "--data", data, "--config", recipe)
    options += ("--folds", 2, "--minutes", 0.01, "--phantom-minutes", 0.01)
    given = [str(o) for o in options]
    crossval.main(given)
    table = json.loads((tmp_path / "cv" / "pooled.json").read_text())
    assert sorted(table["validation"]["patients"]) == [f"spider_{n}" for n in (1, 2, 3, 4)]
    figure = table["validation"]["figures"]["vertebra"]
    assert figure["n"] == 4
    assert figure["low"] <= figure["mean"] <= figure["high"]
    assert "| native | vertebra |" in capsys.readouterr().out

    (tmp_path / "cv" / "fold_2" / "done").unlink()
    calls: list[list[str]] = []
    monkeypatch.setattr("models.training.train.main", calls.append)
    crossval.main(given)
    assert len(calls) == 1
    assert "--resume" in calls[0]
    assert "2/2" in calls[0]
