"""The commands of the command line that open no window."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lvp_workstation.app.context import make_analyser
from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.errors import NoLumbarSeries, OutputProblem, UnreadableInput, UsageProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Problem, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.io.decode_worker import WorkerDecoder
from lvp_workstation.io.pixels import is_compressed
from lvp_workstation.services import results
from lvp_workstation.services.analyse import Analyser, with_warnings
from lvp_workstation.services.analysis import ungraded_document
from lvp_workstation.services.make_phantom import demo_folder, make_many
from lvp_workstation.services.open_study import OpenedInput, VolumeLoader, open_paths
from lvp_workstation.services.output_folder import output_folder
from lvp_workstation.services.selftest import installed_versions, run_selftest
from lvp_workstation.services.series_choice import added
from lvp_workstation.services.verify_report import verify_file

Say = Callable[[str], None]

DONE, UNREADABLE, NOT_LUMBAR = 0, 3, 4
"""Exit codes of one study; `app.cli` knows the others."""


def analyze(
    paths: Sequence[Path],
    out: Path,
    series_uid: str | None,
    role: str | None,
    threads: int | None,
    complain: Say,
) -> int:
    """Analyse every study under the paths and write the results; return the exit code."""
    stated = SeriesRole(role) if role else None
    _stop_when_terminated()
    with output_folder(out), closing(WorkerDecoder()) as decoder:
        began = time.perf_counter()
        opened = open_paths(paths, role=stated)
        told = (*(p.text for p in opened.all_problems), *(o.text for o in opened.others))
        for text in dict.fromkeys(told):
            complain(text)
        studies = _studies_with(opened, series_uid)
        if any(is_compressed(series) for study in studies for series in study.series):
            decoder.start()  # beside the loading of the model
        analyser = make_analyser(threads)
        scan_seconds = time.perf_counter() - began
        request = AnalysisRequest(series_uid or "", stated)
        run = _Run(opened, analyser, VolumeLoader(decoder=decoder), request, scan_seconds, complain)
        if len(studies) == 1:
            return run.one(studies[0], out)
        return run.several(studies, out)


def _stop_when_terminated() -> None:
    """Let SIGTERM end a run like Ctrl-C, so that nothing half written stays behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _studies_with(opened: OpenedInput, series_uid: str | None) -> tuple[Study, ...]:
    if series_uid is None:
        return opened.studies
    chosen = tuple(s for s in opened.studies if s.find_series(series_uid) is not None)
    if not chosen:
        stacks = (s.series_instance_uid for study in opened.studies for s in study.series)
        known = ", ".join(dict.fromkeys(stacks)) or "none"
        raise UsageProblem(f"There is no series {series_uid} in the input; it has: {known}.")
    return chosen


class _Loader:
    """Loads volumes for the analyser and passes on what was wrong with their pixels."""

    def __init__(self, loader: VolumeLoader, complain: Say) -> None:
        self._loader = loader
        self._complain = complain
        self.problems: tuple[Problem, ...] = ()

    def __call__(self, series: Series, cancel: CancelToken | None) -> Volume:
        loaded = self._loader.load(series, cancel=cancel)
        for problem in loaded.problems:
            self._complain(problem.text)
        self.problems += loaded.problems
        return loaded.volume


