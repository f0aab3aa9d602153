"""Opening what a user points at, DICOM and research files together."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from lvp_workstation.domain.errors import NothingReadable, UsageProblem
from lvp_workstation.domain.study import Series, SeriesRole
from lvp_workstation.io.pixels import LoadedVolume
from lvp_workstation.services import open_study
from lvp_workstation.services.open_study import (
    OpenedInput,
    VolumeCache,
    VolumeLoader,
    find_series,
    load_volume,
    open_paths,
)
from tests import dicom_factory as factory


def write_nifti(path: Path) -> Path:
    image = sitk.GetImageFromArray(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
    image.SetSpacing((1, 1, 4))
    sitk.WriteImage(image, str(path))
    return path


def test_dicom_and_research_files_open_side_by_side(tmp_path: Path) -> None:
    factory.write(tmp_path / "d", factory.stack(3))
    write_nifti(tmp_path / "image.nii.gz")
    (tmp_path / "note.txt").write_text("hello")
    opened = open_paths([tmp_path], role=SeriesRole.SAG_T1)
    assert [s.series[0].role for s in opened.studies] == [SeriesRole.SAG_T2, SeriesRole.SAG_T1]
    assert [p.code for p in opened.problems] == ["unreadable_file"]
    shapes = [load_volume(s.series[0]).volume.shape for s in opened.studies]
    assert shapes == [(3, 40, 36), (3, 4, 5)]


def test_nothing_readable_says_why(tmp_path: Path) -> None:
    with pytest.raises(NothingReadable, match=f"{re.escape(str(tmp_path))} holds no files"):
        open_paths([tmp_path])
    (tmp_path / "a.dcm").write_bytes(b"")
    (tmp_path / "b.nii").write_bytes(b"x")
    with pytest.raises(NothingReadable, match=r"(?s)a\.dcm is empty.*b\.nii cannot be read"):
        open_paths([tmp_path])
    with pytest.raises(NothingReadable, match="does not exist"):
        open_paths([tmp_path / "nowhere"])


def test_only_broken_images_are_nothing_readable(tmp_path: Path) -> None:
    (path,) = factory.write(tmp_path, [factory.image()])
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(NothingReadable, match="cut short"):
        open_paths([path])


def test_series_are_listed_while_scanning_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_study, "PARTIAL_SECONDS", 0.0)
    monkeypatch.setattr(open_study, "PARTIAL_SHARE", 0.0)
    factory.write(tmp_path, factory.stack(4))
    seen: list[OpenedInput] = []
    open_paths([tmp_path], on_partial=seen.append)
    assert [len(o.studies[0].series[0].frames) for o in seen] == [1, 2, 3, 4]


def test_a_long_run_of_one_problem_is_counted(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(2))
    for n in range(25):
        (tmp_path / f"note{n:02d}.txt").write_text("hello")
    problems = open_paths([tmp_path]).problems
    assert len(problems) == 11
    assert "15 more" in problems[-1].text


def test_series_are_found_by_key(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(2))
    opened = open_paths([tmp_path])
    assert find_series(opened, factory.SERIES_UID)[1] is opened.studies[0].series[0]
    with pytest.raises(UsageProblem):
        find_series(opened, "1.2.3")


def test_loaded_volumes_are_kept_up_to_a_limit(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3, first_number=9, SeriesInstanceUID="1.2.3"))
    first, second = open_paths([tmp_path]).studies[0].series
    loader = VolumeLoader(VolumeCache(limit_bytes=3 * 40 * 36 * 2))
    kept = loader.load(first)
    assert loader.load(first) is kept
    loader.load(second)
    assert loader.load(first) is not kept


def test_research_slices_arrive_middle_first(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "image.nii")
    order: list[int] = []
    series = open_paths([path]).studies[0].series[0]
    load_volume(series, on_slice=lambda number, _: order.append(number))
    assert order == [1, 0, 2]


@pytest.mark.real_data
def test_a_folder_of_several_patients_opens_as_several_studies(shared_data: Path) -> None:
    opened = open_paths([shared_data / "studies"])
    dicom = [s for s in opened.studies if s.patient.patient_id]
    assert len({s.study_instance_uid for s in dicom}) == 6
    assert opened.problems == ()
    assert len(opened.studies) == 6 + 12


def test_a_volume_asked_for_twice_at_once_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.write(tmp_path, factory.stack(3))
    (study,) = open_paths([tmp_path]).studies
    decoded: list[str] = []

    def slow(series: Series, *rest: object) -> LoadedVolume:
        decoded.append(series.key)
        time.sleep(0.2)
        return load_volume(series)

    monkeypatch.setattr("lvp_workstation.services.open_study.load_volume", slow)
    loader = VolumeLoader(VolumeCache())
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(loader.load, [study.series[0]] * 2)
    assert first is second
    assert len(decoded) == 1
