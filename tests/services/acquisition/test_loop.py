"""The whole loop over each interface: localizer, planes, sagittal along them, planes again, axials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.geometry import LEFT, plane_angle_deg
from lvp_workstation.io.dicom_receiver import ReceiverSettings
from lvp_workstation.io.dicom_send import Destination
from lvp_workstation.io.scanner_ports import DicomPort, IgtlPort, MrdPort, ScannerPort
from lvp_workstation.phantom.rescan import Movement
from lvp_workstation.planning.review import PlanReview
from lvp_workstation.planning.stack import AXIAL
from lvp_workstation.services.acquisition.gateway import Gateway, GatewaySettings
from lvp_workstation.services.acquisition.judge import ExaminationJudge, load_rules
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.simulated_scanner import Scenario, SimulatedScanner
from lvp_workstation.services.evaluate.analysis import ExactSegmenter
from lvp_workstation.services.plan import Planner, load_plan_protocol
from tests.services.evaluate_samples import KnowingSegmenter, known_spine

SCENARIO = Scenario(seed=78, preset="normal", matrix_share=0.5, axial_levels=1, planes_per_slice=1)
ORDER = load_plan_protocol()


class Bench:
    """A scanner and a workstation with exact labels, over one interface."""

    def __init__(
        self, name: str, scenario: Scenario, stack: ExitStack, hold: bool = False, plans_at: int | None = None
    ) -> None:
        self.heard: list[Any] = []
        self._wanted = name
        self.port: ScannerPort
        judge = ExaminationJudge(_Later(lambda: self.scanner), ORDER, load_rules())
        dicom = ReceiverSettings(port=0) if name == "dicom" else None
        plans = stack.enter_context(DicomPort(Destination("127.0.0.1", 0))) if name == "dicom" else None
        to = None if plans is None else Destination("127.0.0.1", plans_at or plans.port, "SCANNER")
        self.gateway = Gateway(
            judge,
            GatewaySettings(
                dicom=dicom,
                mrd_port=0 if name == "mrd" else None,
                igtl_port=0 if name == "igtl" else None,
                plan_to=to,
                hold=hold,
            ),
            self.hear,
        )
        stack.callback(self.gateway.stop)
        if plans is not None:
            plans.destination = Destination("127.0.0.1", self.gateway.dicom.port, "LVP", "SCANNER")
            self.port = plans
        elif name == "mrd":
            self.port = MrdPort("127.0.0.1", self.gateway.mrd.port)
        else:
            self.port = stack.enter_context(IgtlPort("127.0.0.1", self.gateway.igtl.port))
        self.scanner = SimulatedScanner(self.port, scenario, ORDER)

    def hear(self, outcome: SeriesOutcome) -> None:
        """Keep an outcome; a test may put something in its place."""
        self.heard.append(outcome)


class Technologist(Bench):
    """Moves the sagittal stack by three millimetres and rejects all axial ones but the lowest."""

    def hear(self, outcome: SeriesOutcome) -> None:
        super().hear(outcome)
        if outcome.found is None:
            return
        review = PlanReview.of(outcome.found.plan).moved("sagittal", 3.0 * LEFT)
        for stack in outcome.found.plan.of_kind(AXIAL)[:-1]:
            review = review.rejected(stack.name)
        assert self.gateway.release(outcome.key, outcome.series, review.all_accepted().result())
        assert not self.gateway.release(outcome.key, outcome.series, ())  # once


class _Later(Planner):
    """A planner with the exact labels of the patient on the table."""

    def __init__(self, scanner: Callable[[], SimulatedScanner]) -> None:
        self._scanner = scanner
        self._known = KnowingSegmenter(known_spine()[0])

    @property
    def _segmenter(self) -> ExactSegmenter:  # type: ignore[override]
        return ExactSegmenter(self._known, self._scanner().table.study)


@pytest.fixture
def bench() -> Iterator[Callable[[str, Scenario], Bench]]:
    """Make benches, and leave none of their threads."""
    with ExitStack() as stack:
        yield lambda name, scenario: Bench(name, scenario, stack)


@pytest.mark.parametrize("name", ["dicom", "mrd", "igtl"])
def test_the_loop_runs_to_its_end_along_the_planes_that_came_back(
    bench: Callable[[str, Scenario], Bench], name: str
) -> None:
    made = bench(name, SCENARIO)
    steps = made.scanner.run()
    assert [step.name for step in steps] == ["localizer", "sagittal", "axial_L5-S1"]
    assert all(step.answer.verdict != "repeat" for step in steps)
    sagittal, axial = (step.volumes[0].geometry for step in steps[1:])
    for asked, got in (
        (steps[0].answer.poses["sagittal"], sagittal),
        (steps[1].answer.poses["axial_L5-S1"], axial),
    ):
        assert plane_angle_deg(asked[:3, 2], got.slice_normal) < 0.01
        np.testing.assert_allclose(got.centre, asked[:3, 3], atol=0.01)
    truth = made.scanner.table.study.truth["planes"]["L5-S1"]
    assert plane_angle_deg(axial.slice_normal, truth["normal_lps"]) < 3.0
    assert abs((axial.centre - np.array(truth["point_lps"])) @ truth["normal_lps"]) < 2.0
    last = made.heard[-1]
    assert last.quality.facts["angle_deg"] < 0.1
    assert last.quality.facts["offset_mm"] < 0.1
    assert {s.series for s in last.suggestions} >= {"sag_t1"}


@pytest.mark.parametrize("name", ["dicom", "igtl"])
def test_held_planes_go_out_as_a_person_settled_on_them(name: str) -> None:
    with ExitStack() as stack:
        made = Technologist(name, SCENARIO, stack, hold=True)
        steps = made.scanner.run()
    axial = [pose for pose in steps[1].answer.poses if pose.startswith(AXIAL)]
    assert axial == ["axial_L5-S1"]
    proposed = made.heard[0].found.plan.of_kind("sagittal")[0]
    got = steps[1].volumes[0].geometry
    np.testing.assert_allclose(got.centre - proposed.centre, 3.0 * LEFT, atol=0.01)
    judged = next(one for one in made.heard if "offset_mm" in one.quality.facts)
    assert judged.quality.facts["offset_mm"] < 0.1  # the plan that holds is the one that was sent


def test_a_series_spoilt_by_motion_is_repeated(bench: Callable[[str, Scenario], Bench]) -> None:
    restless = Scenario(**{**vars(SCENARIO), "movements": {1: Movement(during_mm=2.5)}})
    made = bench("mrd", restless)
    steps = made.scanner.run()
    assert [step.answer.verdict for step in steps if step.name == "sagittal"] == ["repeat", "good"]
    assert steps[1].answer.told["reasons"][0]["code"] == "motion"
