"""Processes beside the program hear nothing of Ctrl-C, not even while they start."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from multiprocessing.connection import Connection

import pytest

from lvp_workstation.io.process_start import start_deaf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are blocked on POSIX only")


def tell_blocked(pipe: Connection) -> None:
    pipe.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_a_process_starts_with_the_interrupt_blocked_and_the_program_keeps_hearing_it() -> None:
    context = multiprocessing.get_context("spawn")
    for _ in range(2):  # the first start also starts what multiprocessing keeps beside
        ours, theirs = context.Pipe()
        process = context.Process(target=tell_blocked, args=(theirs,))
        start_deaf(process)
        assert ours.poll(60)
        assert ours.recv() is True
        process.join()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
