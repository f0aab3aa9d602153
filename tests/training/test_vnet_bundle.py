"""The shipped bundle: complete, unaltered, and equal to PyTorch (no PyTorch needed here)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.volume import SAGITTAL_CANONICAL, Volume, VolumeGeometry
from lvp_workstation.inference import preprocess

ort = pytest.importorskip("onnxruntime")

BUNDLES = sorted(Path(__file__).resolve().parents[2].glob("models/lumbar_vnet/*/manifest.json"))


@pytest.fixture(params=BUNDLES, ids=lambda path: path.parent.name)
def bundle(request: pytest.FixtureRequest) -> Path:
    return Path(request.param).parent


def manifest_of(bundle: Path) -> dict[str, Any]:
    return dict(json.loads((bundle / "manifest.json").read_text(encoding="utf-8")))


def open_session(bundle: Path) -> Any:
    return ort.InferenceSession(str(bundle / "model.onnx"), providers=["CPUExecutionProvider"])


def test_onnx_runtime_answers_as_pytorch_did(bundle: Path) -> None:
    with np.load(bundle / "parity.npz") as data:
        image, truth = data["image"], data["probabilities"]
    answer = open_session(bundle).run(["probabilities"], {"image": image})[0]
    np.testing.assert_allclose(answer, truth, atol=1e-3)


def test_the_manifest_describes_the_file(bundle: Path) -> None:
    manifest, model = manifest_of(bundle), bundle / "model.onnx"
    assert manifest["model"]["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert manifest["model"]["bytes"] == model.stat().st_size <= 20_000_000
    assert manifest["version"] == bundle.name
    assert {"intended_use", "limits", "training", "licence", "created"} <= set(manifest)


def test_the_manifest_names_the_preprocessing_of_this_package(bundle: Path) -> None:
    contract = manifest_of(bundle)["input"]
    assert contract["plane_spacing_mm"] == preprocess.PLANE_SPACING
    assert contract["merge_below_mm"] == preprocess.MERGE_BELOW
    assert contract["merged_spacing_mm"] == preprocess.MERGED_SPACING
    assert contract["multiples"] == [preprocess.SLICE_MULTIPLE, *[preprocess.PLANE_MULTIPLE] * 2]
    assert contract["pad_value"] == preprocess.PAD_VALUE


@pytest.mark.parametrize("shape", [(1, 70, 60), (5, 64, 90), (18, 50, 50)])
def test_it_takes_any_prepared_volume(bundle: Path, shape: tuple[int, int, int]) -> None:
    grid = VolumeGeometry.from_axes((0, 0, 0), SAGITTAL_CANONICAL, (4.0, 0.9, 0.9), shape)
    volume = Volume(np.random.default_rng(0).integers(0, 900, shape).astype(np.uint16), grid)
    ready = preprocess.prepare(volume)
    answer = open_session(bundle).run(["probabilities"], {"image": ready.array})[0]
    np.testing.assert_allclose(answer.sum(1), 1.0, atol=1e-4)
    assert preprocess.restore_labels(answer, ready.record).shape == shape


def test_the_card_says_what_must_be_said(bundle: Path) -> None:
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    for words in ("not a medical device", "cc by 4.0", "no reader drew", "one hospital, mostly one scanner"):
        assert words in card.lower()
    assert "10.1038/s41597-024-03090-w" in card
