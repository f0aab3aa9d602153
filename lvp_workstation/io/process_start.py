"""Start a process that leaves Ctrl-C to the program from its first moment on.

A terminal sends Ctrl-C to every process of a command. One that is still importing would print where it was.
"""

from __future__ import annotations

import signal
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess


def start_deaf(process: BaseProcess) -> None:
    """Start a spawned process in which SIGINT is blocked; where the system cannot block it, just start it.

    Raises
    ------
    OSError
        When it cannot be started.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        process.start()
        return
    resource_tracker.ensure_running()  # else the start begins with it, and it unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
