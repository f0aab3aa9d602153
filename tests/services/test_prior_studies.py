"""Earlier examinations opened beside a study: whose they are, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lvp_workstation.domain.errors import IdentityConflict
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient, Study
from lvp_workstation.report.builder import comparison_section
from lvp_workstation.report.document import Paragraph
from lvp_workstation.report.phrases import load_phrases
from lvp_workstation.services.open_study import OpenedInput, open_paths
from lvp_workstation.services.study_facts import study_facts
from tests import dicom_factory as factory

NOW, BEFORE = "1.2.3.1", "1.2.3.2"


def two_studies(
    folder: Path, of_prior: dict[str, Any], of_study: dict[str, Any] | None = None
) -> OpenedInput:
    study = {"StudyInstanceUID": NOW, "StudyDate": "20240501", **(of_study or {})}
    prior = {"StudyInstanceUID": BEFORE, "StudyDate": "20190302", **of_prior}
    factory.write(folder / "a", factory.stack(3, SeriesInstanceUID=f"{NOW}.1", **study))
    factory.write(folder / "b", factory.stack(3, first_number=11, SeriesInstanceUID=f"{BEFORE}.1", **prior))
    return open_paths([folder])


def by_uid(opened: OpenedInput, uid: str) -> Study:
    (study,) = (s for s in opened.studies if s.study_instance_uid == uid)
    return study


def comparison(study: Study) -> list[str]:
    reading = Reading("r", study.study_instance_uid, study.patient)
    section = comparison_section(reading, study_facts(study), load_phrases())
    return [block.text for block in section.blocks if isinstance(block, Paragraph)]


def test_an_earlier_study_of_the_patient_is_named_under_comparison(tmp_path: Path) -> None:
    opened = two_studies(tmp_path, {"StudyDescription": "LUMBAR"})
    assert opened.problems == ()
    (line,) = comparison(by_uid(opened, NOW))
    assert line.startswith("MR of 2019-03-02")
    assert "LUMBAR" in line
    assert comparison(by_uid(opened, BEFORE)) == ["None available."]


@pytest.mark.parametrize(
    "other",
    [
        {"PatientID": "T2"},
        {"PatientID": ""},
        {"PatientBirthDate": "19800101"},
        {"PatientBirthDate": ""},
        {"IssuerOfPatientID": "HOSPITAL B"},
        {"StudyDate": ""},
        {"StudyDate": "20250101"},
    ],
)
def test_what_may_be_of_somebody_else_or_is_not_earlier_is_no_prior(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    opened = two_studies(tmp_path, other)
    assert comparison(by_uid(opened, NOW)) == ["None available."]
    refused = [p.text for p in opened.problems if p.code == "identity_conflict"]
    assert len(refused) == ("PatientBirthDate" in other or "IssuerOfPatientID" in other)
    assert all("T1" in text and "not compared" in text for text in refused)


def test_patients_without_an_id_are_never_priors_of_each_other(tmp_path: Path) -> None:
    opened = two_studies(tmp_path, {"PatientID": ""}, {"PatientID": ""})
    assert all(study.priors == () for study in opened.studies)


def test_of_one_day_the_time_decides(tmp_path: Path) -> None:
    same_day = {"StudyDate": "20240501"}
    opened = two_studies(tmp_path / "1", {**same_day, "StudyTime": "0900"}, {"StudyTime": "1000"})
    assert [p.study_instance_uid for p in by_uid(opened, NOW).priors] == [BEFORE]
    opened = two_studies(tmp_path / "2", {**same_day, "StudyTime": ""}, {"StudyTime": "1000"})
    assert all(study.priors == () for study in opened.studies)


def test_a_reading_takes_only_what_was_made_from_its_study() -> None:
    patient = Patient("P", "A", birth_date="19700101")
    reading = Reading("r", NOW, patient)
    reading.require_study(Study(NOW, patient, ()), "analysis")
    with pytest.raises(
        IdentityConflict, match=r"analysis belongs to patient P of B .* not to patient P of A"
    ):
        reading.require_study(Study(NOW, Patient("P", "B", birth_date="19700101"), ()), "analysis")
    with pytest.raises(IdentityConflict, match="another study"):
        reading.require_study(Study(BEFORE, patient, ()), "analysis")
