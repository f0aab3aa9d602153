"""DICOM segmentations: valid, in place, and read back by highdicom."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import highdicom as hd
import numpy as np
import pytest

from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.study import Series
from lvp_workstation.domain.volume import VolumeGeometry
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.seg import SegAuthor, write_segmentation
from lvp_workstation.io.studies import build_studies
from tests import dicom_factory as factory

LEVELS = LevelMap(1)
NUMBER_OF = {"canal": 2, "L5 vertebra": 101, "sacrum": 50, "L5-S1 disc": 151}
UIDS = ("2.25.10", "2.25.11")


def labels(geometry: VolumeGeometry) -> LabelMap:
    array = np.zeros(geometry.shape, np.uint8)
    array[1:3, 5:10, 5:10] = 101
    array[0:2, 12:14, 5:10] = 151
    array[1, 20:22, 5:9] = 2
    array[2, 30:34, 5:9] = 50
    return LabelMap(array, geometry)


def first_series(*paths: Path) -> list[Series]:
    return list(build_studies(scan_paths(paths).headers)[0].series)


def check(path: Path, series: Series, label_map: LabelMap) -> None:
    """Every voxel of every segment lies where the label map says."""
    seg: Any = hd.seg.segread(str(path))
    volume = seg.get_volume(combine_segments=True)
    names = {n: seg.get_segment_description(n).segment_label for n in seg.segment_numbers}
    assert set(names.values()) == set(NUMBER_OF)
    found = np.argwhere(volume.array > 0)
    world = found @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    index = np.rint(label_map.geometry.world_to_index(world)).astype(int)
    codes = np.array([NUMBER_OF[names[n]] for n in volume.array[volume.array > 0]])
    assert np.array_equal(label_map.array[tuple(index.T)], codes)
    assert len(found) == np.count_nonzero(label_map.array)


def errors_of(path: Path) -> list[str]:
    if which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if line.startswith("Error")]


def written(tmp_path: Path, series: Series, edited: bool = False) -> tuple[Path, LabelMap]:
    assert series.geometry is not None
    label_map = labels(series.geometry)
    author = SegAuthor("lumbar_vnet", "1.0.0", edited=edited)
    return write_segmentation(tmp_path / "seg.dcm", label_map, LEVELS, series, author, UIDS), label_map


GENERAL: dict[str, Any] = {
    "ReferringPhysicianName": "",
    "StudyID": "1",
    "AccessionNumber": "",
    "Manufacturer": "x",
    "PositionReferenceIndicator": "",
}


def test_a_segmentation_of_single_frames(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(4, **GENERAL))
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    assert errors_of(path) == []
    seg: Any = hd.seg.segread(str(path))
    assert seg.StudyInstanceUID == factory.STUDY_UID
    assert seg.PatientID == "T1"
    assert seg.SOPInstanceUID == UIDS[1]
    description = seg.get_segment_description(2)
    assert description.algorithm_type is hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC
    assert description.segmented_property_category.value == "91723000"
    identification = description.SegmentationAlgorithmIdentificationSequence[0]
    assert (identification.AlgorithmName, identification.AlgorithmVersion) == ("lumbar_vnet", "1.0.0")
    references = {
        item.ReferencedSOPInstanceUID
        for groups in seg.PerFrameFunctionalGroupsSequence
        for item in groups.DerivationImageSequence[0].SourceImageSequence
    }
    assert references == {f.sop_instance_uid for f in series.frames[:3]}


def test_a_series_without_frame_of_reference_gets_one_of_its_own(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(4, **{**GENERAL, "FrameOfReferenceUID": None}))
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    assert errors_of(path) == []
    first = hd.seg.segread(str(path)).FrameOfReferenceUID
    again, _ = written(tmp_path, series)
    assert hd.seg.segread(str(again)).FrameOfReferenceUID == first


def test_an_edited_segmentation_says_so(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(4, **GENERAL))
    path, _ = written(tmp_path, first_series(tmp_path / "s")[0], edited=True)
    kind = hd.seg.segread(str(path)).get_segment_description(1).algorithm_type
    assert kind is hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC


def test_a_stack_with_a_missing_slice(tmp_path: Path) -> None:
    images = factory.stack(6, **GENERAL)
    del images[4]
    factory.write(tmp_path / "s", images)
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)


def test_a_stack_with_two_missing_slices(tmp_path: Path) -> None:
    images = factory.stack(15, **GENERAL)
    del images[6], images[4]
    factory.write(tmp_path / "s", images)
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)


def test_frames_that_share_a_place_are_kept_apart(tmp_path: Path) -> None:
    places = [(-4.0 * n, 0, 0) for n in range(4)]
    data = factory.enhanced([*places, *places], echoes=[10.0] * 4 + [90.0] * 4, **GENERAL)
    factory.write(tmp_path / "s", [data])
    series = first_series(tmp_path / "s")[1]
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    seg: Any = hd.seg.segread(str(path))
    numbers = {
        int(item.ReferencedFrameNumber)
        for groups in seg.PerFrameFunctionalGroupsSequence
        for item in groups.DerivationImageSequence[0].SourceImageSequence
    }
    assert numbers == {5, 6, 7}


def test_a_map_on_part_of_the_slices_lies_on_that_part(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(6))
    (series,) = first_series(tmp_path / "s")
    assert series.geometry is not None
    affine = series.geometry.affine.copy()
    affine[:3, 3] += affine[:3, 0]
    label_map = labels(VolumeGeometry(affine, (4, 40, 36)))
    author = SegAuthor("a", "1")
    path = write_segmentation(tmp_path / "x.dcm", label_map, LEVELS, series, author, UIDS)
    check(path, series, label_map)


def test_headers_that_lack_what_must_be_copied(tmp_path: Path) -> None:
    gone = dict.fromkeys(
        ("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "SliceThickness")
    )
    factory.write(tmp_path / "s", factory.stack(4, **gone))
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    assert errors_of(path) == []


NAMES: dict[str, tuple[list[str], str]] = {
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "cyrillic": (["ISO_IR 144"], "Иванов^Иван"),
    "chinese": (["GB18030"], "Wang^XiaoDong=王^小东"),
}


@pytest.mark.parametrize("language", NAMES)
def test_a_name_of_any_script_is_copied(tmp_path: Path, language: str) -> None:
    sets, name = NAMES[language]
    named = {"SpecificCharacterSet": sets, "PatientName": name}
    factory.write(tmp_path / "s", factory.stack(4, **{**GENERAL, **named}))
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    assert errors_of(path) == []
    assert str(hd.seg.segread(str(path)).PatientName) == name


def test_an_unknown_character_set_is_no_reason_for_no_segmentation(tmp_path: Path) -> None:
    (first, *_) = paths = factory.write(tmp_path / "s", factory.stack(4, SpecificCharacterSet="ISO_IR 192"))
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"ISO_IR 192", b"NONSENSE99"))
    assert b"NONSENSE99" in first.read_bytes()
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)


def test_impossible_dates_are_left_out(tmp_path: Path) -> None:
    dates = {"PatientBirthDate": "19600101", "StudyDate": "20200102", "StudyTime": "121314"}
    for path in factory.write(tmp_path / "s", factory.stack(4, **{**GENERAL, **dates})):
        data = path.read_bytes().replace(b"19600101", b"19600000").replace(b"20200102", b"20201302")
        path.write_bytes(data.replace(b"121314", b"noon  "))
    (series,) = first_series(tmp_path / "s")
    path, label_map = written(tmp_path, series)
    check(path, series, label_map)
    assert errors_of(path) == []
    seg: Any = hd.seg.segread(str(path))
    assert [str(seg[word].value or "") for word in ("PatientBirthDate", "StudyDate", "StudyTime")] == [""] * 3


def test_headers_without_a_study_are_one_sentence(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(4, StudyInstanceUID=None))
    with pytest.raises(OutputProblem, match="the headers of the series lack StudyInstanceUID"):
        written(tmp_path, first_series(tmp_path / "s")[0])


@pytest.mark.real_data
@pytest.mark.parametrize(
    "folder",
    ["studies/study_200", "dicom_zoo/siemens_xa30_enhanced_sag", "dicom_zoo/philips_enhanced"],
)
def test_segmentations_of_real_objects_are_valid(shared_data: Path, tmp_path: Path, folder: str) -> None:
    for series in first_series(shared_data / folder):
        path, label_map = written(tmp_path, series)
        check(path, series, label_map)
        assert errors_of(path) == []


def test_an_empty_or_misplaced_map_is_refused(tmp_path: Path) -> None:
    factory.write(tmp_path / "s", factory.stack(4))
    (series,) = first_series(tmp_path / "s")
    assert series.geometry is not None
    empty = LabelMap(np.zeros(series.geometry.shape, np.uint8), series.geometry)
    author = SegAuthor("a", "1")
    with pytest.raises(OutputProblem, match="empty"):
        write_segmentation(tmp_path / "x.dcm", empty, LEVELS, series, author, UIDS)
    elsewhere = labels(series.geometry.flipped(0))
    with pytest.raises(OutputProblem, match="slices of the series"):
        write_segmentation(tmp_path / "x.dcm", elsewhere, LEVELS, series, author, UIDS)
    assert not (tmp_path / "x.dcm").exists()
