"""Grouping, sorting and geometry of stacks."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.geometry import orientation_letters
from lvp_workstation.domain.study import Series, SeriesRole, Study
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE
from lvp_workstation.io.pixels import load_volume
from lvp_workstation.io.scan import scan_paths
from lvp_workstation.io.studies import build_studies
from tests import dicom_factory as factory


def opened(folder: Path) -> tuple[Study, ...]:
    return build_studies(scan_paths([folder]).headers)


def only_study(folder: Path) -> Study:
    (study,) = opened(folder)
    return study


def only_series(folder: Path) -> Series:
    (series,) = only_study(folder).series
    return series


def codes(series: Series) -> set[str]:
    return {problem.code for problem in series.problems}


def assert_voxels_in_place(series: Series) -> None:
    """Every slice of the loaded volume lies where the header of its own file says."""
    loaded = load_volume(series)
    headers = {
        frame.sop_instance_uid: image
        for frame in series.frames
        if frame.path
        for image in [scan_paths([frame.path]).headers[0].dataset]
    }
    for number, uid in enumerate(loaded.volume.source_sop_uids):
        if uid:
            place = loaded.volume.geometry.index_to_world((number, 0, 0))
            assert place == pytest.approx(np.array(headers[uid].ImagePositionPatient, float), abs=0.05)


def test_a_stack_is_sorted_by_position_whatever_number_and_name_say(tmp_path: Path) -> None:
    images = factory.stack(9)
    numbers = list(range(9))
    random.Random(4).shuffle(numbers)
    for data, number in zip(images, numbers, strict=True):
        data.InstanceNumber = number + 1
    names = [f"{n:02d}" for n in random.Random(5).sample(range(99), 9)]
    factory.write(tmp_path, images, names)
    series = only_series(tmp_path)
    assert [f.sop_instance_uid for f in series.frames] == [d.SOPInstanceUID for d in images]
    assert series.geometry is not None
    assert series.geometry.spacing == pytest.approx((4.4, 0.8, 0.7))
    assert series.problems == ()
    volume = load_volume(series).volume
    assert np.array_equal(volume.array, np.stack([d.pixel_array for d in images]))
    positions = [frame.position for frame in series.frames]
    assert positions == sorted(positions)


def test_a_shift_in_the_plane_from_slice_to_slice_stays_in_the_affine(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(6, shift=(0, 0.5, 0.25)))
    series = only_series(tmp_path)
    assert codes(series) == {"sheared"}
    assert "0.56 mm" in series.problems[0].text
    assert series.geometry is not None
    assert series.geometry.affine[:3, SLICE] == pytest.approx((-4.4, 0.5, 0.25))
    assert_voxels_in_place(series)


def test_a_missing_inner_slice_is_named_and_left_blank(tmp_path: Path) -> None:
    images = factory.stack(8)
    del images[3]
    factory.write(tmp_path, images)
    series = only_series(tmp_path)
    assert codes(series) == {"missing_slices"}
    assert "slice 4 of 8 is missing" in series.problems[0].text
    loaded = load_volume(series)
    assert loaded.volume.shape[SLICE] == 8
    assert not loaded.volume.array[3].any()
    assert loaded.volume.source_sop_uids[3] == ""
    assert loaded.volume.attributes["MissingSlices"] == [3]
    assert_voxels_in_place(series)


def test_blocks_far_apart_become_stacks_of_their_own(tmp_path: Path) -> None:
    low = factory.stack(4, orientation=factory.AXIAL, origin=(0, 0, 0))
    high = factory.stack(4, orientation=factory.AXIAL, origin=(0, 0, 37), first_number=5)
    factory.write(tmp_path, [*low, *high])
    study = only_study(tmp_path)
    assert [len(s.frames) for s in study.series] == [4, 4]
    assert "stack_divided" in codes(study.series[0])
    assert len({s.key for s in study.series}) == 2
    for series in study.series:
        assert_voxels_in_place(series)


def test_blocks_of_different_tilt_become_stacks_of_their_own(tmp_path: Path) -> None:
    tilted = (1.0, 0.0, 0.0, 0.0, np.cos(0.3), np.sin(0.3))
    first = factory.stack(3, orientation=factory.AXIAL)
    second = factory.stack(3, orientation=tilted, first_number=4)
    factory.write(tmp_path, [*first, *second])
    study = only_study(tmp_path)
    assert [len(s.frames) for s in study.series] == [3, 3]
    assert all(s.problems == () for s in study.series)


def test_slightly_uneven_spacing_is_one_volume_with_a_note(tmp_path: Path) -> None:
    images = factory.stack(6)
    images[2].ImagePositionPatient[0] -= 0.6
    factory.write(tmp_path, images)
    series = only_series(tmp_path)
    assert codes(series) == {"varying_spacing"}
    assert "0.60 mm" in series.problems[0].text


@pytest.mark.parametrize(
    ("keyword", "second"),
    [
        ("EchoTime", 12.0),
        ("EchoNumbers", 2),
        ("TemporalPositionIdentifier", 2),
        ("AcquisitionNumber", 2),
        ("ImageType", ["ORIGINAL", "PRIMARY", "P", "ND"]),
        ("TriggerTime", 400.0),
        ("AcquisitionTime", "101500"),
    ],
)
def test_repeated_positions_are_told_apart(tmp_path: Path, keyword: str, second: object) -> None:
    first = factory.stack(
        4, **({} if keyword in ("EchoTime", "ImageType") else {keyword: _first_of(keyword)})
    )
    again = factory.stack(4, first_number=11, **{keyword: second})
    factory.write(tmp_path, [*first, *again])
    study = only_study(tmp_path)
    assert [len(s.frames) for s in study.series] == [4, 4]
    for series, images in zip(study.series, (first, again), strict=True):
        assert [f.sop_instance_uid for f in series.frames] == [d.SOPInstanceUID for d in images]


def _first_of(keyword: str) -> object:
    return "101200" if keyword == "AcquisitionTime" else 1


def test_repeated_positions_that_nothing_tells_apart_are_split_in_order(tmp_path: Path) -> None:
    factory.write(tmp_path, [*factory.stack(3), *factory.stack(3, first_number=11)])
    study = only_study(tmp_path)
    assert [len(s.frames) for s in study.series] == [3, 3]
    assert "repeated_positions" in codes(study.series[0])
    assert study.series[0].frames[0].sop_instance_uid.endswith(".1")


def test_one_slice_that_lies_there_twice_is_not_said_of_every_position(tmp_path: Path) -> None:
    factory.write(tmp_path, [*factory.stack(4), *factory.stack(1, first_number=11)])
    study = only_study(tmp_path)
    assert [len(s.frames) for s in study.series] == [4, 1]
    said = next(p.text for p in study.series[0].problems if p.code == "repeated_positions")
    assert "at each position" not in said
    assert "more than one image lies at the same position" in said


def test_a_localizer_of_three_planes_gives_three_stacks(tmp_path: Path) -> None:
    planes = (factory.SAGITTAL, factory.AXIAL, factory.CORONAL)
    images = [
        image
        for n, plane in enumerate(planes)
        for image in factory.stack(3, 10, plane, first_number=3 * n + 1, SeriesDescription="x")
    ]
    factory.write(tmp_path, images)
    study = only_study(tmp_path)
    assert [s.plane and s.plane.value for s in study.series] == ["sagittal", "axial", "coronal"]
    assert {s.role for s in study.series} == {SeriesRole.LOC}
    assert "mixed_orientation" in codes(study.series[0])


@pytest.mark.parametrize(
    "broken",
    [
        {"ImageOrientationPatient": None},
        {"ImagePositionPatient": None},
        {"PixelSpacing": None},
        {"PixelSpacing": [0, 0]},
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
    ],
)
def test_images_without_geometry_are_shown_and_said_so(tmp_path: Path, broken: dict[str, object]) -> None:
    factory.write(tmp_path, factory.stack(3, **broken))
    series = only_series(tmp_path)
    assert series.geometry is None
    assert series.role is SeriesRole.OTHER
    assert codes(series) == {"missing_geometry"}
    loaded = load_volume(series)
    assert loaded.volume.shape == (3, 40, 36)
    assert loaded.volume.attributes["GeometryUnknown"]


def test_images_with_geometry_open_beside_images_without(tmp_path: Path) -> None:
    images = factory.stack(5)
    del images[4].ImagePositionPatient
    factory.write(tmp_path, images)
    series = only_study(tmp_path).series
    assert [(len(s.frames), s.geometry is None) for s in series] == [(4, False), (1, True)]


def test_different_matrices_under_one_uid_are_separate(tmp_path: Path) -> None:
    big = [
        factory.image((50, 0, 0), pixels=factory.pattern(9, 20, 20), number=9),
    ]
    factory.write(tmp_path, [*factory.stack(3), *big])
    assert [len(s.frames) for s in only_study(tmp_path).series] == [3, 1]


def test_two_patient_ids_in_one_study_open_as_two_studies(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3, first_number=11, PatientID="T2"))
    studies = opened(tmp_path)
    assert {s.patient.patient_id for s in studies} == {"T1", "T2"}
    assert [len(s.series[0].frames) for s in studies] == [3, 3]
    for study in studies:
        (problem,) = study.problems
        assert problem.code == "two_patients"
        assert "T1" in problem.text
        assert "T2" in problem.text


def test_the_same_id_with_another_birth_date_is_another_patient(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3, first_number=11, PatientBirthDate="19800101"))
    assert len(opened(tmp_path)) == 2


def test_an_empty_birth_date_contradicts_nothing(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3, first_number=11, PatientBirthDate=""))
    study = only_study(tmp_path)
    assert study.patient.birth_date == "19700101"


def test_copies_of_a_file_are_shown_once(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3))
    study = only_study(tmp_path)
    assert len(study.series[0].frames) == 3
    assert [p.code for p in study.problems] == ["copies"]


def test_images_at_other_places_are_no_copies_whatever_their_uid(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(4, SOPInstanceUID="1.2.3"))
    study = only_study(tmp_path)
    assert len(study.series[0].frames) == 4
    assert [p.code for p in study.problems] == ["shared_uid"]


def test_objects_without_uids_get_stable_ones(tmp_path: Path) -> None:
    gone = {"StudyInstanceUID": None, "SeriesInstanceUID": None}
    factory.write(tmp_path, factory.stack(3, **gone))
    first, second = only_study(tmp_path), only_study(tmp_path)
    assert first.study_instance_uid == second.study_instance_uid
    assert first.study_instance_uid.startswith("2.25.")
    assert len(first.series[0].frames) == 3


@pytest.mark.parametrize("position", ["HFS", "HFP", "HFDR", "HFDL", "FFS"])
def test_patient_position_changes_no_letter(tmp_path: Path, position: str) -> None:
    factory.write(tmp_path, factory.stack(3, PatientPosition=position))
    geometry = only_series(tmp_path).geometry
    assert geometry is not None
    letters = [orientation_letters(geometry.directions[:, axis]) for axis in (SLICE, ROW, COLUMN)]
    assert letters == ["R", "F", "P"]


def test_synthetic_data_is_marked(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(3, SyntheticData="YES"))
    study = only_study(tmp_path)
    assert study.synthetic
    assert load_volume(study.series[0]).volume.synthetic


def test_enhanced_frames_are_divided_by_stack_and_echo(tmp_path: Path) -> None:
    places = [(-4.0 * n, 0, 0) for n in range(4)]
    data = factory.enhanced([*places, *places], echoes=[10.0] * 4 + [90.0] * 4)
    factory.write(tmp_path, [data])
    study = only_study(tmp_path)
    assert [s.attributes["EchoTime"] for s in study.series] == [10.0, 90.0]
    assert [[f.frame_index for f in s.frames] for s in study.series] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    array = load_volume(study.series[1]).volume.array
    assert np.array_equal(array, data.pixel_array[4:])


def test_enhanced_frames_are_sorted_by_their_own_position(tmp_path: Path) -> None:
    places = [(-4.0 * n, 1.0, 2.0) for n in (2, 0, 3, 1)]
    data = factory.enhanced(places)
    factory.write(tmp_path, [data])
    series = only_series(tmp_path)
    assert [f.frame_index for f in series.frames] == [1, 3, 0, 2]
    volume = load_volume(series).volume
    for number, frame in enumerate(series.frames):
        place = volume.geometry.index_to_world((number, 0, 0))
        assert place == pytest.approx(places[frame.frame_index])
        assert np.array_equal(volume.array[number], data.pixel_array[frame.frame_index])


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "mosaic"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary_capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66"}, "raw_data"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.22"}, "structured_report"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.11.1"}, "presentation_state"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}, "segmentation"),
        ({"SOPClassUID": "1.2.3.4.5"}, "unknown"),
    ],
)
def test_other_objects_are_listed_and_break_nothing(
    tmp_path: Path, changed: dict[str, object], kind: str
) -> None:
    factory.write(tmp_path / "good", factory.stack(3))
    factory.write(tmp_path / "odd", [factory.image(number=20, **changed)])
    study = only_study(tmp_path)
    assert len(study.series[0].frames) == 3
    (other,) = study.others
    assert other.kind == kind
    assert "im000.dcm" in other.text


def test_an_absent_issuer_is_an_empty_one(tmp_path: Path) -> None:
    factory.write(tmp_path / "a", factory.stack(3))
    factory.write(tmp_path / "b", factory.stack(3, first_number=11, IssuerOfPatientID=""))
    factory.write(tmp_path / "c", factory.stack(3, first_number=21, IssuerOfPatientID="HOSPITAL"))
    study = only_study(tmp_path)
    assert study.patient.issuer == "HOSPITAL"
    assert study.problems == ()


def test_what_could_be_of_two_patients_stays_apart(tmp_path: Path) -> None:
    for number, issuer in enumerate(("", "A", "B")):
        extra = {"IssuerOfPatientID": issuer} if issuer else {}
        factory.write(tmp_path / str(number), factory.stack(3, first_number=1 + 10 * number, **extra))
    studies = opened(tmp_path)
    assert sorted(s.patient.issuer for s in studies) == ["", "A", "B"]
    assert [len(s.series[0].frames) for s in studies] == [3, 3, 3]
    assert {s.problems[0].code for s in studies} == {"two_patients"}
