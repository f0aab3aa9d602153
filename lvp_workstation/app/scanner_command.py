"""``lvp receive`` and ``lvp simulate-scanner``: at the scanner, and a scanner to practise on."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lvp_workstation.app.plan_command import make_planner
from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.errors import EnvironmentProblem, UsageProblem
from lvp_workstation.io.atomic import write_bytes, write_text
from lvp_workstation.io.dicom_receiver import ReceiverSettings
from lvp_workstation.io.dicom_send import Destination
from lvp_workstation.io.scanner_ports import DicomPort, IgtlPort, MrdPort, ScannerPort
from lvp_workstation.io.wire import ANSWER_S, SILENCE_S, WireLimits
from lvp_workstation.phantom.presets import PRESETS
from lvp_workstation.phantom.rescan import STILL
from lvp_workstation.planning.protocol import PlanProtocol
from lvp_workstation.render.png import png_bytes
from lvp_workstation.services.acquisition.answers import outcome_document
from lvp_workstation.services.acquisition.film import film_strip
from lvp_workstation.services.acquisition.gateway import Gateway, GatewaySettings
from lvp_workstation.services.acquisition.judge import FOLDER as RULE_FOLDER
from lvp_workstation.services.acquisition.judge import ExaminationJudge, load_rules
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.simulated_scanner import (
    LoopFailed,
    ScanStep,
    Scenario,
    SimulatedScanner,
)
from lvp_workstation.services.output_folder import output_folder
from lvp_workstation.services.plan import FOLDER, load_plan_protocol

Say = Callable[[str], None]

DONE, FAILED = 0, 1
OUTCOMES, LOOP, FILM = "outcomes.jsonl", "loop.json", "film.png"
MAX_SERIES = 40
"""Series up to which movements can be given."""


def receive(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Listen until the time is over or the user stops it, and return the exit code."""
    with output_folder(options.out), (options.out / OUTCOMES).open("a", encoding="utf-8") as log:

        def heard(outcome: SeriesOutcome) -> None:
            log.write(json.dumps(outcome_document(outcome), ensure_ascii=False) + "\n")
            log.flush()
            say(outcome.sentence)
            for reason in outcome.quality.reasons:
                complain(reason.text)

        gateway = Gateway(
            make_judge(options.protocol, data_folder(), options.threads),
            gateway_settings(options),
            heard,
        )
        try:
            for name, port in gateway.doors:
                say(f"{name} on port {port}")
            threading.Event().wait(options.seconds)
        finally:
            gateway.stop()
    return DONE


def gateway_settings(
    options: argparse.Namespace, hold: bool = False, answer_s: float = ANSWER_S
) -> GatewaySettings:
    """Return the doors that are to be opened.

    Parameters
    ----------
    hold
        Planes wait until a person releases them.
    answer_s
        A sender that waits for an answer is kept so long.
    """
    hosts = tuple(options.from_host)
    dicom = None
    if options.dicom_port:
        dicom = ReceiverSettings(
            ae_title=options.ae_title,
            host=options.host,
            port=options.dicom_port,
            titles=tuple(options.accept),
            hosts=hosts,
            certificate=options.tls_certificate,
            key=options.tls_key,
            authority=options.tls_authority,
        )
    return GatewaySettings(
        host=options.host,
        dicom=dicom,
        mrd_port=options.mrd_port or None,
        igtl_port=options.igtl_port or None,
        plan_to=None if options.plan_to is None else _node(options.plan_to),
        wire=WireLimits(hosts=hosts, answer_s=answer_s, silence_s=max(SILENCE_S, answer_s)),
        hold=hold,
    )


def _node(text: str) -> Destination:
    host, _, rest = text.partition(":")
    port, _, title = rest.partition(":")
    if not host or not port.isdecimal():
        raise UsageProblem(f"A DICOM node is HOST:PORT:TITLE, not {text}.")
    return Destination(host, int(port), title or "ANY-SCP")


def make_judge(protocol: str, own: Path, threads: int | None) -> ExaminationJudge:
    """Return the judge with the shipped model.

    Parameters
    ----------
    protocol
        Name of what is ordered.
    own
        Folder that holds the hospital's own protocols and rules.
    """
    order = load_plan_protocol(protocol, own / FOLDER)
    return ExaminationJudge(make_planner(threads), order, load_rules(own / RULE_FOLDER))


