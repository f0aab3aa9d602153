"""What a signature covers: the canonical form of a reading, and its SHA-256.

The signed form of a reading is the reading in state *signed* with its signature in place but
the hash itself empty, so that reader and times are covered too. Later addenda do not change it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from lvp_workstation.domain import codec
from lvp_workstation.domain.reading import Reading, ReadingState, Signature


def canonical_json(reading: Reading, signature: Signature) -> str:
    """Return the canonical JSON of the signed form of a reading."""
    bare = replace(signature, sha256="")
    return codec.dumps(replace(reading, state=ReadingState.SIGNED, signature=bare, superseded_by=()))


def signed_sha256(reading: Reading, signature: Signature) -> str:
    """Return the SHA-256 that a signature of this reading carries, lower-case hex."""
    return sha256_of_text(canonical_json(reading, signature))


def sealed_signature(reading: Reading, reader: str, time_utc: str, time_local: str) -> Signature:
    """Return the signature of a reading with its hash filled in, ready for the edit that signs."""
    bare = Signature(reader, time_utc, time_local, "")
    return replace(bare, sha256=signed_sha256(reading, bare))


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()
