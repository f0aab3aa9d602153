"""The audit trail as JSON lines, one record a line, and the check of such a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from lvp_workstation.store.audit import AuditRecord, problem_of
from lvp_workstation.store.audit_key import AuditKey, Head


@dataclass(frozen=True)
class Verdict:
    """How many records a file holds, and what is wrong with it; an empty ``problem`` means nothing."""

    records: int
    problem: str


def to_lines(records: Iterable[AuditRecord]) -> bytes:
    """Return records as JSON lines in UTF-8, in one fixed form, so that any changed byte shows."""
    return b"".join(_line(record) for record in records)


def _line(record: AuditRecord) -> bytes:
    text = json.dumps(asdict(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def check_lines(data: bytes, key: AuditKey, head: Head | None = None) -> Verdict:
    """Return whether a file is the trail that was written under a key.

    Parameters
    ----------
    head
        Length and last code from beside the key or from a signed report: without it a cut tail cannot
        be told from a trail that had not grown further.
    """
    records: list[AuditRecord] = []
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        record = _record(line)
        if record is None:
            return Verdict(len(records), f"Line {number} is no record as the program writes it.")
        records.append(record)
    return Verdict(len(records), problem_of(records, key, head))


_KINDS = {each.name: int if each.name == "number" else str for each in fields(AuditRecord)}


def _record(line: bytes) -> AuditRecord | None:
    try:
        entry = json.loads(line)
        if {name: type(value) for name, value in entry.items()} != _KINDS:
            return None
        record = AuditRecord(**entry)
        return record if _line(record) == line else None
    except (ValueError, AttributeError, RecursionError):
        return None
