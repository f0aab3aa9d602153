"""Analysing in another process: the same objects come back, errors and stops arrive, a crash is said."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import Cancelled, ModelProblem, NoLumbarSeries, UnreadableInput
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.progress import CancelToken, Progress, ProgressCallback
from lvp_workstation.domain.study import RoleDecision, Series, SeriesRole, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.services.analysis import Analysis, ModelRun, ScopeReport
from lvp_workstation.services.analysis_process import AnalysisProcess, LoadVolume
from tests.services.reading_samples import AI, GEOMETRY, LEVELS, PATIENT, label_map, measurement, proposal

T2 = Series("1.2.3.1", 0, (), GEOMETRY, RoleDecision(SeriesRole.SAG_T2, "made up"))
T1 = replace(T2, series_instance_uid="1.2.3.2", decision=RoleDecision(SeriesRole.SAG_T1, "made up"))
STUDY = Study("1.2.3", PATIENT, (T2, T1))


class OddAnalyser:
    """Stands in for an analyser, over there: what it does is said by the request."""

    def analyse(
        self,
        study: Study,
        load: LoadVolume,
        request: AnalysisRequest,
        progress: ProgressCallback,
        cancel: CancelToken | None,
    ) -> Analysis:
        match request.series:
            case "crash":
                os.abort()
            case "bug":
                raise KeyError("a mistake")
            case "none":
                raise NoLumbarSeries("No lumbar spine was found.")
            case "hang":
                assert cancel is not None
                progress(Progress(0.5, "hanging"))
                while True:
                    cancel.raise_if_cancelled()
                    time.sleep(0.01)
        progress(Progress(0.5, f"process {os.getpid()}"))
        volume = load(study.series[0], cancel)
        try:
            companion: Volume | None = load(study.series[1], cancel)
        except UnreadableInput:
            companion = None
        return analysis_of(study, volume, companion, {"total": 1.0})

    def restored(self, study: Study, reading: Any, labels: LabelMap, load: LoadVolume) -> Analysis:
        return replace(analysis_of(study, load(study.series[0], None), None, {}), labels=labels)

    def remeasured(self, analysis: Analysis, labels: LabelMap, levels: LevelMap) -> Analysis:
        doubled = {key: replace(m, name="doubled") for key, m in analysis.measurements.items()}
        return replace(analysis, labels=labels, levels=levels, measurements=doubled)


def analysis_of(
    study: Study, volume: Volume, companion: Volume | None, timings: Mapping[str, float]
) -> Analysis:
    labels = label_map()
    return Analysis(
        study,
        study.series[0],
        study.series[0].decision,
        volume,
        LabelMap(labels.array, labels.geometry, {"V1": float(volume.array.max())}),
        LEVELS,
        {},
        {("D1", "sac_ap"): measurement()},
        (proposal("herniation", "bulge"),),
        ScopeReport("grade"),
        ModelRun("odd", "1", "ab" * 32, "CPU", 1),
        MappingProxyType(dict(timings)),
        companion=companion,
    )


def make_odd(_: int | None) -> Any:
    return OddAnalyser()


def make_none(_: int | None) -> Any:
    raise ModelProblem("The model is missing.")


class Volumes:
    """Loads made-up volumes and counts how often each was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.kept: dict[str, Volume] = {}

    def __call__(self, series: Series, _: CancelToken | None) -> Volume:
        self.asked.append(series.series_instance_uid)
        values = np.arange(np.prod(GEOMETRY.shape), dtype=np.uint16).reshape(GEOMETRY.shape)
        return self.kept.setdefault(series.key, Volume(values, GEOMETRY))


@pytest.fixture
def process() -> Iterator[AnalysisProcess]:
    made = AnalysisProcess(make=make_odd)
    yield made
    made.close()


