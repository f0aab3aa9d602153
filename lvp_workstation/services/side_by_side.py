"""Further readings of one study: addenda, consensus and arbitration, and result sets beside each other."""

from __future__ import annotations

import uuid
from collections import Counter

from lvp_workstation.domain.addendum import begin_addendum, begin_joint_reading
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.people import Permission, require
from lvp_workstation.domain.reading import Reading, ReadingState, Role
from lvp_workstation.domain.result_sets import (
    ResultSet,
    may_compare_ai,
    may_compare_readers,
    of_ai,
    of_reading,
)
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.store.repositories import ReadingSummary


def open_addendum(room: ReadingRoom, signed: ReadingSession, reason: str, author: Author) -> ReadingSession:
    """Return the session of a new addendum to a signed reading, with its segmentation.

    Raises
    ------
    ReadingStateError
        When the reading is not signed, or is superseded already.
    UsageProblem
        Without a reason.
    NotPermitted
        When who signed in may not sign.
    """
    require(room.person, Permission.SIGN)
    fresh = begin_addendum(signed.reading, uuid.uuid4().hex, reason)
    owner = room.person.login if room.person is not None else signed.reader
    room.readings.create(fresh, owner, author.time_utc, signed.labels)
    return room.session(fresh.reading_id)


def open_joint_reading(
    room: ReadingRoom, first_id: str, second_id: str, owner: str, role: Role, author: Author
) -> ReadingSession:
    """Return the session of a new consensus or arbitration of two signed readings.

    ``owner`` names whose reading it is, apart from the readers' own.

    Raises
    ------
    ReadingStateError, IdentityConflict, UsageProblem
        See `begin_joint_reading`.
    """
    require(room.person, Permission.JOIN)
    first, second = room.session(first_id), room.session(second_id)
    joint = begin_joint_reading(first.reading, second.reading, uuid.uuid4().hex, role, author)
    room.readings.create(joint, owner, author.time_utc, first.labels)
    return room.session(joint.reading_id)


def signed_readings(room: ReadingRoom, reading: Reading) -> tuple[tuple[ReadingSummary, str], ...]:
    """Return the signed readings of the study of a reading, by readers and trainees, and who signed each.

    No two are called alike.
    """
    found = room.readings.summaries(reading.study_instance_uid)
    own = (s for s in found if s.patient_id == reading.patient.patient_id)
    signed = (s for s in own if s.state is ReadingState.SIGNED and s.role in (Role.READER, Role.TRAINEE))
    named = [(s, _signer(room.session(s.reading_id).reading, s)) for s in signed]
    often = Counter(name for _, name in named)
    return tuple((s, name if often[name] == 1 else f"{name} ({s.reader} {s.number})") for s, name in named)


def result_sets(room: ReadingRoom, own: Reading) -> tuple[ResultSet, ...]:
    """Return the result sets of a study that may be shown beside a reading, its own first.

    What would influence a reading that is not finished is not among them: the AI's before everything of it
    was revealed, other readers' before the reading is signed.
    """
    summaries = room.readings.summaries(own.study_instance_uid)
    mine = [s for s in summaries if s.patient_id == own.patient.patient_id]
    sets = [of_reading(own, _title(own, "this reading"))]
    if may_compare_readers(own):
        sets += [
            of_reading(other, _signer(other, s))
            for s in mine
            if s.reading_id != own.reading_id and s.state.signed
            for other in (room.session(s.reading_id).reading,)
        ]
    if may_compare_ai(own):
        results = room.readings.ai_results(own.study_instance_uid, own.patient.patient_id)
        sets += [of_ai(result) for result in results]
    return tuple(sets)


def _signer(reading: Reading, summary: ReadingSummary) -> str:
    """Return who signed a reading, with its number where it is not the first one."""
    name = _title(reading, summary.reader)
    return name if summary.number < 2 else f"{name} {summary.number}"


def _title(reading: Reading, fallback: str) -> str:
    return reading.signature.reader if reading.signature is not None else fallback
