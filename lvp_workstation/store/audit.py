"""The audit trail: append-only records, each chained to the one before by an HMAC.

Every workstation writes a chain of its own with a key of its own (`audit_key`). Records of the first
schema were chained by a SHA-256 without a key; the first record of the keyed chain seals them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from lvp_workstation.store import schema
from lvp_workstation.store.audit_key import AuditKey, Head
from lvp_workstation.store.database import AUDIT_HEAD, Database, audit_key_of

START = "0" * 64
UNKEYED = ""
"""Name of the chain of the first schema."""
BEGIN = "chain_begins"
CLOCK_SLACK_S = 2.0
"""A clock that is further behind than this was set back (our choice; records are to the second)."""


@dataclass(frozen=True)
class AuditRecord:
    """Who did what, when; ``detail`` names studies and readings by UID, never patients."""

    chain: str
    number: int
    time_utc: str
    who: str
    event: str
    detail: str
    previous: str
    mac: str

    def expected(self, key: AuditKey | None) -> str:
        """Return the code the record must have; a record of a keyed chain needs its key."""
        parts = [str(self.number), self.time_utc, self.who, self.event, self.detail, self.previous]
        if self.chain == UNKEYED:
            return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
        if key is None or key.chain != self.chain:
            return ""
        return key.mac(json.dumps([self.chain, *parts], ensure_ascii=False))


class AuditTrail:
    """Appends records and tells whether the chain is whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, time_utc: str, who: str, event: str, detail: Mapping[str, str]) -> AuditRecord:
        """Write one record at the end of this workstation's chain."""
        with self._database.transaction() as connection:
            return append_audit(connection, time_utc, who, event, detail)

    def records(self, every_chain: bool = False) -> tuple[AuditRecord, ...]:
        """Return the records of the first schema and of this workstation's chain, oldest first.

        ``every_chain`` adds those of other workstations on a shared database.
        """
        mine = schema.audit_records.c.chain == self._database.audit_key.chain
        query = select(schema.audit_records)
        with self._database.reading() as connection:
            old = connection.execute(select(schema.old_audit).order_by(schema.old_audit.c.number)).all()
            rows = connection.execute(
                (query if every_chain else query.where(mine)).order_by(
                    schema.audit_records.c.chain, schema.audit_records.c.number
                )
            ).all()
        before = tuple(
            AuditRecord(UNKEYED, r.number, r.time_utc, r.who, r.event, r.detail, r.previous, r.sha256)
            for r in old
        )
        return before + tuple(AuditRecord(**row._mapping) for row in rows)

    def last_time(self) -> str:
        """Return the time of the newest record of this workstation, empty when there is none."""
        last = self._newest()
        return last.time_utc if last is not None else ""

    def head(self) -> Head | None:
        """Return length and last code of this workstation's chain, None before its first record."""
        last = self._newest()
        return None if last is None else Head(last.chain, last.number, last.mac)

    def shorter_than_head(self) -> bool:
        """Whether the chain ends before the head that is kept beside the key."""
        kept, head = self._database.audit_key.head(), self.head()
        return kept is not None and (head is None or head.records < kept.records)

    def _newest(self) -> AuditRecord | None:
        with self._database.reading() as connection:
            return _last(connection, self._database.audit_key)

    def problem(self) -> str:
        """Return what is wrong with this workstation's trail in a sentence, empty when it is whole."""
        key = self._database.audit_key
        return problem_of(self.records(), key, key.head())


def append_audit(
    connection: Connection, time_utc: str, who: str, event: str, detail: Mapping[str, str]
) -> AuditRecord:
    """Write one record at the end of the chain inside a transaction that does what it records.

    A clock that was set back since the record before is noted in the detail.
    """
    key = audit_key_of(connection)
    last = _last(connection, key) or _begin(connection, key, time_utc)
    told = dict(detail)
    if seconds_behind(time_utc, last.time_utc) > CLOCK_SLACK_S:
        told["clock_set_back_from"] = last.time_utc
    return _write(connection, key, last, AuditRecord(key.chain, 0, time_utc, who, event, _json(told), "", ""))


