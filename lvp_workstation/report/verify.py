"""Does a signed PDF still match what was signed?

Three things are compared: the bytes of the whole file with the hash written into it, the attached
reading with the hash its signature recorded, and that hash with the one recorded beside the
attachment. It is a check of integrity only; it cannot prove who signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lvp_workstation.domain import codec
from lvp_workstation.domain.reading import Reading
from lvp_workstation.report.embed import embedded_reading, file_is_whole
from lvp_workstation.report.seal import sha256_of_text

NOT_OURS = "This file is not a report written by LVP Workstation, or it was saved again by another program."
UNSIGNED = "This is a draft that nobody signed; there is no signature to verify."
READING_ALTERED = "The reading attached to this file does not match the hash that was signed."
FILE_ALTERED = "The file was changed after it was written; the attached reading still matches its hash."
ALTERED = "The file was changed after it was written, and no intact signed reading is left in it."
INTACT = "The file is as it was signed, and its reading matches the printed SHA-256."


@dataclass(frozen=True)
class Verification:
    """The outcome: ``reason`` is a sentence; the rest is filled as far as the file still tells."""

    ok: bool
    reason: str
    sha256: str = ""
    reader: str = ""
    signed_utc: str = ""
    reading: Reading | None = None


def verify_pdf(data: bytes) -> Verification:
    """Return whether a PDF is still the report that was signed; damaged input is answered, never raised."""
    whole = file_is_whole(data)
    attached = embedded_reading(data)
    if attached is None:
        return Verification(False, {None: NOT_OURS, True: UNSIGNED, False: ALTERED}[whole])
    recorded, text = attached
    told = _reading(text) if sha256_of_text(text) == recorded else None
    if told is None:
        return Verification(False, READING_ALTERED, recorded)
    outcome = Verification(False, "", recorded, *_signer(told), told)
    if not whole:
        return replace(outcome, reason=FILE_ALTERED)
    return replace(outcome, ok=True, reason=INTACT)


def _reading(text: str) -> Reading | None:
    try:
        reading: Any = codec.loads(Reading, text)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, StopIteration):
        return None
    return reading if isinstance(reading, Reading) else None


def _signer(reading: Reading) -> tuple[str, str]:
    signature = reading.signature
    return (signature.reader, signature.time_utc) if signature is not None else ("", "")