@dataclass(frozen=True)
class _Run:
    """One call of ``lvp analyze``: what it was given, and how it analyses a study."""

    opened: OpenedInput
    analyser: Analyser
    loader: VolumeLoader
    request: AnalysisRequest
    scan_seconds: float
    complain: Say

    def several(self, studies: Sequence[Study], out: Path) -> int:
        """Analyse studies into sub-folders of their own; one that fails does not stop the others."""
        codes = []
        for study, name in zip(studies, results.folder_names(studies), strict=True):
            tell = partial(self._complain_of, study)
            try:
                codes.append(replace(self, complain=tell).one(study, out / name))
            except UnreadableInput as error:
                tell(str(error))
                codes.append(UNREADABLE)
        return next(code for code in (DONE, NOT_LUMBAR, UNREADABLE) if code in codes)

    def _complain_of(self, study: Study, text: str) -> None:
        patient = f" of patient {study.patient.patient_id}" if study.patient.patient_id else ""
        name = f"{study.description or 'Study'} {study.study_instance_uid}{patient}"
        self.complain(f"{name}: {text}")

    def one(self, study: Study, folder: Path) -> int:
        """Analyse one study into a folder and return the exit code."""
        results.spare_inputs(folder, self.opened.files)
        loader = _Loader(self.loader, self.complain)
        try:
            analysis = self.analyser.analyse(study, loader, self.request)
        except NoLumbarSeries as error:
            self.complain(str(error))
            self._write_ungraded(folder, study, error, loader.problems)
            return NOT_LUMBAR
        analysis = with_warnings(analysis, (*self.opened.problems, *loader.problems))
        analysis = replace(analysis, timings=self._with_scan(analysis.timings))
        written = results.write_results(folder, analysis)
        said = {problem.text for problem in (*self.opened.all_problems, *loader.problems)}
        withheld = written.scope.reasons if written.scope.decision == "withhold" else ()
        told = (p.worded(written.levels).text for p in (*withheld, *written.said))
        for text in dict.fromkeys(told):
            if text not in said:
                self.complain(text)
        return DONE

    def _write_ungraded(
        self, folder: Path, study: Study, error: NoLumbarSeries, of_pixels: tuple[Problem, ...]
    ) -> None:
        of_series = (p for series in study.series for p in series.problems)
        warnings = (*self.opened.problems, *study.problems, *of_series, *of_pixels)
        reason, timings = Problem("no_lumbar_series", str(error)), self._with_scan(error.timings_s)
        document = ungraded_document(study, reason, warnings, self.analyser.model, timings)
        results.write_ungraded(folder, document)

    def _with_scan(self, timings: Mapping[str, float]) -> dict[str, float]:
        """Return the seconds by step with those of the search for files, which count as loading."""
        return added(timings, dict.fromkeys(("load", "total"), self.scan_seconds))


def demo_study() -> Path:
    """Return the folder of the embedded demo study."""
    return demo_folder(data_folder())


def _demo_study_or_in(spare: Path) -> Path:
    """Return the demo study, made in a spare folder where the data folder cannot be written."""
    try:
        return demo_study()
    except OutputProblem:
        return demo_folder(spare)


def demo_headless(out: Path, say: Say, complain: Say) -> int:
    """Run the main job on the demo study and leave its files in ``out``."""
    with tempfile.TemporaryDirectory() as spare:
        code = analyze([_demo_study_or_in(Path(spare))], out, None, None, None, complain)
    if code == 0:
        say(f"The demo study was analysed; report, pictures and analysis are in {out}:")
        for path in sorted(out.iterdir()):
            say(f"  {path.name}")
    return code


def make_phantoms(
    out: Path, seed: int, count: int, preset: str, series: Sequence[str] | None, say: Say
) -> int:
    """Write phantoms and return the exit code."""
    if seed < 0:
        raise UsageProblem("The seed is a whole number of at least 0.")
    with output_folder(out):
        make_many(out, seed, count, preset, series, lambda folder: say(str(folder)))
    return 0


def selftest(as_json: bool, say: Say) -> int:
    """Run the self-test; exit code 0 when everything works, else 1."""
    checks = run_selftest()
    ok = all(check.ok for check in checks)
    if as_json:
        rows = {check.name: {"ok": check.ok, "text": check.text} for check in checks}
        say(json.dumps({"ok": ok, "versions": installed_versions(), "checks": rows}, indent=1))
    else:
        for check in checks:
            say(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.text}")
    return 0 if ok else 1


def verify(pdf: Path, say: Say) -> int:
    """Say whether a signed report is intact; exit code 0 when it is, else 1."""
    result = verify_file(pdf)
    say(result.reason)
    return 0 if result.ok else 1
