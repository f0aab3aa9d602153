"""Evaluate measurements and grades: the program analyses phantoms whose truth is known exactly."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lvp_workstation import __version__
from lvp_workstation.domain.errors import NoLumbarSeries, NothingReadable, UnreadableInput
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.volume import Volume
from lvp_workstation.evaluation.detection import DiscRow, detection_figures
from lvp_workstation.evaluation.figures import Figure, counted
from lvp_workstation.evaluation.grades import GradeRow, scale_results
from lvp_workstation.evaluation.measures import MeasureRow, by_name, measure_figures
from lvp_workstation.inference.segmenter import Segmentation, Segmenter
from lvp_workstation.phantom.generate import PhantomStudy
from lvp_workstation.phantom.instances import instance_labels
from lvp_workstation.services.analyse import Analyser, Clock
from lvp_workstation.services.analysis import analysis_document
from lvp_workstation.services.evaluate.analysis_report import grade_sections, measure_sections
from lvp_workstation.services.evaluate.compare import grade_rows, measure_rows
from lvp_workstation.services.evaluate.detected import Labelled, disc_rows, phantom_discs
from lvp_workstation.services.evaluate.detection_report import detection_sections
from lvp_workstation.services.evaluate.expert_slices import ExpertSlices, WrittenSlices
from lvp_workstation.services.evaluate.graded_files import GradedFiles
from lvp_workstation.services.evaluate.ledger import Ledger
from lvp_workstation.services.evaluate.outcome import Outcome
from lvp_workstation.services.evaluate.sources import MadePhantom, PhantomFolder, remade
from lvp_workstation.services.open_study import VolumeLoader, open_paths

MEASURES, GRADES = "measures", "grades"
SYNTHETIC = (
    "Phantoms: how far the program agrees with shapes that are known exactly. This shows consistency, not "
    "clinical accuracy."
)
EXPERT = (
    "Images with an expert's grades of each disc, levels as if there were five lumbar bodies. "
    "Where graders or network were fitted on these patients, the figures are too good: the model cards have "
    "those of patients left out."
)
EMPTY: Mapping[str, Any] = MappingProxyType({"levels": {}, "vertebrae": {}, "study": {}})

Say = Callable[[str], None]
Case = PhantomFolder | MadePhantom | ExpertSlices | GradedFiles


@dataclass(frozen=True)
class AnalysedPhantom:
    """What one phantom gave."""

    patient: str
    measures: tuple[MeasureRow, ...]
    grades: tuple[GradeRow, ...]
    discs: tuple[DiscRow, ...]
    decision: str
    reasons: tuple[str, ...]


class ExactSegmenter(Segmenter):
    """Answers with the exact labels of a phantom: what measuring alone gets wrong is then seen."""

    def __init__(self, behind: Segmenter, study: PhantomStudy) -> None:
        super().__init__(behind.bundle, behind.network)
        self._study = study

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Segmentation:
        """Return the labels drawn on the voxels of the volume, with the true names."""
        labels, levels = instance_labels(self._study, volume.geometry)
        levels = replace(levels, confidence=1.0, method="exact")
        network = self.network
        return Segmentation(labels, levels, True, {}, (), network.provider, network.threads)


class AnalysisEvaluation:
    """Runs the whole analysis on phantoms and compares it with their truth.

    Parameters
    ----------
    segmenter
        Runs the model.
    clock
        Gives the time that provenance records.
    folder
        Where the ledger goes.
    say
        Takes a line of progress.
    exact
        Use the exact labels instead of the model's.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        clock: Clock,
        folder: Path,
        say: Say,
        *,
        exact: bool = False,
        afresh: bool = False,
    ) -> None:
        self._segmenter = segmenter
        self._clock = clock
        self._say = say
        self._exact = exact
        masks = "exact" if exact else "model"
        identity = {
            "kind": "analysis and detections",
            "model": segmenter.bundle.sha256,
            "program": __version__,
            "masks": masks,
        }
        self._ledger = Ledger(folder, identity, afresh)

    def run(self, kind: str, phantoms: Sequence[Case]) -> Outcome:
        """Analyse every case and return the outcome of one kind, ``measures`` or ``grades``.

        Raises
        ------
        NothingReadable
            When no case could be analysed.
        """
        done: list[AnalysedPhantom] = []
        notes: list[str] = []
        for number, phantom in enumerate(phantoms, start=1):
            known = self._ledger.get(phantom.key, phantom.fingerprint)
            try:
                one = _restored(known) if known else self._analyse(phantom)
            except UnreadableInput as error:
                notes.append(str(error))
                self._say(f"{number}/{len(phantoms)} {phantom.key}: left out. {error}")
                continue
            done.append(one)
            self._say(f"{number}/{len(phantoms)} {phantom.key}: {_summary(one)}")
        if not done:
            raise NothingReadable("\n".join(["No case could be analysed.", *notes]))
        data = EXPERT if isinstance(phantoms[0], ExpertSlices | GradedFiles) else SYNTHETIC
        return self._outcome(kind, done, data, notes)

    def _analyse(self, phantom: Case) -> AnalysedPhantom:
        with _on_disk(phantom) as folder:
            truth = folder.truth()
            segmenter = self._segmenter
            if self._exact and isinstance(folder, PhantomFolder):
                segmenter = ExactSegmenter(segmenter, remade(truth, folder.folder))
            found, labelled = self._document(folder, truth, segmenter)
        one = AnalysedPhantom(
            phantom.key,
            tuple(measure_rows(phantom.key, truth, found)),
            tuple(grade_rows(phantom.key, truth, found)),
            tuple(disc_rows(phantom.key, truth, found, labelled)),
            found.get("scope", {}).get("decision", "failed"),
            tuple(reason["code"] for reason in found.get("scope", {}).get("reasons", ())),
        )
        self._ledger.append(phantom.key, phantom.fingerprint, asdict(one))
        return one

    def _document(
        self, case: OnDisk, truth: Mapping[str, Any], segmenter: Segmenter
    ) -> tuple[Mapping[str, Any], Labelled | None]:
        """Return ``analysis.json`` of a case, and its labelled discs on the analysed series."""
        opened = open_paths([case.image if isinstance(case, GradedFiles) else case.folder])
        loader = VolumeLoader()
        analyser = Analyser(segmenter, self._clock)
        try:
            analysis = analyser.analyse(
                opened.studies[0], lambda series, cancel: loader.load(series, cancel=cancel).volume
            )
        except NoLumbarSeries:
            return EMPTY, None
        document = analysis_document(analysis)
        if isinstance(case, PhantomFolder):
            return document, phantom_discs(truth, case, analysis.volume.geometry)
        return document, case.labelled() if isinstance(case, GradedFiles) else None

    def _outcome(
        self, kind: str, done: Sequence[AnalysedPhantom], data: str, notes: Sequence[str]
    ) -> Outcome:
        failed = sum(one.decision == "failed" for one in done)
        withheld = sum(one.decision in ("withhold", "failed") for one in done)
        figures = {"failures": counted(failed, len(done)), "withheld": counted(withheld, len(done))}
        make = _measures if kind == MEASURES else _grades
        found, items, judged, sections, details = make(done)
        masks = "exact labels of the phantom" if self._exact else "the model's"
        return Outcome(
            kind=kind,
            bundle=self._segmenter.bundle,
            patients=len(done),
            items=max(items, 1),
            coverage=judged / max(items, 1),
            figures={**figures, **found},
            sections=sections,
            facts=(("Data", data), ("Masks", masks), ("Withheld", _withheld(done))),
            details=details,
            notes=tuple(notes),
        )


