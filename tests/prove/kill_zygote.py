"""Starts the program again and again without importing it each time: every start is a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import traceback


def main() -> None:
    """Fork a reader for every line of standard input and answer with its process id."""
    from lvp_workstation.app import main as program  # noqa: F401  (imported once, before the forks)
    from tests.prove import kill_reader, kill_robot  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system takes away what was killed
    print("ready", flush=True)
    for line in sys.stdin:
        data, fifo, *rest = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        os.setsid()
        os.environ["LVP_DATA"] = data
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            pipe = os.open(fifo, os.O_WRONLY)
            study, seed, sign_after = rest
            kill_reader.run(*kill_reader.arguments([study, str(pipe), seed, sign_after]))
        finally:
            traceback.print_exc()
            os._exit(70)  # the driver sees a program that ended by itself


if __name__ == "__main__":
    main()
