"""Find earlier examinations of the same patient among the studies that were opened together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from lvp_workstation.domain.study import Prior, Problem, Study, same_patient


def with_priors(studies: Sequence[Study]) -> tuple[Study, ...]:
    """Return the studies, each with the earlier ones of its patient, newest first.

    Without a PatientID or a date nobody can tell whose it is and whether it is earlier: not a prior.
    """
    return tuple(replace(study, priors=_priors(study, studies)) for study in studies)


def _priors(study: Study, studies: Sequence[Study]) -> tuple[Prior, ...]:
    earlier = [other for other in studies if _is_prior(other, study)]
    earlier.sort(key=_when, reverse=True)
    return tuple(Prior(s.study_instance_uid, s.study_date, s.modality, s.description) for s in earlier)


def _is_prior(other: Study, study: Study) -> bool:
    if not study.patient.patient_id or not other.series or not same_patient(other.patient, study.patient):
        return False
    if other.study_date == study.study_date:
        return "" < other.study_time < study.study_time
    return "" < other.study_date < study.study_date


def _when(study: Study) -> tuple[str, str]:
    return study.study_date, study.study_time


def identity_conflicts(studies: Sequence[Study]) -> tuple[Problem, ...]:
    """Return a sentence for every two studies that share a PatientID and yet are not of one patient.

    Studies that share their StudyInstanceUID as well were told of when they were divided.
    """
    found: dict[str, Problem] = {}
    for a, b in combinations(studies, 2):
        shared = a.patient.patient_id and a.patient.patient_id == b.patient.patient_id
        divided = a.study_instance_uid == b.study_instance_uid
        if shared and not divided and not same_patient(a.patient, b.patient):
            text = (
                "Two studies share a PatientID, but issuer and birth date do not agree "
                f"({a.patient.identity_words}; {b.patient.identity_words}); they are not compared."
            )
            found.setdefault(text, Problem("identity_conflict", text))
    return tuple(found.values())
