"""`make prove-audit`: tamper with an audit trail in every way, many times, and count what is found."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.audit_key import AuditKey, Head
from lvp_workstation.store.audit_lines import check_lines, to_lines
from lvp_workstation.store.database import Database, sqlite_url
from tests.prove.tampering import KINDS

RECORDS = 60


def trail(folder: Path) -> tuple[bytes, AuditKey, Head]:
    """Return a trail as JSON lines as the program wrote it, its key, and the head kept beside the key."""
    with closing(Database(sqlite_url(folder / "lvp.sqlite"), folder / "keys")) as database:
        audit = AuditTrail(database)
        for number in range(RECORDS - 1):
            detail = {"reading": f"r{number % 3}", "note": "Übersicht 腰椎"}
            audit.append(f"2026-01-01T00:{number:02}:00Z", "reader A", "edit", detail)
        key = database.audit_key
        head = key.head()
        assert head is not None
        assert head.records == RECORDS
        return to_lines(audit.records()), key, head


def main() -> int:
    """Run the trials; one line of figures, 1 when anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20260101)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    done: Counter[str] = Counter()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        data, key, head = trail(Path(folder))
    whole = check_lines(data, key, head)
    names = list(KINDS)
    for number in range(options.trials):
        name = names[number % len(names)]
        changed = KINDS[name](data, chance)
        done[name] += changed != data
        found[name] += changed != data and bool(check_lines(changed, key, head).problem)
    for name in names:
        print(f"  {name}: {found[name]} of {done[name]} found")
    missed = sum(done.values()) - sum(found.values())
    false_alarms = int(bool(whole.problem))
    short = options.trials - sum(done.values())
    print(
        f"trials={sum(done.values())} found={sum(found.values())} missed={missed} false_alarms={false_alarms}"
    )
    return int(bool(missed or false_alarms or short))


if __name__ == "__main__":
    sys.exit(main())
