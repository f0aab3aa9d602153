"""Readings made of readings: an addendum to a signed one, and a consensus or arbitration of two.

Each is a reading of its own that names its sources by id and signed hash; the sources stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from lvp_workstation.domain.edit_parts import Author, program_edit
from lvp_workstation.domain.edits import Change, Edit
from lvp_workstation.domain.errors import ReadingStateError, UsageProblem
from lvp_workstation.domain.findings import Action, Finding, FindingKey, ReaderValue
from lvp_workstation.domain.reading import Reading, ReadingMode, ReadingState, Reference, Role

AGREED = "both readers agree"


def reference(reading: Reading) -> Reference:
    """Return the reference to a signed reading.

    Raises
    ------
    ReadingStateError
        When it is not signed.
    """
    if not reading.state.signed or reading.signature is None:
        raise ReadingStateError("Only a signed reading can be referred to; sign it first.")
    sign = reading.signature
    return Reference(reading.reading_id, sign.sha256, sign.reader, reading.role, sign.time_local)


def begin_addendum(signed: Reading, reading_id: str, reason: str) -> Reading:
    """Return the addendum to a signed reading as it begins: all it says, unsigned, and why.

    Raises
    ------
    ReadingStateError
        When the reading is not signed, or an addendum to it exists already: that one is to be amended.
    UsageProblem
        Without a reason.
    """
    superseded = reference(signed)
    if signed.state is ReadingState.ADDENDED:
        raise ReadingStateError("An addendum to this reading exists; amend that one.")
    if not reason.strip():
        raise UsageProblem("Say in a few words why the addendum is written.")
    return replace(
        signed,
        reading_id=reading_id,
        state=ReadingState.NEW,
        signature=None,
        supersedes=superseded,
        addendum_reason=reason.strip(),
        superseded_by=(),
    )


def note_addendum(signed: Reading, addendum: Reading, author: Author) -> Edit:
    """Note on a signed reading that a signed addendum supersedes it; nothing else of it changes.

    Raises
    ------
    ReadingStateError
        When the addendum is not signed or supersedes another reading.
    """
    reference(addendum)
    if not reference(signed).same_as(addendum.supersedes):
        raise ReadingStateError("This addendum supersedes another reading.")
    changes = [
        Change("state", signed.state, ReadingState.ADDENDED),
        Change("superseded_by", signed.superseded_by, (*signed.superseded_by, addendum.reading_id)),
    ]
    return program_edit("addendum", "superseded by an addendum", author, changes)


def begin_joint_reading(
    first: Reading, second: Reading, reading_id: str, role: Role, author: Author
) -> Reading:
    """Return the consensus or arbitration of two signed readings as it begins.

    Where both give one grade it stands; where they differ both values stand side by side, and a grade has
    to be chosen before the joint reading is signed. The AI is not shown in it.

    Raises
    ------
    ReadingStateError
        When one of them is not signed.
    IdentityConflict
        When they are of different patients.
    UsageProblem
        When they are one reading, of two studies, number different levels, or the role is another one.
    """
    sources = (reference(first), reference(second))
    first.patient.require_same(second.patient, "second reading")
    if role not in (Role.CONSENSUS, Role.ARBITER):
        raise UsageProblem("Two readings are joined by consensus or by an arbiter.")
    if first.reading_id == second.reading_id or first.study_instance_uid != second.study_instance_uid:
        raise UsageProblem("Two different readings of one study are needed.")
    if (
        first.level_map is None
        or second.level_map is None
        or not first.level_map.named_alike(second.level_map)
    ):
        raise UsageProblem("The two readings do not name the same levels; agree on the numbering first.")
    keys = {*first.findings, *second.findings}
    joined = {key: _joined(key, first.finding(key), second.finding(key), author) for key in keys}
    return Reading(
        reading_id,
        first.study_instance_uid,
        first.patient,
        ReadingMode.MANUAL,
        level_map=first.level_map,
        findings={key: finding for key, finding in joined.items() if not finding.empty},
        labels_sha256=first.labels_sha256,
        facts=dict(first.facts),
        role=role,
        sources=sources,
    )


def _joined(key: FindingKey, first: Finding, second: Finding, author: Author) -> Finding:
    given = tuple(finding.final for finding in (first, second) if finding.final is not None)
    if not given:
        return Finding(key)
    if first.grade and first.grade == second.grade:
        value = ReaderValue(Action.ADD, author.provenance, first.grade, AGREED)
        return Finding(key, final=value, between=given)
    return Finding(key, between=given)
