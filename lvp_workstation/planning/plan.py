"""From a segmented sagittal series to the stacks of an examination: the entry of this floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lvp_workstation.domain.anatomy import SACRUM, InstanceId, LevelMap, disc_id
from lvp_workstation.domain.geometry import LEFT, SUPERIOR, Array, unit
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.landmarks import SpineLandmarks
from lvp_workstation.domain.study import Problem
from lvp_workstation.planning.canal import (
    CanalCover,
    canal_cover,
    canal_line,
    overlapping,
    seen_at,
    without_overlap,
)
from lvp_workstation.planning.clouds import Cloud, clouds_of
from lvp_workstation.planning.disc_plane import DiscPlane, find_disc_plane
from lvp_workstation.planning.midplane import MidPlane, find_mid_plane, front_corners
from lvp_workstation.planning.protocol import PlanProtocol, StackTemplate
from lvp_workstation.planning.stack import (
    AXIAL,
    CONTINUOUS,
    CORONAL,
    SAGITTAL,
    SATURATION,
    PlannedStack,
    axial_axes,
    coronal_axes,
    sagittal_axes,
)

BACK_OF_BODIES_MM = 14.0
"""The middle of sagittal images lies so far behind the middles of the bodies: on the canal's front (our
choice)."""
UNSURE_LEVELS = 0.5
"""A numbering less sure than this may have left out the lowest disc (our choice)."""
NO_MIDDLE = "Fewer than three lumbar vertebrae were found: the mid-plane is not known."


@dataclass(frozen=True, eq=False)
class ScanPlan:
    """The proposed stacks of one examination.

    Attributes
    ----------
    stacks
        Sagittal, axial from above, continuous, coronal, saturation band.
    optional
        Names of stacks that are offered, not ordered.
    cover
        Canal between L3 and S1 that the angled stacks leave unimaged; None where it was not seen.
    curve_mm
        Mean distance (root mean square) of the lumbar bodies from the mid-plane; 0 where it is not known.
    """

    protocol: PlanProtocol
    stacks: tuple[PlannedStack, ...]
    optional: tuple[str, ...]
    cover: CanalCover | None
    warnings: tuple[Problem, ...] = ()
    curve_mm: float = 0.0

    def of_kind(self, kind: str) -> tuple[PlannedStack, ...]:
        """Return the stacks of one kind."""
        return tuple(stack for stack in self.stacks if stack.kind == kind)


def plan_scan(
    labels: LabelMap, levels: LevelMap, landmarks: SpineLandmarks, protocol: PlanProtocol
) -> ScanPlan:
    """Propose the stacks of a protocol.

    Parameters
    ----------
    labels, levels, landmarks
        Of a sagittal series: instance codes, their names, and what `measure_spine` found.
    protocol
        What is ordered.

    Returns
    -------
    ScanPlan
        One entry for every ordered stack; what cannot be planned is declined with its reason.
    """
    clouds = clouds_of(labels)
    middle = find_mid_plane(landmarks, clouds)
    left = LEFT if middle is None else middle.plane.normal
    planes = {disc: _disc_plane(disc, landmarks, clouds, left) for disc in protocol.discs}
    line = canal_line(landmarks)
    ordered = [_axial(disc, planes[disc], clouds, levels, line, protocol) for disc in protocol.discs]
    axial = without_overlap(ordered, line)
    build = _Build(landmarks, protocol, middle, levels)
    further = _possible_disc_below(levels, protocol)
    stacks = (
        build.sagittal(),
        *axial,
        *further,
        build.continuous(axial),
        build.coronal(),
        build.saturation(),
    )
    optional = (CONTINUOUS, CORONAL)
    return ScanPlan(
        protocol,
        stacks,
        optional,
        canal_cover(landmarks, levels, axial),
        tuple(_warnings(stacks, axial, line, protocol, middle)),
        0.0 if middle is None else middle.curve_mm,
    )


def _disc_plane(
    disc: InstanceId, landmarks: SpineLandmarks, clouds: Mapping[InstanceId, Cloud], left: Array
) -> DiscPlane | None:
    found = landmarks.discs.get(disc)
    return None if found is None else find_disc_plane(found, clouds, left)


def _axial(
    disc: InstanceId,
    plane: DiscPlane | None,
    clouds: Mapping[InstanceId, Cloud],
    levels: LevelMap,
    line: Array,
    protocol: PlanProtocol,
) -> PlannedStack:
    """Return the stack on a disc: parallel to it, field of view about its posterior margin.

    Where no canal is seen behind the disc the slab runs beside the middle of the spine, as in a strong
    scoliosis: what is seen of the disc there does not tell how it lies.
    """
    level = levels.name(disc)
    template = protocol.axial
    if plane is None:
        return _declined(AXIAL, template, f"The disc {level} was not found.", SUPERIOR, level, disc)
    limit = protocol.limits.disagreement_deg
    centre = plane.frame.world(0.0, plane.behind, 0.0)
    reason = ""
    if not seen_at(line, centre):
        reason = f"No canal was seen behind {level}: the images pass beside the middle of the spine there."
    elif clouds[disc].cut_lengthwise:
        reason = f"The image ends inside the disc {level}."
    elif plane.spread_deg > limit:
        reason = (
            f"Disc and endplates of {level} point {plane.spread_deg:.0f} degrees apart, more than {limit:g}."
        )
    row, column = axial_axes(plane.frame.up, plane.frame.left)
    sure = 0.0 if reason else _confidence(plane.spread_deg / limit)
    return PlannedStack(AXIAL, centre, row, column, template, template.count, sure, reason, level, disc)


def _possible_disc_below(levels: LevelMap, protocol: PlanProtocol) -> tuple[PlannedStack, ...]:
    """Return a declined stack for a disc that may have been left out, nothing when the numbering is sure.

    A disc that was taken for S1-S2 gets no stack of its own; the plan must not look complete then.
    """
    lowest = disc_id(1)
    if levels.confidence >= UNSURE_LEVELS or lowest not in protocol.discs:
        return ()
    name = levels.name(lowest)
    reason = (
        f"The numbering is uncertain: a disc below {name} may have been left out. "
        "Look, and place its stack by hand."
    )
    return (_declined(AXIAL, protocol.axial, reason, SUPERIOR, f"below {name}"),)


def _confidence(share: float) -> float:
    """Return 1 without doubt, 1/2 at the limit of declining (our choice of scale; not calibrated)."""
    return round(float(1.0 / (1.0 + share**2)), 3)


def _declined(
    kind: str,
    template: StackTemplate,
    reason: str,
    normal: Array,
    level: str = "",
    instance: InstanceId = "",
) -> PlannedStack:
    """Return a stack without a place."""
    if kind == SAGITTAL:
        row, column = sagittal_axes(LEFT, -SUPERIOR)
    elif kind in (AXIAL, CONTINUOUS):
        row, column = axial_axes(normal, LEFT)
    else:
        row, column = coronal_axes(LEFT, SUPERIOR)
    return PlannedStack(kind, None, row, column, template, template.count, 0.0, reason, level, instance)


@dataclass(frozen=True, eq=False)
class _Build:
    """The stacks that depend on the mid-plane."""

    landmarks: SpineLandmarks
    protocol: PlanProtocol
    middle: MidPlane | None
    levels: LevelMap

    def sagittal(self) -> PlannedStack:
        """Return the sagittal stack: along the mid-plane, out to both foramina of every lumbar level."""
        template, middle = self.protocol.sagittal, self.middle
        if middle is None:
            return _declined(SAGITTAL, template, NO_MIDDLE, LEFT)
        row, column = sagittal_axes(middle.plane.normal, -SUPERIOR)
        centre = middle.plane.project(self._middle_of_bodies(middle) + BACK_OF_BODIES_MM * row)
        reach = middle.aside_mm + self.protocol.reach_mm
        needed = int(np.ceil((2 * reach - template.thickness_mm) / template.spacing_mm)) + 1
        count = int(np.clip(needed, template.count, template.count_max))
        reason = self._doubt(middle)
        sure = 0.0 if reason else self._sureness(middle)
        return PlannedStack(SAGITTAL, centre, row, column, template, count, sure, reason)

    def continuous(self, axial: tuple[PlannedStack, ...]) -> PlannedStack:
        """Return one straight stack square to the canal from the top of L3 to the sacrum."""
        template, middle = self.protocol.continuous, self.middle
        cover = canal_cover(self.landmarks, self.levels, ())
        if middle is None or cover is None:
            reason = NO_MIDDLE if middle is None else "The canal between L3 and S1 was not found."
            return _declined(CONTINUOUS, template, reason, SUPERIOR)
        ends = cover.unimaged[0].start, cover.unimaged[-1].end
        up = unit(ends[0] - ends[1])
        row, column = axial_axes(up, middle.plane.normal)
        centre = middle.plane.project((ends[0] + ends[1]) / 2)
        length = float(np.linalg.norm(ends[0] - ends[1]))
        needed = int(np.ceil((length - template.thickness_mm) / template.spacing_mm)) + 1
        count = int(np.clip(needed, template.count_min, template.count_max))
        sure = self._sureness(middle) if any(stack.proposed for stack in axial) else 0.0
        reason = "" if sure else "No disc could be planned."
        return PlannedStack(CONTINUOUS, centre, row, column, template, count, sure, reason)

    def coronal(self) -> PlannedStack:
        """Return the coronal stack along the column, through the middles of the bodies."""
        template, middle = self.protocol.coronal, self.middle
        if middle is None:
            return _declined(CORONAL, template, NO_MIDDLE, SUPERIOR)
        row, column = coronal_axes(middle.plane.normal, self._along(middle))
        centre = self._middle_of_bodies(middle) + BACK_OF_BODIES_MM * np.cross(row, column)
        sure = self._sureness(middle)
        return PlannedStack(CORONAL, centre, row, column, template, template.count, sure)

    def saturation(self) -> PlannedStack:
        """Return the saturation band in front of the foremost vertebra, parallel to the column."""
        template, middle = self.protocol.saturation, self.middle
        corners = front_corners(self.landmarks)
        if middle is None or not len(corners):
            return _declined(SATURATION, template, NO_MIDDLE, SUPERIOR)
        row, column = coronal_axes(middle.plane.normal, self._along(middle))
        back = np.cross(row, column)
        start = self._middle_of_bodies(middle)
        foremost = float(((corners - start) @ back).min())
        centre = start + (foremost - self.protocol.margin_mm - template.thickness_mm / 2) * back
        return PlannedStack(SATURATION, centre, row, column, template, 1, self._sureness(middle))

    def _doubt(self, middle: MidPlane) -> str:
        """Return why the mid-plane is declined, empty when it is not."""
        limits = self.protocol.limits
        if middle.curve_mm > limits.curve_mm:
            return (
                f"The lumbar spine leaves every straight plane by {middle.curve_mm:.0f} mm on average: "
                "place the sagittal stack by hand, or take two."
            )
        if middle.sd_deg > limits.plane_sd_deg or middle.sd_mm > limits.plane_sd_mm:
            return (
                f"The mid-plane is known to {middle.sd_deg:.1f} degrees and {middle.sd_mm:.1f} mm only: "
                "too few slices, or structures that do not fit together."
            )
        return ""

    def _sureness(self, middle: MidPlane) -> float:
        limits = self.protocol.limits
        shares = (middle.curve_mm / limits.curve_mm, middle.sd_deg / limits.plane_sd_deg)
        return _confidence(max(*shares, middle.sd_mm / limits.plane_sd_mm))

    def _middle_of_bodies(self, middle: MidPlane) -> Array:
        """Return the middle between the topmost lumbar body and the sacrum's, on the mid-plane."""
        low, high = middle.bodies[0], middle.bodies[-1]
        sacrum = self.landmarks.bodies.get(SACRUM)
        bottom = low if sacrum is None else np.array(sacrum.centre)
        return middle.plane.project((bottom + high) / 2)

    def _along(self, middle: MidPlane) -> Array:
        return unit(middle.bodies[-1] - middle.bodies[0])


def _warnings(
    stacks: tuple[PlannedStack, ...],
    axial: tuple[PlannedStack, ...],
    line: Array,
    protocol: PlanProtocol,
    middle: MidPlane | None,
) -> list[Problem]:
    found = [
        Problem("overlap", f"The stacks of {a} and {b} still overlap in the canal.")
        for a, b in overlapping(axial, line)
    ]
    found += [
        Problem("fewer_slices", f"{s.level} has {s.count} slices instead of {protocol.axial.count}.")
        for s in axial
        if s.count < protocol.axial.count
    ]
    sagittal = stacks[0]
    if middle is not None and sagittal.half_depth_mm < middle.aside_mm + protocol.reach_mm - 0.5:
        found.append(
            Problem("foramina_uncovered", f"{sagittal.count} sagittal slices do not reach all foramina.")
        )
    return found
