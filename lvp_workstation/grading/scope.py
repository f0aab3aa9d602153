"""Which studies the AI may grade: fully, in part, or not at all, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from lvp_workstation.domain.anatomy import LevelMap, mention, vertebra_id
from lvp_workstation.domain.study import Problem, SeriesRole, Weighting
from lvp_workstation.grading.context import GradingContext
from lvp_workstation.grading.genant import lost_height
from lvp_workstation.measure.result import SpineMeasures

MIN_DISCS = 3
"""A lumbar series shows at least three discs (as the segmentation demands)."""
MIN_SLICES = 3
"""Fewer slices may all lie beside the midline (our choice)."""
COBB_PARTIAL, COBB_WITHHOLD = 20.0, 40.0
"""Coronal Cobb angles, deg. Scoliosis starts at 10 (Scoliosis Research Society); from 20 on, sagittal
measures are marked, from 40 on none is graded (our choice)."""
LATERAL_SHIFT_MM = 12.0
"""Sideways course of the canal over the lumbar levels from which sagittal measures are marked, mm (our
choice: beyond the width of a clinical slice on each side)."""
MIN_LEVEL_CONFIDENCE = 0.5
"""Up to here the sacrum or the lowest disc looks unusual (`inference.levels`)."""
AFTER_AGENT = frozenset({SeriesRole.SAG_T1_GD, SeriesRole.AX_T1_GD})
MIN_SNR = 4.0
"""Marrow signal over noise below which no signal-based grade is proposed (our choice)."""
VOID_SHARE, VOID_MM2 = 0.25, 50.0
"""Share of a body without signal, and area of a void within the outline of the bodies, from which metal is
suspected (our choice: 85 mm2 and more in phantoms with screws, 1 mm2 in others)."""
T1_OVER_DISC, DARK_MM2 = 1.45, 40.0
"""Marrow less than half brighter than disc on T1 may be replaced as a whole; an area as dark, away from the
edges of a body, in part (our choice: 1.6-2.3 and at most 25 mm2 in phantoms without a lesion; normal marrow
is brighter than disc, Carroll 1997, Radiology 202:131)."""
FRACTURE_LOSS = 0.20
"""Lost height from which a fracture is suspected (Genant 1993, J Bone Miner Res 8:1137)."""
TRAPEZOID = (vertebra_id(1), "height_posterior")
"""A lowest body that is low behind is the trapezoid L5 of a slip (lumbar index of Taillard), no fracture."""
BODY_DEPTH_MM, BODY_ASPECT = (24.0, 50.0), (0.58, 1.05)
"""Median depth of the lumbar bodies, mm, and of their height (mean of front and back) over it, outside which
no adult's are (our choice: 31-42 mm and 0.69-0.88 in 29 SPIDER patients): a wrong pixel size does this."""
GHOST = 15.0
"""Standard deviations from which a ghost in the air tells of motion (our choice: 3-13 in still phantoms)."""


class Decision(StrEnum):
    """What may be graded."""

    GRADE = "grade"
    PARTIAL = "partial"
    WITHHOLD = "withhold"


@dataclass(frozen=True)
class Scope:
    """The decision and its reasons; a reason may also only mark a grade (level count)."""

    decision: Decision
    reasons: tuple[Problem, ...] = ()


def decide_scope(measures: SpineMeasures, levels: LevelMap, context: GradingContext) -> Scope:
    """Return what may be graded in a study."""
    withhold = [*_nothing_to_grade(measures), *_contrast(context)]
    partial = [
        *_size(measures),
        *_series(context),
        *_quality(measures),
        *_marrow(measures),
        *_fractures(measures),
    ]
    bend = _scoliosis(measures)
    if bend is not None:
        (withhold if bend[0] is Decision.WITHHOLD else partial).append(bend[1])
    partial += _level_count(levels)
    decision = Decision.WITHHOLD if withhold else Decision.PARTIAL if partial else Decision.GRADE
    return Scope(decision, (*withhold, *partial))


def _nothing_to_grade(measures: SpineMeasures) -> list[Problem]:
    if not measures.coverage.sagittal:
        return [Problem("not_sagittal", "Grades are taken from sagittal series; this one is not.")]
    if len(measures.discs) < MIN_DISCS:
        return [Problem("too_few_levels", f"Fewer than {MIN_DISCS} discs were measured.")]
    return []


def _size(measures: SpineMeasures) -> list[Problem]:
    shapes = list(_lumbar_shapes(measures))
    if len(shapes) < MIN_DISCS:
        return []
    depth, aspect = (median(values) for values in zip(*shapes, strict=True))
    if BODY_DEPTH_MM[0] <= depth <= BODY_DEPTH_MM[1] and BODY_ASPECT[0] <= aspect <= BODY_ASPECT[1]:
        return []
    text = (
        f"The lumbar bodies measure {depth:.0f} mm front to back and {aspect * depth:.0f} mm in height, "
        "as no adult's do: the pixel size is wrong, the patient is a child, or the bodies are deformed; "
        "nothing is graded from lengths."
    )
    return [Problem("implausible_size", text)]


