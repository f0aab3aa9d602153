"""A bundle is read only when its weights are those of its manifest."""

import hashlib
import json

import pytest

from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.inference.bundle import load_bundle, read_bundle

CLASSES = {"background": 0, "vertebra": 1, "disc": 2, "canal": 3, "sacrum": 4}


def write_bundle(folder, version="1.0.0", weights=b"weights", **changes):
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(weights)
    manifest = {
        "name": "lumbar_vnet",
        "version": version,
        "model": {"file": "model.onnx", "sha256": hashlib.sha256(weights).hexdigest()},
        "input": {"plane_spacing_mm": 1.0},
        "output": {"classes": CLASSES},
        **changes,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_bundle_carries_its_manifest_and_classes_in_channel_order(tmp_path):
    swapped = {"background": 0, "disc": 1, "vertebra": 2, "canal": 3}
    bundle = read_bundle(write_bundle(tmp_path / "b", output={"classes": swapped}))
    assert bundle.classes == ("background", "disc", "vertebra", "canal")
    assert bundle.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert bundle.contract["plane_spacing_mm"] == 1.0
    assert bundle.title.startswith("lumbar_vnet 1.0.0 (")


def test_the_newest_version_is_taken_by_number(tmp_path):
    for version in ("0.9.0", "0.10.0", "0.10.0-rc1"):
        write_bundle(tmp_path / "lumbar_vnet" / version, version)
    assert load_bundle(root=tmp_path).version == "0.10.0"
    assert load_bundle(version="0.9.0", root=tmp_path).version == "0.9.0"


def test_changed_weights_are_refused(tmp_path):
    folder = write_bundle(tmp_path / "b")
    (folder / "model.onnx").write_bytes(b"weightz")
    with pytest.raises(ModelProblem, match="does not match its manifest"):
        read_bundle(folder)


def test_a_missing_model_file_is_refused(tmp_path):
    folder = write_bundle(tmp_path / "b")
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelProblem, match="cannot be read"):
        read_bundle(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', "null"])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    folder = write_bundle(tmp_path / "b")
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelProblem, match="manifest"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "classes",
    [
        {},
        {"background": 0, "vertebra": 1, "disc": 2},
        {"background": 0, "vertebra": 1, "disc": 2, "canal": 5},
        {"disc": 0, "vertebra": 1, "background": 2, "canal": 3},
        {**CLASSES, "liver": 5},
        ["background", "vertebra"],
    ],
)
def test_unknown_classes_are_refused(tmp_path, classes):
    with pytest.raises(ModelProblem, match="classes"):
        read_bundle(write_bundle(tmp_path / "b", output={"classes": classes}))


def test_a_program_without_models_says_so(tmp_path):
    with pytest.raises(ModelProblem, match="No model was found"):
        load_bundle(root=tmp_path)
    with pytest.raises(ModelProblem, match="cannot be read"):
        load_bundle(version="7.7.7", root=tmp_path)
