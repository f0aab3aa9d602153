"""Real studies and odd scanner files against SimpleITK and against their functional groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.studies import build_studies

pytestmark = pytest.mark.real_data

SINGLE_FRAME = [
    "studies/study_005",
    "studies/study_022",
    "studies/study_050",
    "studies/study_057",
    "studies/study_162",
    "studies/study_200",
    "dicom_zoo/siemens_sag_HFP",
    "dicom_zoo/siemens_sag_HFDR",
]
MULTI_FRAME = [
    "dicom_zoo/philips_enhanced",
    "dicom_zoo/siemens_xa10_enhanced",
    "dicom_zoo/siemens_xa30_enhanced_sag",
]


def studies_of(folder: Path) -> tuple[Study, ...]:
    return build_studies(scan_paths([folder]).headers)


def read_by_simpleitk(series: Series) -> sitk.Image:
    """Read the files of a series sorted along the normal, without our geometry."""
    first = pydicom.dcmread(series.frames[0].path, stop_before_pixels=True)
    axes = np.array(first.ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(axes[0], axes[1])

    def place(path: str) -> float:
        data = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["ImagePositionPatient"])
        return float(normal @ np.array(data.ImagePositionPatient, dtype=float))

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sorted({frame.path for frame in series.frames}, key=place))
    return reader.Execute()


@pytest.mark.parametrize("folder", SINGLE_FRAME)
def test_same_values_at_the_same_places_as_simpleitk(shared_data: Path, folder: str) -> None:
    checked = 0
    for study in studies_of(shared_data / folder):
        for series in study.series:
            reference = read_by_simpleitk(series)
            volume = load_volume(series).volume
            assert np.array_equal(volume.array, sitk.GetArrayFromImage(reference))
            for index in ((0, 0, 0), tuple(n - 1 for n in volume.shape), (1, 7, 3)):
                wanted = reference.TransformContinuousIndexToPhysicalPoint([float(v) for v in index[::-1]])
                assert volume.geometry.index_to_world(index) == pytest.approx(np.array(wanted), abs=1e-3)
            checked += 1
    assert checked


@pytest.mark.parametrize("folder", MULTI_FRAME)
def test_each_frame_lies_where_its_functional_groups_say(shared_data: Path, folder: str) -> None:
    (study,) = studies_of(shared_data / folder)
    held = 0
    for series in study.series:
        data = pydicom.dcmread(series.frames[0].path)
        volume = load_volume(series).volume
        for number, frame in enumerate(series.frames):
            groups = data.PerFrameFunctionalGroupsSequence[frame.frame_index]
            position, orientation, spacing = placed(groups)
            assert volume.geometry.index_to_world((number, 0, 0)) == pytest.approx(position, abs=1e-3)
            across, down = volume.geometry.directions[:, COLUMN], volume.geometry.directions[:, ROW]
            assert across == pytest.approx(orientation[:3], abs=1e-6)
            assert down == pytest.approx(orientation[3:], abs=1e-6)
            assert volume.geometry.spacing[1:] == pytest.approx(spacing)
            assert np.array_equal(volume.array[number], data.pixel_array[frame.frame_index])
            held += 1
    assert held == data.NumberOfFrames


def placed(groups: Any) -> tuple[Any, Any, Any]:
    position = groups.PlanePositionSequence[0].ImagePositionPatient
    orientation = groups.PlaneOrientationSequence[0].ImageOrientationPatient
    spacing = groups.PixelMeasuresSequence[0].PixelSpacing
    return np.array(position, float), np.array(orientation, float), tuple(float(v) for v in spacing)


@pytest.mark.parametrize("position", ["HFP", "HFDR"])
def test_prone_and_decubitus_heads_have_the_letters_of_the_patient(shared_data: Path, position: str) -> None:
    (study,) = studies_of(shared_data / "dicom_zoo" / f"siemens_sag_{position}")
    (series,) = study.series
    assert series.attributes["PatientPosition"] == position
    assert series.geometry is not None
    letters = [orientation_letters(series.geometry.directions[:, a]) for a in (SLICE, ROW, COLUMN)]
    assert letters == ["R", "F", "P"]


def test_the_two_frame_kinds_of_the_philips_field_map_are_two_stacks(shared_data: Path) -> None:
    (study,) = studies_of(shared_data / "dicom_zoo/philips_enhanced")
    assert [len(s.frames) for s in study.series] == [32, 32]
    assert [s.frames[0].frame_index for s in study.series] == [0, 32]


EMRI = ["", "_RLE", "_big_endian", "_jpeg_2k_lossless", "_jpeg_2k_lossless_too_short", "_jpeg_ls_lossless"]


@pytest.mark.parametrize("kind", EMRI)
def test_each_encoding_of_the_small_enhanced_object_gives_the_same_values(
    shared_data: Path, kind: str
) -> None:
    folder = shared_data / "dicom_zoo/pydicom_emri"
    (study,) = studies_of(folder / f"emri_small{kind}.dcm")
    (series,) = study.series
    wanted = pydicom.dcmread(folder / "emri_small.dcm").pixel_array
    assert np.array_equal(load_volume(series).volume.array, wanted)
    assert series.geometry is None
    codes = {p.code for p in (*study.problems, *series.problems)}
    assert codes == {"missing_geometry"} | ({"pixel_data_short"} if "short" in kind else set())


def test_mosaic_and_raw_data_are_listed_not_shown(shared_data: Path) -> None:
    (mosaic,) = studies_of(shared_data / "dicom_zoo/siemens_mosaic_pair")
    assert (mosaic.series, [o.kind for o in mosaic.others]) == ((), ["mosaic", "mosaic"])
    (raw,) = studies_of(shared_data / "dicom_zoo/philips_raw_data")
    assert (raw.series, [o.kind for o in raw.others]) == ((), ["raw_data"])


def test_the_label_maps_of_the_studies_lie_on_their_series(shared_data: Path) -> None:
    (study,) = studies_of(shared_data / "studies/study_022")
    labels = sitk.ReadImage(str(shared_data / "studies/study_022_labels.nii.gz"))
    geometry = study.series[0].geometry
    assert geometry is not None
    assert labels.GetSize()[::-1] == geometry.shape
    for index in ((0, 0, 0), (12, 600, 500)):
        wanted = labels.TransformIndexToPhysicalPoint(index[::-1])
        assert geometry.index_to_world(index) == pytest.approx(np.array(wanted), abs=1e-2)
