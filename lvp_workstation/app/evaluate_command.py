"""``lvp evaluate``: how good the program is on labelled data, measured by the program itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from lvp_workstation import __version__
from lvp_workstation.app.context import utc_now
from lvp_workstation.app.evaluate_options import EXACT
from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.errors import NothingReadable, UsageProblem
from lvp_workstation.inference.bundle import MANIFEST_NAME, ModelBundle, load_bundle, read_bundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.phantom.generate import DEFAULT_SERIES
from lvp_workstation.phantom.presets import PRESETS
from lvp_workstation.phantom.protocol import PROTOCOLS
from lvp_workstation.services.evaluate.analysis import GRADES, MEASURES, AnalysisEvaluation, Case
from lvp_workstation.services.evaluate.contrast import contrast_pairs
from lvp_workstation.services.evaluate.expert_slices import expert_slices, is_expert_folder
from lvp_workstation.services.evaluate.graded_files import graded_files
from lvp_workstation.services.evaluate.ledger import Ledger
from lvp_workstation.services.evaluate.outcome import METRICS, Outcome, read_needs, write_outcome
from lvp_workstation.services.evaluate.planning import PLANNING, PlanningEvaluation, planning_cases
from lvp_workstation.services.evaluate.segmentation import SegmentationEvaluation
from lvp_workstation.services.evaluate.sources import (
    MadePhantom,
    PhantomFolder,
    Source,
    chosen_sources,
    find_sources,
    made_phantoms,
)
from lvp_workstation.services.evaluate.witness import Witness
from lvp_workstation.services.make_phantom import TRUTH
from lvp_workstation.services.output_folder import output_folder
from lvp_workstation.services.plan import FOLDER, Planner, load_plan_protocol

MET, MISSED = 0, 1
"""Exit codes when the evaluation was done; `app.cli` knows the others."""

SAGITTAL = ("sag_t2",)
"""Series of phantoms that are made to judge the segmentation."""

Say = Callable[[str], None]


def evaluate(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Run one evaluation, write its files and return the exit code."""
    needs = read_needs(options.need)
    if options.threads is not None and options.threads < 1:
        raise UsageProblem("--threads is at least 1.")
    with output_folder(options.out):
        outcome = _KINDS[options.kind](options, complain)
        write_outcome(options.out, outcome, needs, utc_now())
    for need in needs:
        found = outcome.figures.get(need.name)
        sign = "<=" if need.at_most else ">="
        verdict = "met" if need.met(outcome.figures) else "MISSED"
        reached = f"{found.value:g}" if found else "no such figure here"
        say(f"{verdict}: {need.name} {sign} {need.wanted:g}, reached: {reached}")
    say(str(options.out / METRICS))
    return MET if all(need.met(outcome.figures) for need in needs) else MISSED


def _segmentation(options: argparse.Namespace, complain: Say) -> Outcome:
    sources, problems = _sources(options)
    segmenter, witness = make_segmenter(options.model, options.threads)
    evaluation = SegmentationEvaluation(segmenter, witness, options.out, complain, afresh=options.again)
    return evaluation.run(sources, problems)


def _contrast(options: argparse.Namespace, complain: Say) -> Outcome:
    if options.data is None:
        raise UsageProblem("Give a folder of mid-sagittal pictures.")
    segmenter, _ = make_segmenter(options.model, options.threads)
    pairs = contrast_pairs(options.data, segmenter)
    chosen = chosen_sources(pairs, options.patients, options.data)
    evaluation = SegmentationEvaluation(
        segmenter, None, options.out, complain, afresh=options.again, kind="contrast"
    )
    return evaluation.run(chosen)


def _sources(options: argparse.Namespace) -> tuple[list[Source], list[str]]:
    if (options.data is None) is (options.preset is None):
        raise UsageProblem("Give either a folder of labelled cases or --preset.")
    if options.preset is not None:
        if options.seed < 0 or options.count < 1:
            raise UsageProblem("--seed is at least 0 and --count at least 1.")
        return list(_made(options, SAGITTAL)), []
    sources, problems = find_sources(options.data)
    return chosen_sources(sources, options.patients, options.data), problems


