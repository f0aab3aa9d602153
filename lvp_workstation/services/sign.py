"""Sign a reading: its canonical form is stored and its hash printed.

The canonical form itself is defined once, in `report.seal`; the database, the PDF and ``lvp verify``
all speak of the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvp_workstation.domain import codec
from lvp_workstation.domain.edit_parts import Author
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.reading_edits import record_facts
from lvp_workstation.domain.reading_protocol import sign
from lvp_workstation.report.seal import canonical_json, sealed_signature, sha256_of_text
from lvp_workstation.services.read import ReadingSession, ReadingSnapshot
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
