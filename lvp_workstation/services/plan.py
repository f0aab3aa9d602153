"""Propose the scan planes of a study: segment a sagittal series or localizer, then plan on its anatomy."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.analysis_request import AnalysisRequest
from lvp_workstation.domain.anatomy import LevelMap
from lvp_workstation.domain.errors import UnreadableInput, UsageProblem
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.landmarks import SpineLandmarks
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import Problem, Series, Study
from lvp_workstation.domain.volume import Volume
from lvp_workstation.inference.bundle import ModelBundle
from lvp_workstation.inference.segmenter import Segmenter
from lvp_workstation.measure.result import ImageQuality
from lvp_workstation.measure.spine import find_landmarks
from lvp_workstation.planning.plan import UNSURE_LEVELS, ScanPlan, plan_scan
from lvp_workstation.planning.protocol import PlanProtocol, read_protocol
from lvp_workstation.services.analyse import model_run
from lvp_workstation.services.analysis import ModelRun
from lvp_workstation.services.series_choice import VolumeLoader, added, nothing_lumbar, readable

DEFAULT_PROTOCOL = "lumbar_routine"
FOLDER = "protocols"
ANYTHING = AnalysisRequest()


@dataclass(frozen=True, eq=False)
class PlannedVolume:
    """A sagittal series with the plan made on it.

    Attributes
    ----------
    timings_s
        Seconds of segmentation, landmarks and planning.
    quality
        Noise and signal voids where the spine is.
    """

    volume: Volume
    labels: LabelMap
    levels: LevelMap
    landmarks: SpineLandmarks
    plan: ScanPlan
    model: ModelRun
    warnings: tuple[Problem, ...]
    timings_s: Mapping[str, float]
    quality: ImageQuality = field(default_factory=ImageQuality)


@dataclass(frozen=True, eq=False)
class StudyPlan:
    """A plan, and the series of the study it was made on."""

    study: Study
    series: Series
    found: PlannedVolume


def protocol_files(own: Path | None = None) -> dict[str, Path]:
    """Return the protocol templates by name; those in the user's own folder go before ours."""
    folders = [asset_path("resources", FOLDER), *([own] if own else [])]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def load_plan_protocol(name: str = DEFAULT_PROTOCOL, own: Path | None = None) -> PlanProtocol:
    """Return a protocol template.

    Parameters
    ----------
    own
        Folder of the hospital's own templates.

    Raises
    ------
    UsageProblem
        When there is none of that name, or it cannot be used; the message tells why.
    """
    files = protocol_files(own)
    path = files.get(name)
    if path is None:
        raise UsageProblem(f"There is no protocol {name!r}; there are: {', '.join(sorted(files))}.")
    try:
        return read_protocol(name, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UsageProblem(f"The protocol {path} cannot be used: {error}.") from error


class Planner:
    """Plans on images with one segmenter.

    Parameters
    ----------
    segmenter
        The V-Net.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    @property
    def bundle(self) -> ModelBundle:
        """The model in use."""
        return self._segmenter.bundle

    def plan_study(
        self,
        study: Study,
        load: VolumeLoader,
        protocol: PlanProtocol,
        request: AnalysisRequest = ANYTHING,
        cancel: CancelToken | None = None,
    ) -> StudyPlan:
        """Plan on the first series in which a lumbar spine is found, tried in the order of an analysis.

        Raises `NoLumbarSeries` when none holds one, `UnreadableInput` when none could be read,
        `UsageProblem` when the requested one does not exist, `Cancelled` when told to stop.
        """
        unreadable: list[UnreadableInput] = []
        spent: dict[str, float] = {}
        volumes = readable(study, load, request, unreadable, cancel=cancel)
        for series, volume, loaded in volumes:
            spent = added(spent, {"load": loaded})
            found = self.plan_volume(volume, protocol, cancel)
            if found is not None:
                said = (*study.problems, *series.problems, *found.warnings)
                return StudyPlan(study, series, replace(found, warnings=said))
        raise nothing_lumbar(
            spent, unreadable, "No planes can be proposed", "sagittal MR series or localizer"
        )

    def plan_volume(
        self,
        volume: Volume,
        protocol: PlanProtocol,
        cancel: CancelToken | None = None,
    ) -> PlannedVolume | None:
        """Return the plan of one sagittal volume, None when it shows no lumbar spine."""
        began = time.perf_counter()
        segmentation = self._segmenter.segment(volume, cancel=cancel)
        if not segmentation.lumbar:
            return None
        segmented = time.perf_counter()
        model = model_run(self._segmenter)
        labels, levels = segmentation.labels, segmentation.levels
        landmarks, quality = find_landmarks(labels, volume)
        measured = time.perf_counter()
        plan = plan_scan(labels, levels, landmarks, protocol)
        planned = time.perf_counter()
        timings = {
            "segment": segmented - began,
            "landmarks": measured - segmented,
            "plan": planned - measured,
            "total": planned - began,
        }
        warnings = (*(p.worded(levels) for p in segmentation.warnings), *_of_levels(levels), *plan.warnings)
        return PlannedVolume(volume, labels, levels, landmarks, plan, model, warnings, timings, quality)


def _of_levels(levels: LevelMap) -> list[Problem]:
    if levels.confidence >= UNSURE_LEVELS:
        return []
    text = "The level count is uncertain: stacks are placed on discs counted from the lowest; check names."
    return [Problem("levels_uncertain", text)]
