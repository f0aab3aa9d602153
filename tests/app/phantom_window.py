"""A main window on a phantom, with a segmenter that knows the truth instead of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.settings import Settings
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.annotations import Measurement
from lvp_workstation.domain.findings import SCALES, Proposal
from lvp_workstation.domain.labelmap import CANAL_CODE, DISC_BASE, SACRUM_CODE, VERTEBRA_BASE, LabelMap
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.study import Problem
from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.segmenter import Segmentation
from lvp_workstation.phantom.generate import PhantomStudy, label_volume
from lvp_workstation.services.analyse import Analyser
from lvp_workstation.services.analysis import Analysis, ScopeReport
from lvp_workstation.services.report_process import ReportOrder, ReportWriter, write_order

TIME = "2026-01-01T00:00:00Z"
VERTEBRAE = (45, 44, 43, 42, 41, 32, 31)
DISCS = (100, 95, 94, 93, 92, 91, 82)


def instance_codes(exported: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the codes of instances for exported level ids."""
    table = np.zeros(256, dtype=np.uint8)
    table[2], table[50] = CANAL_CODE, SACRUM_CODE
    for n, (vertebra, disc) in enumerate(zip(VERTEBRAE, DISCS, strict=True), start=1):
        table[vertebra], table[disc] = VERTEBRA_BASE + n, DISC_BASE + n
    return table[exported]


@dataclass
class TrueSegmenter:
    """Returns the phantom's own labels."""

    study: PhantomStudy
    bundle: Any = None
    network: Any = None

    def __post_init__(self) -> None:
        self.bundle = SimpleNamespace(name="truth", version="1", sha256="ab" * 32)
        self.network = SimpleNamespace(provider="none", threads=1)

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Segmentation:
        """Return the truth on the grid of the volume."""
        codes = instance_codes(label_volume(self.study, volume.geometry))
        levels = LevelMap(len(VERTEBRAE), method="counted from the truth", confidence=0.95)
        return Segmentation(LabelMap(codes, volume.geometry), levels, True, {}, (), "none", 1)


Change = Callable[[Analysis], Analysis]


class ChangedAnalyser(Analyser):
    """An analyser whose answers are changed before anybody sees them."""

    def __init__(self, segmenter: Any, change: Change) -> None:
        super().__init__(segmenter, lambda: TIME)
        self._change = change

    def analyse(self, *arguments: Any, **options: Any) -> Analysis:
        """Return the changed analysis."""
        return self._change(super().analyse(*arguments, **options))


class ReportsHere:
    """Writes reports in the process that asks."""

    def warm_up(self) -> None:
        """Nothing to do."""

    def write(self, order: ReportOrder) -> tuple[Path, ...]:
        """Write a report."""
        return write_order(order)


class TestContext(AppContext):
    """A context whose analyser knows the truth and whose files lie in a temporary folder.

    ``change`` turns each analysis into another one: a different AI on the same images.
    """

    __test__ = False

    def __init__(
        self, folder: Path, study: PhantomStudy, settings: Settings, change: Change = lambda each: each
    ) -> None:
        super().__init__(settings, folder / "settings.json", folder / "data")
        self._truth: Any = TrueSegmenter(study)
        self._change = change

    def reports(self) -> ReportWriter:
        """Return a writer of reports in this process: most tests are not about the other one."""
        return ReportsHere()

    def analyser(self) -> Analyser:
        """Return the analyser."""
        return ChangedAnalyser(self._truth, self._change)


def opposite(analysis: Analysis) -> Analysis:
    """Return an analysis that grades everything the other way round and measures twice as much."""
    reasons = (*analysis.scope.reasons, Problem("scoliosis", "The spine bends by 41 degrees."))
    return replace(
        analysis,
        proposals=tuple(_opposite_grade(p) for p in analysis.proposals),
        measurements={key: _doubled(m) for key, m in analysis.measurements.items()},
        scope=ScopeReport("partial", reasons),
    )


def _opposite_grade(proposal: Proposal) -> Proposal:
    grades = SCALES[proposal.scale].grades
    if not proposal.assessable:
        return replace(
            proposal, not_assessable="", text="", grade=grades[-1], probabilities=((grades[-1], 1.0),)
        )
    grade = grades[len(grades) - 1 - grades.index(proposal.grade)]
    return replace(proposal, grade=grade, probabilities=((grade, 1.0),))


def _doubled(measurement: Measurement) -> Measurement:
    points = [(2 * x, 2 * y, 2 * z) for x, y, z in measurement.points_lps]
    return replace(measurement, points_lps=tuple(points))
