"""Write reports in another process: their libraries never keep the window's interpreter busy.

Code tables of DICOM segmentations and the layout of pages take a third of a second to load, in steps that
no other thread can interrupt.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from lvp_workstation.domain.errors import OutputProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.reader_marks import ReaderMark
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.volume import Volume
from lvp_workstation.render.window import Window
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.report.phrases import languages
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.analysis_link import Link
from lvp_workstation.services.analysis_server import Failed, failure, raised
from lvp_workstation.services.other_process import OtherProcess

NICENESS = 5
"""How far writing stands back for the window where both want a processor (our choice)."""

CRASHED = "The report was not written: its program ended unexpectedly, perhaps for want of memory. Try again."
NO_PROCESS = "The report was not written ({}); close other programs and try again."


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """A slice that the reader marked as a key image, how it was windowed and what was measured on it."""

    volume: Volume
    index: int
    window: Window
    caption: str
    marks: tuple[ReaderMark, ...] = ()


@dataclass(frozen=True, eq=False)
class ReportOrder:
    """What is to be written, see `export_reading.export_reading`.

    ``language`` and ``templates``, the folder of the user's template, make the look.
    """

    folder: Path
    reading: Reading
    labels: LabelMap | None
    analysis: Analysis | None
    coverage: Iterable[CoverageFact]
    everything: bool
    chosen: Sequence[ChosenImage]
    language: str
    templates: Path


def write_order(order: ReportOrder) -> tuple[Path, ...]:
    """Write a report in this process; raises what `export_reading.export_reading` does."""
    from lvp_workstation.report.template import load_template  # heavy: this is the process for it
    from lvp_workstation.services.export_reading import export_reading
    from lvp_workstation.services.report_out import ReportLook

    known = order.language if order.language in languages() else "en"
    return export_reading(
        order.folder,
        order.reading,
        order.labels,
        order.analysis,
        order.coverage,
        order.everything,
        order.chosen,
        ReportLook(known, load_template(order.templates)),
    )


class ReportWriter(Protocol):
    """What the window needs of a writer of reports, in this process or in another."""

    def warm_up(self) -> None:
        """Make ready, so that the first report comes as quickly as the second."""

    def write(self, order: ReportOrder) -> tuple[Path, ...]:
        """Write a report; raises what `export_reading.export_reading` does."""


class ReportProcess:
    """Writes reports in a process of its own, one after the other.

    Parameters
    ----------
    serve
        The life of that process; another one serves tests.
    """

    def __init__(self, serve: Callable[[Connection], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._other = OtherProcess(serve or serve_reports)

    @property
    def pid(self) -> int | None:
        """The number of the process, None before there is one."""
        return self._other.pid

    def warm_up(self) -> None:
        """Start the process, so that the first report comes as quickly as the second."""
        with self._lock, suppress(OSError):  # the first report will say so
            self._other.link()

    def write(self, order: ReportOrder) -> tuple[Path, ...]:
        """Write a report; raises what `export_reading.export_reading` does.

        Raises
        ------
        OutputProblem
            Also when the process cannot be started or dies.
        """
        with self._lock:
            try:
                link = self._other.link()
            except OSError as error:
                raise OutputProblem(NO_PROCESS.format(error)) from error
            try:
                link.send(order)
                answer: tuple[Path, ...] | Failed = link.receive()
            except (EOFError, OSError) as error:
                self._other.end()
                raise OutputProblem(CRASHED) from error
        if isinstance(answer, Failed):
            raise raised(answer)
        return answer

    def close(self) -> None:
        """End the process; whoever waits for a report learns of it."""
        self._other.close()


def serve_reports(pipe: Connection) -> None:
    """Write reports until the pipe breaks: the whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    import lvp_workstation.services.export_reading  # noqa: F401  (loaded before the first report is asked for)

    link = Link(pipe)
    with suppress(EOFError, OSError):
        while True:
            order: ReportOrder = link.receive()
            link.send(_answer(order))


def _answer(order: ReportOrder) -> tuple[Path, ...] | Failed:
    try:
        return write_order(order)
    except Exception as error:  # noqa: BLE001  (told to the window, which logs what is a bug)
        return failure(error)
