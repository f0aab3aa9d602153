"""Sign a reading: its canonical form is stored and its hash printed.

The canonical form itself is defined once, in `report.seal`; the database, the PDF and ``lvp verify``
all speak of the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvp_workstation.domain import codec
from lvp_workstation.domain.addendum import note_addendum
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.reading import Reading, ReadingState
from lvp_workstation.domain.reading_edits import record_facts
from lvp_workstation.domain.reading_protocol import mark_preliminary, sign
from lvp_workstation.report.seal import canonical_json, sealed_signature, sha256_of_text
from lvp_workstation.services.read import ReadingRoom, ReadingSession
from lvp_workstation.services.reading_state import ReadingSnapshot
from lvp_workstation.store.repositories import Readings


def canonical_form(reading: Reading) -> str:
    """Return the text that the signature of a reading covers; of a draft, its canonical JSON."""
    if reading.signature is None:
        return codec.dumps(reading)
    return canonical_json(reading, reading.signature)


def check(canonical: str, sha256: str) -> bool:
    """Return whether a canonical form is still the one with this SHA-256."""
    return sha256_of_text(canonical) == sha256


def stored_form_intact(readings: Readings, reading: Reading) -> bool:
    """Return whether a signed reading, its stored canonical form and its signature all agree."""
    form = readings.signed_form(reading.reading_id)
    if form is None or reading.signature is None:
        return False
    told = reading.signature.sha256
    return form.sha256 == told and check(form.canonical, told) and form.canonical == canonical_form(reading)


def sign_reading(
    session: ReadingSession,
    reader: str,
    time_utc: str,
    time_local: str,
    facts: Mapping[str, Any],
    room: ReadingRoom | None = None,
) -> ReadingSnapshot:
    """Sign the reading of a session as it stands, with the last facts about what was displayed.

    Parameters
    ----------
    room
        Where the reading is kept: length and head of the audit trail go into the facts, and a reading that
        this addendum supersedes is noted to be superseded.

    Raises
    ------
    ReadingStateError
        With what still has to be done before it can be signed; nothing is changed then.
    """
    author = Author(reader, time_utc)
    unsigned = session.reading
    draft = sealed_signature(unsigned, reader, time_utc, time_local)
    sign(unsigned, draft, author)  # raises before anything is written
    told = {**facts, **(_audit_facts(room) if room is not None else {})}
    if told:
        session.run(record_facts(unsigned, told, author))
    signature = sealed_signature(session.reading, reader, time_utc, time_local)
    edit = sign(session.reading, signature, author)
    snapshot = session.run(edit, signed=canonical_json(session.reading, signature))
    if room is not None:
        note_superseded(room, snapshot.reading, author)
    return snapshot


def _audit_facts(room: ReadingRoom) -> dict[str, Any]:
    head = room.audit.head()
    if head is None:
        return {}
    return {"audit": {"chain": head.chain, "records": head.records, "head": head.mac}}


def note_superseded(room: ReadingRoom, addendum: Reading, author: Author) -> None:
    """Note on the reading that a signed addendum supersedes that it is addended; once is enough.

    It is also called when an addendum is opened: a crash between the two steps leaves nothing undone.
    """
    if addendum.supersedes is None or not addendum.state.signed:
        return
    signed = room.session(addendum.supersedes.reading_id)
    if signed.reading.state is ReadingState.SIGNED:
        signed.run(note_addendum(signed.reading, addendum, author))


def release_preliminary(
    session: ReadingSession, reader: str, time_utc: str, facts: Mapping[str, Any]
) -> ReadingSnapshot:
    """Release a reading as preliminary, with the last facts about what was displayed.

    Raises
    ------
    ReadingStateError
        With what still has to be done; nothing is changed then.
    """
    author = Author(reader, time_utc)
    mark_preliminary(session.reading, author)  # raises before anything is written
    if facts:
        session.run(record_facts(session.reading, facts, author))
    return session.run(mark_preliminary(session.reading, author))
