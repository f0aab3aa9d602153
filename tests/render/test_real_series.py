"""Rendered pixels of real series against SimpleITK's own lookup by patient position."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.render.resample import Interpolation, Resampler
from lvp_workstation.render.slice_view import slice_view
from lvp_workstation.render.stack import acquired_stack

pytestmark = pytest.mark.real_data

FOLDERS = ("dicom_zoo/siemens_sag_HFP", "dicom_zoo/siemens_sag_HFDR", "studies/study_022")


def read_sorted(folder: Path) -> Any:
    """Return the only series of a folder as a SimpleITK image, files sorted along the normal."""

    def position(path: Path) -> float:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        directions = np.array(header.ImageOrientationPatient, dtype=float)
        normal = np.cross(directions[:3], directions[3:])
        return float(normal @ np.array(header.ImagePositionPatient, dtype=float))

    reader = sitk.ImageSeriesReader()
    files = [path for path in folder.rglob("*") if path.is_file()]
    reader.SetFileNames([str(path) for path in sorted(files, key=position)])
    return reader.Execute()


def grid_of(image: Any) -> VolumeGeometry:
    """Return the geometry of a SimpleITK image."""
    size, spacing = image.GetSize(), image.GetSpacing()
    directions = np.array(image.GetDirection()).reshape(3, 3)
    axes = (directions[:, 2], directions[:, 1], directions[:, 0])
    return VolumeGeometry.from_axes(
        image.GetOrigin(), axes, (spacing[2], spacing[1], spacing[0]), (size[2], size[1], size[0])
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_each_pixel_shows_the_voxel_at_its_patient_position(shared_data: Path, name: str) -> None:
    image = read_sorted(shared_data / name)
    grid = grid_of(image)
    stack = acquired_stack(grid)
    sampler = Resampler(sitk.GetArrayFromImage(image), grid, Interpolation.NEAREST)
    random = np.random.default_rng(5)
    for index in range(stack.count):
        view = slice_view(stack, index, 500, 500)
        values = sampler.cut(view)
        for row, column in random.integers(150, 350, (40, 2)):
            point = view.pixel_to_world((column + 0.5, row + 0.5))
            assert values[row, column] == image[image.TransformPhysicalPointToIndex(point.tolist())]
    assert orientation_letters(-view.right)[0] == "A"
    assert orientation_letters(-view.down)[0] == "H"
