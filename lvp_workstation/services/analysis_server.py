"""The life of the process that analyses: requests come in, volumes are asked for, answers go out."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Series, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.analysis_link import Forget, Given, Link

if TYPE_CHECKING:
    from lvp_workstation.services.analyse import Analyser

NICENESS = 10
"""How far the analysis stands back for the window where both want a processor (our choice)."""

Make = Callable[[int | None], "Analyser"]


@dataclass(frozen=True)
class Analyse:
    """Analyse the study given last; answered by `Done` or `Failed`, with progress on the way."""

    request: AnalysisRequest


@dataclass(frozen=True)
class Restore:
    """Measure a stored reading of the study given last anew."""

    reading: Reading
    labels: LabelMap


@dataclass(frozen=True)
class Remeasure:
    """Measure other labels or names anew."""

    analysis: Analysis
    labels: LabelMap
    levels: LevelMap


@dataclass(frozen=True)
class Stop:
    """Give up what is being done."""


@dataclass(frozen=True)
class Load:
    """The volume of a series is needed; answered by `Loaded` or `Failed`."""

    series: Series


@dataclass(frozen=True)
class Loaded:
    """The volume that was asked for."""

    volume: Volume


@dataclass(frozen=True)
class Done:
    """What was asked for."""

    analysis: Analysis


@dataclass(frozen=True)
class Failed:
    """Why something could not be done."""

    error: Exception
    where: str = field(default="", repr=False)
    """Where the error was raised, in the other process."""


def failure(error: Exception) -> Failed:
    """Return an error as it can be sent, in its own type where that is possible."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  (what cannot be sent is told in words)
        return Failed(RuntimeError(str(error)), where)
    return Failed(error, where)


def raised(failed: Failed) -> Exception:
    """Return the error to raise on this side; a bug says where it was over there."""
    if not isinstance(failed.error, LvpError):
        failed.error.add_note(failed.where)
    return failed.error


def serve(pipe: Connection, make: Make, threads: int | None) -> None:
    """Answer requests until the pipe breaks: the whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    with suppress(EOFError, OSError):
        _Server(Link(pipe), make, threads).run()


class _Server:
    """Works on one request at a time; a thread of its own reads the pipe, so that a stop is heard."""

    def __init__(self, link: Link, make: Make, threads: int | None) -> None:
        self._link = link
        self._make = make
        self._threads = threads
        self._analyser: Analyser | None = None
        self._study: Study | None = None
        self._token = CancelToken()
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self) -> None:
        """Read the pipe until it breaks."""
        threading.Thread(target=self._work, name="lvp-analysis", daemon=True).start()
        while True:
            message = self._link.receive()
            if isinstance(message, Stop):
                self._token.cancel()
            elif isinstance(message, Given):
                self._study = message.thing if isinstance(message.thing, Study) else self._study
            elif not isinstance(message, Forget):
                self._inbox.put(message)

    def _work(self) -> None:
        with suppress(OSError):  # the window is gone; the reading thread learns of it, too
            while True:
                request = self._inbox.get()
                self._token = CancelToken()
                self._link.send(self._answer(request))

    def _answer(self, request: Analyse | Restore | Remeasure) -> Done | Failed:
        try:
            return Done(self._analysis(request))
        except Exception as error:  # noqa: BLE001  (told to the window, which logs what is a bug)
            return failure(error)

    def _analysis(self, request: Analyse | Restore | Remeasure) -> Analysis:
        if self._analyser is None:
            self._analyser = self._make(self._threads)
        if isinstance(request, Remeasure):
            return self._analyser.remeasured(request.analysis, request.labels, request.levels)
        assert self._study is not None
        if isinstance(request, Restore):
            return self._analyser.restored(self._study, request.reading, request.labels, self._load)
        return self._analyser.analyse(self._study, self._load, request.request, self._link.send, self._token)

    def _load(self, series: Series, _: CancelToken | None) -> Volume:
        """Ask the window for a volume: it has the decoder of untrusted files, and what was decoded before."""
        self._link.send(Load(series))
        answer: Loaded | Failed = self._inbox.get()
        if isinstance(answer, Failed):
            raise answer.error
        return answer.volume
