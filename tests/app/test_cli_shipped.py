"""The command line with the model that ships, and on real studies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import SimpleITK as sitk

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import ModelProblem
from lvp_workstation.evaluation.overlap import dice
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.services import results
from tests.app.cli_samples import files_of, lvp, valid_document

pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def shipped() -> None:
    """Skip, saying so, where no model is installed."""
    try:
        load_bundle()
    except ModelProblem as error:
        pytest.skip(f"no model: {error} ({asset_path('models')})")


@pytest.mark.usefixtures("shipped")
def test_selftest_with_the_shipped_model(capfd: pytest.CaptureFixture[str]) -> None:
    assert lvp("selftest", "--json") == 0
    said = capfd.readouterr()
    document = json.loads(said.out)
    assert document["ok"]
    assert set(document["checks"]) == {"packages", "rendering", "model", "inference"}
    assert said.err == ""


@pytest.mark.real_data
@pytest.mark.usefixtures("shipped")
def test_a_real_study_with_the_shipped_model(
    shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert lvp("analyze", shared_data / "studies" / "study_022", "--out", out) == 0
    assert "Warning" not in capfd.readouterr().err
    assert files_of(out) == set(results.OWN_FILES)
    document = valid_document(out / results.ANALYSIS)
    assert {"L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"} <= set(document["levels"])
    labels = sitk.ReadImage(str(shared_data / "studies" / "study_022_labels.nii.gz"))
    found = sitk.ReadImage(str(out / results.SEGMENTATION))
    assert found.GetSize() == labels.GetSize()
    discs = dice(sitk.GetArrayFromImage(found) >= 80, sitk.GetArrayFromImage(labels) == 2)
    assert discs is not None
    assert discs > 0.8


@pytest.mark.real_data
@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    "name",
    [
        "philips_enhanced",
        "philips_raw_data",
        "pydicom_emri/emri_small_jpeg_2k_lossless_too_short.dcm",
        "pydicom_emri/emri_small_big_endian.dcm",
        "siemens_mosaic_pair",
        "siemens_overlays",
        "siemens_sag_HFDR",
        "siemens_sag_HFP",
        "siemens_xa10_enhanced",
        "siemens_xa30_enhanced_sag",
    ],
)
def test_a_head_is_never_graded(name: str, shared_data: Path, tmp_path: Path) -> None:
    assert lvp("analyze", shared_data / "dicom_zoo" / name, "--out", tmp_path / "out") == 4
    assert valid_document(tmp_path / "out" / results.ANALYSIS)["levels"] == {}
