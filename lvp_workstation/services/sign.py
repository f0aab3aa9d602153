"""Sign a reading: its canonical form is stored and its hash printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvp_workstation.domain.reading_edits import Author, record_facts, sign
from lvp_workstation.report.seal import canonical_json, sealed_signature
from lvp_workstation.services.read import ReadingSession, ReadingSnapshot


def sign_reading(
    session: ReadingSession, reader: str, time_utc: str, time_local: str, facts: Mapping[str, Any]
) -> ReadingSnapshot:
    """Sign the reading of a session as it stands, with the last facts about what was displayed.

    Raises
    ------
    ReadingStateError
        With what still has to be done before it can be signed; nothing is changed then.
    """
    author = Author(reader, time_utc)
    unsigned = session.reading
    draft = sealed_signature(unsigned, reader, time_utc, time_local)
    sign(unsigned, draft, author)  # raises before anything is written
    if facts:
        session.run(record_facts(unsigned, facts, author))
    signature = sealed_signature(session.reading, reader, time_utc, time_local)
    edit = sign(session.reading, signature, author)
    return session.run(edit, signed=canonical_json(session.reading, signature))
