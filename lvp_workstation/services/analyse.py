"""Analyse a study: choose the series, segment it, measure, grade; nothing is changed on the way."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from lvp_workstation.domain.analysis_request import ANYTHING, AnalysisRequest
from lvp_workstation.domain.anatomy import InstanceId, LevelMap, mention
from lvp_workstation.domain.annotations import Provenance
from lvp_workstation.domain.errors import UnreadableInput, UsageProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.progress import CancelToken, ProgressCallback, ignore_progress
from lvp_workstation.domain.reading import Reading
from lvp_workstation.domain.study import Problem, RoleDecision, Series, SeriesRole, Study, Weighting
from lvp_workstation.domain.volume import Volume
from lvp_workstation.grading.detector import detect
from lvp_workstation.grading.engine import GradingContext, grade_spine
from lvp_workstation.inference.contrast import ContrastEstimate, recognise_contrast
from lvp_workstation.inference.disc_grader import with_learned
from lvp_workstation.inference.segmenter import Segmentation, Segmenter
from lvp_workstation.measure.axial_reformat import reformat_sac_areas
from lvp_workstation.measure.spine import measure_spine
from lvp_workstation.report.facts import StudyFacts
from lvp_workstation.services.analysis import Analysis, ModelRun, ScopeReport
from lvp_workstation.services.axial_findings import AxialReader
from lvp_workstation.services.axial_series import axial_cover, load_axials, load_foreign_axials
from lvp_workstation.services.series_choice import VolumeLoader, added, nothing_lumbar, readable

SURE = 0.9
"""Confidence from which the contrast of an image contradicts another one that is stated (our choice: fluid
below 0.85 of marrow is T1 then, above 1.43 is not; T1 had at most 0.95, T2 at least 1.26)."""


class Clock(Protocol):
    """The current time in UTC as ISO 8601."""

    def __call__(self) -> str: ...


def model_run(segmenter: Segmenter) -> ModelRun:
    """Return the model of a segmenter as provenance states it."""
    bundle, network = segmenter.bundle, segmenter.network
    return ModelRun(bundle.name, bundle.version, bundle.sha256, network.provider, network.threads)


class Analyser:
    """Runs analyses with one segmenter.

    Parameters
    ----------
    segmenter
        The V-Net.
    clock
        Gives the time that provenance records.
    axial
        Reads axial series; one with the packaged axial model when None.
    """

    def __init__(self, segmenter: Segmenter, clock: Clock, axial: AxialReader | None = None) -> None:
        self._segmenter = segmenter
        self._clock = clock
        self._axial = axial or AxialReader()

    @property
    def model(self) -> ModelRun:
        """The model as provenance states it."""
        return model_run(self._segmenter)

    def restored(self, study: Study, reading: Reading, labels: LabelMap, load: VolumeLoader) -> Analysis:
        """Return the analysis behind a stored reading, see `restored`."""
        return restored(study, reading, labels, load, self._clock())

    def remeasured(self, analysis: Analysis, labels: LabelMap, levels: LevelMap) -> Analysis:
        """Return the analysis with other labels or names, measured and graded anew, see `remeasured`."""
        return remeasured(analysis, labels, levels, self._clock())

    def analyse(
        self,
        study: Study,
        load: VolumeLoader,
        request: AnalysisRequest = ANYTHING,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> Analysis:
        """Analyse the first series in which a lumbar spine is found; unreadable ones are passed over.

        Raises `NoLumbarSeries` when none holds one, `UnreadableInput` when no series to try could be
        read, `UsageProblem` when the requested one does not exist, `Cancelled` when told to stop.
        """
        start = time.perf_counter()
        unreadable: list[UnreadableInput] = []
        spent: dict[str, float] = {}
        found = readable(study, load, request, unreadable, progress, cancel)
        for series, volume, loaded in found:
            segmentation = self._segmenter.segment(volume, progress, cancel)
            spent = added(spent, {"load": loaded, **segmentation.timings_s})
            if segmentation.lumbar:
                estimate = recognise_contrast(volume, segmentation.labels)
                decision = _decision(series, estimate, request.role)
                other = companion(study, series, decision, load, cancel)
                chosen = series, decision, _beyond_doubt(estimate)
                analysis = self._understand(study, chosen, (volume, other), segmentation, spent)
                analysis = self._look_across(analysis, load, cancel)
                left_out = tuple(Problem("unreadable_series", str(error)) for error in unreadable)
                total = {**analysis.timings, "total": time.perf_counter() - start}
                return replace(with_warnings(analysis, left_out), timings=total)
        raise nothing_lumbar({**spent, "total": time.perf_counter() - start}, unreadable)

    def _look_across(self, analysis: Analysis, load: VolumeLoader, cancel: CancelToken | None) -> Analysis:
        """Return the analysis with the axial series and what the axial model finds on them."""
        began = time.perf_counter()
        study, series = analysis.study, analysis.series
        axials = load_axials(study, series, load, cancel)
        foreign = () if axials else load_foreign_axials(study, series, load, cancel)
        shown = axials or foreign
        found, said = self._axial.read(shown, analysis.discs, self._clock(), bool(foreign), cancel)
        if found is not None and analysis.scope.decision == "withhold":
            found = found.withheld(analysis.scope.reasons[0])
        seconds = {"axial": time.perf_counter() - began} if shown else {}
        return replace(
            analysis,
            axials=axials,
            axial=found,
            warnings=(*analysis.warnings, *said),
            timings={**analysis.timings, **seconds},
        )

    def _understand(
        self,
        study: Study,
        chosen: tuple[Series, RoleDecision, Weighting | None],
        volumes: tuple[Volume, Volume | None],
        segmentation: Segmentation,
        timings: Mapping[str, float],
    ) -> Analysis:
        (series, decision, seen), (volume, other) = chosen, volumes
        base = Analysis(
            study=study,
            series=series,
            decision=decision,
            volume=volume,
            labels=segmentation.labels,
            levels=segmentation.levels,
            discs={},
            measurements={},
            proposals=(),
            scope=ScopeReport("withhold"),
            model=self.model,
            timings=timings,
            warnings=(*study.problems, *series.problems, *segmentation.warnings),
            companion=other,
            seen=seen,
        )
        return remeasured(base, segmentation.labels, segmentation.levels, self._clock())


def remeasured(analysis: Analysis, labels: LabelMap, levels: LevelMap, time_utc: str) -> Analysis:
    """Return the analysis with measurements and grades made anew from other labels or names."""
    model = analysis.model
    provenance = Provenance(
        Provenance.AI,
        model.name,
        time_utc,
        model.version,
        model.sha256,
        analysis.volume.source_sop_uids,
    )
    began = time.perf_counter()
    volume, other = analysis.volume, analysis.companion
    measures = measure_spine(labels, levels, volume, analysis.decision.weighting, provenance, other)
    measures = with_learned(measures)
    areas, cut = reformat_sac_areas(labels, measures.landmarks.discs, provenance)
    measured = time.perf_counter()
    cover = axial_cover(analysis.study, measures.landmarks.discs)
    context = grading_context(analysis.study, analysis.decision, analysis.volume)
    context = replace(context, axial_cover=cover, seen=analysis.seen)
    graded = grade_spine(measures, levels, context, provenance)
    timings = {
        **analysis.timings,
        "measure": measured - began,
        "grade": time.perf_counter() - measured,
    }
    return replace(
        analysis,
        labels=labels,
        levels=levels,
        discs=measures.landmarks.discs,
        measurements={**measures.measurements, **areas},
        proposals=graded.proposals,
        binary=graded.binary,
        further=graded.further,
        detections=detect(labels, graded.proposals, graded.binary),
        scope=ScopeReport(graded.scope.decision, graded.scope.reasons),
        timings=timings,
        limits=(*measures.problems, *_sac_cut(cut)),
    )


def _sac_cut(discs: Sequence[InstanceId]) -> tuple[Problem, ...]:
    """Say at which discs the slices end inside the sac."""
    if not discs:
        return ()
    names = ", ".join(map(mention, reversed(discs)))
    text = f"The slices end inside the dural sac at {names}: its area is not measured there."
    return (Problem("sac_cut_by_slices", text),)


def companion(
    study: Study,
    series: Series,
    decision: RoleDecision,
    load: VolumeLoader,
    cancel: CancelToken | None = None,
) -> Volume | None:
    """Return the T1 series in the same frame of reference as a measured T2 series; None without one.

    Without a common FrameOfReferenceUID positions cannot be compared, after contrast agent marrow is bright:
    neither is used. One that cannot be read is passed over; opening the study has said so.
    """
    if decision.weighting is not Weighting.T2:
        return None
    frame = "" if series.geometry is None else series.geometry.frame_of_reference_uid
    for other in study.series:
        if other.role is not SeriesRole.SAG_T1 or other.geometry is None or other.key == series.key:
            continue
        if not frame or other.geometry.frame_of_reference_uid != frame:
            continue
        try:
            return load(other, cancel)
        except UnreadableInput:
            continue
    return None


_STATED_AGENT = {
    SeriesRole.SAG_T1: False,
    SeriesRole.AX_T1: False,
    SeriesRole.SAG_T1_GD: True,
    SeriesRole.AX_T1_GD: True,
}
"""Who states one of these roles has said whether a contrast agent was given."""


def _beyond_doubt(estimate: ContrastEstimate) -> Weighting | None:
    """Return the contrast that an image shows, None where it is not sure."""
    return estimate.weighting if estimate.confidence >= SURE else None


def _decision(series: Series, guess: ContrastEstimate, stated: SeriesRole | None) -> RoleDecision:
    """Return the role the series is read under: stated, from its headers, or from its contrast."""
    if stated is not None:
        agent = series.decision.contrast_agent or _STATED_AGENT.get(stated)
        return RoleDecision(stated, "stated by the user", contrast_agent=agent)
    if series.role is not SeriesRole.OTHER or series.plane is None:
        return series.decision
    roles = {
        Weighting.T1: SeriesRole.SAG_T1,
        Weighting.T2: SeriesRole.SAG_T2,
        Weighting.STIR: SeriesRole.SAG_STIR,
    }
    role = roles.get(guess.weighting)
    if role is None:
        return series.decision
    return RoleDecision(role, f"contrast recognised from the image: {guess.rule}", guess.confidence)


def grading_context(study: Study, decision: RoleDecision, volume: Volume) -> GradingContext:
    """Return what else the study offers to grading."""
    roles = frozenset({decision.role, *(s.role for s in study.series)})
    return GradingContext(
        weighting=decision.weighting,
        roles=roles,
        contrast_agent=decision.contrast_agent,
        slices=volume.shape[0],
        slice_spacing_mm=volume.geometry.spacing[0],
    )


def with_warnings(analysis: Analysis, problems: tuple[Problem, ...]) -> Analysis:
    """Return the analysis with further warnings in front."""
    return replace(analysis, warnings=(*problems, *analysis.warnings))


def restored(study: Study, reading: Reading, labels: LabelMap, load: VolumeLoader, time_utc: str) -> Analysis:
    """Return the analysis behind a stored reading: the same segmentation, measured anew.

    Raises
    ------
    UsageProblem
        When the analysed series is not in the study any more.
    IdentityConflict
        When the reading is of another patient or another study.
    """
    reading.require_study(study, "study as opened")
    facts = StudyFacts.of(reading)
    used = next((fact.series_uid for fact in facts.series if fact.used), "")
    series = next((s for s in study.series if _same_grid(s, used, labels)), None)
    if series is None or facts.model is None:
        raise UsageProblem("The series that was analysed is not part of this study as opened now.")
    volume = load(series, None)
    estimate = recognise_contrast(volume, labels)
    fact, decision = facts.model, _decision(series, estimate, None)
    base = Analysis(
        study=study,
        series=series,
        decision=decision,
        volume=volume,
        labels=labels,
        levels=reading.level_map or LevelMap(0),
        discs={},
        measurements={},
        proposals=(),
        scope=ScopeReport("withhold"),
        model=ModelRun(fact.name, fact.version, fact.sha256, fact.provider, 0),
        companion=companion(study, series, decision, load),
        axials=load_axials(study, series, load),
        seen=_beyond_doubt(estimate),
    )
    return remeasured(base, labels, base.levels, time_utc)


def _same_grid(series: Series, uid: str, labels: LabelMap) -> bool:
    if series.series_instance_uid != uid or series.geometry is None:
        return False
    return series.geometry.same_grid(labels.geometry, 0.01)
