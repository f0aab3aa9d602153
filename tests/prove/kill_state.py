"""What a confirmed state of a reading comes down to, told inside the program and recomputed outside it."""

from __future__ import annotations

import hashlib

from lvp_workstation.domain import codec
from lvp_workstation.domain.label_delta import labels_sha256
from lvp_workstation.domain.reading_shown import as_shown
from lvp_workstation.services.reading_state import ReadingSnapshot


def digest(snapshot: ReadingSnapshot) -> str:
    """Return a hash over the reading as shown, the segmentation, and what can be undone and redone."""
    history = snapshot.history
    parts = (
        codec.dumps(as_shown(snapshot.reading)),
        labels_sha256(snapshot.labels.array) if snapshot.labels is not None else "",
        *(edit.edit_id for edit in history.done),
        "|",
        *(edit.edit_id for edit in history.undone),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
