"""Research files in, label maps out: every voxel keeps its place in either handedness."""

from __future__ import annotations

import gzip
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import OutputProblem, UnreadableInput
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane, VolumeGeometry
from lvp_workstation.io import nifti, nifti_write
from lvp_workstation.io.nifti_header import read_nifti_header

AXES = np.array(((-1.0, 0, 0), (0, 0, -1), (0, 1, 0)))
"""Slices to the right, rows to the feet, columns to the back."""


def sitk_image(array: np.ndarray, spacing=(0.8, 0.7, 4.0), direction=None, origin=(1, 2, 3)) -> sitk.Image:  # type: ignore[no-untyped-def,type-arg]
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    if direction is not None:
        image.SetDirection(direction)
    return image


def numbered(shape: tuple[int, ...] = (4, 6, 5)) -> np.ndarray:  # type: ignore[type-arg]
    return np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)


def all_directions() -> list[tuple[float, ...]]:
    found = []
    for order in permutations(range(3)):
        for signs in product((-1.0, 1.0), repeat=3):
            matrix = np.zeros((3, 3))
            for axis, (patient, sign) in enumerate(zip(order, signs, strict=True)):
                matrix[patient, axis] = sign
            found.append(tuple(matrix.ravel()))
    return found


@pytest.mark.parametrize("direction", all_directions())
def test_any_voxel_order_and_handedness_keeps_each_voxel_in_place(
    tmp_path: Path, direction: tuple[float, ...]
) -> None:
    path = tmp_path / "image.nii.gz"
    image = sitk_image(numbered(), direction=direction)
    sitk.WriteImage(image, str(path))
    (series,) = nifti.read_study(str(path)).series
    volume = nifti.load_research_volume(series)
    for index in ((0, 0, 0), (1, 2, 3), (2, 0, 1)):
        place = volume.geometry.index_to_world(index)
        there = image.TransformPhysicalPointToIndex(place.tolist())
        assert image[there] == volume.array[index]
    assert nifti.file_geometry(series).shape == (4, 6, 5)


@pytest.mark.parametrize("direction", all_directions())
def test_a_label_map_is_written_on_the_grid_of_its_file(tmp_path: Path, direction: tuple[float, ...]) -> None:
    source = tmp_path / "image.nii.gz"
    sitk.WriteImage(sitk_image(numbered(), direction=direction), str(source))
    (series,) = nifti.read_study(str(source)).series
    assert series.geometry is not None
    codes = np.random.default_rng(3).choice(np.array([0, 2, 50, 101, 151], np.uint8), series.geometry.shape)
    label_map = LabelMap(codes.astype(np.uint8), series.geometry)
    target = tmp_path / "segmentation.nii.gz"
    rows = nifti_write.write_label_map(target, label_map, LevelMap(1), nifti.file_geometry(series))
    assert {row.value for row in rows} == {2, 45, 50, 100}
    written, image = sitk.ReadImage(str(target)), sitk.ReadImage(str(source))
    assert written.GetPixelID() == sitk.sitkUInt8
    assert written.GetSize() == image.GetSize()
    assert written.GetSpacing() == pytest.approx(image.GetSpacing())
    assert written.GetOrigin() == pytest.approx(image.GetOrigin(), abs=1e-4)
    assert written.GetDirection() == pytest.approx(image.GetDirection(), abs=1e-6)
    exported, _ = label_map.exported(LevelMap(1))
    for index in np.ndindex(*series.geometry.shape):
        place = series.geometry.index_to_world(index).tolist()
        assert written[written.TransformPhysicalPointToIndex(place)] == exported[index]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.booleans())
def test_sform_and_qform_are_both_set_and_equal(tmp_path: Path, seed: int, left_handed: bool) -> None:
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    axes[:, 0] *= np.sign(np.linalg.det(axes)) * (-1 if left_handed else 1)
    affine = np.eye(4)
    affine[:3, :3] = axes * rng.uniform(0.3, 6, 3)
    affine[:3, 3] = rng.uniform(-400, 400, 3)
    geometry = VolumeGeometry(affine, (3, 5, 4))
    path = tmp_path / "grid.nii.gz"
    nifti_write.write_volume(path, rng.integers(0, 200, (3, 5, 4)).astype(np.uint8), geometry)
    header = read_nifti_header(str(path))
    assert header is not None
    assert (header.sform_code, header.qform_code) == (1, 1)
    assert not header.forms_disagree
    assert header.sform_ras is not None
    assert header.sform_ras == pytest.approx(geometry.affine_nifti_ras, abs=1e-3)
    assert (header.qfac < 0) == (np.linalg.det(geometry.affine_nifti_ras[:3, :3]) < 0)
    (series,) = nifti.read_study(str(path)).series
    assert nifti.file_geometry(series).same_grid(geometry, 1e-2)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".mha", ".mhd", ".nrrd"])
