"""Proposed stacks as lines on an image, and where the mouse takes hold of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lvp_workstation.domain.geometry import Array
from lvp_workstation.planning.review import Choice, ReviewedStack
from lvp_workstation.planning.stack import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    SATURATION,
    PlannedStack,
    crossing_lines,
)
from lvp_workstation.render.view_transform import ViewTransform

SHOWN_MM = 72.0
"""Lines of angled slices are drawn to at most this distance from the middle, so that anatomy stays visible
(our choice)."""
GRIP_PIXELS = 26.0
"""Reach of the grips at the ends (our choice: a finger or a hasty mouse meets it)."""
BODY_PIXELS = 10.0
"""Reach beside the outer slices of a stack (our choice)."""


class Hold(Enum):
    """Which part of a stack was taken."""

    BODY = "body"
    END = "end"


@dataclass(frozen=True, eq=False)
class DrawnStack:
    """A stack on an image, in logical pixels.

    Attributes
    ----------
    lines
        Shape (n, 2, 2): start and end of each slice; of a band its two faces.
    middle
        Shape (2, 2): the middle line, whose ends are the grips.
    pivot
        Shape (2,): the middle of the stack.
    proposed
        Shape (2, 2): where the middle line was proposed, None when it is still there.
    """

    stack: ReviewedStack
    lines: Array
    middle: Array
    pivot: Array
    proposed: Array | None


def drawn_stacks(
    view: ViewTransform, stacks: Sequence[ReviewedStack], selected: str
) -> tuple[DrawnStack, ...]:
    """Return what an image shows of a plan: stacks that cross it; what is merely offered only when chosen."""
    found = []
    for stack in stacks:
        wanted = stack.name == selected or stack.choice is Choice.ACCEPTED or not stack.optional
        if not stack.placed or not wanted:
            continue
        lines = _lines(stack.final, view)
        if not len(lines):
            continue
        before = _lines(stack.proposal, view) if stack.nudged and stack.proposal.centre is not None else ()
        assert stack.final.centre is not None
        found.append(
            DrawnStack(
                stack,
                view.world_to_pixel(lines),
                view.world_to_pixel(lines.mean(axis=0)),
                view.world_to_pixel(stack.final.centre),
                view.world_to_pixel(np.mean(before, axis=0)) if len(before) else None,
            )
        )
    return tuple(found)


def _lines(stack: PlannedStack, view: ViewTransform) -> Array:
    """Return the lines of the slices, or of the faces of a band, on the plane of a view, shape (n, 2, 3)."""
    lines = crossing_lines(stack, view.plane)
    if stack.kind == SATURATION:
        step = stack.half_depth_mm * stack.normal
        return np.concatenate([lines - step, lines + step]) if len(lines) else lines
    return lines if stack.kind in (SAGITTAL, CORONAL) else _shortened(lines)


def _shortened(lines: Array) -> Array:
    if not len(lines):
        return lines
    middle = lines.mean(axis=1, keepdims=True)
    half = lines - middle
    length = np.linalg.norm(half, axis=2, keepdims=True)
    return np.asarray(middle + half * np.minimum(1.0, SHOWN_MM / np.maximum(length, 1e-9)))


def hold_at(drawn: Sequence[DrawnStack], selected: str, x: float, y: float) -> tuple[DrawnStack, Hold] | None:
    """Return the stack that the mouse takes hold of at a pixel: grips of the selected one before all."""
    at = np.array((x, y))
    chosen = next((one for one in drawn if one.stack.name == selected), None)
    if chosen is not None and np.linalg.norm(chosen.middle - at, axis=1).min() <= GRIP_PIXELS:
        return chosen, Hold.END
    angled = [one for one in drawn if one.stack.proposal.kind == AXIAL]
    others = [one for one in drawn if one.stack.proposal.kind != AXIAL]
    for group in ([chosen] if chosen else [], angled, others):
        near = min(group, key=lambda one: _away(one, at), default=None)
        if near is not None and _away(near, at) <= BODY_PIXELS:
            return near, Hold.BODY
    return None


def _away(one: DrawnStack, at: Array) -> float:
    """Return the distance of a pixel from the nearest line of a stack, 0 between its outer lines."""
    start, end = one.middle
    along = end - start
    share = float((at - start) @ along / max(float(along @ along), 1e-9))
    if not -0.02 <= share <= 1.02:
        return float("inf")
    across = np.array((-along[1], along[0])) / max(float(np.linalg.norm(along)), 1e-9)
    offsets = (one.lines.mean(axis=1) - at) @ across
    inside = one.stack.proposal.kind != SATURATION and offsets.min() <= 0 <= offsets.max()
    return 0.0 if inside else float(np.abs(offsets).min())
