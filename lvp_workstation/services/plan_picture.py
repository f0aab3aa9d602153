"""The picture of a plan: axial stacks and band on the sagittal image, sagittal stack on a coronal cut."""

from __future__ import annotations

import numpy as np

from lvp_workstation.domain.geometry import Array, Plane, unit
from lvp_workstation.measure.boxes import middle_slice
from lvp_workstation.planning.plan import ScanPlan
from lvp_workstation.planning.stack import AXIAL, CONTINUOUS, CORONAL, SAGITTAL, SATURATION, PlannedStack
from lvp_workstation.render.label_lut import Colour
from lvp_workstation.render.offscreen import ImageLine, ImageText, KeyImage, render_key_image
from lvp_workstation.render.raster import Rgb
from lvp_workstation.render.stack import oblique_stack
from lvp_workstation.services.plan import PlannedVolume

SIZE = (900, 1000)
SURE, UNSURE, BAND, OFFER, MISSING = (
    (96, 220, 140),
    (255, 196, 64),
    (120, 160, 255),
    (150, 158, 168),
    (255, 80, 80),
)
"""Colours of a stack, of one that is less sure, of the saturation band, of an offer, of unimaged canal."""
LESS_SURE = 0.7
"""Below this confidence a stack is drawn in the colour of a warning (our choice)."""
SHOWN_MM = 72.0
"""Lines of axial slices are drawn to at most this distance from the middle, so that anatomy stays visible
(our choice)."""


def plan_picture(found: PlannedVolume) -> Rgb:
    """Return the picture, uint8, shape (1000, 1800, 3): sagittal image left, coronal cut right."""
    return np.concatenate([_sagittal(found), _coronal(found)], axis=1)


def _sagittal(found: PlannedVolume) -> Rgb:
    plan, index = found.plan, middle_slice(found.labels)
    plane = found.volume.geometry.slice_plane(index)
    lines: list[ImageLine] = []
    texts: list[ImageText] = []
    for stack in plan.stacks:
        if not stack.proposed:
            continue
        if stack.kind == AXIAL:
            lines += _slices(stack, stack.column, plane, _colour(stack), min(SHOWN_MM, _reach(stack, 1)))
            assert stack.centre is not None
            at = plane.project(stack.centre - (min(SHOWN_MM, _reach(stack, 1)) + 2.0) * stack.column)
            texts.append(ImageText(at, found.levels.shown_name(stack.instance), (1.0, 0.5), _colour(stack)))
        elif stack.kind == CONTINUOUS and plan.cover is not None and plan.cover.unimaged:
            lines.append(_outline(stack, stack.column, plane, OFFER, min(SHOWN_MM, _reach(stack, 1))))
        elif stack.kind == SATURATION:
            lines.append(_outline(stack, stack.column, plane, BAND, _reach(stack, 1)))
    lines += _unimaged(plan, plane)
    texts += _words(plan, found, index)
    request = KeyImage(index=index, size=SIZE, lines=lines, texts=texts)
    return render_key_image(found.volume, request)


def _coronal(found: PlannedVolume) -> Rgb:
    """Return the coronal cut along the column; the image of thick slices is coarse sideways."""
    coronal, sagittal = (found.plan.of_kind(kind)[0] for kind in (CORONAL, SAGITTAL))
    if coronal.centre is None:
        return np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)
    front = coronal.centre - 12.0 * coronal.normal  # through the bodies rather than the canal
    plane = Plane(front, coronal.normal)
    stack = oblique_stack(found.volume.geometry, plane)
    lines: list[ImageLine] = []
    if sagittal.proposed:
        lines = _slices(sagittal, sagittal.column, plane, _colour(sagittal), _reach(sagittal, 1))
    for axial in found.plan.of_kind(AXIAL):
        if axial.proposed:
            assert axial.centre is not None
            middle = plane.project(axial.centre)
            along = unit(np.cross(plane.normal, axial.normal)) * 40.0
            lines.append(ImageLine(np.array([middle - along, middle + along]), colour=_colour(axial)))
    request = KeyImage(
        index=stack.nearest_index(front),
        size=SIZE,
        stack=stack,
        lines=lines,
        centre=front,
        extent_mm=_reach(coronal, 1) * 2.0,
    )
    return render_key_image(found.volume, request)


def _reach(stack: PlannedStack, axis: int) -> float:
    return stack.template.fov_mm[axis] / 2


def _colour(stack: PlannedStack) -> Colour:
    return SURE if stack.confidence >= LESS_SURE else UNSURE


def _slices(stack: PlannedStack, along: Array, plane: Plane, colour: Colour, reach: float) -> list[ImageLine]:
    """Return the lines in which the slices of a stack cut an image."""
    assert stack.centre is not None
    offsets = (np.arange(stack.count) - (stack.count - 1) / 2) * stack.template.spacing_mm
    direction = unit(along - (along @ plane.normal) * plane.normal)
    lines = []
    for offset in offsets:
        middle = plane.project(stack.centre + offset * stack.normal)
        lines.append(
            ImageLine(np.array([middle - reach * direction, middle + reach * direction]), colour=colour)
        )
    return lines


def _outline(stack: PlannedStack, along: Array, plane: Plane, colour: Colour, reach: float) -> ImageLine:
    assert stack.centre is not None
    depth = stack.half_depth_mm * stack.normal
    corners = [
        stack.centre + sign * depth + end * reach * along
        for sign, end in ((-1, -1), (-1, 1), (1, 1), (1, -1))
    ]
    return ImageLine(plane.project(np.array(corners)), colour=colour, closed=True)


def _unimaged(plan: ScanPlan, plane: Plane) -> list[ImageLine]:
    if plan.cover is None:
        return []
    return [
        ImageLine(plane.project(np.array([s.start, s.end])), f"{s.length_mm:.0f} mm", MISSING)
        for s in plan.cover.unimaged
    ]


def _words(plan: ScanPlan, found: PlannedVolume, index: int) -> list[ImageText]:
    """Return the declined stacks, named in the upper left corner."""
    grid = found.volume.geometry
    rows, columns = grid.shape[1:]
    texts = []
    declined = [stack for stack in plan.stacks if not stack.proposed]
    for number, stack in enumerate(declined):
        at = grid.index_to_world((index, (0.05 + 0.03 * number) * rows, 0.02 * columns))
        texts.append(ImageText(at, f"no {stack.name.replace('_', ' ')}", (0.0, 0.5), MISSING))
    return texts