def simulate(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Run one loop, write its log and its film strip, and return the exit code."""
    if options.preset not in PRESETS:
        raise UsageProblem(f"There is no preset {options.preset}; there are: {', '.join(PRESETS)}.")
    if not 0.25 <= options.matrix_share <= 1 or options.levels < 1 or options.snr_share <= 0:
        raise UsageProblem("--matrix-share is 0.25 to 1, --levels at least 1, --snr-share above 0.")
    protocol = load_plan_protocol(options.protocol, data_folder() / FOLDER)
    steps: list[ScanStep] = []

    def told(step: ScanStep) -> None:
        steps.append(step)
        say(f"{step.name}: {step.answer.verdict}, answered after {step.answer.waited_s:.2f} s")

    failed = ""
    with output_folder(options.out), ExitStack() as stack:
        port = _port(options, protocol, stack)
        try:
            SimulatedScanner(port, _scenario(options), protocol, told).run()
        except (LoopFailed, EnvironmentProblem) as error:
            failed = str(error)
            complain(failed)
        _write(options.out, steps, options.interface, failed)
    say(f"{options.out / LOOP}, {options.out / FILM}")
    return FAILED if failed else DONE


def _scenario(options: argparse.Namespace) -> Scenario:
    movements = dict.fromkeys(range(MAX_SERIES), STILL)
    for number, size in _pairs(options.shift):
        for n in range(number, MAX_SERIES):
            movements[n] = replace(movements[n], shift_mm=(size, 0.0, 0.0))
    for number, size in _pairs(options.motion):
        movements[number] = replace(movements[number], during_mm=size)
    return Scenario(
        seed=options.seed,
        preset=options.preset,
        delay_s=options.delay,
        matrix_share=options.matrix_share,
        snr_share=options.snr_share,
        movements=movements,
        axial_levels=options.levels,
        timeout_s=options.timeout,
    )


def _pairs(texts: list[str]) -> list[tuple[int, float]]:
    found = []
    for text in texts:
        number, _, size = text.partition("=")
        try:
            pair = int(number), float(size)
        except ValueError as error:
            raise UsageProblem(f"N=MM is needed, such as 1=2.5, not {text}.") from error
        if not 0 <= pair[0] < MAX_SERIES:
            raise UsageProblem(f"Series are numbered from 0 to {MAX_SERIES - 1}, not {number}.")
        found.append(pair)
    return found


def _port(options: argparse.Namespace, protocol: PlanProtocol, stack: ExitStack) -> ScannerPort:
    """Return the scanner's side of the interface, with a workstation of its own unless one is named."""
    kind = options.interface
    plans = stack.enter_context(DicomPort(Destination("", 0), options.listen)) if kind == "dicom" else None
    if options.connect is not None:
        node = _node(options.connect)
        host, port = node.host, node.port
    else:
        gateway = Gateway(
            make_judge(protocol.name, data_folder(), options.threads),
            GatewaySettings(
                dicom=ReceiverSettings(port=0) if kind == "dicom" else None,
                mrd_port=0 if kind == "mrd" else None,
                igtl_port=0 if kind == "igtl" else None,
                plan_to=None if plans is None else Destination("127.0.0.1", plans.port, "SCANNER"),
            ),
        )
        stack.callback(gateway.stop)
        host, port = "127.0.0.1", getattr(gateway, kind).port
    if plans is not None:
        plans.destination = Destination(host, port, "LVP", "SCANNER")
        return plans
    return MrdPort(host, port) if kind == "mrd" else stack.enter_context(IgtlPort(host, port))


def _write(folder: Path, steps: list[ScanStep], interface: str, failed: str) -> None:
    document = {
        "interface": interface,
        "failed": failed,
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "slices": sum(volume.shape[0] for volume in step.volumes),
                "verdict": step.answer.verdict,
                "waited_s": round(step.answer.waited_s, 3),
                "scan_s": round(step.scan_s, 3),
                "stacks": sorted(step.answer.poses),
                "told": step.answer.told,
            }
            for step in steps
        ],
    }
    write_text(folder / LOOP, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    if steps:
        write_bytes(folder / FILM, png_bytes(film_strip(steps)))
