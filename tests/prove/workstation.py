"""One of several workstations on one study: makes edits as quickly as it can and says which were stored."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from lvp_workstation.domain import reading_edits as edits
from lvp_workstation.domain.errors import ReadingConflict
from lvp_workstation.domain.reading import ReadingMode
from lvp_workstation.services.read import ReadingRoom
from lvp_workstation.store.database import Database
from tests.services.reading_samples import STUDY, clock

READER = "local"


def main(url: str, name: str, keys: Path, count: int) -> None:
    """Store ``count`` edits, taking over what the others wrote whenever an edit is refused."""
    with closing(Database(url, keys)) as database:
        session = ReadingRoom(database, clock).open(STUDY, READER, ReadingMode.MANUAL)
        print("ready", flush=True)
        sys.stdin.readline()
        done = conflicts = 0
        while done < count:
            text = f"{name} {done}"
            try:
                snapshot = session.run(edits.set_text(session.reading, "other", text, session.author()))
            except ReadingConflict:
                conflicts += 1
                session.reload()
                continue
            done += 1
            print(f"stored {snapshot.revision} {text}", flush=True)
        print(f"conflicts {conflicts}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
