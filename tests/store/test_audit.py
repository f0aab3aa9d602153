"""The audit chain: whatever is done to the records behind the program's back is found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lvp_workstation.store.audit import START, AuditRecord, AuditTrail, first_break
from lvp_workstation.store.database import Database, sqlite_url

Records = list[AuditRecord]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AuditRecord, ...]]:
    path = tmp_path_factory.mktemp("audit") / "lvp.sqlite"
    with closing(Database(sqlite_url(path))) as database:
        trail = AuditTrail(database)
        for number in range(20):
            trail.append(f"2026-01-01T00:00:{number:02}Z", "reader A", "seen", {"slice": str(number)})
        yield trail.records()


def test_the_chain_starts_somewhere_and_is_whole(records: tuple[AuditRecord, ...]) -> None:
    assert records[0].previous == START
    assert [record.number for record in records] == list(range(1, 21))
    assert first_break(records) is None
    assert first_break(()) is None


def changed(records: Records, chance: random.Random) -> Records:
    place = chance.randrange(len(records))
    field = chance.choice(["time_utc", "who", "event", "detail", "previous", "sha256"])
    value = getattr(records[place], field)
    at = chance.randrange(len(value))
    other = chance.choice([c for c in "0123456789abcxyz" if c != value[at]])
    records[place] = replace(records[place], **{field: value[:at] + other + value[at + 1 :]})
    return records


def deleted(records: Records, chance: random.Random) -> Records:
    del records[chance.randrange(len(records) - 1)]  # the last one is a cut tail, which a chain cannot show
    return records


def doubled(records: Records, chance: random.Random) -> Records:
    place = chance.randrange(len(records))
    records.insert(place, records[place])
    return records


def inserted(records: Records, chance: random.Random) -> Records:
    place = chance.randrange(len(records))
    records.insert(place, replace(records[place], detail="{}"))
    return records


def reordered(records: Records, chance: random.Random) -> Records:
    first, second = chance.sample(range(len(records)), 2)
    records[first], records[second] = records[second], records[first]
    return records


@pytest.mark.parametrize("tamper", [changed, deleted, doubled, inserted, reordered])
def test_tampering_is_found(
    records: tuple[AuditRecord, ...], tamper: Callable[[Records, random.Random], Records]
) -> None:
    chance = random.Random(7)
    for _ in range(200):
        assert first_break(tuple(tamper(list(records), chance))) is not None


def test_two_programs_that_write_at_once_keep_one_chain(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "lvp.sqlite")
    with closing(Database(url)) as one, closing(Database(url)) as other:
        for _ in range(5):
            AuditTrail(one).append("t", "reader A", "open", {})
            AuditTrail(other).append("t", "reader B", "open", {})
        assert first_break(AuditTrail(one).records()) is None
