"""The audit trail: append-only records, each chained to the one before by its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, insert, select

from lvp_workstation.store import schema
from lvp_workstation.store.database import Database

START = "0" * 64


@dataclass(frozen=True)
class AuditRecord:
    """Who did what, when; ``detail`` names studies and readings by UID, never patients."""

    number: int
    time_utc: str
    who: str
    event: str
    detail: str
    previous: str
    sha256: str

    @property
    def expected(self) -> str:
        """The hash the record must have."""
        parts = [str(self.number), self.time_utc, self.who, self.event, self.detail, self.previous]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


class AuditTrail:
    """Appends records and tells whether the chain is whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, time_utc: str, who: str, event: str, detail: Mapping[str, str]) -> AuditRecord:
        """Write one record at the end of the chain."""
        with self._database.transaction() as connection:
            return append_audit(connection, time_utc, who, event, detail)

    def records(self) -> tuple[AuditRecord, ...]:
        """Return every record, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.audit).order_by(schema.audit.c.number)).all()
        return tuple(AuditRecord(**row._mapping) for row in rows)


def append_audit(
    connection: Connection, time_utc: str, who: str, event: str, detail: Mapping[str, str]
) -> AuditRecord:
    """Write one record at the end of the chain inside a transaction that does what it records."""
    table = schema.audit
    text = json.dumps(dict(detail), sort_keys=True, ensure_ascii=False)
    last = connection.execute(
        select(table.c.number, table.c.sha256).order_by(table.c.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.number + 1, last.sha256) if last else (1, START)
    draft = AuditRecord(number, time_utc, who, event, text, previous, "")
    record = replace(draft, sha256=draft.expected)
    connection.execute(insert(table).values(**asdict(record)))
    return record


def first_break(records: tuple[AuditRecord, ...]) -> int | None:
    """Return the number of the first record that does not fit the chain, None when it is whole."""
    previous = START
    for position, record in enumerate(records, start=1):
        fits = record.number == position and record.previous == previous
        if not fits or record.sha256 != record.expected:
            return position
        previous = record.sha256
    return None
