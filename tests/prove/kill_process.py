"""One process of the program under the driver's eyes: started, listened to, killed."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 90.0


@dataclass(frozen=True)
class Mark:
    """A saved mark as it stood on the screen: of which reading, how many steps, and the state it spoke of."""

    reading_id: str
    steps: int
    digest: str


@dataclass
class Seen:
    """What came through the pipe before the kill; times are seconds of the monotonic clock."""

    began: float
    killed: float = 0.0
    lines: list[tuple[str, float]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    failure: str = ""
    late_ms: float = 0.0
    """Time from the line that was waited for to the kill."""

    def take(self, line: str) -> str:
        """Take a line and return what it is about."""
        name, *words, stamp = line.split(" ")
        self.lines.append((name, int(stamp) / 1e9))
        if name == "mark":
            self.marks.append(Mark(words[0], int(words[1]), words[2]))
        return name

    def seconds_to(self, name: str) -> float:
        """Return how long it took from the start to the first such line."""
        return next(at for each, at in self.lines if each == name) - self.began

    def lasted(self, name: str) -> float:
        """Return how long something took from its beginning to its end."""
        first = next(at for each, at in self.lines if each == f"{name}-begins")
        return next(at for each, at in self.lines if each == f"{name}-ended") - first


class Program:
    """Starts the program on a study, executed anew or forked from a process that imported it."""

    def __init__(self, base: Path, study: Path) -> None:
        self._fifo = base / "pipe"
        os.mkfifo(self._fifo)
        self._study = study
        self._log = (base / "log").open("w")
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.prove.kill_zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._zygote.stdout is not None
        assert self._zygote.stdout.readline() == "ready\n"

    def close(self) -> None:
        """Let the process that forks go."""
        assert self._zygote.stdin is not None
        self._zygote.stdin.close()
        self._zygote.wait()
        self._log.close()

    def read(
        self,
        data: Path,
        seed: int,
        sign_after: int = 0,
        until: str = "",
        times: int = 1,
        delay_s: float = 0.0,
        fork: bool = True,
    ) -> Seen:
        """Start, wait for the n-th line ``until`` (at once when empty), wait ``delay_s`` more, and kill."""
        pipe = os.open(self._fifo, os.O_RDONLY | os.O_NONBLOCK)
        seen = Seen(time.monotonic())
        start = self._forked if fork else self._executed
        process, child = start(data, seed, sign_after)
        try:
            buffer = _Lines(pipe)
            deadline = seen.began + (delay_s if not until else PATIENCE_S)
            while time.monotonic() < deadline:
                for line in buffer.wait(deadline):
                    if seen.take(line) == until:
                        times -= 1
                        if times == 0:
                            deadline = seen.lines[-1][1] + delay_s
                if until and times > 0 and buffer.closed:
                    seen.failure = f"the program ended before {until}"
                    break
        finally:
            _kill(process)
            seen.killed = time.monotonic()
        if until and times > 0:
            seen.failure = seen.failure or f"{until} did not come within {PATIENCE_S:.0f} s"
        elif until:
            nth = [at for name, at in seen.lines if name == until]
            seen.late_ms = (seen.killed - nth[-1]) * 1000
        for line in buffer.rest():
            seen.take(line)
        if child is not None:
            child.wait()
        os.close(pipe)
        return seen

    def _forked(self, data: Path, seed: int, sign_after: int) -> tuple[int, None]:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        words = (data, self._fifo, self._study, seed, sign_after)
        self._zygote.stdin.write("\t".join(map(str, words)) + "\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline()), None

    def _executed(self, data: Path, seed: int, sign_after: int) -> tuple[int, subprocess.Popen[bytes]]:
        pipe = os.open(self._fifo, os.O_WRONLY)
        command = [sys.executable, "-m", "tests.prove.kill_reader", self._study, str(pipe), str(seed)]
        child = subprocess.Popen(
            [*command, str(sign_after)],
            env={**os.environ, "LVP_DATA": str(data)},
            pass_fds=[pipe],
            stderr=self._log,
            start_new_session=True,
        )
        os.close(pipe)
        return child.pid, child


def _kill(process: int) -> None:
    """Kill the program itself; its helpers end when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


class _Lines:
    """Whole lines out of a pipe that does not block."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._left = b""
        self._had_any = False
        self.closed = False
        """Whether the program let go of the pipe after it had written to it."""

    def wait(self, deadline: float) -> list[str]:
        """Return the lines that come next, none when the time is up."""
        left = deadline - time.monotonic()
        if left <= 0:
            return []
        ready, _, _ = select.select([self._pipe], [], [], left)
        if not ready:
            return []
        data = self._read()
        if not data:
            self.closed = self._had_any
            time.sleep(min(left, 0.001))  # nobody writes yet, or any more
        return self._whole(data)

    def rest(self) -> list[str]:
        """Return what the kernel still holds after the writer is gone."""
        lines: list[str] = []
        while True:
            ready, _, _ = select.select([self._pipe], [], [], PATIENCE_S)
            data = self._read() if ready else b""
            if not data:
                return lines
            lines += self._whole(data)

    def _read(self) -> bytes:
        try:
            data = os.read(self._pipe, 65536)
        except BlockingIOError:
            return b""
        self._had_any = self._had_any or bool(data)
        return data

    def _whole(self, data: bytes) -> list[str]:
        *whole, self._left = (self._left + data).split(b"\n")
        return [line.decode() for line in whole]
