"""The commands of the command line that open no window."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lvp_workstation.app.context import make_analyser
from lvp_workstation.app.settings import data_folder
from lvp_workstation.domain.errors import NoLumbarSeries, UsageProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Problem, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.services import results
from lvp_workstation.services.analyse import Analyser, AnalysisRequest, with_warnings
from lvp_workstation.services.make_phantom import demo_folder, make_many
from lvp_workstation.services.open_study import OpenedInput, VolumeLoader, open_paths
from lvp_workstation.services.selftest import installed_versions, run_selftest
from lvp_workstation.services.verify_report import verify_file

Say = Callable[[str], None]


def analyze(
    paths: Sequence[Path],
    out: Path,
    series_uid: str | None,
    role: str | None,
    threads: int | None,
    complain: Say,
) -> int:
    """Analyse every study under the paths and write the results; return the exit code."""
    results.require_writable(out)
    stated = SeriesRole(role) if role else None
    began = time.perf_counter()
    opened = open_paths(paths, role=stated)
    for problem in opened.all_problems:
        complain(problem.text)
    for other in opened.others:
        complain(other.text)
    studies = _studies_with(opened, series_uid)
    analyser = make_analyser(threads)
    loader = _Loader(complain)
    request = AnalysisRequest(series_uid or "", stated)
    scan_seconds = time.perf_counter() - began
    several = len(studies) > 1
    graded = 0
    for study in studies:
        folder = out / study.study_instance_uid if several else out
        graded += _analyse_one(study, folder, analyser, loader, request, scan_seconds, opened, complain)
    return 0 if graded else 4


def _studies_with(opened: OpenedInput, series_uid: str | None) -> tuple[Study, ...]:
    if series_uid is None:
        return opened.studies
    chosen = tuple(s for s in opened.studies if s.find_series(series_uid) is not None)
    if not chosen:
        known = ", ".join(s.series_instance_uid for study in opened.studies for s in study.series)
        raise UsageProblem(f"There is no series {series_uid} in the input; it has: {known or 'none'}.")
    return chosen


class _Loader:
    """Loads volumes for the analyser and passes on what was wrong with their pixels."""

    def __init__(self, complain: Say) -> None:
        self._loader = VolumeLoader()
        self._complain = complain
        self.problems: tuple[Problem, ...] = ()

    def __call__(self, series: Series, cancel: CancelToken | None) -> Volume:
        loaded = self._loader.load(series, cancel=cancel)
        for problem in loaded.problems:
            self._complain(problem.text)
        self.problems += loaded.problems
        return loaded.volume


def _analyse_one(
    study: Study,
    folder: Path,
    analyser: Analyser,
    loader: _Loader,
    request: AnalysisRequest,
    scan_seconds: float,
    opened: OpenedInput,
    complain: Say,
) -> bool:
    loader.problems = ()
    try:
        analysis = analyser.analyse(study, loader, request)
    except NoLumbarSeries as error:
        complain(f"{study.description or 'Study'} {study.study_instance_uid}: {error}")
        warnings = (*opened.problems, *study.problems, *loader.problems)
        results.write_ungraded(folder, study, Problem("no_lumbar_series", str(error)), warnings)
        return False
    analysis = with_warnings(analysis, (*opened.problems, *loader.problems))
    load = analysis.timings.get("load", 0.0) + scan_seconds
    total = analysis.timings.get("total", 0.0) + scan_seconds
    analysis = replace(analysis, timings={**analysis.timings, "load": load, "total": total})
    written = results.write_results(folder, analysis)
    for warning in written.warnings:
        if warning not in (*opened.problems, *study.problems, *loader.problems):
            complain(warning.text)
    return True


def demo_study() -> Path:
    """Return the folder of the embedded demo study."""
    return demo_folder(data_folder())


def demo_headless(out: Path, say: Say, complain: Say) -> int:
    """Run the main job on the demo study and leave its files in ``out``."""
    code = analyze([demo_study()], out, None, None, None, complain)
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
    results.require_writable(out)
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
