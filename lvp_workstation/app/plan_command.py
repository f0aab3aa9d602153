"""``lvp plan``: propose the scan planes of a study, as JSON and as a picture."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.errors import NoLumbarSeries, UnreadableInput, UsageProblem
from lvp_workstation.domain.study import Study
from lvp_workstation.inference.bundle import load_bundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.inference.session import OnnxSession
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.planning.protocol import PlanProtocol
from lvp_workstation.services.open_study import VolumeLoader, open_paths
from lvp_workstation.services.output_folder import output_folder
from lvp_workstation.services.plan import FOLDER, Planner, StudyPlan, load_plan_protocol
from lvp_workstation.services.plan_files import OWN_FILES, write_plan
from lvp_workstation.services.results import folder_names

Say = Callable[[str], None]

DONE, UNREADABLE, NOT_LUMBAR = 0, 3, 4
"""Exit codes of one study; `app.cli` knows the others."""


def plan(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Plan on every study under the paths, write the files and return the exit code."""
    protocol = load_plan_protocol(options.protocol, data_folder() / FOLDER)
    with output_folder(options.out), closing(WorkerDecoder()) as decoder:
        opened = open_paths(options.path)
        for text in dict.fromkeys(p.text for p in opened.all_problems):
            complain(text)
        studies = _asked_for(opened.studies, options.series)
        run = _Run(make_planner(options.threads), VolumeLoader(decoder=decoder), protocol, options.series)
        if len(studies) == 1:
            return run.one(studies[0], options.out, say, complain)
        codes = [
            run.one(study, options.out / name, say, complain)
            for study, name in zip(studies, folder_names(studies), strict=True)
        ]
    return next(code for code in (DONE, NOT_LUMBAR, UNREADABLE) if code in codes)


def _asked_for(studies: tuple[Study, ...], series_uid: str | None) -> tuple[Study, ...]:
    if series_uid is None:
        return studies
    chosen = tuple(study for study in studies if study.find_series(series_uid) is not None)
    if not chosen:
        known = ", ".join(s.series_instance_uid for study in studies for s in study.series)
        raise UsageProblem(f"There is no series {series_uid} in the input; it has: {known or 'none'}.")
    return chosen


def make_planner(threads: int | None) -> Planner:
    """Return a planner with the newest model that ships with the program."""
    bundle = load_bundle()
    return Planner(Segmenter(bundle, OnnxSession(bundle.model_path, threads)))


class _Run:
    """One call of ``lvp plan``."""

    def __init__(
        self, planner: Planner, loader: VolumeLoader, protocol: PlanProtocol, series: str | None
    ) -> None:
        self._planner = planner
        self._loader = loader
        self._protocol = protocol
        self._request = AnalysisRequest(series or "")

    def one(self, study: Study, folder: Path, say: Say, complain: Say) -> int:
        """Plan on one study and return the exit code."""
        try:
            planned = self._planner.plan_study(
                study,
                lambda series, cancel: self._loader.load(series, cancel=cancel).volume,
                self._protocol,
                self._request,
            )
        except NoLumbarSeries as error:
            complain(str(error))
            return NOT_LUMBAR
        except UnreadableInput as error:
            complain(str(error))
            return UNREADABLE
        write_plan(folder, planned)
        for text in spoken(planned):
            say(text)
        for warning in planned.found.warnings:
            complain(warning.text)
        say(", ".join(str(folder / name) for name in OWN_FILES if (folder / name).is_file()))
        return DONE


def spoken(planned: StudyPlan) -> list[str]:
    """Return the lines that tell a user what is proposed."""
    lines = []
    scan = planned.found.plan
    for stack in scan.stacks:
        if stack.proposed:
            offered = " (offered)" if stack.name in scan.optional else ""
            lines.append(f"{stack.name}: {stack.count} slices, confidence {stack.confidence:.2f}{offered}")
        else:
            lines.append(f"{stack.name}: declined. {stack.declined}")
    if scan.cover is not None and scan.cover.unimaged:
        places = ", ".join(f"{s.level} {s.length_mm:.0f} mm" for s in scan.cover.unimaged)
        lines.append(
            f"Between L3 and S1 the angled stacks leave {scan.cover.unimaged_mm:.0f} of "
            f"{scan.cover.length_mm:.0f} mm of canal unimaged ({places}); the continuous stack covers them."
        )
    return lines