OnDisk = PhantomFolder | WrittenSlices | GradedFiles


@contextmanager
def _on_disk(phantom: Case) -> Iterator[OnDisk]:
    """Give a case as files; those that were made for it go again."""
    if isinstance(phantom, PhantomFolder | GradedFiles):
        yield phantom
        return
    with tempfile.TemporaryDirectory(prefix="lvp_phantom_") as name:
        yield phantom.made(Path(name))


Made = tuple[dict[str, Figure], int, int, list[Any], dict[str, Any]]


def _measures(done: Sequence[AnalysedPhantom]) -> Made:
    rows = [row for one in done for row in one.measures]
    judged = [row for own in by_name(rows).values() for row in own]
    figures = measure_figures(rows)
    given = sum(row.value is not None for row in judged)
    never = sorted({row.name for row in rows} - {row.name for row in judged})
    return figures, len(judged), given, measure_sections(rows, figures), {"never_measured": never}


def _grades(done: Sequence[AnalysedPhantom]) -> Made:
    rows = [row for one in done for row in one.grades]
    results = scale_results(rows)
    keys = {result.key for result in results}
    judged = [row for row in rows if row.key in keys]
    figures = {name: figure for result in results for name, figure in result.figures.items()}
    tables = {
        result.key: {
            "grades": list(result.order),
            "table": [[int(v) for v in line] for line in result.table],
            **({"delong": [round(v, 4) for v in result.area]} if result.area else {}),
        }
        for result in results
    }
    given = sum(row.grade is not None for row in judged)
    never = sorted({row.key for row in rows} - keys)
    details = {"confusion": tables, "never_graded": never}
    discs = [row for one in done for row in one.discs]
    seen = detection_figures(discs)
    sections = [*grade_sections(results, never), *detection_sections(discs, seen)]
    return {**figures, **seen}, len(judged), given, sections, details


def _withheld(done: Sequence[AnalysedPhantom]) -> str:
    reasons = [reason for one in done if one.decision == "withhold" for reason in one.reasons]
    counts = ", ".join(f"{name} {reasons.count(name)}" for name in sorted(set(reasons)))
    total = sum(one.decision == "withhold" for one in done)
    return f"{total} of {len(done)}" + (f" ({counts})" if counts else "")


def _restored(row: Mapping[str, Any]) -> AnalysedPhantom:
    return AnalysedPhantom(
        row["patient"],
        tuple(MeasureRow(**one) for one in row["measures"]),
        tuple(GradeRow(**one) for one in row["grades"]),
        tuple(DiscRow(**one) for one in row["discs"]),
        row["decision"],
        tuple(row["reasons"]),
    )


def _summary(one: AnalysedPhantom) -> str:
    measured = sum(row.value is not None for row in one.measures)
    graded = sum(row.grade is not None for row in one.grades)
    reasons = f" ({', '.join(one.reasons)})" if one.reasons else ""
    measures = f"{measured} measures, " if one.measures else ""
    return f"{measures}{graded} grades, {one.decision}{reasons}"
