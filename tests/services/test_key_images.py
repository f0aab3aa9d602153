"""Key images: the plane of a disc is an acquired axial slice where there is one; whose study they are of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.anatomy import SACRUM
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.errors import IdentityConflict
from lvp_workstation.domain.findings import FindingKey
from lvp_workstation.domain.geometry import vector
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.reading import MODEL_LABELS, Reading
from lvp_workstation.domain.reading_edits import set_grade
from lvp_workstation.domain.study import Patient, Series, SeriesRole
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.grading.detector import DiscClass
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.render.raster import text_mask
from lvp_workstation.report.document import ReportImage
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.services.analyse import restored
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.axial_series import axial_through
from lvp_workstation.services.key_images import BADGE_COLOURS, BOX_COLOURS, TOP_BODY_MM, level_texts
from lvp_workstation.services.open_study import load_volume, open_paths
from lvp_workstation.services.report_out import key_images
from tests.app import cli_samples as samples
from tests.services import reading_samples as simple

AXIAL = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
DISC = DiscLandmarks("D2", (0.0, 0.0, 10.0), (0.0, 0.0, 1.0))


def axial(height: float, axes: tuple[tuple[float, float, float], ...] = AXIAL, count: int = 3) -> Volume:
    """Return axial slices 5 mm apart around the axis of `DISC`, the first one at a height."""
    grid = VolumeGeometry.from_axes((-40.0, -40.0, height), axes, (5.0, 1.0, 1.0), (count, 80, 80))
    return Volume(np.full(grid.shape, 200, dtype=np.uint16), grid)


def test_the_slice_nearest_to_the_disc_is_chosen() -> None:
    far, near = axial(13.5), axial(9.0)
    assert axial_through((far, near), DISC) is near
    assert axial_through((far,), DISC) is far
    assert axial_through((axial(14.5), axial(-30.0)), DISC) is None
    steep = ((0.0, 0.7071, 0.7071), (0.0, 0.7071, -0.7071), (1.0, 0.0, 0.0))
    assert axial_through((axial(9.0, steep),), DISC) is None
    beside = Volume(
        far.array, VolumeGeometry.from_axes((60.0, -40.0, 9.0), AXIAL, (5.0, 1.0, 1.0), (3, 80, 80))
    )
    assert axial_through((beside,), DISC) is None


def analysed(folder: Path) -> Analysis:
    """Return the analysis of a known spine beside axial slices in its frame of reference and in another."""
    spine = samples.known_spine()
    target = StudyToWrite("axials", Patient("TEST-1"))
    write_series(folder / "sagittal", target, MrProtocol("SAG T2", number=1), spine.volume)
    middle, height = spine.volume.geometry.centre, 5.0 * 40
    start = middle - np.array((40.0, 40.0, height / 2))
    pixels = np.random.default_rng(1).integers(100, 900, (40, 80, 80)).astype(np.uint16)
    for number, frame in ((2, ""), (3, "1.2.3.9")):
        grid = VolumeGeometry.from_axes(start, AXIAL, (5.0, 1.0, 1.0), (40, 80, 80), frame)
        protocol = MrProtocol(f"AX T2 TSE {number}", number=number)
        write_series(folder / f"axial {number}", target, protocol, Volume(pixels, grid))
    (study,) = open_paths([folder]).studies
    return samples.analyser_of(spine)(None).analyse(study, lambda series, _: load_volume(series).volume)


def has(image: ReportImage, word: str) -> bool:
    """Return whether the badge of a word is drawn."""
    return bool((image.pixels == np.array(BADGE_COLOURS[word])).all(axis=2).any())


def boxed(image: ReportImage) -> bool:
    """Return whether a box of the detector is drawn."""
    return bool((image.pixels == np.array(BOX_COLOURS[DiscClass.DISPLACED])).all(axis=2).any())


def test_boxes_of_the_ai_stand_in_its_own_draft_only(tmp_path: Path) -> None:
    analysis = analysed(tmp_path)
    found = tuple(replace(one, kind=DiscClass.DISPLACED) for one in analysis.detections)
    analysis = replace(analysis, detections=found)
    middle, *_ = key_images(analysis)
    assert boxed(middle)
    uid, patient = analysis.study.study_instance_uid, analysis.study.patient
    middle, *_ = key_images(analysis, Reading("r", uid, patient, level_map=analysis.levels))
    assert not boxed(middle)


def test_captions_say_when_the_reader_corrected_the_outlines(tmp_path: Path) -> None:
    analysis = analysed(tmp_path)
    uid, patient = analysis.study.study_instance_uid, analysis.study.patient
    reading = Reading("r", uid, patient, level_map=analysis.levels, labels_sha256="ab" * 32)
    assert not any("corrected" in image.caption for image in key_images(analysis, reading))
    changed = replace(reading, facts={MODEL_LABELS: "cd" * 32})
    assert all("labels corrected by the reader" in image.caption for image in key_images(analysis, changed))


def test_an_acquired_axial_slice_is_preferred_to_a_computed_plane(tmp_path: Path) -> None:
    analysis = analysed(tmp_path)
    assert len([s for s in analysis.study.series if s.role is SeriesRole.AX_T2]) == 2
    assert len(analysis.axials) == 1
    *_, acquired = key_images(analysis)
    *_, computed = key_images(replace(analysis, axials=()))
    assert "acquired axial T2 slice" in acquired.caption
    assert (has(acquired, "COMPUTED"), has(acquired, "ACQUIRED")) == (False, True)
    assert "computed from SAG T2" in computed.caption
    assert (has(computed, "COMPUTED"), has(computed, "ACQUIRED")) == (True, False)
    assert computed.target == acquired.target


def test_words_in_the_pictures_are_said_in_the_language_of_the_report(tmp_path: Path) -> None:
    analysis, heard = analysed(tmp_path), list[str]()
    phrases = load_phrases("zh")

    def speak(word: str) -> str:
        heard.append(word)
        return phrases.of_program(word)

    english, chinese = key_images(analysis)[-1], key_images(analysis, speak=speak)[-1]
    assert has(chinese, "ACQUIRED")
    assert (english.pixels != chinese.pixels).any()
    key_images(replace(analysis, axials=()), speak=speak)
    assert {"ACQUIRED", "COMPUTED"} <= set(heard) <= {"ACQUIRED", "COMPUTED", "LEFT", "RIGHT"}
    assert all(phrases.of_program(word) != word for word in ("ACQUIRED", "COMPUTED", "LEFT", "RIGHT"))


def test_chinese_characters_are_drawn_as_themselves() -> None:
    masks = [text_mask(character, 24) for character in "左右采"]
    assert all(mask.size and mask.max() > 0.9 for mask in masks)
    assert len({(mask.shape, mask.tobytes()) for mask in masks}) == 3
    both, latin = text_mask("左侧  L4-L5?", 24), text_mask("L4-L5?", 24)
    assert both.shape[1] > text_mask("左侧", 24).shape[1] + latin.shape[1]
    assert (both[:, -latin.shape[1] :].max(axis=0) == latin.max(axis=0)).all()


def test_a_reading_of_another_study_or_patient_is_not_restored() -> None:
    def load(series: Series, _: CancelToken | None) -> Volume:
        raise AssertionError("nothing may be read")

    for uid, patient in (("9.9", simple.PATIENT), (simple.STUDY.study_instance_uid, Patient("ANOTHER"))):
        reading = Reading("r", uid, patient, level_map=simple.LEVELS)
        with pytest.raises(IdentityConflict):
            restored(simple.STUDY, reading, simple.label_map(), load, simple.TIME)


def test_the_worst_level_is_the_readers_once_there_are_grades(tmp_path: Path) -> None:
    analysis = analysed(tmp_path)
    reading = Reading(
        "r", analysis.study.study_instance_uid, analysis.study.patient, level_map=analysis.levels
    )
    for scale, grade in (("herniation", "extrusion"), ("central_canal", "severe")):
        reading = set_grade(reading, FindingKey("D4", scale), grade, Author("READER", "")).applied(reading)
    *_, chosen = key_images(analysis, reading)
    assert chosen.target == "D4"
    assert chosen.caption.startswith(analysis.levels.shown_name("D4"))


def test_a_slab_too_narrow_for_a_plane_shows_the_disc_from_the_side(tmp_path: Path) -> None:
    analysis = replace(analysed(tmp_path), axials=())
    volume = analysis.volume
    middle = volume.shape[0] // 2
    few = slice(middle - 1, middle + 2)
    origin = volume.geometry.index_to_world((few.start, 0, 0))
    grid = VolumeGeometry.from_axes(
        origin, volume.geometry.directions, volume.geometry.spacing, (3, *volume.shape[1:])
    )
    slab = replace(volume, array=volume.array[few], geometry=grid)
    labels = LabelMap(analysis.labels.array[few], grid)
    *_, image = key_images(replace(analysis, volume=slab, labels=labels))
    assert "sagittal slice through the disc" in image.caption
    assert not has(image, "COMPUTED")


def test_the_sacrum_is_named_in_its_uppermost_body(tmp_path: Path) -> None:
    analysis = analysed(tmp_path)
    index = middle_slice(analysis.labels)
    (sacrum,) = (t for t in level_texts(analysis.labels, analysis.levels, index) if t.text == "S1?")
    voxels = np.argwhere(analysis.labels.mask(SACRUM))
    on_slice = voxels[voxels[:, 0] == index].astype(float)
    points = analysis.labels.geometry.index_to_world(on_slice)
    assert points[:, 2].max() - TOP_BODY_MM <= vector(sacrum.point)[2] <= points[:, 2].max()
    assert np.linalg.norm(points - vector(sacrum.point), axis=1).min() < 3.0, "it stands on the bone"
