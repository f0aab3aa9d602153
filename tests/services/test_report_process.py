"""Writing reports in another process: the files are there, errors arrive, a crash is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from lvp_workstation.domain.errors import IdentityConflict, OutputProblem
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.volume import Volume
from lvp_workstation.render.window import Window
from lvp_workstation.report.facts import CoverageFact
from lvp_workstation.services.analysis_link import Link
from lvp_workstation.services.report_process import CRASHED, ChosenImage, ReportOrder, ReportProcess
from tests.services.reading_samples import GEOMETRY, LEVELS, PATIENT, label_map
from tests.services.test_analysis_process import STUDY, analysis_of

ANALYSIS = analysis_of(STUDY, Volume(np.zeros(GEOMETRY.shape, np.uint16), GEOMETRY), None, {})
READING = Reading("r", STUDY.study_instance_uid, PATIENT, level_map=LEVELS)
CHOSEN = ChosenImage(ANALYSIS.volume, 1, Window(50.0, 100.0), "chosen")


@pytest.fixture(scope="module")
def reports() -> Iterator[ReportProcess]:
    """The process that writes."""
    process = ReportProcess()
    yield process
    process.close()


def order(folder: Path) -> ReportOrder:
    """Return an order for a draft with one picture."""
    coverage = (CoverageFact("SAG T2", 1, 3),)
    return ReportOrder(folder, READING, label_map(), None, coverage, False, (CHOSEN,), "en", folder / "none")


def test_a_report_is_written_elsewhere(reports: ReportProcess, tmp_path: Path) -> None:
    (path,) = reports.write(order(tmp_path))
    assert path == tmp_path / "report_DRAFT.pdf"
    assert path.read_bytes().startswith(b"%PDF")
    assert reports.pid not in (None, os.getpid())


def test_errors_arrive_in_their_own_type(reports: ReportProcess, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputProblem, match="file"):
        reports.write(order(tmp_path / "file"))
    other = replace(READING, study_instance_uid="9.9")
    with pytest.raises(IdentityConflict):
        reports.write(replace(order(tmp_path), reading=other, analysis=ANALYSIS))


def dying(pipe: Connection) -> None:
    """Stand in for the process: it dies over the first report."""
    Link(pipe).receive()
    os._exit(1)


def test_a_crash_is_said_and_another_process_serves_the_next_report(tmp_path: Path) -> None:
    reports = ReportProcess(dying)
    reports.warm_up()
    first = reports.pid
    for _ in range(2):
        with pytest.raises(OutputProblem, match=CRASHED[:30]):
            reports.write(order(tmp_path))
    reports.warm_up()
    assert reports.pid != first
    reports.close()
