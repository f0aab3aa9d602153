"""How much memory the program takes, child processes included."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

MB = 1_000_000
SAMPLE_S = 0.05
_PROC = Path("/proc")


def resident_mb() -> float:
    """Return the resident memory of this process and all its children now, in MB; 0 where it is unknown."""
    if not _PROC.is_dir():
        return 0.0
    return sum(_resident_kb(pid) for pid in _family(os.getpid())) * 1024 / MB


def _resident_kb(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:  # it ended meanwhile
        return 0
    found = re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE)
    return int(found.group(1)) if found else 0


def _family(root: int) -> list[int]:
    """Return a process and its descendants."""
    parents = {}
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


class PeakMemory:
    """Samples the resident memory on a thread of its own between `start` and `stop`."""

    def __init__(self) -> None:
        self._peak = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="lvp-bench-memory", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> float:
        """Stop and return the highest value seen, in MB."""
        self._end.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while True:
            self._peak = max(self._peak, resident_mb())
            if self._end.wait(SAMPLE_S):
                return