def test_every_format_opens_as_one_study(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image{suffix}"
    sitk.WriteImage(sitk_image(numbered(), direction=tuple(AXES[::-1].T.ravel())), str(path))
    study = nifti.read_study(str(path), SeriesRole.SAG_T2)
    assert study.patient.patient_id == ""
    assert study.study_instance_uid.startswith("2.25.")
    assert study.study_instance_uid == nifti.read_study(str(path)).study_instance_uid
    (series,) = study.series
    assert series.role is SeriesRole.SAG_T2
    assert series.plane is ImagePlane.SAGITTAL
    assert len(series.frames) == 4
    assert np.array_equal(nifti.load_research_volume(series).array, numbered())


def test_without_a_stated_role_contrast_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "image.nii"
    sitk.WriteImage(sitk_image(numbered()), str(path))
    decision = nifti.read_study(str(path)).series[0].decision
    assert decision.role is SeriesRole.OTHER
    assert decision.confidence == 0
    assert decision.contrast_agent is None


def test_the_coarsest_axis_becomes_the_slice_axis(tmp_path: Path) -> None:
    path = tmp_path / "image.mha"
    sitk.WriteImage(sitk_image(numbered((7, 6, 3)), spacing=(4.4, 0.7, 0.7)), str(path))
    (series,) = nifti.read_study(str(path)).series
    assert series.geometry is not None
    assert series.geometry.shape == (3, 7, 6)
    assert series.geometry.spacing == pytest.approx((4.4, 0.7, 0.7))
    assert series.plane is ImagePlane.SAGITTAL


def test_one_slice_is_a_volume_of_one_slice(tmp_path: Path) -> None:
    path = tmp_path / "slice.nii.gz"
    sitk.WriteImage(sitk_image(numbered((1, 6, 5))), str(path))
    (series,) = nifti.read_study(str(path)).series
    assert nifti.load_research_volume(series).shape == (1, 6, 5)


@pytest.mark.parametrize("suffix", [".nii", ".mha", ".nrrd"])
def test_a_two_dimensional_file_is_one_slice(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"flat{suffix}"
    image = sitk.GetImageFromArray(numbered((6, 5)))
    image.SetSpacing((0.7, 0.8))
    sitk.WriteImage(image, str(path))
    (series,) = nifti.read_study(str(path)).series
    volume = nifti.load_research_volume(series)
    assert volume.shape == (1, 6, 5)
    assert np.array_equal(volume.array[0], numbered((6, 5)))
    assert volume.geometry.spacing[1:] == pytest.approx((0.8, 0.7))


def test_four_dimensions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "time.nii"
    frames = [sitk_image(numbered()) for _ in range(3)]
    sitk.WriteImage(sitk.JoinSeries(frames), str(path))
    with pytest.raises(UnreadableInput, match=r"time.nii has 4 dimensions"):
        nifti.read_study(str(path))


def test_several_values_per_voxel_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vector.mha"
    sitk.WriteImage(sitk.Compose([sitk_image(numbered())] * 3), str(path))
    with pytest.raises(UnreadableInput, match="3 values per voxel"):
        nifti.read_study(str(path))


@pytest.mark.parametrize("name", ["bad.nii", "bad.nii.gz", "bad.mha", "bad.nrrd"])
@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish" * 100, gzip.compress(b"rubbish" * 100, mtime=0)],
    ids=["empty", "rubbish", "compressed rubbish"],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=rf"^{name} cannot be read: .*\.$"):
        nifti.read_study(str(path))


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".mha", ".nrrd"])
def test_a_file_cut_short_is_one_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    array = np.random.default_rng(1).integers(0, 9999, (4, 30, 30)).astype(np.uint16)
    sitk.WriteImage(sitk_image(array), str(path))
    path.write_bytes(path.read_bytes()[:-1500])
    with pytest.raises(UnreadableInput, match=rf"^cut{suffix} is damaged or cut short: copy it again"):
        nifti.load_research_volume(nifti.read_study(str(path)).series[0])


def test_a_header_whose_voxels_lie_in_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "alone.mhd"
    sitk.WriteImage(sitk_image(numbered()), str(path))
    path.with_suffix(".raw").unlink()
    with pytest.raises(UnreadableInput, match=r"^alone\.mhd is damaged .* file of voxels that it names"):
        nifti.load_research_volume(nifti.read_study(str(path)).series[0])