def _lumbar_shapes(measures: SpineMeasures) -> Iterator[tuple[float, float]]:
    """Yield depth, mm, and height over depth of the lowest five bodies where all is measured."""
    for body in map(vertebra_id, range(1, 6)):
        depth = measures.value(body, "depth_superior")
        heights = [measures.value(body, f"height_{place}") for place in ("anterior", "posterior")]
        known = [height for height in heights if height is not None]
        if depth and len(known) == len(heights):
            yield depth, fmean(known) / depth


def _contrast(context: GradingContext) -> list[Problem]:
    if context.contradicted:
        name = context.weighting.value.upper()
        text = (
            f"The series is read as {name}, but fluid is {'bright' if name == 'T1' else 'dark'} on it: "
            "its grey levels are inverted, or its role is wrong."
        )
        return [Problem("contrast_contradicts", text)]
    if context.weighting is not Weighting.T1:
        return []
    if context.contrast_agent is None:
        text = "It is not known whether a contrast agent was given before this T1 series."
        return [Problem("contrast_unknown", text)]
    if context.contrast_agent:
        return [Problem("contrast_agent", "A contrast agent was given before this T1 series.")]
    return []


def _series(context: GradingContext) -> list[Problem]:
    found = []
    if context.weighting is not Weighting.T2:
        found.append(
            Problem("no_t2", "No sagittal T2 series was measured: signal-based grades are left out.")
        )
    elif context.contrast_agent:
        found.append(Problem("contrast_agent", "A contrast agent was given before this T2 series."))
    if context.roles & AFTER_AGENT and SeriesRole.SAG_T1 not in context.roles:
        text = "T1 was acquired after a contrast agent only: types of marrow change are not read from it."
        found.append(Problem("contrast_agent_t1", text))
    if 0 < context.slices < MIN_SLICES:
        found.append(Problem("few_slices", "One or two slices: findings beside the midline are not seen."))
    return found


def _quality(measures: SpineMeasures) -> list[Problem]:
    found = []
    snr = measures.quality.snr
    if snr is not None and snr < MIN_SNR:
        found.append(Problem("low_signal", f"The marrow signal is only {snr:.1f} times the noise."))
    void, area = measures.quality.void_share or 0.0, measures.signs.void_mm2 or 0.0
    if void > VOID_SHARE or area >= VOID_MM2:
        found.append(
            Problem("suspected_metal", "A large part of a vertebra has no signal: metal is suspected there.")
        )
    ghost = measures.signs.ghost
    if ghost is not None and ghost >= GHOST:
        text = "The air repeats the edges of the body: the patient is suspected to have moved."
        found.append(Problem("suspected_motion", text))
    return found


def _marrow(measures: SpineMeasures) -> list[Problem]:
    ratio, dark = measures.signs.t1_over_disc, measures.signs.dark_t1_mm2
    if ratio is not None and ratio < T1_OVER_DISC:
        text = f"Marrow on T1 is only {ratio:.1f} times as bright as disc: it may be replaced."
        return [Problem("suspected_marrow_lesion", text)]
    if dark is not None and dark >= DARK_MM2:
        text = f"A dark area of {dark:.0f} mm2 lies in the marrow on T1: a lesion is suspected."
        return [Problem("suspected_marrow_lesion", text)]
    return []


def _fractures(measures: SpineMeasures) -> list[Problem]:
    lost = {body: lost_height(measures, body) for body in measures.landmarks.bodies if body.startswith("V")}
    broken = [
        body
        for body, found in lost.items()
        if found is not None and found[1] >= FRACTURE_LOSS and (body, found[0]) != TRAPEZOID
    ]
    if not broken:
        return []
    names = ", ".join(map(mention, reversed(broken)))
    text = f"{names} lost a fifth of height or more against the neighbours: a fracture is suspected."
    return [Problem("suspected_fracture", text)]


def _scoliosis(measures: SpineMeasures) -> tuple[Decision, Problem] | None:
    cobb, shift = coronal_cobb(measures), lateral_shift(measures)
    if cobb < COBB_PARTIAL and shift < LATERAL_SHIFT_MM:
        return None
    text = f"Scoliosis: discs tilt by {cobb:.0f} degrees, the canal moves sideways by {shift:.0f} mm."
    decision = Decision.WITHHOLD if cobb >= COBB_WITHHOLD else Decision.PARTIAL
    return decision, Problem("scoliosis", text)


def coronal_cobb(measures: SpineMeasures) -> float:
    """Return the largest angle between two disc axes in the coronal plane, deg."""
    tilts = [math.degrees(math.atan2(d.normal[0], d.normal[2])) for d in measures.landmarks.discs.values()]
    return max(tilts) - min(tilts) if len(tilts) > 1 else 0.0


def lateral_shift(measures: SpineMeasures) -> float:
    """Return how far the canal leaves a straight line sideways, mm."""
    points = [d.centroid for d in measures.landmarks.discs.values()]
    if len(points) < MIN_DISCS:
        return 0.0
    low, high = min(points, key=lambda p: p[2]), max(points, key=lambda p: p[2])
    rise = max(high[2] - low[2], 1e-6)
    return max(abs(p[0] - low[0] - (high[0] - low[0]) * (p[2] - low[2]) / rise) for p in points)


def _level_count(levels: LevelMap) -> list[Problem]:
    if levels.confirmed_by:
        return []
    if not levels.sacrum_seen or levels.confidence <= MIN_LEVEL_CONFIDENCE:
        return [Problem("level_count_uncertain", "The numbering of the levels is uncertain; check it first.")]
    return []
