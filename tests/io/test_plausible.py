"""A pixel size that no patient can have is told, not silently measured with."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from lvp_workstation.io import nifti
from lvp_workstation.io.plausible import size_problem
from lvp_workstation.services.open_study import open_paths
from tests import dicom_factory as factory


@pytest.mark.parametrize(("spacing", "told"), [("0.00001", True), ("0.7", False), ("90", True)])
def test_the_pixel_size_of_a_dicom_series(tmp_path: Path, spacing: str, told: bool) -> None:
    images = factory.stack(3, PixelSpacing=[spacing, spacing], Rows=64, Columns=64)
    for image in images:
        image.PixelData = np.zeros((64, 64), np.uint16).tobytes()
    factory.write(tmp_path / "s", images)
    (series,) = open_paths([tmp_path / "s"]).studies[0].series
    assert ("absurd_size" in {p.code for p in series.problems}) is told


def test_the_sentence_names_the_file(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(np.zeros((4, 20, 20), np.int16))
    image.SetSpacing((0.01, 0.01, 4.0))
    path = tmp_path / "tiny.nii.gz"
    sitk.WriteImage(image, str(path))
    (series,) = nifti.read_study(str(path)).series
    (problem,) = [p for p in series.problems if p.code == "absurd_size"]
    assert "tiny.nii.gz" in problem.text
    assert "pixel size" in problem.text


def test_a_series_without_geometry_has_no_size() -> None:
    assert size_problem("x", None) == ()