def test_an_analysis_brings_back_the_objects_of_the_window(process: AnalysisProcess) -> None:
    volumes, told = Volumes(), list[Progress]()
    analysis = process.analyse(STUDY, volumes, progress=told.append)
    assert analysis.study is STUDY
    assert analysis.series is T2
    assert analysis.volume is volumes.kept[T2.key]
    assert analysis.companion is volumes.kept[T1.key]
    assert analysis.labels.confidence == {"V1": float(np.prod(GEOMETRY.shape) - 1)}
    assert analysis.timings == {"total": 1.0}
    assert not analysis.labels.array.flags.writeable
    assert [state.message for state in told] == [f"process {process.pid}"]
    assert process.pid != os.getpid()


def test_one_process_serves_every_request(process: AnalysisProcess) -> None:
    volumes = Volumes()
    analysis = process.analyse(STUDY, volumes)
    first = process.pid
    labels = label_map()
    fresh = process.remeasured(analysis, labels, replace(LEVELS, lumbar_count=6))
    assert fresh.volume is analysis.volume
    assert fresh.levels.lumbar_count == 6
    assert np.array_equal(fresh.labels.array, labels.array)
    assert fresh.measurements["D1", "sac_ap"].name == "doubled"
    assert fresh.proposals[0].provenance == AI
    again = process.restored(STUDY, None, labels, volumes)  # type: ignore[arg-type]
    assert again.volume is analysis.volume
    assert process.pid == first


def test_another_study_is_another_one(process: AnalysisProcess) -> None:
    process.analyse(STUDY, Volumes())
    other, volumes = replace(STUDY, study_instance_uid="9.9"), Volumes()
    analysis = process.analyse(other, volumes)
    assert analysis.study is other
    assert analysis.volume is volumes.kept[T2.key]


def test_what_cannot_be_read_here_is_raised_over_there(process: AnalysisProcess) -> None:
    volumes = Volumes()

    def load(series: Series, cancel: CancelToken | None) -> Volume:
        if series.key == T1.key:
            raise UnreadableInput("T1 is damaged.")
        return volumes(series, cancel)

    assert process.analyse(STUDY, load).companion is None
    with pytest.raises(UnreadableInput, match="T1 is damaged"):
        process.analyse(replace(STUDY, series=(T1, T2)), load)


def test_problems_arrive_as_they_are_and_bugs_say_where(process: AnalysisProcess) -> None:
    with pytest.raises(NoLumbarSeries, match="No lumbar spine was found"):
        process.analyse(STUDY, Volumes(), AnalysisRequest("none"))
    with pytest.raises(KeyError, match="a mistake") as caught:
        process.analyse(STUDY, Volumes(), AnalysisRequest("bug"))
    assert 'raise KeyError("a mistake")' in "".join(caught.value.__notes__)
    assert process.analyse(STUDY, Volumes()).study is STUDY


def test_a_crash_is_said_and_the_next_analysis_works(process: AnalysisProcess) -> None:
    with pytest.raises(ModelProblem, match="ended unexpectedly"):
        process.analyse(STUDY, Volumes(), AnalysisRequest("crash"))
    assert process.analyse(STUDY, Volumes()).study is STUDY


def test_a_stop_is_heard_while_the_process_works(process: AnalysisProcess) -> None:
    cancel = CancelToken()
    began = threading.Event()
    timer = threading.Thread(target=lambda: (began.wait(30), cancel.cancel()))
    timer.start()
    with pytest.raises(Cancelled):
        process.analyse(STUDY, Volumes(), AnalysisRequest("hang"), lambda _: began.set(), cancel)
    timer.join()
    first = process.pid
    assert process.analyse(STUDY, Volumes()).study is STUDY
    assert process.pid == first


def test_a_missing_model_is_told() -> None:
    process = AnalysisProcess(make=make_none)
    try:
        with pytest.raises(ModelProblem, match="The model is missing"):
            process.analyse(STUDY, Volumes())
    finally:
        process.close()


def test_closing_ends_the_process_while_it_works(process: AnalysisProcess) -> None:
    began = threading.Event()
    timer = threading.Thread(target=lambda: (began.wait(30), process.close()))
    timer.start()
    with pytest.raises(ModelProblem):
        process.analyse(STUDY, Volumes(), AnalysisRequest("hang"), lambda _: began.set())
    timer.join()
