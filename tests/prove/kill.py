"""`make prove-kill`: read with the real program, kill it at any instant, start it again, and compare."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.prove import kill_template
from tests.prove.kill_check import Checked, check
from tests.prove.kill_process import Program, Seen
from tests.prove.kill_truncate import truncations

SHARES = {"startup": 0.08, "migration": 0.07, "signing": 0.15, "journal": 0.35, "uniform": 0.35}
LEAST = {"start": 20, "signing": 20, "journal": 50}
"""Kills that at least have to fall into a phase, out of 200."""
WITHIN_MS = 5.0
MOST_STEPS = 300
"""A data folder with a longer journal is put aside for a fresh one, so that every start stays quick."""


class Proof:
    """The rounds, and what they came to."""

    def __init__(self, base: Path, seed: int) -> None:
        self.base = base
        self.chance = random.Random(seed)
        self.templates = kill_template.make(base)
        self.program = Program(base, self.templates.study)
        self.kills: Counter[str] = Counter()
        self.lost = self.corrupt = self.failed = self.marks = 0
        self.data = self._fresh(self.templates.data)
        self.start_s, self.fork_s, self.sign_s, self.migrate_s = 0.0, 0.0, 0.0, 0.0

    def _fresh(self, template: Path) -> Path:
        folder = self.base / "reading"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        return folder

    def measure(self) -> None:
        """Find out how long a start, a signing and a migration take here and now."""
        seen = self.program.read(self.data, 1, until="mark", fork=False)
        self.start_s = seen.seconds_to("mark")
        self._settle(seen, "")
        seen = self.program.read(self.data, 2, sign_after=2, until="signing-ended")
        self.fork_s = seen.seconds_to("mark")
        self.sign_s = seen.lasted("signing")
        self._settle(seen, "")
        self.data = self._fresh(self.templates.old)
        seen = self.program.read(self.data, 3, until="migration-ended")
        self.migrate_s = seen.lasted("migration")
        self._settle(seen, "")

    def round(self, phase: str, number: int) -> None:
        """Start, read, kill in a phase, compare."""
        if phase == "migration":
            self.data = self._fresh(self.templates.old)
        seen = self._killed(phase, 1000 + number)
        if phase == "journal" and seen.late_ms > WITHIN_MS:
            phase = "uniform"
        self._settle(seen, phase)

    def _killed(self, phase: str, seed: int) -> Seen:
        chance, read = self.chance, self.program.read
        if phase == "startup":
            return read(self.data, seed, delay_s=chance.uniform(0, self.start_s), fork=False)
        if phase == "migration":
            return read(self.data, seed, until="migration-begins", delay_s=chance.uniform(0, self.migrate_s))
        if phase == "signing":
            delay = chance.uniform(0, 1.2 * self.sign_s)
            return read(
                self.data, seed, sign_after=chance.randint(1, 12), until="signing-begins", delay_s=delay
            )
        if phase == "journal":
            delay = chance.uniform(0, 0.8 * WITHIN_MS / 1000)
            return read(self.data, seed, until="journal-begins", times=chance.randint(1, 25), delay_s=delay)
        return read(self.data, seed, delay_s=chance.uniform(0, self.fork_s + 2.0))

    def _settle(self, seen: Seen, phase: str) -> None:
        """Compare what was confirmed with what the next start finds, on a copy."""
        copy = self.base / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data, copy)
        checked: Checked = check(copy, seen.marks)
        if phase:
            self.kills[phase] += 1
        self.marks += len(seen.marks)
        self.lost += checked.lost
        self.corrupt += bool(checked.corrupt)
        self.failed += bool(seen.failure)
        for trouble in (checked.corrupt, seen.failure):
            if trouble:
                print(f"  {phase or 'warm-up'}: {trouble}", flush=True)
        if checked.corrupt or checked.steps > MOST_STEPS:
            self.data = self._fresh(self.templates.data)

    def line(self) -> str:
        """Return the one line of figures."""
        phases = " ".join(f"{name}={self.kills[name]}" for name in SHARES)
        return (
            f"kills={sum(self.kills.values())} lost={self.lost} corrupt={self.corrupt} "
            f"failed_starts={self.failed} marks={self.marks} {phases}"
        )

    def wrong(self, wanted: int) -> bool:
        """Whether a figure is as it must not be."""
        share = wanted / 200
        enough = (
            self.kills["startup"] + self.kills["migration"] >= LEAST["start"] * min(share, 1)
            and self.kills["signing"] >= LEAST["signing"] * min(share, 1)
            and self.kills["journal"] >= LEAST["journal"] * min(share, 1)
        )
        total = sum(self.kills.values())
        return bool(
            self.lost or self.corrupt or self.failed or not enough or total < wanted or not self.marks
        )


def plan(kills: int, chance: random.Random) -> list[str]:
    """Return the phases of all rounds in random order."""
    phases = [name for name, share in SHARES.items() for _ in range(round(kills * share))]
    phases = phases[:kills] + ["uniform"] * (kills - len(phases))
    chance.shuffle(phases)
    return phases


def main() -> int:
    """Prove; 1 when a figure is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--cut-every", type=int, default=1, help="bytes between two cuts of the journal")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lvp-kill-") as name:
        proof = Proof(Path(name), options.seed)
        try:
            proof.measure()
            print(
                f"  start {proof.start_s:.2f} s, forked {proof.fork_s:.2f} s, "
                f"signing {proof.sign_s * 1000:.0f} ms, migration {proof.migrate_s * 1000:.0f} ms",
                flush=True,
            )
            phases = plan(options.kills, proof.chance)
            for number, phase in enumerate(phases):
                proof.round(phase, number)
                if number % 20 == 19:
                    print(
                        f"  {number + 1}: {proof.line()} after {time.monotonic() - began:.0f} s", flush=True
                    )
        finally:
            proof.program.close()
        cut = truncations(every=options.cut_every)
    print(f"  journal cut at every byte of its last record: {cut.lengths} lengths, {cut.wrong} wrong")
    print(f"{proof.line()} cut={cut.lengths} cut_wrong={cut.wrong}")
    return int(proof.wrong(options.kills) or bool(cut.wrong))


if __name__ == "__main__":
    sys.exit(main())
