"""Headers become studies: patients kept apart, copies left out, series in browser order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from lvp_workstation.domain.study import OtherObject, Patient, Problem, Series, Study, undisputed
from lvp_workstation.io import tags
from lvp_workstation.io.header import Header, file_name
from lvp_workstation.io.objects import other_object, readable_frames, short_pixels_problem
from lvp_workstation.io.quiet import collected_warnings
from lvp_workstation.io.roles import decide_roles
from lvp_workstation.io.series import build_series

WARNING_LENGTH = 160


def build_studies(headers: Iterable[Header]) -> tuple[Study, ...]:
    """Group headers into studies by patient identity and StudyInstanceUID.

    Objects with different patients under one StudyInstanceUID give different studies, each with a
    problem that says so.
    """
    with collected_warnings():
        return _build_studies(headers)


def _build_studies(headers: Iterable[Header]) -> tuple[Study, ...]:
    groups: dict[tuple[str, Patient], list[Header]] = defaultdict(list)
    for uid, by_patient in _by_study(headers).items():
        for patient, members in _by_patient(by_patient).items():
            groups[uid, patient].extend(members)
    shared = _shared_uids(groups)
    return tuple(
        _build_study(uid, patient, members, shared.get(uid, ())) for (uid, patient), members in groups.items()
    )


def _by_study(headers: Iterable[Header]) -> dict[str, list[Header]]:
    studies: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        studies[tags.text(header.dataset, "StudyInstanceUID") or _made_uid(header, "study")].append(header)
    return studies


def _made_uid(header: Header, what: str) -> str:
    """Return a UID under 2.25 (PS3.5 B.2) for an object that carries none, the same each time."""
    parts = [what, *(tags.text(header.dataset, key) for key in ("PatientID", "StudyDate", "StudyID"))]
    if what == "series":
        parts += [tags.text(header.dataset, key) for key in ("SeriesNumber", "SeriesDescription")]
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def patient_of(dataset: Any) -> Patient:
    """Return the patient an object belongs to."""
    return Patient(
        patient_id=tags.text(dataset, "PatientID"),
        issuer=tags.text(dataset, "IssuerOfPatientID"),
        name=tags.text(dataset, "PatientName"),
        birth_date=tags.text(dataset, "PatientBirthDate"),
        sex=tags.text(dataset, "PatientSex"),
        age=tags.text(dataset, "PatientAge"),
    )


def _by_patient(headers: list[Header]) -> dict[Patient, list[Header]]:
    """Divide the objects of one study by patient.

    What leaves issuer or birth date empty belongs to the one patient that it does not contradict; where
    it could be of several, it stays apart.
    """
    exact: dict[tuple[str, str, str], list[Header]] = defaultdict(list)
    for header in headers:
        exact[patient_of(header.dataset).identity].append(header)
    found: list[tuple[Patient, list[Header]]] = []
    for members in sorted(exact.values(), key=_empty_attributes):
        patient = reduce(_merged, (patient_of(header.dataset) for header in members))
        fitting = [place for place, (known, _) in enumerate(found) if undisputed(known, patient)]
        if len(fitting) == 1:
            known, others = found[fitting[0]]
            found[fitting[0]] = (_merged(known, patient), [*others, *members])
        else:
            found.append((patient, members))
    return dict(found)


def _empty_attributes(members: list[Header]) -> int:
    return sum(not value for value in patient_of(members[0].dataset).identity)


def _merged(a: Patient, b: Patient) -> Patient:
    return replace(
        a,
        issuer=a.issuer or b.issuer,
        name=a.name or b.name,
        birth_date=a.birth_date or b.birth_date,
        sex=a.sex or b.sex,
        age=a.age or b.age,
    )


def _shared_uids(groups: Iterable[tuple[str, Patient]]) -> dict[str, tuple[Patient, ...]]:
    """Return the patients of each StudyInstanceUID that more than one patient carries."""
    patients: dict[str, list[Patient]] = defaultdict(list)
    for uid, patient in groups:
        patients[uid].append(patient)
    return {uid: tuple(members) for uid, members in patients.items() if len(members) > 1}


def _shared_problem(patients: tuple[Patient, ...]) -> tuple[Problem, ...]:
    if not patients:
        return ()
    names = " and ".join(
        f"{p.patient_id or '(no ID)'}{f' born {p.birth_date}' if p.birth_date else ''}" for p in patients
    )
    return (
        Problem(
            "two_patients",
            f"The files of one study carry different patients ({names}); they were opened as "
            f"{len(patients)} studies and are never combined.",
        ),
    )


def _odd_values_problem(headers: list[Header]) -> tuple[Problem, ...]:
    """Return the sentence on values that break the rules of DICOM (as pydicom warns of them)."""
    odd = [header for header in headers if header.warnings]
    if not odd:
        return ()
    files = f"{len(odd)} files carry" if len(odd) > 1 else f"{file_name(odd[0].path)} carries"
    first = " ".join(odd[0].warnings[0].split())[:WARNING_LENGTH]
    text = f"{files} values that break the rules of DICOM and were read as far as possible ({first})."
    return (Problem("odd_values", text, odd[0].path),)


def _build_study(
    study_uid: str, patient: Patient, headers: list[Header], shared: tuple[Patient, ...]
) -> Study:
    others: list[OtherObject] = []
    problems = [*_shared_problem(shared), *_odd_values_problem(headers)]
    series: dict[str, list[Header]] = defaultdict(list)
    for header in _without_copies(headers, problems):
        other = other_object(header)
        if other is not None:
            others.append(other)
            continue
        short = short_pixels_problem(header)
        problems.extend((short,) if short else ())
        if readable_frames(header) > 0:
            series[tags.text(header.dataset, "SeriesInstanceUID") or _made_uid(header, "series")].append(
                header
            )
    stacks = [stack for key, members in series.items() for stack in build_series(key, members)]
    first = headers[0].dataset
    return Study(
        study_instance_uid=study_uid,
        patient=patient,
        series=decide_roles(tuple(sorted(stacks, key=_browser_order))),
        others=tuple(others),
        problems=tuple(problems),
        study_date=tags.text(first, "StudyDate"),
        study_time=tags.text(first, "StudyTime"),
        description=tags.text(first, "StudyDescription"),
        accession_number=tags.text(first, "AccessionNumber"),
        institution=tags.text(first, "InstitutionName"),
        referring_physician=tags.text(first, "ReferringPhysicianName"),
    )


def _browser_order(series: Series) -> tuple[int, str, int]:
    number = series.number if series.number is not None else 1 << 31
    return number, series.series_instance_uid, series.stack


def _without_copies(headers: list[Header], problems: list[Problem]) -> list[Header]:
    """Keep one object of each SOPInstanceUID, preferring one whose pixel data is complete.

    Images at different places are no copies of each other, whatever UID a careless program gave them.
    """
    kept: dict[tuple[str, str], Header] = {}
    copies: list[Header] = []
    for header in headers:
        uid = header.sop_uid or header.path, tags.text(header.dataset, "ImagePositionPatient")
        known = kept.get(uid)
        if known is None or (header.pixels.complete and not known.pixels.complete):
            copies.extend((known,) if known else ())
            kept[uid] = header
        else:
            copies.append(header)
    if copies:
        problems.append(_copies_problem(copies))
    if len({uid for uid, _ in kept}) < len(kept):
        text = "Several images carry one SOPInstanceUID; they are shown, but no object can refer to them."
        problems.append(Problem("shared_uid", text))
    return list(kept.values())


def _copies_problem(copies: list[Header]) -> Problem:
    names = ", ".join(file_name(h.path) for h in copies[:3]) + (" …" if len(copies) > 3 else "")
    files = f"{len(copies)} files ({names}) repeat" if len(copies) > 1 else f"{names} repeats"
    text = f"{files} an object already read (same SOPInstanceUID); each is shown once."
    return Problem("copies", text, copies[0].path)
