"""Latency and leaks of the three interfaces, measured from outside the process that receives.

``python -m tests.tools.scanner_bench [--series N] [--leak N] [--interfaces dicom,mrd,igtl]`` prints one line
of latency figures (last byte sent to whole answer, median and 95th percentile, localizer and full sagittal
series of the phantom at full matrix, with the shipped model), and one for each interface for leaks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np

from lvp_workstation.app.scanner_command import make_judge
from lvp_workstation.domain.errors import EnvironmentProblem
from lvp_workstation.io.dicom_receiver import ReceiverSettings
from lvp_workstation.io.dicom_send import Destination
from lvp_workstation.io.scanner_ports import (
    DicomPort,
    IgtlPort,
    MrdPort,
    ScannedSeries,
    ScannerAnswer,
    ScannerPort,
)
from lvp_workstation.services.acquisition.gateway import GatewaySettings
from lvp_workstation.services.acquisition.gateway_process import GatewayProcess, MakeJudge
from lvp_workstation.services.acquisition.simulated_scanner import LoopFailed, Scenario, SimulatedScanner
from lvp_workstation.services.plan import DEFAULT_PROTOCOL, load_plan_protocol
from tests.services.acquisition.test_news import make_plain

INTERFACES = ("dicom", "mrd", "igtl")
WAIT_S = 120.0
WARM, SETTLED = 2, 100
"""Series before latency counts; series from which on memory must stay."""


@dataclass
class Station:
    """A workstation in a process of its own, and the scanner's side of one interface."""

    process: GatewayProcess
    connect: Callable[[], ScannerPort]

    @property
    def pid(self) -> int:
        """Number of the process that receives."""
        assert self.process.pid is not None
        return self.process.pid

    def resident_mb(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def descriptors(self) -> int:
        """Open descriptors."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def station(kind: str, make: MakeJudge, stack: ExitStack) -> Station:
    """Start a workstation with one door, and connect to it."""
    news: Queue[Any] = Queue()
    plans = stack.enter_context(DicomPort(Destination("127.0.0.1", 0))) if kind == "dicom" else None
    settings = GatewaySettings(
        dicom=ReceiverSettings(port=0) if plans else None,
        mrd_port=0 if kind == "mrd" else None,
        igtl_port=0 if kind == "igtl" else None,
        plan_to=Destination("127.0.0.1", plans.port, "SCANNER") if plans else None,
    )
    process = GatewayProcess(make, settings, lambda told: news.put(told) if hasattr(told, "open") else None)
    stack.callback(process.stop)
    port = news.get(timeout=WAIT_S).open[0][1]
    if plans is not None:
        plans.destination = Destination("127.0.0.1", port, "LVP", "SCANNER")
        return Station(process, lambda: plans)
    made = MrdPort if kind == "mrd" else IgtlPort
    return Station(process, lambda: made("127.0.0.1", port))


class Recorder:
    """A port that keeps what is scanned."""

    name = "recorder"

    def __init__(self, port: ScannerPort) -> None:
        self._port = port
        self.series: list[ScannedSeries] = []

    def scan(self, series: ScannedSeries, timeout_s: float) -> ScannerAnswer:
        """Pass a series on."""
        self.series.append(series)
        return self._port.scan(series, timeout_s)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        return


def recorded(share: float = 1.0) -> list[ScannedSeries]:
    """Return a localizer and a sagittal series along the planes proposed on it."""
    with ExitStack() as stack:
        made = partial(make_judge, DEFAULT_PROTOCOL, Path(tempfile.gettempdir()), None)
        recorder = Recorder(stack.enter_context(station("igtl", made, stack).connect()))
        scenario = Scenario(timeout_s=WAIT_S, matrix_share=share, axial_levels=1, planes_per_slice=1)
        with suppress(LoopFailed):  # a verdict on the axial series does not matter here
            SimulatedScanner(recorder, scenario, load_plan_protocol()).run()
    return recorder.series[:2]


def again(series: ScannedSeries, number: int) -> ScannedSeries:
    """Return the series as that of another patient."""
    return replace(series, study=replace(series.study, seed=f"bench {number}"))


def latencies(kind: str, series: Sequence[ScannedSeries], count: int) -> list[list[float]]:
    """Return seconds from the last slice to the answer, for each series."""
    made = partial(make_judge, DEFAULT_PROTOCOL, Path(tempfile.gettempdir()), None)
    with ExitStack() as stack:
        at = station(kind, made, stack)
        waited: list[list[float]] = [[] for _ in series]
        port = at.connect() if kind == "dicom" else stack.enter_context(at.connect())
        for number in range(count + WARM):
            for one, seen in zip(series, waited, strict=True):
                seen.append(port.scan(again(one, number), WAIT_S).waited_s)
    return [seen[WARM:] for seen in waited]


def leak(kind: str, series: ScannedSeries, count: int) -> tuple[float, float, int, int]:
    """Return memory (MB) and descriptors at series 100 and at the last one; planes are not made."""
    with ExitStack() as stack:
        at = station(kind, make_plain, stack)
        seen: dict[int, tuple[float, int]] = {}
        for number in range(1, count + 1):
            try:
                with at.connect() if kind == "igtl" else nullcontext(at.connect()) as port:
                    port.scan(again(series, number), 0.0 if kind == "dicom" else WAIT_S)
            except EnvironmentProblem:
                if kind != "dicom":  # there no planes come back, since none are made
                    raise
            if number in (min(SETTLED, count), count):
                seen[number] = at.resident_mb(), at.descriptors()
    (first, open_first), (last, open_last) = seen[min(SETTLED, count)], seen[count]
    return first, last, open_first, open_last


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="latency and leaks of the scanner interfaces")
    parser.add_argument("--series", type=int, default=20, help="answers counted for each figure; 0: none")
    parser.add_argument("--leak", type=int, default=0, help="series of the leak run; 0: none")
    parser.add_argument("--interfaces", default=",".join(INTERFACES))
    options = parser.parse_args(arguments)
    kinds = options.interfaces.split(",")
    if options.series:
        series = recorded()
        parts = []
        for kind in kinds:
            found = latencies(kind, series, options.series)
            words = (f"{np.median(t):.2f}/{np.quantile(t, 0.95):.2f}" for t in found)
            parts.append("{} localizer {} sagittal {}".format(kind, *words))
        sys.stdout.write(f"latency s, median/p95 of {options.series}: {'; '.join(parts)}\n")
    if options.leak:
        series = recorded(0.5) if not options.series else series
        for kind in kinds:
            first, last, before, after = leak(kind, series[-1], options.leak)
            grown = 100.0 * (last / first - 1.0)
            memory = f"{first:.0f} -> {last:.0f} MB ({grown:+.1f} %)"
            sys.stdout.write(f"leak {kind}: {memory}, {before} -> {after} descriptors\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
