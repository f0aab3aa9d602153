"""A process beside the window's: started when it is first asked, started anew when it died."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

from lvp_workstation.io.process_start import start_deaf
from lvp_workstation.services.analysis_link import Link

Process = multiprocessing.process.BaseProcess


def started(serve: Callable[..., None], *arguments: Any) -> tuple[Process, Link]:
    """Start a process and return it with this end of the pipe to it.

    Parameters
    ----------
    serve
        The whole life of the process: a function of its module, called with the other end of the pipe and
        the arguments.

    Raises
    ------
    OSError
        When it cannot be started.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, *arguments), daemon=True)
    start_deaf(process)
    theirs.close()  # so that the death of the process breaks the pipe
    return process, Link(ours)


class OtherProcess:
    """One process and this end of the pipe to it; for one thread at a time.

    Parameters
    ----------
    serve
        The whole life of the process, see `started`.
    """

    def __init__(self, serve: Callable[..., None], *arguments: Any) -> None:
        self._serve = serve
        self._arguments = arguments
        self._process: Process | None = None
        self._link: Link | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, None before there is one."""
        return self._process.pid if self._process is not None else None

    def link(self) -> Link:
        """Return the pipe to the process; another one when the process had to be started.

        Raises
        ------
        OSError
            When it cannot be started.
        """
        if self._link is not None and self._process is not None and self._process.is_alive():
            return self._link
        self.end()
        self._process, self._link = started(self._serve, *self._arguments)
        return self._link

    def close(self) -> None:
        """End the process; whoever waits for an answer learns of it."""
        process = self._process
        if process is not None:
            process.kill()
            process.join()

    def end(self) -> None:
        """End the process and let go of the pipe; the next `link` is to another one."""
        self.close()
        if self._link is not None:
            self._link.close()
        self._process = self._link = None