def test_shifted_slices_are_written_with_their_shift(tmp_path: Path) -> None:
    affine = np.diag((4.0, 0.7, 0.7, 1))
    affine[1, 0] = 0.5
    affine[:3, 3] = (-20, 30, 40)
    geometry = VolumeGeometry(affine, (3, 5, 4))
    path = tmp_path / "sheared.nii.gz"
    nifti_write.write_volume(path, np.ones((3, 5, 4), np.uint8), geometry)
    header = read_nifti_header(str(path))
    assert header is not None
    assert (header.sform_code, header.qform_code) == (1, 2)
    assert header.sform_ras == pytest.approx(geometry.affine_nifti_ras)
    image = sitk.ReadImage(str(path))  # as ITK reads the series itself: upright, first voxel in place
    assert image.GetOrigin() == pytest.approx((-20, 30, 40))
    assert image.GetDirection() == pytest.approx((0, 0, 1, 0, 1, 0, 1, 0, 0))


def test_a_grid_without_right_angles_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "sheared.nii"
    sitk.WriteImage(sitk_image(numbered()), str(path))
    data = bytearray(path.read_bytes())
    data[252:254] = b"\0\0"  # no qform, and a slice axis that leans in the sform
    data[288:292] = np.float32(1.5).tobytes()
    path.write_bytes(bytes(data))
    with pytest.raises(
        UnreadableInput, match=r"^sheared\.nii cannot be read: .* right angles; resample .*\.$"
    ):
        nifti.read_study(str(path))


def test_two_orientations_in_one_file_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "two.nii"
    sitk.WriteImage(sitk_image(numbered()), str(path))
    data = bytearray(path.read_bytes())
    data[268:272] = np.float32(77).tobytes()
    path.write_bytes(bytes(data))
    (series,) = nifti.read_study(str(path)).series
    assert "two_orientations" in [p.code for p in series.problems]


def test_no_orientation_is_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "none.nii"
    sitk.WriteImage(sitk_image(numbered()), str(path))
    data = bytearray(path.read_bytes())
    data[252:256] = b"\0" * 4
    path.write_bytes(bytes(data))
    (series,) = nifti.read_study(str(path)).series
    assert "no_orientation" in [p.code for p in series.problems]


def test_a_label_map_of_another_grid_is_refused(tmp_path: Path) -> None:
    geometry = VolumeGeometry(np.eye(4), (2, 3, 4))
    other = VolumeGeometry(np.diag((2.0, 1, 1, 1)), (2, 3, 4))
    label_map = LabelMap(np.zeros((2, 3, 4), np.uint8), geometry)
    with pytest.raises(ValueError, match="grid"):
        nifti_write.write_label_map(tmp_path / "x.nii.gz", label_map, LevelMap(0), other)


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    geometry = VolumeGeometry(np.eye(4), (2, 3, 4))
    with pytest.raises(OutputProblem):
        nifti_write.write_volume(tmp_path / "no" / "x.nii.gz", np.zeros((2, 3, 4), np.uint8), geometry)


def test_nan_voxels_become_zero(tmp_path: Path) -> None:
    array = np.ones((2, 3, 4), np.float32)
    array[0, 0, 0] = np.nan
    path = tmp_path / "nan.nii"
    sitk.WriteImage(sitk_image(array), str(path))
    (series,) = nifti.read_study(str(path)).series
    assert float(nifti.load_research_volume(series).array.sum()) == 23


def test_nan_voxels_of_a_z_scored_image_become_as_dark_as_its_air(tmp_path: Path) -> None:
    array = np.linspace(-2, 3, 24, dtype=np.float32).reshape(2, 3, 4)
    array[0, 1, 1], array[1, 2, 3] = np.nan, np.inf
    path = tmp_path / "scored.mha"
    sitk.WriteImage(sitk_image(array), str(path))
    (series,) = nifti.read_study(str(path)).series
    loaded = nifti.load_research_volume(series).array
    assert loaded.dtype == np.float32
    assert np.count_nonzero(loaded == -2) == 3
    assert loaded.max() < 3


def test_a_flat_nifti_is_told(tmp_path: Path) -> None:
    path = tmp_path / "flat.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(numbered((6, 5))), str(path))
    (series,) = nifti.read_study(str(path)).series
    problem = series.problems[0]
    assert problem.code in ("two_dimensional", "no_orientation")
    assert problem.text.startswith("flat.nii.gz is a two-dimensional picture")
