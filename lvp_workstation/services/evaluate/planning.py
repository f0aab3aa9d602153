"""Evaluate scan planes: phantoms are made, planned on, compared with their exact planes, and discarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lvp_workstation import __version__
from lvp_workstation.domain.geometry import Array, plane_angle_deg
from lvp_workstation.domain.volume import ImagePlane
from lvp_workstation.phantom.anatomy import Anatomy
from lvp_workstation.phantom.generate import PhantomSeries, PhantomStudy, make_phantom
from lvp_workstation.phantom.protocol import PROTOCOLS
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.protocol import PlanProtocol
from lvp_workstation.planning.stack import AXIAL, SAGITTAL, PlannedStack
from lvp_workstation.services.evaluate.ledger import Ledger
from lvp_workstation.services.evaluate.outcome import Outcome
from lvp_workstation.services.evaluate.planning_arms import WORDS, arms_figures, arms_section, simulate_arms
from lvp_workstation.services.evaluate.planning_report import planning_figures, planning_sections
from lvp_workstation.services.make_phantom import PAINTERS
from lvp_workstation.services.plan import Planner

PLANNING = "planning"
PRESETS = (
    "normal",
    "degenerate",
    "random",
    "herniation",
    "scoliosis",
    "stenosis",
    "random",
    "listhesis",
    "evaluation",
    "random",
    "transitional",
    "fracture",
)
"""Presets in turn when none is asked for: none with artefacts, ``random`` more often since it varies
position, protocol and noise (our choice)."""
SAME_DISC_MM = 10.0
"""A stack whose middle plane passes a disc's middle within this distance is meant for it (our choice: less
than half the distance of neighbouring discs)."""
CURVED_DEG, TURNED_DEG, SLIPPED_MM, NOISY = 5.0, 3.0, 3.0, 0.7
"""Groups of cases: coronal tilts from here on; image planes this far from the true mid-plane; levels that
slipped so far; signal-to-noise ratio below this share of the standard protocol's (our choices)."""
CLINICAL = (
    "Phantoms: how far proposed planes lie from planes that are known exactly. This shows consistency, not "
    "clinical accuracy."
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class PlaneRow:
    """One ordered plane of one phantom.

    Attributes
    ----------
    level
        Of the truth; ``sagittal`` for the sagittal stack.
    angle_deg, offset_mm
        Angle between the normals; distance of the true centre from the proposed plane (sagittal: root mean
        square over the lumbar bodies). None without a plane.
    declined
        The reason the program gave, empty without one.
    named
        Whether the stack carries the name of the true level.
    covered
        Whether the stack holds what it must: the disc with its canal, or all foramina.
    groups
        Names of the groups of cases it belongs to.
    """

    patient: str
    level: str
    angle_deg: float | None
    offset_mm: float | None
    declined: str
    named: bool
    covered: bool
    groups: tuple[str, ...]


@dataclass(frozen=True)
class PlanningCase:
    """A phantom that is made when it is needed and not kept."""

    seed: int
    preset: str
    series: str

    @property
    def key(self) -> str:
        """Preset, seed and series."""
        return f"{self.preset}_{self.seed:06d}_{self.series}"


def planning_cases(preset: str | None, seed: int, count: int, series: str) -> list[PlanningCase]:
    """Return cases with seeds from ``seed`` on; without a preset all kinds take turns."""
    return [PlanningCase(seed + n, preset or PRESETS[n % len(PRESETS)], series) for n in range(count)]


class PlanningEvaluation:
    """Plans on phantoms and compares with their exact planes.

    Parameters
    ----------
    planner, protocol
        What is judged, and what is ordered.
    ledger
        Keeps finished cases.
    say
        Takes a line of progress.
    """

    def __init__(self, planner: Planner, protocol: PlanProtocol, ledger: Ledger, say: Say) -> None:
        self._planner = planner
        self._protocol = protocol
        self._ledger = ledger
        self._say = say

    def run(self, cases: Sequence[PlanningCase]) -> Outcome:
        """Score every case and return the outcome."""
        rows: list[PlaneRow] = []
        for number, case in enumerate(cases, start=1):
            known = self._ledger.get(case.key, __version__)
            own = _restored(known) if known else self._score(case)
            rows += own
            self._say(f"{number}/{len(cases)} {case.key}: {_summary(own)}")
        arms = simulate_arms(rows)
        judged = [row for row in rows if row.angle_deg is not None and not row.declined]
        return Outcome(
            kind=PLANNING,
            bundle=self._planner.bundle,
            patients=len(cases),
            items=len(rows),
            coverage=len(judged) / max(len(rows), 1),
            figures={**planning_figures(rows), **arms_figures(arms)},
            sections=[*planning_sections(rows), arms_section(arms)],
            facts=(("Data", CLINICAL), ("Protocol", self._protocol.title), ("Technologists", WORDS)),
        )

    def _score(self, case: PlanningCase) -> list[PlaneRow]:
        study = make_phantom(case.seed, case.preset, (case.series,), threads=PAINTERS)
        series = next(s for s in study.series if s.volume.geometry.image_plane is ImagePlane.SAGITTAL)
        found = self._planner.plan_volume(series.volume, self._protocol)
        rows = score_plan(case.key, study, series, None if found is None else found.plan, self._protocol)
        self._ledger.append(case.key, __version__, [asdict(row) for row in rows])
        return rows


def _restored(known: Any) -> list[PlaneRow]:
    return [PlaneRow(**{**row, "groups": tuple(row["groups"])}) for row in known]


def _summary(rows: Sequence[PlaneRow]) -> str:
    angles = [row.angle_deg for row in rows if row.angle_deg is not None]
    declined = sum(bool(row.declined) for row in rows)
    worst = f"worst angle {max(angles):.1f} deg" if angles else "no plane"
    return f"{worst}, {declined} declined" if declined else worst


def score_plan(
    patient: str,
    study: PhantomStudy,
    series: PhantomSeries,
    plan: ScanPlan | None,
    protocol: PlanProtocol,
) -> list[PlaneRow]:
    """Return one row for the sagittal stack and for each ordered disc; no plan means no lumbar spine."""
    truth = study.truth["planes"]
    levels = [name for name in truth if name != SAGITTAL][-len(protocol.levels) :]
    common = _groups(study, series)
    rows = [_sagittal_row(patient, study, plan, common)]
    for name in levels:
        slip = abs(study.truth["generator"]["levels"][name]["slip"])
        groups = (*common, *(("slip",) if slip >= SLIPPED_MM else ()))
        rows.append(_axial_row(patient, name, truth[name], plan, groups))
    return rows


def _groups(study: PhantomStudy, series: PhantomSeries) -> tuple[str, ...]:
    normal = np.array(study.truth["planes"][SAGITTAL]["normal_lps"])
    turned = plane_angle_deg(series.volume.geometry.slice_normal, normal) >= TURNED_DEG
    curved = abs(study.anatomy.plan.scoliosis) >= CURVED_DEG
    standard = PROTOCOLS[series.role].snr
    present = {"scoliosis": curved, "rotation": turned, "noise": series.protocol.snr < NOISY * standard}
    return (f"preset_{study.preset}", *(name for name, is_so in present.items() if is_so))


NOT_FOUND = "no lumbar spine was found"


def _sagittal_row(
    patient: str, study: PhantomStudy, plan: ScanPlan | None, groups: tuple[str, ...]
) -> PlaneRow:
    if plan is None:
        return PlaneRow(patient, SAGITTAL, None, None, NOT_FOUND, False, False, groups)
    stack = plan.of_kind(SAGITTAL)[0]
    if stack.centre is None:
        return PlaneRow(patient, SAGITTAL, None, None, stack.declined, True, False, groups)
    truth = study.truth["planes"][SAGITTAL]
    bodies = np.array([v.frame.origin for v in study.anatomy.vertebrae if v.name.startswith("L")])
    offset = float(np.sqrt(np.mean(stack.plane.signed_distance(bodies) ** 2)))
    angle = plane_angle_deg(stack.normal, truth["normal_lps"])
    covered = bool(stack.holds(foramen_points(study.anatomy)).all())
    return PlaneRow(
        patient, SAGITTAL, round(angle, 4), round(offset, 4), stack.declined, True, covered, groups
    )


def foramen_points(anatomy: Anatomy) -> Array:
    """Return the outer end of both foramina below each lumbar vertebra: below the middle of its pedicle's
    outer half, LPS mm, shape (n, 3)."""
    points = []
    for bone in anatomy.vertebrae:
        if bone.name.startswith("L"):
            aside = bone.canal_width / 2 + 0.75 * bone.pedicle[0]
            below = -bone.height / 2
            points += [bone.frame.to_world((s * aside, bone.posterior_wall, below)) for s in (-1, 1)]
    return np.array(points)


def _axial_row(
    patient: str, name: str, truth: dict[str, Any], plan: ScanPlan | None, groups: tuple[str, ...]
) -> PlaneRow:
    if plan is None:
        return PlaneRow(patient, name, None, None, NOT_FOUND, False, False, groups)
    point = np.array(truth["point_lps"])
    stack = _meant_for(point, plan.of_kind(AXIAL))
    if stack is None:
        # an ordered disc without a stack: told when the program declined one for lack of a disc
        told = next((s.declined for s in plan.of_kind(AXIAL) if s.centre is None), "")
        return PlaneRow(patient, name, None, None, told, False, False, groups)
    angle = plane_angle_deg(stack.normal, truth["normal_lps"])
    offset = abs(float(stack.plane.signed_distance(point)))
    canal = point + 22.0 * stack.column
    covered = bool(stack.holds(np.array([point, canal])).all())
    named = stack.level == name or (stack.level.endswith("-S1") and name.endswith("-S1"))
    return PlaneRow(patient, name, round(angle, 4), round(offset, 4), stack.declined, named, covered, groups)


def _meant_for(point: Array, stacks: Sequence[PlannedStack]) -> PlannedStack | None:
    """Return the stack whose middle plane passes nearest to a disc, None when none is near."""
    placed = [stack for stack in stacks if stack.centre is not None]
    nearest = min(placed, key=lambda s: abs(float(s.plane.signed_distance(point))), default=None)
    if nearest is None or abs(float(nearest.plane.signed_distance(point))) > SAME_DISC_MM:
        return None
    return nearest
