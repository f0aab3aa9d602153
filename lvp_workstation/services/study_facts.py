"""What a report states about a study: made where it is analysed, without the libraries that write reports."""

from __future__ import annotations

from collections.abc import Iterable

from lvp_workstation import __version__
from lvp_workstation.domain.study import Study
from lvp_workstation.report.facts import (
    CoverageFact,
    ModelFact,
    ScopeFact,
    StudyFacts,
    series_fact,
    study_header,
)
from lvp_workstation.services.analysis import Analysis
from lvp_workstation.services.input_codes import INPUT_CODES


def study_facts(
    study: Study, analysis: Analysis | None = None, coverage: Iterable[CoverageFact] = ()
) -> StudyFacts:
    """Return what a report states about a study, with its analysis where there is one."""
    used = analysis.series.key if analysis else ""
    beside = analysis.consulted if analysis else frozenset()
    model = scope = None
    warnings: tuple[str, ...] = tuple(p.text for p in study.problems)
    ai_warnings: tuple[str, ...] = ()
    if analysis:
        run = analysis.model
        time = next((p.provenance.time_utc for p in analysis.proposals), "")
        model = ModelFact(run.name, run.version, run.sha256, run.provider, time)
        scope = ScopeFact(analysis.scope.decision, tuple(r.text for r in analysis.scope.reasons))
        of_input = INPUT_CODES | {
            p.code for p in (*study.problems, *(p for s in study.series for p in s.problems))
        }
        warnings = tuple(w.text for w in analysis.said if w.code in of_input)
        ai_warnings = tuple(w.text for w in analysis.said if w.code not in of_input)
    return StudyFacts(
        **study_header(study),
        series=tuple(series_fact(s, s.key == used, s.key in beside) for s in study.series),
        model=model,
        scope=scope,
        coverage=tuple(coverage),
        warnings=warnings,
        ai_warnings=ai_warnings,
        program_version=__version__,
    )
