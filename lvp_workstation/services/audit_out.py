"""The audit trail leaves the program, and a file of it is checked."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from lvp_workstation.domain.errors import UnreadableInput, UsageProblem
from lvp_workstation.io.atomic import write_bytes
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.audit_key import Head, load_or_make_key
from lvp_workstation.store.audit_lines import Verdict, check_lines, to_lines
from lvp_workstation.store.audit_messages import to_messages
from lvp_workstation.store.database import Database

JSON_LINES, DICOM = "jsonl", "dicom"
FORMATS = (JSON_LINES, DICOM)


def export_audit(
    database: Database, target: Path, kind: str, reader: str, clock: Callable[[], str]
) -> tuple[int, Path]:
    """Write the trail and note in it that it was written; return how many records and where.

    Parameters
    ----------
    kind
        ``jsonl`` gives one file that `check_audit` can check, ``dicom`` a folder with one audit message
        (PS3.15 A.5) a file.

    Raises
    ------
    OutputProblem
        When it cannot be written.
    UsageProblem
        For another kind.
    """
    if kind not in FORMATS:
        raise UsageProblem(f"{kind!r} is no format of the audit trail: {', '.join(FORMATS)}")
    trail = AuditTrail(database)
    trail.append(clock(), reader, "audit_export", {"format": kind})
    records = trail.records()
    if kind == JSON_LINES:
        return len(records), write_bytes(target, to_lines(records))
    target.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(to_messages(records, platform.node() or "workstation"), start=1):
        write_bytes(target / f"{number:07}.xml", message)
    return len(records), target


def check_audit(path: Path, keys: Path, printed: tuple[int, str] | None = None) -> Verdict:
    """Return whether a file of JSON lines is the trail that this workstation wrote.

    Parameters
    ----------
    keys
        Folder of the audit key; the head kept there is compared too.
    printed
        Length and head from a signed report, to be compared in its place.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    StorageProblem
        When the key cannot.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path} cannot be read: {error.strerror or error}.") from error
    key = load_or_make_key(keys)
    head = key.head() if printed is None else Head(key.chain, *printed)
    return check_lines(data, key, head)
