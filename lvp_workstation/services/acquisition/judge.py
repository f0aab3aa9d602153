"""Plan and check whole series of an examination; remembers the anatomy between its series."""

from __future__ import annotations

import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lvp_workstation.assets import asset_path
from lvp_workstation.domain.errors import EnvironmentProblem, UsageProblem
from lvp_workstation.domain.progress import CancelToken
from lvp_workstation.domain.study import SeriesRole
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.planning.anatomy_checks import (
    anatomy_facts,
    contrast_is_wrong,
    marrow_abnormal,
    narrow_discs,
)
from lvp_workstation.planning.image_checks import image_facts
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.protocol import PlanProtocol
from lvp_workstation.planning.quality import (
    Reason,
    Rule,
    SeriesQuality,
    Verdict,
    judge_series,
    read_rules,
)
from lvp_workstation.planning.suggest import Suggestion, SuggestionRule, read_suggestions, suggest
from lvp_workstation.services.acquisition.examination import IncomingSeries
from lvp_workstation.services.acquisition.outcome import SeriesOutcome
from lvp_workstation.services.acquisition.stacks import IncomingStack, stacks_of_slices
from lvp_workstation.services.plan import PlannedVolume, Planner

FOLDER, RULES = "quality", "lumbar"
CURVED_MM = 3.0
"""Beyond this mean distance of the bodies from one plane a second stack is suggested (our choice)."""
LOCALIZERS = (SeriesRole.LOC, SeriesRole.LOC_WHOLESPINE)


@dataclass(frozen=True)
class JudgeRules:
    """The rule file of a hospital."""

    checks: tuple[Rule, ...]
    suggestions: tuple[SuggestionRule, ...]


def load_rules(own: Path | None = None) -> JudgeRules:
    """Return the rules; a file of the same name in the hospital's own folder goes before ours.

    Raises
    ------
    UsageProblem
        When the file cannot be used; the message tells why.
    """
    candidates = [own / f"{RULES}.toml"] if own else []
    candidates.append(asset_path("resources", FOLDER) / f"{RULES}.toml")
    path = next(path for path in candidates if path.is_file() or path is candidates[-1])
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return JudgeRules(read_rules(content), read_suggestions(content))
    except (OSError, ValueError) as error:
        raise UsageProblem(f"The rules {path} cannot be used: {error}.") from error


@dataclass(eq=False)
class _Known:
    """What is remembered of one examination.

    Attributes
    ----------
    found
        The latest planes; those of a sagittal series replace those of a localizer, not the other way.
    plan
        The planes that hold: those proposed on ``found``, or what a person made of them.
    roles
        Roles of the series that need not be repeated.
    narrow
        Names of the levels with a narrow canal, the narrowest first.
    """

    found: PlannedVolume | None = None
    plan: ScanPlan | None = None
    from_localizer: bool = False
    roles: set[SeriesRole] = field(default_factory=set)
    marrow_abnormal: bool = False
    narrow: tuple[str, ...] = ()


