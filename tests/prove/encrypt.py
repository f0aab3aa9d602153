"""`make prove-encrypt`: encrypt a plain database, kill the program at any instant, go on, and compare."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Patient
from lvp_workstation.store import cipher
from lvp_workstation.store.audit import AuditTrail
from lvp_workstation.store.database import Database, sqlite_url
from lvp_workstation.store.repositories import Readings

KEY, NAME, READINGS = "5a" * 32, "QUAGGA^ZEBRA", 400
TIME = "2026-01-01T00:00:00Z"
PROGRAM = """
import sys
from pathlib import Path
from lvp_workstation.store import cipher
print("begins", flush=True)
cipher.finish(Path(sys.argv[1]), sys.argv[2])
print("ended", flush=True)
"""


def plain_database(folder: Path) -> Path:
    """Make a plain database with readings, and a backup of it."""
    path = folder / "readings.sqlite"
    with closing(Database(sqlite_url(path))) as database:
        readings = Readings(database)
        for number in range(READINGS):
            readings.create(Reading(f"r{number}", f"1.{number}", Patient("P", name=NAME)), "reader A", TIME)
    shutil.copy(path, folder / "readings.sqlite.backup-0003-x")
    return path


def encrypt(path: Path, delay_s: float | None) -> float:
    """Encrypt in another process, killed after a delay unless it is None; return how long it worked."""
    command = [sys.executable, "-c", PROGRAM, str(path), KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        began = time.monotonic()
        if delay_s is not None:
            time.sleep(delay_s)
            program.send_signal(signal.SIGKILL)
        program.stdout.read()
        return time.monotonic() - began


def left_plain(folder: Path) -> Iterator[str]:
    """Yield the files in which the patient's name can be read."""
    for path in folder.iterdir():
        if NAME.encode() in path.read_bytes():
            yield path.name


def whole(path: Path) -> bool:
    """Whether every reading is there and the audit trail is whole."""
    with closing(Database(sqlite_url(path), None, KEY)) as database:
        readings = Readings(database)
        named = all(readings.load(f"r{n}").base.patient.name == NAME for n in range(0, READINGS, 37))
        return (
            named
            and len(AuditTrail(database).records()) == READINGS + 1
            and not AuditTrail(database).problem()
        )


def main() -> int:
    """Prove, print one line of figures; 1 when one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20260101)
    options = parser.parse_args()
    chance, lost, readable, unfinished = random.Random(options.seed), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="lvp-encrypt-") as name:
        base = Path(name)
        (base / "template").mkdir()
        template = plain_database(base / "template")
        shutil.copytree(base / "template", base / "timed")
        seconds = encrypt(base / "timed" / template.name, None)
        for _ in range(options.kills):
            folder = base / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(base / "template", folder)
            encrypt(folder / template.name, chance.uniform(0, seconds))
            unfinished += any(left_plain(folder))
            lost += not whole(folder / template.name)
            readable += sum(1 for _ in left_plain(folder))
            readable += cipher.is_plain(folder / template.name)
    print(f"kills={options.kills} interrupted={unfinished} lost={lost} readable={readable}")
    return int(bool(lost or readable) or not unfinished)


if __name__ == "__main__":
    sys.exit(main())
