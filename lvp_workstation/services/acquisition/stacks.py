"""From slices in any order to the volumes of a series, with what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lvp_workstation.domain.arrival import ReceivedSlice
from lvp_workstation.domain.geometry import Array, unit
from lvp_workstation.domain.study import Frame, RoleDecision, Series, SeriesRole
from lvp_workstation.domain.volume import Volume, VolumeGeometry
from lvp_workstation.io.roles import decide_roles

SAME_DIRECTION = 0.99999
"""Cosine from which slices belong to one stack: 0.26 degrees, since neighbouring discs may be nearly parallel
(our choice)."""
SAME_PLACE_MM = 0.05
"""Slices nearer than this along the normal lie at one place (our choice)."""
WHOLE_STEP = 0.15
"""A gap is a whole number of steps within this share of a step (our choice)."""
LEAST_SPACING_MM = 0.1
UNKNOWN = RoleDecision(SeriesRole.OTHER, "not decided yet", 0.0)


@dataclass(frozen=True, eq=False)
class IncomingStack:
    """One evenly spaced stack of a series.

    Attributes
    ----------
    missing
        Numbers (from 1, along the slice normal) of slices that did not arrive; they are blank.
    lost
        Slices that were announced and cannot be placed, such as those beyond either end.
    uneven
        The places of the slices do not form one even stack.
    """

    volume: Volume
    series: Series
    missing: tuple[int, ...] = ()
    lost: int = 0
    uneven: bool = False
    thickness_mm: float = 0.0
    slices: tuple[ReceivedSlice, ...] = field(default=(), repr=False)


def stacks_of_slices(slices: Sequence[ReceivedSlice]) -> tuple[IncomingStack, ...]:
    """Return the stacks of one series, the largest first, with their roles.

    Parameters
    ----------
    slices
        Without duplicates, in any order; localizers of three planes give three stacks.
    """
    groups: list[list[ReceivedSlice]] = []
    for one in slices:
        group = next((g for g in groups if _belongs(one, g[0])), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    placed = sorted((_stack(group, len(slices)) for group in groups), key=lambda s: -len(s.slices))
    decided = decide_roles(tuple(stack.series for stack in placed))
    return tuple(
        IncomingStack(s.volume, role, s.missing, s.lost, s.uneven, s.thickness_mm, s.slices)
        for s, role in zip(placed, decided, strict=True)
    )


def _belongs(one: ReceivedSlice, other: ReceivedSlice) -> bool:
    along = min(float(one.across @ other.across), float(one.down @ other.down))
    same_size = one.pixels.shape == other.pixels.shape and np.allclose(one.pixel_mm, other.pixel_mm, 1e-3)
    return along >= SAME_DIRECTION and same_size


def _stack(group: list[ReceivedSlice], total: int) -> IncomingStack:
    ordered = _distinct(sorted(group, key=lambda s: float(group[0].normal @ s.position)))
    slots, uneven = _slots(ordered)
    first = ordered[0]
    geometry = _geometry(ordered, slots)
    array = np.zeros(geometry.shape, dtype=np.result_type(*(s.pixels.dtype for s in ordered)))
    uids = [""] * geometry.shape[0]
    for one, slot in zip(ordered, slots, strict=True):
        array[slot] = one.pixels
        uids[slot] = one.uid
    known = any(uid.startswith(("1.", "2.")) for uid in uids)
    volume = Volume(array, geometry, source_sop_uids=tuple(uids) if known else (), synthetic=first.synthetic)
    missing = tuple(n + 1 for n in range(geometry.shape[0]) if n not in set(slots))
    lost = max(0, first.expected - total - len(missing)) if len(ordered) == total else 0
    return IncomingStack(
        volume, _series(ordered, geometry), missing, lost, uneven, first.thickness_mm, tuple(ordered)
    )


def _distinct(ordered: list[ReceivedSlice]) -> list[ReceivedSlice]:
    """Return one slice a place: the one that came last."""
    kept: list[ReceivedSlice] = []
    for one in ordered:
        if kept and abs(float(one.normal @ (one.position - kept[-1].position))) < SAME_PLACE_MM:
            kept[-1] = max(kept[-1], one, key=lambda s: s.received)
        else:
            kept.append(one)
    return kept


def _slots(ordered: list[ReceivedSlice]) -> tuple[list[int], bool]:
    """Return the place of each slice in the stack, and whether the places are uneven."""
    if len(ordered) < 2:
        return [0], False
    normal = ordered[0].normal
    along = np.array([float(normal @ s.position) for s in ordered])
    steps = np.diff(along) / float(np.median(np.diff(along)))
    whole = np.rint(steps)
    if whole.min() < 1 or float(np.abs(steps - whole).max()) > WHOLE_STEP * float(whole.max()):
        return list(range(len(ordered))), True
    return [0, *(int(n) for n in np.cumsum(whole))], False


def _geometry(ordered: list[ReceivedSlice], slots: list[int]) -> VolumeGeometry:
    first, last = ordered[0], ordered[-1]
    step: Array = first.normal * max(first.thickness_mm, 1.0)
    if len(ordered) > 1:
        step = (last.position - first.position) / slots[-1]
    spacing = (max(float(np.linalg.norm(step)), LEAST_SPACING_MM), *first.pixel_mm)
    shape = (slots[-1] + 1, *first.pixels.shape)
    return VolumeGeometry.from_axes(
        first.position,
        (unit(step), first.down, first.across),
        spacing,
        (shape[0], shape[1], shape[2]),
        first.frame_of_reference_uid,
    )


def _series(ordered: list[ReceivedSlice], geometry: VolumeGeometry) -> Series:
    first = ordered[0]
    return Series(
        series_instance_uid=first.series,
        stack=0,
        frames=tuple(Frame("", s.uid, 0, s.depth_mm) for s in ordered),
        geometry=geometry,
        decision=UNKNOWN,
        description=first.description,
        attributes={**first.attributes, "SliceThickness": first.thickness_mm or None},
        synthetic=first.synthetic,
    )