def _made(options: argparse.Namespace, series: Sequence[str]) -> list[MadePhantom]:
    names = options.series.split(",") if options.series else series
    return made_phantoms(options.preset, options.seed, options.count, names)


def _analysis(options: argparse.Namespace, complain: Say) -> Outcome:
    cases = _analysis_cases(options)
    segmenter, _ = make_segmenter(options.model, options.threads)
    evaluation = AnalysisEvaluation(
        segmenter,
        utc_now,
        options.out,
        complain,
        exact=options.masks == EXACT,
        afresh=options.again,
    )
    return evaluation.run(options.kind, cases)


def _planning(options: argparse.Namespace, complain: Say) -> Outcome:
    if options.data is not None:
        raise UsageProblem("Planes are judged on phantoms made on the way: give --count, not a folder.")
    if options.seed < 0 or options.count < 1:
        raise UsageProblem("--seed is at least 0 and --count at least 1.")
    series = options.series or SAGITTAL[0]
    if series not in PROTOCOLS or series.startswith("ax"):
        raise UsageProblem(f"--series of planes is one sagittal series or loc, not {series}.")
    if options.preset is not None and options.preset not in PRESETS:
        raise UsageProblem(f"There is no preset {options.preset}; there are: {', '.join(PRESETS)}.")
    protocol = load_plan_protocol(options.protocol, data_folder() / FOLDER)
    segmenter, _ = make_segmenter(options.model, options.threads)
    identity = {
        "kind": PLANNING,
        "model": segmenter.bundle.sha256,
        "program": __version__,
        "protocol": repr(protocol),
    }
    ledger = Ledger(options.out, identity, options.again)
    cases = planning_cases(options.preset, options.seed, options.count, series)
    return PlanningEvaluation(Planner(segmenter), protocol, ledger, complain).run(cases)


def _analysis_cases(options: argparse.Namespace) -> Sequence[Case]:
    """Return phantoms, or graded pictures where the folder holds some and grades are asked for."""
    if options.kind == GRADES and options.data is not None and is_expert_folder(options.data):
        if options.masks == EXACT or options.preset is not None:
            raise UsageProblem("Graded pictures have no exact masks, and take no --preset.")
        slices = expert_slices(options.data)
        chosen = chosen_sources(slices, options.patients, options.data)
        return [one for one in slices if one in chosen]
    found, problems = _sources(options)
    if options.preset is not None:
        return _made(options, DEFAULT_SERIES)
    if options.grades is not None:
        if options.kind != GRADES or options.masks == EXACT:
            raise UsageProblem("--grades belongs to the evaluation of grades on the model's masks.")
        return graded_files(found, options.grades)
    phantoms = [source for source in found if isinstance(source, PhantomFolder)]
    if not phantoms:
        raise NothingReadable("\n".join([f"{options.data} holds no phantom with {TRUTH}.", *problems]))
    return phantoms


def make_segmenter(model: str, threads: int | None) -> tuple[Segmenter, Witness]:
    """Return the segmenter of a model, and the witness of what its network says.

    Raises
    ------
    ModelProblem
        When there is no such model, or its files are not those of its manifest.
    """
    bundle = model_bundle(model)
    witness = Witness(OnnxSession(bundle.model_path, threads), bundle.classes)
    return Segmenter(bundle, witness), witness


def model_bundle(name: str) -> ModelBundle:
    """Return the verified bundle of a model name, or of a folder that holds a manifest."""
    folder = Path(name)
    if (folder / MANIFEST_NAME).is_file():
        return read_bundle(folder)
    return load_bundle(name)


_KINDS: dict[str, Callable[[argparse.Namespace, Say], Outcome]] = {
    "segmentation": _segmentation,
    "contrast": _contrast,
    MEASURES: _analysis,
    GRADES: _analysis,
    PLANNING: _planning,
}