class ExaminationJudge:
    """Judges series; see `lvp_workstation.services.acquisition.room.Judge`.

    Parameters
    ----------
    planner, protocol
        What plans, and what is ordered.
    rules
        Verdicts and suggestions.
    """

    def __init__(self, planner: Planner, protocol: PlanProtocol, rules: JudgeRules) -> None:
        self._planner = planner
        self._protocol = protocol
        self._rules = rules
        self._known: dict[str, _Known] = {}

    def forget(self, key: str) -> None:
        """Drop what is remembered of an examination."""
        self._known.pop(key, None)

    def settle(self, key: str, plan: ScanPlan) -> None:
        """Hold further series of an examination against the planes that a person settled on."""
        known = self._known.get(key)
        if known is not None:
            known.plan = plan

    def preview(self, key: str, series: IncomingSeries, cancel: CancelToken) -> str:
        """Return a sentence on the planes of a series that is still arriving; may raise `Cancelled`."""
        stack = _stacks(series)[0]
        if stack.volume.geometry.image_plane is not ImagePlane.SAGITTAL:
            return f"{stack.series.description or series.name}: {len(series.slices)} slices so far."
        found = self._planner.plan_volume(stack.volume, self._protocol, cancel)
        proposed = 0 if found is None else sum(one.proposed for one in found.plan.stacks)
        return (
            f"{stack.series.description or series.name}: {proposed} stacks after {len(series.slices)} slices."
        )

    def judge(self, key: str, series: IncomingSeries) -> SeriesOutcome:
        """Return planes and quality of a series."""
        clock = [series.last, time.monotonic()]
        known = self._known.setdefault(key, _Known())
        stacks = _stacks(series)
        clock.append(time.monotonic())
        reasons: list[Reason] = []
        found = self._planned(stacks[0], reasons)
        clock.append(time.monotonic())
        ordered, plan = known.found, known.plan
        self._remember(known, stacks[0], found)
        quality = self._quality(stacks, found or ordered, found, plan)
        if reasons:
            verdict = min([quality.verdict, *(r.verdict for r in reasons)], key=_BADNESS.index)
            quality = SeriesQuality(verdict, (*reasons, *quality.reasons), quality.facts)
        if quality.verdict is not Verdict.REPEAT:
            known.roles.add(stacks[0].series.role)
        clock.append(time.monotonic())
        names = ("queue", "stack", "plan", "quality")
        return SeriesOutcome(
            key=key,
            series=series.name,
            stack=stacks[0],
            found=found,
            plan=known.plan,
            quality=quality,
            suggestions=self._suggestions(known, quality),
            wait_s=clock[-1] - clock[0],
            timings_s=dict(zip(names, (float(step) for step in np.diff(clock)), strict=True)),
        )

    def _planned(self, stack: IncomingStack, reasons: list[Reason]) -> PlannedVolume | None:
        if stack.volume.geometry.image_plane is not ImagePlane.SAGITTAL:
            return None
        try:
            found = self._planner.plan_volume(stack.volume, self._protocol)
        except EnvironmentProblem as error:
            reasons.append(Reason("not_planned", Verdict.ACCEPTABLE, str(error)))
            return None
        if found is None:
            reasons.append(Reason("no_lumbar_spine", Verdict.REPEAT, "No lumbar spine was found."))
        return found

    def _remember(self, known: _Known, stack: IncomingStack, found: PlannedVolume | None) -> None:
        if found is None:
            return
        localizer = stack.series.role in LOCALIZERS
        if known.found is None or known.from_localizer or not localizer:
            known.found, known.plan, known.from_localizer = found, found.plan, localizer
        if not localizer:
            known.marrow_abnormal |= marrow_abnormal(found.volume, found.labels)
            discs = narrow_discs(found.labels, found.landmarks)
            known.narrow = tuple(found.levels.name(disc) for disc in discs)

    def _quality(
        self,
        stacks: tuple[IncomingStack, ...],
        anatomy: PlannedVolume | None,
        found: PlannedVolume | None,
        ordered: ScanPlan | None,
    ) -> SeriesQuality:
        """Return the verdict on the worst of the stacks of a series.

        Parameters
        ----------
        anatomy
            Where the spine is: seen in the series itself, or in an earlier one.
        found
            What was planned on the series itself.
        ordered
            The planes that it should follow.
        """
        localizer = stacks[0].series.role in LOCALIZERS
        told = [self._facts(stack, anatomy, found, ordered, localizer) for stack in stacks]
        facts: dict[str, float] = {}
        for name in dict.fromkeys(name for one in told for name in one):
            values = [one[name] for one in told if name in one]
            facts[name] = min(values) if name.endswith("snr") else max(values, key=abs)
        facts["missing_slices"] = float(sum(len(s.missing) + s.lost for s in stacks))
        facts["uneven"] = float(any(stack.uneven for stack in stacks))
        return judge_series(facts, self._rules.checks)

    def _facts(
        self,
        stack: IncomingStack,
        anatomy: PlannedVolume | None,
        found: PlannedVolume | None,
        ordered: ScanPlan | None,
        localizer: bool,
    ) -> dict[str, float]:
        phase = stack.series.attributes.get("InPlanePhaseEncodingDirection")
        facts = image_facts(stack.volume, phase)
        if localizer:  # few coarse slices: good enough when the spine is found in them
            facts = {}
        if anatomy is not None and not localizer:
            facts |= anatomy_facts(stack.volume.geometry, anatomy.landmarks, anatomy.plan, ordered)
        if found is not None and not localizer:
            if found.quality.snr is not None:
                facts["marrow_snr"] = found.quality.snr
            if found.quality.void_share is not None:
                facts["void_share"] = found.quality.void_share
            wrong = contrast_is_wrong(found.volume, found.labels, stack.series.decision.weighting)
            facts["weighting_wrong"] = float(wrong)
        return facts

    def _suggestions(self, known: _Known, quality: SeriesQuality) -> tuple[Suggestion, ...]:
        names = {role.value for role in known.roles}
        plan = None if known.found is None else known.found.plan
        cover = None if plan is None else plan.cover
        holding = {
            "no_sagittal_t2": "sag_t2" not in names,
            "no_sagittal_t1": "sag_t1" not in names,
            "no_stir": "sag_stir" not in names,
            "no_axial": not any(name.startswith("ax_") for name in names),
            "canal_unimaged": cover is not None and bool(cover.unimaged) and "ax_t2" in names,
            "narrow_canal": bool(known.narrow),
            "marrow_abnormal": known.marrow_abnormal,
            "curved": plan is not None and plan.curve_mm > CURVED_MM,
            "metal": any(reason.code == "metal" for reason in quality.reasons),
            "repeat": quality.verdict is Verdict.REPEAT,
        }
        return suggest(
            {name for name, holds in holding.items() if holds}, self._rules.suggestions, known.narrow
        )


_BADNESS = (Verdict.REPEAT, Verdict.ACCEPTABLE, Verdict.GOOD)


def _stacks(series: IncomingSeries) -> tuple[IncomingStack, ...]:
    """Return the stacks to judge: of a localizer the sagittal one, else all, the largest first."""
    stacks = stacks_of_slices(list(series.slices.values()))
    planes = {stack.volume.geometry.image_plane for stack in stacks}
    if len(planes) == 1:
        return stacks
    sagittal = [s for s in stacks if s.volume.geometry.image_plane is ImagePlane.SAGITTAL]
    return tuple(sagittal) or stacks[:1]
