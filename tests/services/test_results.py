"""Writing results: safe folder names, all files or none; a series that cannot be read is passed over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lvp_workstation.domain.errors import NoLumbarSeries, OutputProblem, UnreadableInput
from lvp_workstation.domain.landmarks import DiscLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Patient, Problem, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.plausible import ABSURD_SIZE
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite, write_series
from lvp_workstation.services import results
from lvp_workstation.services.axial_series import axial_cover
from lvp_workstation.services.open_study import load_volume, open_paths
from tests import dicom_factory as factory
from tests.app import cli_samples as samples


def test_folder_names_are_safe_and_never_the_same() -> None:
    uids = ("1.2.3", "1.2.3", "../../etc", "", "a/b", "1.2.3_2")
    names = results.folder_names([Study(uid, Patient("P"), ()) for uid in uids])
    assert names == ("1.2.3", "1.2.3_2", "_.._etc", "study", "a_b", "1.2.3_2_2")
    assert all(Path(name).name == name for name in names)


def test_results_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / results.OVERLAY).write_text("stale")

    def fill(staging: Path) -> None:
        (staging / results.ANALYSIS).write_text("new")

    def fail(staging: Path) -> None:
        fill(staging)
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputProblem, match="No space left"):
        results.in_one_step(tmp_path, fail)
    assert {p.name for p in tmp_path.iterdir()} == {"mine.txt", results.OVERLAY}
    results.in_one_step(tmp_path, fill)
    assert {p.name for p in tmp_path.iterdir()} == {"mine.txt", results.ANALYSIS}
    (tmp_path / results.LABELS).mkdir()
    with pytest.raises(OutputProblem, match="is a folder"):
        results.in_one_step(tmp_path, fill)
    assert (tmp_path / results.ANALYSIS).read_text() == "new"


def test_a_series_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    spine = samples.known_spine()
    target = StudyToWrite("two series", Patient("TEST-1"))
    write_series(tmp_path / "a", target, MrProtocol("SAG T2 A", number=1), spine.volume)
    write_series(tmp_path / "b", target, MrProtocol("SAG T2 B", number=2), spine.volume)
    (study,) = open_paths([tmp_path]).studies
    broken: set[str] = {"SAG T2 A"}

    def load(series: Series, _: CancelToken | None) -> Volume:
        if series.description in broken:
            raise UnreadableInput(f"{series.description} cannot be decoded.")
        return load_volume(series).volume

    analyser = samples.analyser_of(spine)(None)
    analysis = analyser.analyse(study, load)
    assert analysis.series.description == "SAG T2 B"
    assert ("unreadable_series", "SAG T2 A cannot be decoded.") in [
        (w.code, w.text) for w in analysis.warnings
    ]
    broken.add("SAG T2 B")
    with pytest.raises(UnreadableInput, match="SAG T2 A"):
        analyser.analyse(study, load)
    absurd = replace(study.series[0], problems=(Problem(ABSURD_SIZE, "No patient is that large."),))
    with pytest.raises(NoLumbarSeries, match="no sagittal MR series"):
        analyser.analyse(replace(study, series=(absurd,)), load)
    with pytest.raises(NoLumbarSeries, match="no sagittal MR series"):
        analyser.analyse(Study("1.2", Patient("P"), ()), load)


def test_an_axial_image_covers_the_discs_it_crosses(tmp_path: Path) -> None:
    factory.write(tmp_path, factory.stack(3, orientation=factory.AXIAL))
    (study,) = open_paths([tmp_path]).studies
    (series,) = study.series
    assert series.role is SeriesRole.AX_T2
    assert series.geometry is not None
    centre, up = series.geometry.centre, (0.0, 0.0, 1.0)
    reach = 1.5 * series.geometry.spacing[0]
    shifts = {"D1": 0.0, "D2": reach + 3.0, "D3": reach + 5.0, "D4": -60.0}
    discs = {
        name: DiscLandmarks(name, (float(centre[0]), float(centre[1]), float(centre[2]) + shift), up)
        for name, shift in shifts.items()
    }
    assert axial_cover(study, discs) == {"D1", "D2"}