def seconds_behind(time_utc: str, before_utc: str) -> float:
    """Return how far a time is behind an earlier record's, 0 when it is not or one cannot be read."""
    try:
        gap = datetime.fromisoformat(before_utc) - datetime.fromisoformat(time_utc)
    except (ValueError, TypeError):
        return 0.0
    return max(gap.total_seconds(), 0.0)


def _last(connection: Connection, key: AuditKey) -> AuditRecord | None:
    table = schema.audit_records
    row = connection.execute(
        select(table).where(table.c.chain == key.chain).order_by(table.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else AuditRecord(**row._mapping)


def _begin(connection: Connection, key: AuditKey, time_utc: str) -> AuditRecord:
    """Write the first record of a chain; it seals the records of the first schema and of other chains."""
    old, table = schema.old_audit, schema.audit_records
    sealed = connection.execute(select(old.c.number, old.c.sha256).order_by(old.c.number.desc()).limit(1))
    last = sealed.one_or_none()
    others = connection.execute(
        select(table.c.chain, func.max(table.c.number).label("records")).group_by(table.c.chain)
    ).all()
    detail = {"records_before": str(last.number), "head_before": last.sha256} if last is not None else {}
    detail |= {f"chain_{other.chain}": str(other.records) for other in others}
    nothing = AuditRecord(key.chain, 0, "", "", "", "", START, START)
    return _write(
        connection, key, nothing, AuditRecord(key.chain, 0, time_utc, "", BEGIN, _json(detail), "", "")
    )


def _write(connection: Connection, key: AuditKey, last: AuditRecord, record: AuditRecord) -> AuditRecord:
    draft = replace(record, number=last.number + 1, previous=last.mac)
    whole = replace(draft, mac=draft.expected(key))
    connection.execute(insert(schema.audit_records).values(**asdict(whole)))
    connection.info[AUDIT_HEAD] = Head(key.chain, whole.number, whole.mac)
    return whole


def _json(detail: Mapping[str, str]) -> str:
    return json.dumps(dict(detail), sort_keys=True, ensure_ascii=False)


def problem_of(records: Iterable[AuditRecord], key: AuditKey | None, head: Head | None = None) -> str:
    """Return what is wrong with a trail in a sentence, empty when it is whole.

    Parameters
    ----------
    records
        Those of the first schema, if any, then those of one keyed chain, in order.
    head
        Length and last code as they were kept or printed; a trail that is longer than that is whole.
    """
    before = {UNKEYED: (0, START), key.chain if key else None: (0, START)}
    sealed = None
    for record in records:
        if record.chain not in before:
            return f"Record {record.number} belongs to another chain ({record.chain})."
        number, previous = before[record.chain]
        if record.number != number + 1 or record.previous != previous:
            return (
                f"Record {record.number} does not follow record {number}: one was taken out, put in or moved."
            )
        if not _fits(record, key):
            return f"Record {record.number} was changed, or was made without the key."
        if record.chain != UNKEYED and record.number == 1:
            sealed = json.loads(record.detail)
        before[record.chain] = (record.number, record.mac)
        if head is not None and (record.chain, record.number) == (head.chain, head.records):
            if record.mac != head.mac:
                return f"Record {record.number} is not the one that was the last when its head was kept."
            head = None
    if sealed is not None and before[UNKEYED] != _sealed(sealed):
        return "Records from before the key were taken out, put in or changed."
    if head is not None:
        return f"The trail ends too early: {head.records} records were kept in it."
    return ""


def _sealed(detail: Mapping[str, str]) -> tuple[int, str]:
    return int(detail.get("records_before", "0")), detail.get("head_before", START)


def _fits(record: AuditRecord, key: AuditKey | None) -> bool:
    expected = record.expected(key)
    return bool(expected) and expected == record.mac
