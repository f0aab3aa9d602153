"""Ways to tamper with an audit trail written as JSON lines; each returns a file that differs."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from lvp_workstation.store.audit import START, AuditRecord
from lvp_workstation.store.audit_key import AuditKey
from lvp_workstation.store.audit_lines import to_lines

Tamper = Callable[[bytes, random.Random], bytes]


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def byte_changed(data: bytes, chance: random.Random) -> bytes:
    """One byte anywhere becomes another one."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]


def deleted(data: bytes, chance: random.Random) -> bytes:
    """One record is taken out."""
    lines = _lines(data)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def inserted(data: bytes, chance: random.Random) -> bytes:
    """A record is put in that looks like its neighbour and says something else."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    entry = json.loads(lines[at])
    entry["event"] = "nothing happened"
    made = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return b"".join([*lines[:at], made, *lines[at:]])


def doubled(data: bytes, chance: random.Random) -> bytes:
    """One record stands there twice."""
    lines = _lines(data)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def reordered(data: bytes, chance: random.Random) -> bytes:
    """Two records change places."""
    lines = _lines(data)
    first, second = chance.sample(range(len(lines)), 2)
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def tail_cut(data: bytes, chance: random.Random) -> bytes:
    """The end is cut off, at the end of a record or inside one."""
    lines = _lines(data)
    kept = b"".join(lines[: chance.randrange(len(lines))])
    return kept if chance.random() < 0.5 else data[: chance.randrange(len(kept), len(data))]


def recomputed(data: bytes, chance: random.Random) -> bytes:
    """Everything is replaced by a chain that fits in itself, made under a key of the forger's own."""
    made: list[AuditRecord] = []
    forged: AuditKey | None = None
    edited = chance.randrange(len(_lines(data)))
    for number, line in enumerate(_lines(data)):
        record = AuditRecord(**json.loads(line))
        forged = forged or AuditKey(record.chain, chance.randbytes(32))
        who = "somebody else" if number == edited else record.who
        record = replace(record, who=who, previous=made[-1].mac if made else START)
        made.append(replace(record, mac=record.expected(forged)))
    return to_lines(made)


KINDS: Mapping[str, Tamper] = {
    "byte_changed": byte_changed,
    "deleted": deleted,
    "inserted": inserted,
    "doubled": doubled,
    "reordered": reordered,
    "tail_cut": tail_cut,
    "recomputed": recomputed,
}
