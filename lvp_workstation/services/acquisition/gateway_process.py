"""The receivers in a process of their own: whatever a sender does, the screen goes on.

Segmenting and planning would keep the interpreter from the window's thread, and what comes in over a network
is best read where nothing else is open.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from lvp_workstation.domain.errors import LvpError
from lvp_workstation.planning.stack import PlannedStack
from lvp_workstation.services.acquisition.gateway import Gateway, GatewaySettings
from lvp_workstation.services.acquisition.news import Broken, Doors, NewsDesk, Release, Stop, Told
from lvp_workstation.services.acquisition.room import Judge
from lvp_workstation.services.analysis_link import Link
from lvp_workstation.services.other_process import started

WAIT_S = 0.2
JOIN_S = 10.0
"""After so long a process that does not stop is ended (our choice)."""
GONE = "The receivers ended unexpectedly: nothing is taken any more. Close the console and open it again."

MakeJudge = Callable[[], Judge]
"""Makes the judge over there: a function of a module, or a partial of one."""


class GatewayProcess:
    """Runs a `Gateway` in another process.

    Parameters
    ----------
    make
        What makes the judge, over there.
    told
        Takes what is news, in a thread of this object.
    """

    def __init__(self, make: MakeJudge, settings: GatewaySettings, told: Told) -> None:
        self._told = told
        self._stopping = False
        self._sending = threading.Lock()
        self._process, self._link = started(serve, make, settings)
        self._reader = threading.Thread(target=self._read, name="lvp-console-news", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self._process.pid

    def release(self, key: str, series: str, stacks: tuple[PlannedStack, ...]) -> None:
        """Send stacks to the scanner; `Broken` is told when there is no process any more."""
        self._send(Release(key, series, stacks))

    def stop(self) -> None:
        """Shut the doors and end the process."""
        self._stopping = True
        self._send(Stop())
        self._process.join(JOIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._reader.join()
        self._link.close()

    def _send(self, message: object) -> None:
        with self._sending, suppress(OSError):  # the reader tells that the other end is gone
            self._link.send(message)

    def _read(self) -> None:
        while True:
            try:
                news = self._link.receive()
            except (EOFError, OSError):
                break
            self._told(news)
        if not self._stopping:
            self._told(Broken(GONE))


def serve(pipe: Connection, make: MakeJudge, settings: GatewaySettings) -> None:
    """Live as the process that receives: news go out, releases come in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window decides when to stop
    link, desk, ended = Link(pipe), NewsDesk(), threading.Event()
    writer = threading.Thread(target=_write, args=(link, desk, ended), name="lvp-news-out", daemon=True)
    writer.start()
    try:
        _serve(link, desk, make, settings)
    except LvpError as error:
        desk.put(Broken(str(error)))
    ended.set()
    writer.join()


def _serve(link: Link, desk: NewsDesk, make: MakeJudge, settings: GatewaySettings) -> None:
    gateway = Gateway(make(), settings, desk.heard, desk)
    try:
        desk.put(Doors(gateway.doors))
        while True:
            try:
                asked = link.receive()
            except (EOFError, OSError):
                return  # the window is gone
            if isinstance(asked, Release):
                gateway.release(asked.key, asked.series, asked.stacks)
            elif isinstance(asked, Stop):
                return
    finally:
        gateway.stop()


def _write(link: Link, desk: NewsDesk, ended: threading.Event) -> None:
    while True:
        news = desk.take(WAIT_S)
        if news is None and ended.is_set():
            return
        if news is not None:
            try:
                link.send(news)
            except OSError:
                return  # the window is gone
