"""A scanner to practise on: it images a phantom along exactly the planes that come back to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.domain.study import Patient
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io.scanner_ports import (
    ScannedSeries,
    ScannerAnswer,
    ScannerPort,
    in_order,
    interleaved,
)
from lvp_workstation.io.write_mr import MrProtocol, StudyToWrite
from lvp_workstation.phantom.protocol import PROTOCOLS, Protocol, localizer_grids
from lvp_workstation.phantom.rescan import STILL, Movement, Rescanner
from lvp_workstation.planning.protocol import PlanProtocol, StackTemplate
from lvp_workstation.planning.quality import Verdict
from lvp_workstation.planning.stack import AXIAL, SAGITTAL

MAX_REPEATS = 2
"""A series is scanned at most so many times more (our choice)."""


@dataclass(frozen=True)
class Scenario:
    """How an examination goes.

    Attributes
    ----------
    delay_s
        Between slices.
    matrix_share
        Pixels along each axis against the protocol's: 1 as ordered.
    snr_share
        Signal-to-noise ratio against the protocol's.
    movements
        By the number of the series that is scanned, from 0: where the patient lies, how still.
    axial_levels
        How many axial stacks are scanned, from below.
    """

    seed: int = 42
    preset: str = "degenerate"
    delay_s: float = 0.0
    matrix_share: float = 1.0
    snr_share: float = 1.0
    movements: dict[int, Movement] = field(default_factory=dict)
    axial_levels: int = 5
    timeout_s: float = 60.0
    planes_per_slice: int = 3
    threads: int = 1


@dataclass(frozen=True, eq=False)
class ScanStep:
    """One series of the loop.

    Attributes
    ----------
    scan_s
        Time in which the phantom was imaged and the slices sent.
    """

    number: int
    name: str
    volumes: tuple[Volume, ...]
    answer: ScannerAnswer
    scan_s: float


class LoopFailed(Exception):
    """The loop ended before its last series; the message tells why."""


class SimulatedScanner:
    """Runs localizer, sagittal and axial series over one interface.

    Parameters
    ----------
    port
        The interface.
    order
        Slice thickness, field of view and matrix of what is planned.
    told
        Takes every step when it is done.
    """

    def __init__(
        self,
        port: ScannerPort,
        scenario: Scenario,
        order: PlanProtocol,
        told: Callable[[ScanStep], None] | None = None,
    ) -> None:
        self._port = port
        self._scenario = scenario
        self._order = order
        self._told = told
        self._steps: list[ScanStep] = []
        self.table = Rescanner(scenario.seed, scenario.preset, scenario.planes_per_slice, scenario.threads)
        who = self.table.study.patient
        self._study = StudyToWrite(
            seed=f"simulated scanner {scenario.preset} {scenario.seed} {time.time_ns()}",
            patient=Patient(who["id"], "", who["name"], who["birth_date"], who["sex"], who["age"]),
            description="SIMULATED SCAN",
            manufacturer="lvp_workstation",
            model_name="simulated scanner",
            synthetic=True,
        )

    def run(self) -> list[ScanStep]:
        """Scan the localizer, then what is planned on it, and return every step.

        Raises
        ------
        LoopFailed
            When a stack that is needed is declined, or a series is still to be repeated at the end.
        EnvironmentProblem
            When the workstation does not answer.
        """
        localizer = self._until_good("loc", self._localizer, "localizer").answer
        if SAGITTAL not in localizer.poses:
            raise LoopFailed("No sagittal stack was proposed.")
        found = self._planned(localizer, SAGITTAL, self._order.sagittal, "sag_t2")
        names = sorted(name for name in found.poses if name.startswith(f"{AXIAL}_"))
        if not names:
            raise LoopFailed("No axial stack was proposed.")
        for name in reversed(names[-self._scenario.axial_levels :]):
            self._planned(found, name, self._order.axial, "ax_t2")
        return self._steps

    def _planned(self, answer: ScannerAnswer, name: str, template: StackTemplate, kind: str) -> ScannerAnswer:
        """Scan a proposed stack, exactly where it was proposed."""
        pose, count = answer.poses[name], answer.counts[name]

        def scan(number: int) -> list[Volume]:
            return [self._along(pose, template, count, kind, number)]

        return self._until_good(kind, scan, name).answer

    def _until_good(self, kind: str, scan: Callable[[int], list[Volume]], name: str) -> ScanStep:
        """Scan a series, and again as long as the answer is to repeat it."""
        for _ in range(1 + MAX_REPEATS):
            step = self._scan(kind, scan, name)
            if step.answer.verdict != Verdict.REPEAT.value:
                return step
        raise LoopFailed(f"{name} is still to be repeated: {_reasons(step.answer)}")

    def _scan(self, kind: str, scan: Callable[[int], list[Volume]], name: str) -> ScanStep:
        began = time.monotonic()
        number = len(self._steps)
        volumes = tuple(scan(number))
        told = self._protocol(kind)
        protocol = MrProtocol(
            description=told.description,
            number=number + 1,
            repetition_time=told.tr,
            echo_time=told.te,
            slice_thickness=told.thickness,
            echo_train_length=told.echo_train,
            window=volumes[0].window,
        )
        series = ScannedSeries(
            self._study, protocol, volumes, interleaved(in_order(volumes)), self._scenario.delay_s
        )
        answer = self._port.scan(series, self._scenario.timeout_s)
        step = ScanStep(number, name, volumes, answer, time.monotonic() - began - answer.waited_s)
        self._steps.append(step)
        if self._told is not None:
            self._told(step)
        return step

    def _protocol(self, kind: str) -> Protocol:
        found = PROTOCOLS[kind]
        return replace(found, snr=found.snr * self._scenario.snr_share)

    def _localizer(self, number: int) -> list[Volume]:
        protocol = self._protocol("loc")
        share = self._scenario.matrix_share
        rows = round(protocol.matrix[0] * share)
        smaller = replace(protocol, matrix=(rows, rows), pixel=protocol.pixel / share)
        grids = localizer_grids(self.table.anatomy, smaller, f"2.25.{99_000_000_000 + self._scenario.seed}")
        return [self._image(grid, smaller, f"loc {number} {n}", number) for n, grid in enumerate(grids)]

    def _along(self, pose: Array, template: StackTemplate, count: int, kind: str, number: int) -> Volume:
        """Return the image of a stack along the axes of a pose."""
        row, column, normal, centre = (pose[:3, n] for n in range(4))
        across, down = template.fov_mm
        columns, rows = (round(n * self._scenario.matrix_share) for n in template.matrix)
        spacing = (template.spacing_mm, down / rows, across / columns)
        corner = centre - sum(
            (size - 1) / 2 * step * axis
            for size, step, axis in zip((count, rows, columns), spacing, (normal, column, row), strict=True)
        )
        frame = f"2.25.{99_000_000_000 + self._scenario.seed}"
        grid = VolumeGeometry.from_axes(corner, (normal, column, row), spacing, (count, rows, columns), frame)
        protocol = replace(
            self._protocol(kind),
            thickness=template.thickness_mm,
            spacing=template.spacing_mm,
            pixel=float(np.mean(spacing[1:])),
        )
        return self._image(grid, protocol, f"{kind} {number}", number)

    def _image(self, grid: VolumeGeometry, protocol: Protocol, key: str, number: int) -> Volume:
        movement = self._scenario.movements.get(number, STILL)
        return self.table.image(grid, protocol, key, movement)


def _reasons(answer: ScannerAnswer) -> str:
    return " ".join(reason["text"] for reason in answer.told.get("reasons", [])) or "no reason given"
